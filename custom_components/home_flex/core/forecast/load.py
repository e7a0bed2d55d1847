"""What the home will draw: what it drew at the same local time of days that are alike, and how today goes.

The mean of the weighted days is the plan's number and their quantiles what may come; how the last two hours
missed is carried on, less and less.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import numpy as np

from .days import DayMarks, Days
from .forecast import FloatArray
from .history import History, local_steps
from .outlook import LEVELS, Outlook, weighted_mean, weighted_quantiles

_DAYS: Final = 84
_LEAST_DAYS: Final = 2
_LAST_S: Final = 2 * 3600
_CARRIED: Final = 0.7
_KEPT_EACH_HALF_HOUR: Final = 0.85


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
        before = int(_LAST_S / self.history.step_s)
        days, slots = local_steps(self.history, first - before, before + steps, self.zone)
        today = int(days[before])
        last = int(today - self.days.ordinals[0])
        low = max(0, last - _DAYS)
        if last - low < _LEAST_DAYS or last > len(self.table):
            return None
        table = self._known(low, last, int(slots[before]))
        rows = slice(low, low + len(table))
        expected = np.full(before + steps, np.nan)
        quantiles = np.full((len(LEVELS), before + steps), np.nan)
        for day in np.unique(days):
            chosen = np.flatnonzero(days == day)
            weight = self.days.weights(rows, int(day), self.marks)[:, np.newaxis]
            values = table[:, slots[chosen]]
            expected[chosen] = weighted_mean(values, weight)
            quantiles[:, chosen] = weighted_quantiles(values, weight, LEVELS)
        if not np.isfinite(expected[before:]).all():
            return None
        carried = self._carried(expected[:before], first - before, steps)
        return Outlook(
            first=first,
            expected_w=np.maximum(expected[before:] + carried, 0.0),
            quantiles_w={
                level: np.maximum(row[before:] + carried, 0.0)
                for level, row in zip(LEVELS, quantiles, strict=True)
            },
        )

    def _known(self, low: int, last: int, slot: int) -> FloatArray:
        """Return the rows of the last days; of today only what was measured before a step."""
        table = self.table[low : last + 1].copy()
        if last < len(self.table):
            table[-1, slot:] = np.nan
        return table

    def _carried(self, expected_w: FloatArray, first: int, steps: int) -> FloatArray:
        """Return what the error of the last two hours adds to each step, in W."""
        errors = self.history.window(first, len(expected_w)) - expected_w
        known = errors[np.isfinite(errors)]
        half_hours = np.arange(steps) * self.history.step_s / 1800
        miss_w = float(known.mean()) if len(known) else 0.0
        carried: FloatArray = _CARRIED * miss_w * _KEPT_EACH_HALF_HOUR**half_hours
        return carried
