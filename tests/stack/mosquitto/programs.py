"""Where Mosquitto 2.1 is on this machine."""

import atexit
import functools
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from shutil import which

from scripts.home_stack.processes import ROOT

_PLUGIN = "mosquitto_persist_sqlite.so"


@functools.cache
def mosquitto() -> Path | None:
    """Return a Mosquitto of version 2.1: what scripts/setup unpacked, or the system's."""
    candidates = [
        _unpacked() / "mosquitto",
        *map(Path, filter(None, [which("mosquitto")])),
    ]
    return next((each for each in candidates if each.exists() and _version(each).startswith("2.1.")), None)


def plugins() -> Path:
    """Return the folder of its plugins."""
    for folder in (_unpacked(), Path("/usr/lib")):
        for found in folder.rglob(_PLUGIN):
            return found.parent
    raise FileNotFoundError(f"{_PLUGIN} is not there: run scripts/setup")


@functools.cache
def _unpacked() -> Path:
    """Return where it was unpacked, or a copy: a broker without rights gets into no private folder."""
    folder = ROOT / ".cache" / "mosquitto-2.1"
    if not folder.exists() or all(above.stat().st_mode & stat.S_IXOTH for above in folder.parents):
        return folder
    copy = Path(tempfile.mkdtemp(prefix="mosquitto-2.1-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    shutil.copytree(folder, copy, symlinks=True, dirs_exist_ok=True)
    return copy


def _version(program: Path) -> str:
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 # candidates above
    return said.stdout.partition("version ")[2].split("\n")[0]
