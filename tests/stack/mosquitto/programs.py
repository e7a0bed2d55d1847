"""Where Mosquitto 2.1 is on this machine."""

import functools
import subprocess
from pathlib import Path
from shutil import which

from scripts.home_stack.processes import ROOT

_PLUGIN = "mosquitto_persist_sqlite.so"


@functools.cache
def mosquitto() -> Path | None:
    """Return a Mosquitto of version 2.1: what scripts/setup unpacked, or the system's."""
    candidates = [
        ROOT / ".cache" / "mosquitto-2.1" / "mosquitto",
        *map(Path, filter(None, [which("mosquitto")])),
    ]
    return next((each for each in candidates if each.exists() and _version(each).startswith("2.1.")), None)


def plugins() -> Path:
    """Return the folder of its plugins."""
    for folder in (ROOT / ".cache" / "mosquitto-2.1", Path("/usr/lib")):
        for found in folder.rglob(_PLUGIN):
            return found.parent
    raise FileNotFoundError(f"{_PLUGIN} is not there: run scripts/setup")


def _version(program: Path) -> str:
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 # candidates above
    return said.stdout.partition("version ")[2].split("\n")[0]
