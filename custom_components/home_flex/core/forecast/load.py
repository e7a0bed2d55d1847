"""What the home will draw: what it drew at the same local time of days that are alike, and how today goes.

The mean of the weighted days is the plan's number and their quantiles what may come, on the level of the last
three days: a cold spell lasts, and returns to the mean. How the last half-hours missed is carried on, less
and less: what runs now mostly still runs in a half-hour, and seldom in two hours.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import numpy as np

from .days import DayMarks, Days, is_away
from .forecast import FloatArray
from .history import History, faded, local_steps
from .outlook import LEVELS, Outlook, weighted_mean, weighted_quantiles

_DAYS: Final = 84
_LEAST_DAYS: Final = 2
_LEVEL_DAYS: Final = 3
# Of how far the level was from what is usual, so much is left a day later; no home doubles in three days.
_KEPT_EACH_DAY: Final = 0.5
_LEVELS: Final = (0.5, 2.0)
# Over six months of a real home the mean miss of two hours, carried on longer, was worse than none from the
# second hour on; so weighted, the first two hours miss by 6 % less, and the first half-hour by 14 %.
_LAST_S: Final = 2 * 3600
_COUNTS_EACH_HALF_HOUR: Final = 0.3
_CARRIED: Final = 0.7
_KEPT_EACH_HALF_HOUR: Final = 0.7


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LoadDays:
    """A history in rows of local days: ``table`` has one for each of ``days``, NaN where nothing is known."""

    history: History
    zone: tzinfo
    marks: DayMarks
    days: Days
    table: FloatArray

    @classmethod
    def of(cls, history: History, zone: tzinfo, marks: DayMarks) -> LoadDays:
        """Return the rows of a history. The hour that comes twice in autumn keeps its second measurement."""
        days, slots = local_steps(history, 0, len(history) + 1, zone)  # and the step that runs
        rows = days - days[0]
        table = np.full((int(rows[-1]) + 1, history.steps_a_day), np.nan)
        table[rows[:-1], slots[:-1]] = history.values_w
        listed = Days.of(int(days[0]), len(table), marks)
        return cls(history=history, zone=zone, marks=marks, days=listed, table=table)

    def at(self, first: int, steps: int) -> Outlook | None:
        """Return the outlook from an index on; None with less than two days of history."""
        a_day = self.history.steps_a_day
        before = _LEVEL_DAYS * a_day
        days, slots = local_steps(self.history, first - before, before + steps, self.zone)
        today = int(days[before])
        last = int(today - self.days.ordinals[0])
        low = max(0, last - _DAYS)
        if last - low < _LEAST_DAYS or last > len(self.table):
            return None
        table = self._known(low, last, int(slots[before]))
        rows = slice(low, low + len(table))
        expected = np.full(before + steps, np.nan)
        quantiles = np.full((len(LEVELS), steps), np.nan)
        # Days that are spent away tell no level of days at home, and the other way round.
        is_alike = np.full(before + steps, False)
        for day in np.unique(days):
            chosen = np.flatnonzero(days == day)
            is_alike[chosen] = is_away(int(day), self.marks) == is_away(today, self.marks)
            weight = self.days.weights(rows, int(day), self.marks)[:, np.newaxis]
            expected[chosen] = weighted_mean(table[:, slots[chosen]], weight)
            if len(ahead := chosen[chosen >= before]):
                quantiles[:, ahead - before] = weighted_quantiles(table[:, slots[ahead]], weight, LEVELS)
        if not np.isfinite(expected[before:]).all():
            return None
        measured = self.history.window(first - before, before)
        beyond = _level(measured, np.where(is_alike[:before], expected[:before], np.nan)) - 1.0
        kept = np.where(is_alike[before:], _KEPT_EACH_DAY ** (1.0 + np.arange(steps) // a_day), 0.0)
        lift = 1.0 + beyond * kept
        errors = measured - expected[:before] * lift[0]
        carried = self._carried(errors[-int(_LAST_S / self.history.step_s) :], steps)
        return Outlook(
            first=first,
            expected_w=np.maximum(expected[before:] * lift + carried, 0.0),
            quantiles_w={
                level: np.maximum(row * lift + carried, 0.0)
                for level, row in zip(LEVELS, quantiles, strict=True)
            },
        )

    def _known(self, low: int, last: int, slot: int) -> FloatArray:
        """Return the rows of the last days; of today only what was measured before a step."""
        table = self.table[low : last + 1].copy()
        if last < len(self.table):
            table[-1, slot:] = np.nan
        return table

    def _carried(self, errors: FloatArray, steps: int) -> FloatArray:
        """Return what the errors of the last two hours add to each step, in W; older ones count less."""
        known = np.isfinite(errors)
        counts = faded(_COUNTS_EACH_HALF_HOUR, len(errors), self.history.step_s)[::-1]
        miss_w = float(np.average(errors[known], weights=counts[known])) if known.any() else 0.0
        carried: FloatArray = _CARRIED * miss_w * faded(_KEPT_EACH_HALF_HOUR, steps, self.history.step_s)
        return carried


def _level(measured: FloatArray, expected: FloatArray) -> float:
    """Return how many times what was expected was drawn; 1 where half of it, or more, is not known."""
    known = np.isfinite(measured) & np.isfinite(expected)
    usual = float(expected[known].sum())
    if known.mean() <= 0.5 or usual <= 0.0:
        return 1.0
    return min(max(float(measured[known].sum()) / usual, _LEVELS[0]), _LEVELS[1])
