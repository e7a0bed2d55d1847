"""The simulator as a container: options of the app or of the environment become its command line."""

import json
import os
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from .__main__ import PASSWORD_VARIABLE, main

OPTIONS_FILE = Path("/data/options.json")
CONTROL_PORT = 8090
_PATIENCE_S = 4.0
_NOBODY = 65534

# What other containers and machines on the home's network dial.
_FIXED = {"bind": "0.0.0.0", "p1-port": "8801", "modbus-port": "8502", "control-port": str(CONTROL_PORT)}  # noqa: S104
_OPTIONS = (
    "ocpp_url",
    "ocpp_identity",
    "seed",
    "at",
    "base_load_w",
    "battery_mode",
    "battery_soc",
    "car",
    "car_soc",
    "cloud",
)


def command_line(options: Mapping[str, object], environ: Mapping[str, str]) -> list[str]:
    """Return the arguments of ``home_simulator``; the environment's word goes before the app's option."""
    arguments = [part for name, value in _FIXED.items() for part in (f"--{name}", value)]
    for name in _OPTIONS:
        value = environ.get(name.upper()) or options.get(name)
        if value is not None and value != "":
            arguments += [f"--{name.replace('_', '-')}", str(value)]
    return arguments


def is_healthy(port: int = CONTROL_PORT) -> bool:
    """Whether the house answers on its control API."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/state", timeout=_PATIENCE_S) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def become_nobody() -> None:
    """Give up the administrator's rights, which only reading the options needs."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def run() -> int:
    """Run the house of the options until it is told to stop; a password goes by the environment."""
    options = json.loads(OPTIONS_FILE.read_text()) if OPTIONS_FILE.exists() else {}
    if password := options.get("ocpp_password"):
        os.environ.setdefault(PASSWORD_VARIABLE, str(password))
    sys.argv[1:] = command_line(options, os.environ)
    become_nobody()
    return main()


if __name__ == "__main__":
    sys.exit((0 if is_healthy() else 1) if sys.argv[1:] == ["health"] else run())
