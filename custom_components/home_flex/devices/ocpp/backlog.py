"""What a charger queued while it was offline, told from what it measures now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

_OUT_OF_PACE_S: Final = 1.5


@dataclass
class Backlog:
    """Finds queued samples by their pace: their stamps go on faster than they arrive.

    A charger sends its queue after it has come back, oldest first. What its clock shows is never compared to
    ours, and a clock that is set in the middle of a connection makes nothing late.
    """

    _is_draining: bool = True
    _stamp: datetime | None = None
    _arrived_s: float = 0.0
    _was_late: bool = False

    def connected(self) -> None:
        """Expect a queue: the charger has come back."""
        self._is_draining, self._stamp, self._was_late = True, None, False

    def is_late(self, stamp: datetime | None, now_s: float) -> bool:
        """Take a sample that arrived at ``now_s`` (monotonic); whether it was queued."""
        if not self._is_draining or stamp is None:
            return False
        before, self._stamp = self._stamp, stamp
        arrived_s, self._arrived_s = self._arrived_s, now_s
        if before is not None and before != stamp:
            ahead_s = (stamp - before).total_seconds() - (now_s - arrived_s)
            self._is_draining = self._was_late = ahead_s > _OUT_OF_PACE_S
        return self._was_late
