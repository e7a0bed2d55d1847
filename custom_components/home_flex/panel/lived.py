"""Today's hours that are over, as they were lived, beside what was expected of them before they began.

Mean powers in W by quarter-hours (positive = consumption; what the sun gave is 0 or more), times as ISO 8601;
None is not known, or was not expected.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..coordinator import HomeFlexCoordinator
from ..core.model import QUARTER_HOUR_S, DeviceKind, floor
from ..core.statistics import Grouping, Mark, Period, SlotSeries, periods
from ..core.statistics.registers import CHARGE, CONSUMPTION, DISCHARGE, EXPORT, IMPORT, PRODUCTION
from ..core.statistics.slots import series_of
from ..history.series_runs import Run, RunKind
from ..history.series_store import SeriesStore, Stretch
from ..runtime.day_balance import DayBalance
from ..runtime.forecast_figures import expected_wh
from ..runtime.metered import metered
from ..runtime.planning.measured import LOAD
from .shown import told

KEEP_S: Final = 60.0
# A run that is older said nothing of the hour any more.
_OLDEST: Final = timedelta(days=1)
_QUARTERS_AN_HOUR: Final = 3600 // QUARTER_HOUR_S
_HOME: Final = ""

type Powers = list[int | None]


async def lived_document(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return what was lived and what was expected of today so far. Raises RequestError, HistoryError."""
    store = coordinator.series.opened().keeper.store
    now = dt_util.utcnow()
    start = dt_util.as_utc(dt_util.start_of_local_day())
    day = Period(start=start, end=max(start, floor(now, QUARTER_HOUR_S)))
    expected = _Expected(store, day)
    roofs = [key for key, device in coordinator.data.devices.items() if device.kind is DeviceKind.PV]
    lived = await _lived(store, day)
    return {
        "start": told(day.start),
        "step_s": QUARTER_HOUR_S,
        "grid": {"lived_w": lived["grid"], "expected_w": await expected.of(RunKind.PLAN, [_HOME])},
        "load": {"lived_w": lived["load"], "expected_w": await expected.of(RunKind.FORECAST, [LOAD])},
        "sun": {"lived_w": lived["sun"], "expected_w": await expected.of(RunKind.FORECAST, roofs)},
    }


async def _lived(store: SeriesStore, day: Period) -> Mapping[str, Powers]:
    """Return the grid, the house besides its devices, and the sun; what a home has none of counts nothing."""
    slots = day.slots()
    stretch = Stretch(first_slot=slots.start, end_slot=slots.stop)
    sides = await DayBalance(store).sides(stretch)
    consumed = list((await metered(store, CONSUMPTION, stretch)).values())
    quarters = {name: _quarters(series, day) for name, series in (*sides.items(), (CONSUMPTION, consumed))}
    imported, exported, produced, charged, discharged, used = (
        quarters[name] for name in (IMPORT, EXPORT, PRODUCTION, CHARGE, DISCHARGE, CONSUMPTION)
    )
    unknown: Powers = [None] * len(day.slots(QUARTER_HOUR_S))
    grid = _combined(lambda bought, sold: bought - sold, imported or unknown, exported)
    house = _combined(
        lambda net, sun, given, taken, devices: net + sun + given - taken - devices,
        grid,
        produced,
        discharged,
        charged,
        used,
    )
    return {"grid": grid, "load": house, "sun": produced or unknown}


def _quarters(series: Sequence[SlotSeries], day: Period) -> Powers:
    """Return the mean power of devices together in each quarter-hour; empty without any device."""
    if not series:
        return []
    cells: dict[int, tuple[int | None, Mark]] = {}
    for slot in day.slots():
        row = [each.at(slot) for each in series]
        if (mark := max(each for _, each in row)) is not Mark.MISSING:
            cells[slot] = sum(value or 0 for value, _ in row), mark
    sums = series_of(cells).sums(QUARTER_HOUR_S)
    found = (sums.at(quarter)[0] for quarter in day.slots(QUARTER_HOUR_S))
    return [None if energy_wh is None else energy_wh * _QUARTERS_AN_HOUR for energy_wh in found]


def _combined(combine: Callable[..., int], first: Powers, *others: Powers) -> Powers:
    """Return series put together, unknown where one of them is; one that is empty counts nothing."""
    rows = zip(first, *(each or [0] * len(first) for each in others), strict=True)
    return [None if any(value is None for value in row) else combine(*row) for row in rows]


class _Expected:
    """What was expected of the quarter-hours of a day, each by the newest run that was known before it."""

    def __init__(self, store: SeriesStore, day: Period) -> None:
        self._store = store
        self._day = day

    async def of(self, kind: RunKind, subjects: Sequence[str]) -> Powers:
        """Return the sum over subjects, unknown where of one of them nothing was expected."""
        rows = [await self._of_one(kind, subject) for subject in subjects]
        if not rows:
            return [None] * len(self._day.slots(QUARTER_HOUR_S))
        return _combined(lambda *values: sum(values), *rows)

    async def _of_one(self, kind: RunKind, subject: str) -> Powers:
        if self._day.end == self._day.start:
            return []
        runs = await self._store.runs(kind, subject, self._day.start - _OLDEST, self._day.end)
        quarters = periods(self._day.start, self._day.end, Grouping.QUARTER_HOUR, UTC)
        # A day of quarter-hours over long runs takes longer than control may wait.
        return await asyncio.to_thread(lambda: [_power_w(runs, quarter) for quarter in quarters])


def _power_w(runs: Sequence[Run], quarter: Period) -> int | None:
    """Return the mean power that the newest run has that was known before a quarter-hour."""
    known = next((run for run in reversed(runs) if run.known_at <= quarter.start), None)
    energy_wh = None if known is None else expected_wh(known, quarter)
    return None if energy_wh is None else energy_wh * _QUARTERS_AN_HOUR
