"""The entry point: ``python3 -m home_nginx`` makes certificate and configuration, and becomes nginx."""

import os
import signal
import subprocess
import sys
from typing import NoReturn

from home_common.health import http_status_at
from home_common.settings import SettingsError

from . import certificate
from .configuration import SOCKETS, configuration
from .defaults import NginxSettings, load

TIMEOUT_S = 20
PID_FILE = "nginx.pid"


def main(arguments: list[str]) -> int:
    """Run nginx, or see to its health: that it answers, and has a certificate (``health``)."""
    try:
        settings = load()
        match arguments:
            case []:
                prepare(settings)
                _become_nginx(settings)
            case ["health"]:
                return _health(settings)
            case _:
                print("usage: python3 -m home_nginx [health]", file=sys.stderr)
                return 2
    except (SettingsError, OSError) as error:
        print(f"home_nginx: {error}", file=sys.stderr)
        return 1


def prepare(settings: NginxSettings) -> None:
    """Write everything nginx reads, and let nginx check it. Raises SettingsError, OSError."""
    settings.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificate.ensure(settings.data, settings.names)
    for name, text in configuration(settings).items():
        (settings.run / name).write_text(text, encoding="utf-8")
    # Those of one that was killed: nginx would take them for somebody else's.
    for name in SOCKETS:
        (settings.run / name).unlink(missing_ok=True)
    check = subprocess.run(  # noqa: S603 # our own words
        [*_command(settings), "-t", "-q"], capture_output=True, timeout=TIMEOUT_S, check=False
    )
    if check.returncode:
        raise SettingsError(
            f"nginx refuses its configuration: {check.stderr.decode(errors='replace').strip()}"
        )


def _command(settings: NginxSettings) -> list[str]:
    return ["nginx", "-e", "stderr", "-p", str(settings.run), "-c", str(settings.run / "nginx.conf")]


def _become_nginx(settings: NginxSettings) -> NoReturn:
    print(f"home_nginx: home {settings.home_id}, names {', '.join(settings.names)}", flush=True)
    os.execvp("nginx", _command(settings))  # noqa: S606, S607 # becomes it


def _health(settings: NginxSettings) -> int:
    if http_status_at(settings.run / "health.sock", "/") is None:
        return 1
    # Who asks every minute sees the day come; a home may run for longer than a certificate is good.
    if certificate.ensure(settings.data, settings.names):
        os.kill(int((settings.run / PID_FILE).read_text()), signal.SIGHUP)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
