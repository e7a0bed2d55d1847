"""What was measured: mean powers in even steps, with gaps where nobody knows."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .forecast import FloatArray

_DAY_S: Final = 86_400
_HOUR_S: Final = 3600
HALF_HOUR_S: Final = 1800

type IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class History:
    """Mean power of each step in W, NaN where it is not known; the first step begins at ``start``.

    Raises ValueError for a start that is not in UTC or not a multiple of the step, and for a step that does
    not divide an hour.
    """

    start: datetime
    step_s: int
    values_w: FloatArray

    def __post_init__(self) -> None:
        """Raise for steps that no clock shows."""
        if self.start.tzinfo is not UTC or self.step_s <= 0 or _HOUR_S % self.step_s:
            raise ValueError("A history starts in UTC and has steps that divide an hour")
        if self.start.timestamp() % self.step_s:
            raise ValueError("A history starts with a whole step")

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.values_w)

    @property
    def steps_a_day(self) -> int:
        """How many steps a day of 24 hours has."""
        return _DAY_S // self.step_s

    @property
    def end(self) -> datetime:
        """When the last step ends."""
        return self.start + timedelta(seconds=self.step_s * len(self.values_w))

    @property
    def base(self) -> int:
        """How many steps after 1970 the first one is: what names a step whichever history holds it."""
        return int(self.start.timestamp()) // self.step_s

    def index_of(self, time: datetime) -> int:
        """Return which step holds a moment; below 0 before the first, the length or more after the last."""
        return int((time - self.start).total_seconds() // self.step_s)

    def until(self, steps: int) -> History:
        """Return its first steps; beyond its end nothing is known."""
        return replace(self, values_w=self.window(0, steps))

    def since(self, start: datetime) -> History:
        """Return it from another start on, that of one of its steps; before its own nothing is known."""
        first = self.index_of(start)
        return replace(self, start=start, values_w=self.window(first, max(len(self) - first, 0)))

    def believed(self, most_w: float) -> tuple[History, int]:
        """Return it without what is below 0 or above ``most_w``, and how many steps that were."""
        absurd = (self.values_w < 0) | (self.values_w > most_w)
        values_w = np.where(absurd, np.nan, self.values_w)
        return replace(self, values_w=values_w), int(absurd.sum())

    def window(self, first: int, steps: int) -> FloatArray:
        """Return some steps from an index on; NaN where there is no history."""
        found = np.full(steps, np.nan)
        low, high = max(first, 0), min(first + steps, len(self.values_w))
        if low < high:
            found[low - first : high - first] = self.values_w[low:high]
        return found

    def middle_s(self, first: int, steps: int) -> FloatArray:
        """Return the middle of some steps from an index on, in seconds since 1970; also beyond the end."""
        indices: FloatArray = np.arange(first, first + steps, dtype=np.float64)
        return self.start.timestamp() + (indices + 0.5) * self.step_s


def faded(kept: float, steps: int, step_s: int) -> FloatArray:
    """Return how much is left at each of some steps, from 1 on, of what a half-hour leaves ``kept`` of."""
    left: FloatArray = kept ** (np.arange(steps) * step_s / HALF_HOUR_S)
    return left


def local_steps(history: History, first: int, steps: int, zone: tzinfo) -> tuple[IntArray, IntArray]:
    """Return the local day (proleptic ordinal) and the step of the local day of some steps from an index on.

    A zone changes its offset on the hour or the half: one look-up for each half-hour is enough.
    """
    seconds = history.start.timestamp() + np.arange(first, first + steps, dtype=np.float64) * history.step_s
    halves, which = np.unique(seconds // HALF_HOUR_S, return_inverse=True)
    offsets = np.array([_offset_s(half * HALF_HOUR_S, zone) for half in halves])
    local = seconds + offsets[which]
    days = (local // _DAY_S).astype(np.int64) + datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    return days, (local % _DAY_S // history.step_s).astype(np.int64)


def _offset_s(time_s: float, zone: tzinfo) -> float:
    offset = datetime.fromtimestamp(time_s, zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
