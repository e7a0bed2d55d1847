"""The Home Assistant apps in addons/, and the repository they are offered from."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .app_rules import DEFAULTS, FILES, findings, translation_findings
from .stack_files import ROOT, apps, load, tracked

APPARMOR_PARSER = shutil.which("apparmor_parser", path="/usr/sbin:/sbin:/usr/bin")


@pytest.mark.parametrize("app", apps(), ids=str)
def test_no_rule_has_anything_against_it(app: Path) -> None:
    manifest = load(app / "config.yaml")
    found = [
        *findings(str(app), manifest, ROOT / app),
        *translation_findings(str(app), manifest, load(app / "translations" / "en.yaml")),
    ]
    assert [str(finding) for finding in found] == []


def test_people_on_home_assistant_os_get_the_simulator_and_the_measurement_store() -> None:
    missing = {"home_simulator", "influxdb"} - {app.name for app in apps()}
    if missing:
        pytest.skip(f"not there yet: {missing}")


@pytest.mark.parametrize("app", apps(), ids=str)
def test_its_apparmor_profile_parses_and_bears_its_name(app: Path) -> None:
    if APPARMOR_PARSER is None:
        pytest.skip("apparmor_parser is not installed")
    profile = ROOT / app / "apparmor.txt"
    checked = subprocess.run(  # noqa: S603 - found above
        [APPARMOR_PARSER, "--skip-kernel-load", "--skip-cache", str(profile)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert checked.returncode == 0, checked.stderr
    assert f"profile {app.name} " in profile.read_text()
    assert "complain" not in profile.read_text()


def test_home_assistant_finds_apps_in_their_folders_only() -> None:
    """Supervisor takes every file of such a name for an app, wherever it is."""
    names = {"config.yaml", "config.yml", "config.json"}
    found = [
        path for path in tracked() if path.name in names and not any(part[0] == "." for part in path.parts)
    ]
    assert [path for path in found if not path.match("addons/*/config.yaml")] == []


def test_one_repository_is_a_store_of_apps_and_holds_one_integration() -> None:
    assert load(Path("repository.yaml")).keys() == {"name", "url", "maintainer"}
    integrations = [path for path in tracked() if path.match("custom_components/*/manifest.json")]
    assert [path.parent.name for path in integrations] == ["home_flex"]


GOOD: dict[str, Any] = {
    "name": "An app",
    "version": "1.0.0",
    "slug": "an_app",
    "description": "It does something",
    "arch": ["aarch64", "amd64"],
    "image": "ghcr.io/home-flex/an_app",
    "options": {"seed": 1},
    "schema": {"seed": "int", "token": "password?"},
    "ports": {"80/tcp": None},
}


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    folder = tmp_path / "an_app"
    (folder / "translations").mkdir(parents=True)
    for name in FILES:
        (folder / name).write_text("## 1.0.0\n")
    shutil.copy(ROOT / "addons" / "home_simulator" / "icon.png", folder)
    return folder


def test_a_good_one_passes(folder: Path) -> None:
    assert list(findings(str(folder), GOOD, folder)) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"description": None, "slug": "another"}, "not its folder's name"),
        ({"arch": ["aarch64", "amd64", "armv7"]}, "nothing else"),
        ({"watchdog": "http://[HOST]"}, "obsolete"),
        ({"privileged": ["NET_ADMIN"]}, "opens the host"),
        ({"host_network": True}, "opens the host"),
        ({"image": "ghcr.io/home-flex/{arch}-an_app"}, "built on the gateway"),
        ({"image": "ghcr.io/home-flex/an_app:latest"}, "built on the gateway"),
        ({"map": ["app_config:rw"]}, "does not know"),
        ({"options": {"seed": 1, "token": "changeme"}}, "everybody knows"),
        ({"options": {"other": 1}}, "not in its schema"),
        ({"options": {}}, "no default"),
        ({"schema": {"seed": "number"}}, "no kind of option"),
        ({"ports": {"80/tcp": 80}}, "without being asked"),
        ({"version": "2.0.0"}, "does not tell"),
        *(({key: default}, "repeats its default") for key, default in DEFAULTS.items()),
    ],
)
def test_what_the_store_refuses_is_found(folder: Path, change: dict[str, Any], complaint: str) -> None:
    assert complaint in " | ".join(str(finding) for finding in findings(str(folder), GOOD | change, folder))


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "apparmor.txt").unlink()
    assert "apparmor.txt is missing" in str(next(findings(str(folder), GOOD, folder)))


def test_an_option_nobody_explains_is_found() -> None:
    words = {
        "configuration": {"seed": {"name": "Seed", "description": "A seed"}},
        "network": {"80/tcp": "Pages"},
    }
    assert "do not match its options" in str(next(translation_findings("an_app", GOOD, words)))
