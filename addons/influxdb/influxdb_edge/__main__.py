"""``python3 -m influxdb_edge``: starts influxd, keeps it as it should be, ends with its exit code."""

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import Final

from home_common.settings import Settings, SettingsError

from . import configuration, folders, influxd
from .api import ApiError, InfluxApi
from .keeper import Keeper
from .reconcile.tokens import CLIENTS
from .status import Status

_LOGGER = logging.getLogger("influxdb_edge")
_CANNOT_START: Final = 78  # EX_CONFIG of sysexits.h
_FORWARDED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Run the service, or ask whether InfluxDB is well (``health``)."""
    match arguments:
        case []:
            return run()
        case ["health"]:
            return 0 if _is_healthy() else 1
    sys.stderr.write("usage: python3 -m influxdb_edge [health]\n")
    return 2


def run() -> int:
    """Run until influxd ends. Returns its exit code, 128 and its signal, or 78 for wrong settings."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    os.umask(0o077)
    try:
        wanted = configuration.read(_settings())
        folders.prepare(
            wanted.data,
            [wanted.credentials / client.name for client in CLIENTS],
            user=wanted.run_as[0],
            group=wanted.run_as[1],
        )
        status = Status(wanted.data / "health.json", wanted.health_address)
        process = influxd.start(wanted)
    except (SettingsError, OSError) as error:
        _LOGGER.error("InfluxDB cannot start: %s", error)  # noqa: TRY400 # a trace back helps no operator
        return _CANNOT_START
    _LOGGER.info(
        "Started influxd for home %s; replication is %s",
        wanted.home_id,
        "on" if wanted.replication else "off",
    )
    stop = Event()
    _forward(process, stop)
    status.start()
    keeper = Thread(target=Keeper(wanted, status, stop).run, daemon=True)
    keeper.start()
    code = process.wait()
    stop.set()
    keeper.join(timeout=5)
    status.stop()
    _LOGGER.info("influxd has ended with %d", code)
    return code if code >= 0 else 128 - code


def _is_healthy() -> bool:
    port = os.environ.get("HTTP_ADDRESS", configuration.DEFAULTS["HTTP_ADDRESS"]).rpartition(":")[2]
    api = InfluxApi(url=f"http://127.0.0.1:{port}", timeout_s=8)
    try:
        return bool(api.get("/health").get("status") == "pass")
    except ApiError:
        return False


def _settings() -> Settings:
    options = Path(os.environ.get("OPTIONS_FILE", "/data/options.json"))
    secrets = [Path(os.environ.get("SECRETS_FOLDER", "/run/secrets"))]
    return Settings.load(configuration.DEFAULTS, options=options, secrets=secrets)


def _forward(process: subprocess.Popen[bytes], stop: Event) -> None:
    def pass_on(number: int, _: FrameType | None) -> None:
        stop.set()
        process.send_signal(number)

    for number in _FORWARDED:
        signal.signal(number, pass_on)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
