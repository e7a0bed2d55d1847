"""The entry point: ``python3 -m home_nginx`` makes certificate and configuration, and becomes nginx."""

import os
import socket
import subprocess
import sys
from typing import NoReturn

from . import certificate
from .configuration import configuration
from .defaults import NginxSettings, load
from .settings import SettingsError

TIMEOUT_S = 20
HEALTH_TIMEOUT_S = 3.0


def main(arguments: list[str]) -> int:
    """Run nginx, or ask whether it takes connections (``health``)."""
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
    with socket.create_connection(("127.0.0.1", settings.http_port), HEALTH_TIMEOUT_S):
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
