"""The servers of these tests: the fake InfluxDB, a real one when there is one, and the settings for each."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from home_common.settings import Settings
from influxdb_edge import configuration, influxd
from influxdb_edge.api import ApiError, InfluxApi
from influxdb_edge.configuration import Configuration

from scripts.home_stack.processes import free_port

from .fake_influxdb import FakeInfluxdb

REMOTE_TOKEN = "remote-token-of-this-home-0123456789"
REMOTE = {"REPLICATION_URL": "http://127.0.0.1:9", "REPLICATION_TOKEN": REMOTE_TOKEN}
METER = "power,device=meter,home=home_1,kind=grid_meter power_w"
_START_TIMEOUT_S = 30.0


def ns(moment: datetime) -> int:
    """Return the time of a point, for whole seconds."""
    return int(moment.timestamp()) * 10**9


def until[T](look: Callable[[], T | None], *, timeout_s: float, tell: Callable[[], object] = str) -> T:
    """Return what ``look`` finds as soon as it is not None or False. Raises AssertionError with ``tell``."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, tell()
        time.sleep(0.05)
    return found


def settings_at(folder: Path, url: str, more: Mapping[str, str] | None = None) -> Configuration:
    """Return the configuration of a home whose data is in this folder and whose server is at this address."""
    values = {
        "HOME_ID": "home_1",
        "DATA_FOLDER": str(folder / "data"),
        "CREDENTIALS_FOLDER": str(folder / "credentials"),
        "HTTP_ADDRESS": url.rpartition("/")[2],
        "HEALTH_ADDRESS": "127.0.0.1:0",
        **(more or {}),
    }
    (folder / "data").mkdir(exist_ok=True)
    return configuration.read(
        Settings.load(configuration.DEFAULTS, environ=values, options=folder / "no options")
    )


@dataclass(kw_only=True)
class Server:
    """A running InfluxDB, real or fake (``fake`` is None for a real one), and the home's folder."""

    url: str
    folder: Path
    fake: FakeInfluxdb | None = None
    api: InfluxApi = field(init=False)

    def __post_init__(self) -> None:
        self.api = InfluxApi(url=self.url)

    def configured(self, **more: str) -> Configuration:
        return settings_at(self.folder, self.url, more)


@contextmanager
def fake_server(folder: Path) -> Iterator[Server]:
    """Run the fake."""
    fake = FakeInfluxdb()
    fake.start()
    try:
        yield Server(url=fake.url, folder=folder, fake=fake)
    finally:
        fake.stop()


def real_binary() -> str | None:
    """Return the influxd 2.x that ``INFLUXD`` names or PATH has."""
    return os.environ.get("INFLUXD") or shutil.which("influxd")


class RealInfluxd:
    """A real influxd 2.x with the settings of a home, on a port of its own that it keeps."""

    def __init__(self, folder: Path, binary: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        folder.mkdir(exist_ok=True)
        self._wanted = settings_at(folder, self.url, {"INFLUXD_BINARY": binary})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is well."""
        self._process = influxd.start(self._wanted)
        _await(InfluxApi(url=self.url), self._process)

    def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=20)

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)


@contextmanager
def real_server(folder: Path, binary: str) -> Iterator[Server]:
    """Run a real influxd 2.x with the settings of a home."""
    real = RealInfluxd(folder, binary)
    try:
        real.start()
        yield Server(url=real.url, folder=folder)
    finally:
        real.stop()


def _await(api: InfluxApi, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if api.get("/health")["status"] == "pass":
                return
        except ApiError:
            time.sleep(0.1)
    raise TimeoutError("influxd does not answer")
