"""balena's two update locks, held while the home works for the grid or becomes that of a backup.

Both are on one file (docs.balena.io, Update locking): its existence stops updates of the home's services, a
flock on it stops the host's reboots.
"""

import fcntl
import logging
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from home_common.files import read_json, write_json

from .home.view import Dispatch, DispatchState

_LOGGER = logging.getLogger(__name__)

MOST_HELD_S: Final = 2 * 3600.0
# So long updates get their chance before the lock may be held anew: the Supervisor tries every 15 minutes.
REST_S: Final = 1800.0
# An update takes its time: one that begins just before the event would run into it.
HELD_BEFORE: Final = timedelta(minutes=15)
_SUPERVISOR_USER: Final = 65534


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Events that follow one another: the lock was wanted first at ``since_s``, held last at ``held_s``.

    Seconds of the gateway's uptime, which setting the clock does not change.
    """

    since_s: float
    held_s: float


def decide(
    dispatch: Dispatch,
    stretch: Stretch | None,
    *,
    now: datetime,
    uptime_s: float,
    restoring: bool = False,
) -> tuple[bool, Stretch | None]:
    """Return whether the lock may be held now, and the stretch this belongs to.

    Events with less than a rest between them are one stretch: otherwise a day of them, or a state that comes
    and goes, would keep updates away all day. After the longest time there is a rest whatever happens.
    """
    if stretch is not None and not stretch.since_s <= uptime_s < stretch.held_s + REST_S:
        stretch = None
    if not restoring and not _is_reason(dispatch, now):
        return False, stretch
    if stretch is None:
        return True, Stretch(since_s=uptime_s, held_s=uptime_s)
    if uptime_s - stretch.since_s >= MOST_HELD_S:
        return False, stretch
    return True, replace(stretch, held_s=uptime_s)


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

    def acquire(self) -> bool:
        """Take both locks; return whether they are ours. False: the Supervisor is at work, try again."""
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

    def clear(self) -> None:
        """Remove a lock that a killed agent left.

        The Supervisor's own (its user is nobody) and one that somebody holds open stay.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return
        try:
            owner = os.fstat(descriptor).st_uid
            if owner == os.geteuid() and owner != _SUPERVISOR_USER:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._path.unlink(missing_ok=True)
        except OSError:
            return
        finally:
            os.close(descriptor)

    def _let_go(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None


class LockKeeper:
    """Holds the lock for as long as the dispatch asks for it, and may."""

    def __init__(self, lock: UpdateLock, path: Path) -> None:
        """Begin without the lock; when a stretch began is remembered in the file ``path``."""
        self._lock = lock
        self._path = path
        self._boot_id, self._stretch = _recall(path)
        lock.clear()

    @property
    def held(self) -> bool:
        """Whether updates are kept away now."""
        return self._lock.held

    def tend(
        self,
        dispatch: Dispatch,
        *,
        uptime_s: float,
        boot_id: str,
        now: datetime,
        restoring: bool = False,
    ) -> bool:
        """Take or give back the lock as it has to be now; return whether it is held."""
        before = self._stretch
        known = before if boot_id == self._boot_id else None
        if known is not None and self._lock.held:
            # Until now, however long ago the last look was.
            known = replace(known, held_s=uptime_s)
        may_hold, self._stretch = decide(dispatch, known, now=now, uptime_s=uptime_s, restoring=restoring)
        self._boot_id = boot_id
        if _since(before) != _since(self._stretch):
            self._remember()
        if may_hold:
            self._lock.acquire()
        else:
            self._lock.release()
        return self._lock.held

    def release(self) -> None:
        """Give it back."""
        self._lock.release()

    def _remember(self) -> None:
        """Keep the stretch's begin; its end is not written every time: the memory card wears."""
        try:
            write_json(self._path, {"boot_id": self._boot_id, "since_s": _since(self._stretch)})
        except OSError as error:
            _LOGGER.warning("The update lock's time cannot be remembered: %s", error.strerror)


def _since(stretch: Stretch | None) -> float | None:
    return stretch.since_s if stretch else None


def _recall(path: Path) -> tuple[str, Stretch | None]:
    """Return the gateway's run and its stretch, as if the lock had been held for as long as it may."""
    stored = read_json(path)
    try:
        since_s = float(stored["since_s"])
    except KeyError, TypeError, ValueError:
        return "", None
    return str(stored.get("boot_id")), Stretch(since_s=since_s, held_s=since_s + MOST_HELD_S)
