"""A wall clock that steps: noticed by comparing it with one that cannot."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

STEP_S: Final = 2.0
# A clock that was set a moment ago may be set back in the next.
SETTLED_AFTER_S: Final = 60.0
TOLD_FOR_S: Final = 3600.0


class ClockWatch:
    """Looks at both clocks at each tick. ``monotonic_s`` gives seconds that only ever grow."""

    def __init__(self, clock: Callable[[], datetime], monotonic_s: Callable[[], float]) -> None:
        """Take both clocks as they are now."""
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._difference_s = self._even_s = self._difference()
        self._stepped_at_s: float | None = None
        self._step_s = 0.0

    def look(self) -> float | None:
        """Return by how many seconds the wall clock has stepped since the last look, None if it has not."""
        difference_s = self._difference()
        step_s, self._difference_s = difference_s - self._difference_s, difference_s
        if abs(step_s) <= STEP_S:
            if self.is_settled:
                self._even_s = difference_s
            return None
        self._step_s, self._stepped_at_s = step_s, self._monotonic_s()
        return step_s

    @property
    def is_settled(self) -> bool:
        """Whether the wall clock has run evenly for a minute."""
        return self._age_s() >= SETTLED_AFTER_S

    @property
    def times(self) -> tuple[datetime, ...]:
        """The times it may be: that of the clock, and before it, while a step is fresh, that of no step."""
        now = self._clock()
        if self.is_settled:
            return (now,)
        return datetime.fromtimestamp(self._monotonic_s() + self._even_s, UTC), now

    @property
    def recent_step_s(self) -> float | None:
        """By how many seconds the wall clock stepped last, if that was within the last hour."""
        return self._step_s if self._age_s() < TOLD_FOR_S else None

    def _age_s(self) -> float:
        if self._stepped_at_s is None:
            return TOLD_FOR_S
        return self._monotonic_s() - self._stepped_at_s

    def _difference(self) -> float:
        return self._clock().timestamp() - self._monotonic_s()
