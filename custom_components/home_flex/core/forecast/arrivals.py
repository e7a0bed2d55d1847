"""When a vehicle that is away is back: learned from when it was plugged in on days like this one."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import numpy as np

from .days import DayMarks, Days
from .history import History

# Plans count on a vehicle from when it was back on three of four days: what comes sooner is a gift.
_QUANTILE: Final = 0.75
# Fewer days than these tell nothing.
_LEAST_DAYS: Final = 4
_DAYS: Final = 56
_THERE: Final = 0.5


def back_at(there: History, zone: tzinfo, marks: DayMarks, now: datetime) -> datetime | None:
    """Return by when a vehicle that is away now is back on three of four such days.

    ``there``: the part of each step in which it was plugged in (0 to 1). Each of the last eight weeks' days
    on which it was away at this local time counts, by its weekday and age as for loads (``Days``). None: too
    few days tell, or it rather stays away for a day.
    """
    today = now.astimezone(zone)
    first = today.date().toordinal() - _DAYS
    weights = Days.of(first, _DAYS, marks).weights(slice(None), today.date().toordinal(), marks)
    delays_s: list[float] = []
    counted: list[float] = []
    for row, weight in enumerate(weights):
        # The same local time on an earlier day, whatever the clocks did since.
        then = (today - timedelta(days=_DAYS - row)).astimezone(UTC)
        delay_s = _delay_s(there, then)
        if delay_s is not None:
            delays_s.append(delay_s)
            counted.append(float(weight))
    if len(delays_s) < _LEAST_DAYS:
        return None
    order = np.argsort(delays_s)
    reached = np.cumsum(np.array(counted)[order])
    delay_s = delays_s[order[int(np.searchsorted(reached, _QUANTILE * reached[-1]))]]
    return now + timedelta(seconds=delay_s) if np.isfinite(delay_s) else None


def _delay_s(there: History, then: datetime) -> float | None:
    """Return how long after a moment it was plugged in; inf: not within a day; None: there, or not known."""
    index = there.index_of(then)
    steps = there.window(index, there.steps_a_day + 1)
    if not steps[0] < _THERE:
        return None
    found = np.flatnonzero(steps >= _THERE)
    before = steps[: found[0]] if len(found) else steps
    if np.isnan(before).any():
        return None
    if not len(found):
        return float("inf")
    # It came within the step that it was there for most of.
    step = index + int(found[0])
    came = there.start + timedelta(seconds=there.step_s * (step + 1 - float(steps[found[0]])))
    return max(0.0, (came - then).total_seconds())
