"""Which of the machine's places a deployed home takes: several run beside each other.

A place is held by a lock on a file, which the kernel gives back when its holder ends, however it ends.
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
            lock = os.open(folder / f"home-flex-{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                yield cls(number, lock)
