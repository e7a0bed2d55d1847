"""The mean over time of a value that holds until it changes: what is not known is a gap, and no number."""

from datetime import datetime
from typing import Final

# Of less of the time than that no mean is told.
LEAST_KNOWN: Final = 0.8


class TimeMean:
    """Goes from one change to the next; None: not known from then on. Times are aware and go on."""

    def __init__(self, at: datetime, value: float | None) -> None:
        """Begin with what holds from ``at`` on."""
        self._since = self._at = at
        self._value = value
        self._known_s = 0.0
        self._sum = 0.0

    def change(self, at: datetime, value: float | None) -> None:
        """Take another value, from ``at`` on."""
        self._go_on(at)
        self._value = value

    def close(self, start: datetime, end: datetime) -> float | None:
        """Return the mean from ``start`` to ``end``, and go on from ``end``.

        None where less than ``LEAST_KNOWN`` of it is known, and where it was not closed at ``start``.
        """
        self._go_on(end)
        known_s, total, since = self._known_s, self._sum, self._since
        self._known_s, self._sum, self._since = 0.0, 0.0, end
        is_known = since >= start and known_s >= LEAST_KNOWN * (end - start).total_seconds() > 0
        return total / known_s if is_known else None

    def _go_on(self, at: datetime) -> None:
        seconds = (at - self._at).total_seconds()
        # What was told late, or by another clock, is no time that went by.
        if seconds <= 0:
            return
        self._at = at
        if self._value is not None:
            self._known_s += seconds
            self._sum += seconds * self._value
