"""The real entry point as a process, with the fake in influxd's place: start, health, stop, start again."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from influxdb_edge import influxd

from scripts.home_stack.deployed.community import influxd_stand_in
from scripts.home_stack.processes import free_port, python_path

from .servers import REMOTE, REMOTE_TOKEN, settings_at, until

ROOT = Path(__file__).parents[3]
TIMEOUT_S = 20.0


@dataclass(kw_only=True)
class Home:
    """One home's folder, from which the service is started as often as needed."""

    folder: Path
    http_port: int
    health_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self, more: Mapping[str, str] | None = None) -> None:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": python_path("addons/influxdb"),
            "HOME_ID": "home_1",
            "DATA_FOLDER": str(self.folder / "data"),
            "CREDENTIALS_FOLDER": str(self.folder / "credentials"),
            "OPTIONS_FILE": str(self.folder / "options.json"),
            "INFLUXD_BINARY": str(influxd_stand_in(self.folder)),
            "HTTP_ADDRESS": f"127.0.0.1:{self.http_port}",
            "HEALTH_ADDRESS": f"127.0.0.1:{self.health_port}",
            "RUN_AS": f"{os.getuid()}:{os.getgid()}",
            "POLL_SECONDS": "0.2",
            **(more or {}),
        }
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # our own arguments
                [sys.executable, "-m", "influxdb_edge"], env=environ, stdout=log, stderr=log
            )

    def health(self) -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/health", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        return None

    def until_well(self) -> dict[str, Any]:
        return until(
            lambda: found if (found := self.health()) and found["problems"] == [] else None,
            timeout_s=TIMEOUT_S,
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=TIMEOUT_S)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(folder=tmp_path, http_port=free_port(), health_port=free_port())
    yield home
    if home.process is not None and home.process.poll() is None:
        # In order, since a killed service would leave its influxd behind.
        home.stop()


def test_from_empty_folders_to_a_healthy_service_and_in_order_to_its_end(home: Home) -> None:
    home.start(REMOTE)

    health = home.until_well()

    assert health["influxdb"] == "pass"
    assert health["reconciled"] is True
    assert health["replication"]["configured"] is True
    assert health["replication"]["remaining_bytes"] == 0
    assert json.loads((home.folder / "data" / "health.json").read_text())["home"] == "home_1"
    assert (home.folder / "credentials" / "home_assistant" / "influxdb_org").read_text() == "home"
    assert home.stop() == 0
    assert home.health() is None


def test_a_second_start_changes_nothing(home: Home) -> None:
    home.start()
    home.until_well()
    home.stop()
    token = (home.folder / "credentials" / "home_assistant" / "influxdb_token").read_text()
    before = home.log

    home.start()
    home.until_well()
    home.stop()

    assert (home.folder / "credentials" / "home_assistant" / "influxdb_token").read_text() == token
    changes = ("Created", "Changed", "Removed", "Gave", "Set InfluxDB up")
    assert not any(word in home.log[len(before) :] for word in changes)


def test_no_secret_appears_in_the_log(home: Home) -> None:
    home.start(REMOTE)
    home.until_well()
    home.stop()

    secrets = [path.read_text() for path in (home.folder / "data" / "secrets").iterdir()]
    tokens = [path.read_text() for path in (home.folder / "credentials").glob("*/influxdb_token")]
    assert len(tokens) == 2
    assert "Created the remote" in home.log
    assert [secret for secret in (*secrets, *tokens, REMOTE_TOKEN) if secret in home.log] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_influxd_and_its_exit_code_comes_back(home: Home, number: int) -> None:
    home.start()
    home.until_well()

    assert home.stop(number) == 0


def test_the_exit_code_of_an_influxd_that_fails_comes_back(home: Home) -> None:
    failing = home.folder / "failing"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o700)
    home.start({"INFLUXD_BINARY": str(failing)})

    assert home.process is not None
    assert home.process.wait(timeout=TIMEOUT_S) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"HOME_ID": "no such/home"},
        {"REPLICATION_URL": "https://community.example", "REPLICATION_TOKEN": "weak"},
        {"INFLUXD_BINARY": "/nonexistent/influxd"},
    ],
)
def test_with_wrong_settings_nothing_is_started(home: Home, wrong: Mapping[str, str]) -> None:
    home.start(wrong)

    assert home.process is not None
    assert home.process.wait(timeout=TIMEOUT_S) == 78
    assert "InfluxDB cannot start" in home.log
    assert "Traceback" not in home.log


def test_app_options_set_up_replication(home: Home) -> None:
    options = {name.lower(): value for name, value in REMOTE.items()}
    (home.folder / "options.json").write_text(json.dumps(options))
    home.start()

    assert home.until_well()["replication"]["configured"] is True


def test_the_health_port_gives_the_document_and_nothing_else(home: Home) -> None:
    home.start()
    home.until_well()

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(
            f"http://127.0.0.1:{home.health_port}/../data/secrets/operator_token", timeout=5
        )
    with contextlib.closing(refused.value):
        assert refused.value.code == 404


def test_influxd_gets_the_settings_of_a_small_host_and_no_secret(tmp_path: Path) -> None:
    wanted = settings_at(tmp_path, "http://127.0.0.1:8086", REMOTE)

    environ = influxd.environment(wanted, {"PATH": "/bin", **REMOTE, "INFLUXD_QUERY_CONCURRENCY": "4"})

    assert environ["INFLUXD_INSTANCE_ID"] == "home_1"
    assert environ["INFLUXD_STORAGE_MAX_CONCURRENT_COMPACTIONS"] == "1"
    assert environ["INFLUXD_STORAGE_CACHE_MAX_MEMORY_SIZE"] == "134217728"
    assert environ["INFLUXD_QUERY_CONCURRENCY"] == "4"
    assert REMOTE_TOKEN not in environ.values()


def test_a_server_that_is_slow_to_start_is_reconciled_later(home: Home) -> None:
    slow = home.folder / "slow"
    slow.write_text(f"#!/bin/sh\nsleep 1.5\nexec {influxd_stand_in(home.folder)}\n")
    slow.chmod(0o700)
    home.start({"INFLUXD_BINARY": str(slow)})

    down = until(home.health, timeout_s=TIMEOUT_S)
    assert down["problems"] == ["influxdb_down", "not_reconciled"]
    home.until_well()


def test_the_health_check_follows_influxd(home: Home) -> None:
    def is_healthy() -> bool:
        done = subprocess.run(  # our own arguments
            [sys.executable, "-m", "influxdb_edge", "health"],
            env={
                "PYTHONPATH": python_path("addons/influxdb"),
                "HTTP_ADDRESS": f"127.0.0.1:{home.http_port}",
            },
            check=False,
            timeout=TIMEOUT_S,
        )
        return done.returncode == 0

    assert not is_healthy()
    home.start()
    home.until_well()
    assert is_healthy()
