"""balena's two update locks, held while the home works for the grid.

Both are on one file (docs.balena.io, Update locking): its existence stops updates of the home's services, a
flock on it stops the host's reboots.
"""

import fcntl
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from .home.view import Dispatch, DispatchState

MOST_HELD: Final = timedelta(hours=2)
REST: Final = timedelta(hours=1)
# An update takes its time: one that begins just before the event would run into it.
HELD_BEFORE: Final = timedelta(minutes=15)
_SUPERVISOR_USER: Final = 65534
_MOST_NOTE_BYTES: Final = 64


def decide(dispatch: Dispatch, since_s: float | None, *, now: datetime, uptime_s: float) -> float | None:
    """Return since when (uptime of the gateway, seconds) the home has had a reason to hold the lock.

    Events that follow one another are one reason: otherwise a day of them would keep updates away all day.
    After the longest time and a rest the count begins anew. Setting the clock changes no uptime.
    """
    if not _is_reason(dispatch, now):
        return None
    if since_s is None or not 0 <= uptime_s - since_s < (MOST_HELD + REST).total_seconds():
        return uptime_s
    return since_s


def may_hold(since_s: float | None, uptime_s: float) -> bool:
    """Whether the lock may be held now for a reason that began at ``since_s``."""
    return since_s is not None and uptime_s - since_s < MOST_HELD.total_seconds()


def _is_reason(dispatch: Dispatch, now: datetime) -> bool:
    if dispatch.ends is not None and now >= dispatch.ends:
        return False
    if dispatch.state is DispatchState.RUNNING:
        return True
    return (
        dispatch.state is DispatchState.ANNOUNCED
        and dispatch.starts is not None
        and dispatch.starts - now <= HELD_BEFORE
    )


class UpdateLock:
    """The lock file. Blocks for a moment only."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is touched yet."""
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether both locks are ours now; another may have broken the first one by force."""
        if self._descriptor is None:
            return False
        try:
            ours, there = os.fstat(self._descriptor), self._path.stat()
        except OSError:
            return False
        return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)

    def acquire(self, note: str = "") -> bool:
        """Take both locks; return whether they are ours. False: the Supervisor is at work, try again.

        ``note`` is kept in the file for an agent that takes the lock over.
        """
        if self.held:
            return True
        self._let_go()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(descriptor, note.encode())
        except OSError:
            os.close(descriptor)
            self._path.unlink(missing_ok=True)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give both locks back; those of others stay."""
        if self.held:
            self._path.unlink(missing_ok=True)
        self._let_go()

    def take_over(self) -> str | None:
        """Remove a lock that a killed agent left, and return its note; None when there was none.

        The Supervisor's own (its user is nobody) and one that somebody holds open stay.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            owner = os.fstat(descriptor).st_uid
            if owner != os.geteuid() or owner == _SUPERVISOR_USER:
                return None
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            note = os.read(descriptor, _MOST_NOTE_BYTES).decode(errors="replace")
            self._path.unlink(missing_ok=True)
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return note

    def _let_go(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None


class LockKeeper:
    """Holds the lock for as long as the dispatch asks for it, and may."""

    def __init__(self, lock: UpdateLock) -> None:
        """Begin without it; what an agent that was killed left is taken over, with the time it was held."""
        self._lock = lock
        self._since_s = _number(lock.take_over())

    @property
    def held(self) -> bool:
        """Whether updates are kept away now."""
        return self._lock.held

    def tend(self, dispatch: Dispatch, *, uptime_s: float, now: datetime) -> bool:
        """Take or give back the lock as it has to be now; return whether it is held."""
        self._since_s = decide(dispatch, self._since_s, now=now, uptime_s=uptime_s)
        if may_hold(self._since_s, uptime_s):
            self._lock.acquire(f"{self._since_s}")
        else:
            self._lock.release()
        return self._lock.held

    def release(self) -> None:
        """Give it back."""
        self._lock.release()


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
