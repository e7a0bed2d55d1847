"""Which of the machine's places a deployed home takes, and which folder: several run beside each other.

Both are held by a lock on a file, which the kernel gives back when its holder ends, however it ends.
"""

import fcntl
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from ..processes import StackError

FOLDER: Final = Path("/run/lock")
COUNT: Final = 16


class Slot:
    """A place, held as long as this object lives; ``number`` is from 0 to COUNT - 1."""

    def __init__(self, number: int, lock: int) -> None:
        """Hold it by the descriptor of a locked file."""
        self.number = number
        self.close = weakref.finalize(self, os.close, lock)

    @classmethod
    def take(cls, folder: Path = FOLDER) -> Self:
        """Return the first place that nobody holds. Raises StackError when there is none."""
        for slot in cls.free(folder):
            return slot
        raise StackError(f"{COUNT} deployed homes run on this machine: that is all it has names for")

    @classmethod
    def free(cls, folder: Path = FOLDER) -> Iterator[Self]:
        """Return the places that nobody holds, one after the other, each held from then on."""
        for number in range(COUNT):
            if (lock := _locked(folder / f"home-flex-{number}.lock")) is not None:
                yield cls(number, lock)


class HeldFolder:
    """A folder of volumes, held as long as this object lives: two homes on one would ruin its databases."""

    def __init__(self, folder: Path) -> None:
        """Hold it, which is made if need be. Raises StackError when a home runs in it already."""
        folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder / "running.lock")
        if lock is None:
            raise StackError(f"A home runs in {folder} already: end it first, or take another folder")
        self.close = weakref.finalize(self, os.close, lock)


def _locked(path: Path) -> int | None:
    """Return the descriptor of a file that is now locked; None when somebody else holds it."""
    lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
