"""The steps in which the home looks ahead: half-open, one after the other without gaps, in UTC.

A local day of 23 or 25 hours is nothing special here: it has 92 or 100 quarter-hours.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

QUARTER_HOUR_S: Final = 900
_HOUR_S: Final = 3600
# Fine where the next orders come from, coarse where only the price of the hour matters: how many steps of
# five minutes, after how many hours hours begin, and how many there are.
_FIVES, _FINE_H, _HOURS = 12, 12, 36


class Step(NamedTuple):
    """One step: from ``start`` on and until just before ``end`` (aware UTC)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeGrid:
    """Steps of ``lengths_s`` whole seconds, the first of which begins at ``start`` (aware UTC).

    Raises ValueError for a naive or local start, for no steps, and for steps without length.
    """

    start: datetime
    lengths_s: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raise for what is no grid."""
        if self.start.tzinfo is not UTC:  # London's winter is no UTC: it has a summer
            raise ValueError(f"A time grid starts in UTC, not at {self.start.isoformat()}")
        if not self.lengths_s or min(self.lengths_s) <= 0:
            raise ValueError("A time grid has steps, and each has a length")

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.lengths_s)

    def __iter__(self) -> Iterator[Step]:
        """Yield the steps in order."""
        bounds = self.bounds()
        return (Step(start, end) for start, end in pairwise(bounds))

    @property
    def end(self) -> datetime:
        """When the last step ends."""
        return self.start + timedelta(seconds=sum(self.lengths_s))

    @property
    def lengths_h(self) -> tuple[float, ...]:
        """The lengths in hours: power in W times these is energy in Wh."""
        return tuple(length_s / 3600 for length_s in self.lengths_s)

    def bounds(self) -> tuple[datetime, ...]:
        """Return the start of each step, and the end of the last."""
        offsets_s = accumulate(self.lengths_s, initial=0)
        return tuple(self.start + timedelta(seconds=offset_s) for offset_s in offsets_s)

    def index_at(self, time: datetime) -> int | None:
        """Return which step a moment is in, None before the first and from the end of the last on."""
        ahead_s = (time - self.start).total_seconds()
        index = bisect_right(tuple(accumulate(self.lengths_s)), ahead_s)
        return index if ahead_s >= 0 and index < len(self) else None


def floor(time: datetime, length_s: int) -> datetime:
    """Return the last whole multiple of a length before or at a moment, counted in UTC."""
    utc = time.astimezone(UTC)
    return utc - timedelta(seconds=utc.timestamp() % length_s)


def even(start: datetime, length_s: int, steps: int) -> TimeGrid:
    """Return a grid of equal steps, the first of which holds ``start``."""
    return TimeGrid(start=floor(start, length_s), lengths_s=(length_s,) * steps)


def quarter_hours(start: datetime, hours: int) -> TimeGrid:
    """Return a grid of quarter-hours, the first of which holds ``start``."""
    return even(start, QUARTER_HOUR_S, 4 * hours)


def tiers(now: datetime) -> TimeGrid:
    """Return two days: an hour in 5 minutes, up to eleven in quarter-hours, then 36 hours and what is left.

    It begins with the quarter-hour that holds ``now``, where prices change: it is the same grid, and so the
    same problem to solve, until the next one. Up to two of its first steps may be over already
    (``index_at(now)`` is the one that runs). Hours are whole hours of the clock, as many prices are: what is
    planned for one of them is the same in the next plan.
    """
    start = floor(now, QUARTER_HOUR_S)
    over_s = int((start - floor(now, _HOUR_S)).total_seconds())
    quarters = (_FINE_H - 1) * _HOUR_S // QUARTER_HOUR_S - over_s // QUARTER_HOUR_S
    lengths_s = (_HOUR_S // _FIVES,) * _FIVES + (QUARTER_HOUR_S,) * quarters + (_HOUR_S,) * _HOURS
    return TimeGrid(start=start, lengths_s=(*lengths_s, over_s) if over_s else lengths_s)
