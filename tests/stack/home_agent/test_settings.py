"""What the agent is told: a weak or wrong setting is refused by its name, never with its value."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from home_agent.defaults import DEFAULTS, AgentSettings, load
from home_common.settings import Settings, SettingsError

from scripts.home_stack.processes import ManagedProcess, StackError, python_path

STRONG = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"
WEAK = {
    "short": "x9Y8z7W6v5",
    "of one letter": "a" * 64,
    "of few letters": "abcabc" * 10,
    "a known default": "changeme",
}


def told(folder: Path, environ: Mapping[str, str]) -> AgentSettings:
    """Return the settings of a process with these variables."""
    variables = {"HOME_ID": "home-1", "DATA_FOLDER": str(folder / "data"), **environ}
    return load(Settings.load(DEFAULTS, environ=variables, options=folder / "options.json"))


@pytest.mark.parametrize("secret", WEAK.values(), ids=WEAK)
@pytest.mark.parametrize("name", ["OPERATOR_SECRET", "BACKUP_KEY"])
def test_a_weak_secret_is_refused_by_its_name_and_not_its_value(
    tmp_path: Path, name: str, secret: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name} is too weak") as refused:
        told(tmp_path, {"BACKUP_URL": "https://backup.example/home", "BACKUP_KEY": STRONG, name: secret})
    assert secret not in str(refused.value)


def test_a_backup_without_a_key_or_without_tls_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BACKUP_KEY is not set"):
        told(tmp_path, {"BACKUP_URL": "https://backup.example/home"})
    with pytest.raises(SettingsError, match="BACKUP_URL must begin with https://") as refused:
        told(tmp_path, {"BACKUP_URL": "http://user:hunter2-hunter2@backup.example", "BACKUP_KEY": STRONG})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOME_ID", "home/1"),
        ("HOME_ID", "+"),
        ("MQTT_PREFIX", "home_flex/#"),
        ("MQTT_PORT", "0"),
        ("HEARTBEAT_S", "never"),
        ("BALENA_SUPERVISOR_ADDRESS", "http://127.0.0.1:48484"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError):
        told(tmp_path, {name: value})


def test_the_name_of_the_device_stands_in_for_a_home_without_an_id(tmp_path: Path) -> None:
    settings = told(tmp_path, {"HOME_ID": "", "BALENA_DEVICE_UUID": "7d1f"})
    assert settings.root == "home_flex/vens/7d1f"
    with pytest.raises(SettingsError, match="HOME_ID"):
        told(tmp_path, {"HOME_ID": ""})


def test_an_operators_secret_is_made_at_first_start_and_kept(tmp_path: Path) -> None:
    first = told(tmp_path, {}).operator_secret
    assert len(first) >= 43
    assert told(tmp_path, {}).operator_secret == first
    file = tmp_path / "data" / "operator_secret"
    assert file.stat().st_mode & 0o777 == 0o600
    assert told(tmp_path / "other", {}).operator_secret != first


def test_no_secret_shows_when_settings_are_printed(tmp_path: Path) -> None:
    settings = told(
        tmp_path,
        {
            "OPERATOR_SECRET": STRONG,
            "BACKUP_URL": "https://user:hunter2-hunter2@backup.example",
            "BACKUP_KEY": STRONG[::-1],
            "BALENA_SUPERVISOR_ADDRESS": "http://127.0.0.1:48484",
            "BALENA_SUPERVISOR_API_KEY": "supervisor-key-0123456789",
            "BALENA_APP_ID": "7",
        },
    )
    for secret in (STRONG, STRONG[::-1], "hunter2", "supervisor-key"):
        assert secret not in repr(settings)


async def test_the_process_ends_with_one_line_that_names_the_setting(tmp_path: Path) -> None:
    environment = {
        "PYTHONPATH": python_path("addons/home_agent"),
        "HOME_ID": "home-1",
        "DATA_FOLDER": str(tmp_path),
        "OPERATOR_SECRET": WEAK["short"],
    }
    log = tmp_path / "log"
    arguments = [sys.executable, "-m", "home_agent"]
    process = ManagedProcess("The agent", arguments, log=log, environment=environment)
    await process.start()
    with pytest.raises(StackError, match="OPERATOR_SECRET is too weak"):
        await process.wait(timeout_s=60)
    assert log.read_text() == "home_agent: OPERATOR_SECRET is too weak\n"
