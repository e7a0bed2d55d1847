"""Whether the disk has room for the broker's memory: with a full one Mosquitto does not start.

A broker that forgets is better than none: home and community hear each other. It remembers again when it is
started with room, for which its health check asks.
"""

from pathlib import Path
from typing import Final

from home_common.files import write_whole

# More than SQLite's journal and its index take to begin with.
_BYTES: Final = 256 * 1024
_FORGETS: Final = "forgets"


def is_there(data: Path) -> bool:
    """Whether ``data`` takes a file of some size now."""
    trial = data / "room"
    try:
        write_whole(trial, "0" * _BYTES, durable=False)
        trial.unlink()
    except OSError:
        trial.unlink(missing_ok=True)
        return False
    return True


def note(run: Path, *, remembers: bool) -> None:
    """Note in ``run`` whether the broker that starts remembers. Raises OSError."""
    if remembers:
        (run / _FORGETS).unlink(missing_ok=True)
    else:
        (run / _FORGETS).touch()


def came_back(run: Path, data: Path) -> bool:
    """Whether the broker that runs forgets, and need not any more."""
    return (run / _FORGETS).exists() and is_there(data)
