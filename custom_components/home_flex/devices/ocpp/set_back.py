"""A charger's clock that was set back: told from values that were queued and come late."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

_BELIEVED_AFTER: Final = 3
_OUT_OF_PACE_S: Final = 5.0


@dataclass
class SetBack:
    """Counts stamps in a row that are older than what came before, but go on as time does.

    Queued values come faster than they were measured. So it goes each autumn for a charger that tells the
    local time, and for one that begins with a wrong date.
    """

    _stamp: datetime | None = None
    _arrived: datetime | None = None
    _in_pace: int = 0

    def shows(self, stamp: datetime, now: datetime) -> bool:
        """Take an old stamp that arrived at ``now``; whether the clock was set back, and it is not late."""
        self._in_pace = self._in_pace + 1 if self._follows(stamp, now) else 1
        self._stamp, self._arrived = stamp, now
        return self._in_pace >= _BELIEVED_AFTER

    def forget(self) -> None:
        """Begin anew: a stamp was in order."""
        self._in_pace = 0

    def _follows(self, stamp: datetime, now: datetime) -> bool:
        if self._stamp is None or self._arrived is None or not self._in_pace:
            return False
        measured_s = (stamp - self._stamp).total_seconds()
        arrived_s = (now - self._arrived).total_seconds()
        return measured_s > 0 and abs(measured_s - arrived_s) <= _OUT_OF_PACE_S
