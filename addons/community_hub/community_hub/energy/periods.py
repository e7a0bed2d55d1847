"""Sums of a home's quarter-hours over periods of a calendar, each with how much of it is known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from ..core import Period
from ..store.series import MARK_NAMES, QUARTER_S, DaySeries, decoded


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodEnergy:
    """What was counted in a period: Wh at the meter, None where not one quarter-hour of it is known.

    ``coverage`` says how many of its quarter-hours carry which mark: a sum is of those that are not missing.
    """

    period: Period
    import_wh: int | None
    export_wh: int | None
    coverage: Mapping[str, int]

    def told(self) -> dict[str, Any]:
        """Return it for people and programs, in kWh."""
        return {
            "start": self.period.start,
            "end": self.period.end,
            "import_kwh": _kwh(self.import_wh),
            "export_kwh": _kwh(self.export_wh),
            "coverage": {name: self.coverage.get(name, 0) for name in MARK_NAMES},
        }


def days_of(periods: Sequence[Period]) -> tuple[date, date]:
    """Return the first and the last UTC day that some consecutive periods touch."""
    return periods[0].start.date(), (periods[-1].end - timedelta(seconds=QUARTER_S)).date()


def energy_by(periods: Sequence[Period], days: Mapping[date, bytes]) -> list[PeriodEnergy]:
    """Return the sums of consecutive periods. ``days``: the stored UTC days, nothing is known of others."""
    first, last = days_of(periods)
    series = decoded([days.get(first + timedelta(days=number)) for number in range((last - first).days + 1)])
    begin = int(datetime.combine(first, time(), UTC).timestamp()) // QUARTER_S
    return [_summed(period, series, begin) for period in periods]


def _summed(period: Period, series: DaySeries, begin: int) -> PeriodEnergy:
    slots = period.slots(QUARTER_S)
    span = slice(slots.start - begin, slots.stop - begin)
    known = series.known.ravel()[span]
    marks = Counter(MARK_NAMES[mark] for mark in series.marks.ravel()[span].tolist())
    sums = (
        int(counted.ravel()[span][known].sum(dtype=np.int64)) if known.any() else None
        for counted in (series.import_wh, series.export_wh)
    )
    import_wh, export_wh = sums
    return PeriodEnergy(period=period, import_wh=import_wh, export_wh=export_wh, coverage=marks)


def _kwh(energy_wh: int | None) -> float | None:
    return None if energy_wh is None else energy_wh / 1000
