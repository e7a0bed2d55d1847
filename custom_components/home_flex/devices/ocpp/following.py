"""Whether a charger that accepted a limit obeys it, told by what is measured of it."""

from dataclasses import dataclass
from typing import Final

# A meter's error, and a car that regulates in steps.
_MARGIN: Final = 1.1
_MARGIN_A: Final = 1.0
# A car that stands still keeps its computers running.
_STANDBY_A: Final = 2.0


@dataclass(kw_only=True)
class Following:
    """Two samples above the limit, none below between, say that it is not followed.

    They are half of ``obeys_s`` apart, and none counts within ``obeys_s`` of a write that changed the limit
    or its shape. Times are monotonic.
    """

    obeys_s: float
    _limit_a: float | None = None
    _since_s: float = 0.0
    _above_s: float | None = None

    def told(self, limit_a: float | None, now_s: float, *, anew: bool = False) -> None:
        """Note the limit in force (None: none); ``anew`` when it was told in another shape."""
        if limit_a != self._limit_a or anew:
            self._limit_a, self._since_s, self._above_s = limit_a, now_s, None

    def sample(self, current_a: float, now_s: float) -> bool:
        """Take the largest current of a phase that was measured; whether the limit is not followed."""
        if self._limit_a is None or now_s - self._since_s < self.obeys_s:
            return False
        most_a = self._limit_a * _MARGIN + _MARGIN_A if self._limit_a else _STANDBY_A
        if current_a <= most_a:
            self._above_s = None
        elif self._above_s is None:
            self._above_s = now_s
        else:
            return now_s - self._above_s >= self.obeys_s / 2
        return False
