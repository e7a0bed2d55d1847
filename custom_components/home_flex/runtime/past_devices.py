"""What devices did on other days, read from the home's series: for the baseline that re-runs them."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta, tzinfo
from fractions import Fraction
from typing import Final

from ..core.settlement.days import Asked
from ..core.settlement.device_past import DevicePast, SunForecast
from ..core.settlement.exact import half_up
from ..core.settlement.past import days_of
from ..core.settlement.tally import QUARTER_MS, milliseconds
from ..core.statistics import SlotSeries, midnight, slot_start
from ..core.statistics.registers import (
    CHARGE,
    CONSUMPTION,
    DISCHARGE,
    OUTDOOR,
    PRODUCTION,
    STATE_OF_CHARGE,
    TENTH_C,
)
from ..core.statistics.slots import Mark, series_of
from ..history.series_rows import SeriesKey
from ..history.series_runs import Run, RunKind
from ..history.series_store import SeriesStore, Stretch
from .metered import metered

_QUARTER_S: Final = QUARTER_MS // 1000
_CONSUMED: Final = (CONSUMPTION, CHARGE)
_GIVEN: Final = (PRODUCTION, DISCHARGE)
# Forecasts are all kept for so long, which is as many days as a re-run is tried on.
_FORECASTS: Final = timedelta(days=14)
_OUTDOOR: Final = SeriesKey(device_id="", name=OUTDOOR, unit=TENTH_C)


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """The local days from ``first`` to ``last``."""

    first: date
    last: date
    zone: tzinfo

    @property
    def all(self) -> list[date]:
        """Each of them."""
        return [self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class PastDevices:
    """Devices on their days, by id, as ``DevicePast`` has them."""

    midnights_ms: Mapping[date, int] = field(default_factory=dict)
    use_wh: Mapping[str, Mapping[date, tuple[int | None, ...]]] = field(default_factory=dict)
    charge: Mapping[str, SlotSeries] = field(default_factory=dict)
    sun: Mapping[str, tuple[SunForecast, ...]] = field(default_factory=dict)
    outdoor_dk: Mapping[date, tuple[int | None, ...]] = field(default_factory=dict)

    def asked(self, asked: Asked) -> DevicePast | None:
        """Return them as a question looks at them; None where its day is not among them."""
        if asked.today.date not in self.midnights_ms:
            return None
        return DevicePast(
            asked=asked,
            midnights_ms=self.midnights_ms,
            use_wh=self.use_wh,
            charge=self.charge,
            sun=self.sun,
            outdoor_dk=self.outdoor_dk,
        )


NO_DEVICES: Final = PastDevices()


async def devices_past(
    store: SeriesStore, device_ids: Collection[str], days: Days, stretch: Stretch
) -> PastDevices:
    """Return what these devices did on these days, which ``stretch`` holds. Raises HistoryError."""
    found = {name: await metered(store, name, stretch) for name in (*_CONSUMED, *_GIVEN)}
    charges = [key for key in store.keys if key.name == STATE_OF_CHARGE and key.device_id in device_ids]
    charge = {key.device_id: series for key, series in (await store.read(charges, stretch)).items()}
    end = slot_start(stretch.end_slot)
    sun = {
        device_id: tuple(map(_forecast, await store.runs(RunKind.FORECAST, device_id, end - _FORECASTS, end)))
        for device_id in device_ids & found[PRODUCTION].keys()
    }
    outdoor = (await store.read([_OUTDOOR], stretch))[_OUTDOOR] if _OUTDOOR in store.keys else series_of({})

    def reckon() -> PastDevices:
        return PastDevices(
            midnights_ms={day: milliseconds(midnight(day, days.zone)) for day in days.all},
            use_wh={device_id: _by_day(_net(found, device_id, stretch), days) for device_id in device_ids},
            charge=charge,
            sun=sun,
            outdoor_dk=_by_day(_mean_quarters(outdoor), days),
        )

    return await asyncio.to_thread(reckon)


def _by_day(quarters: SlotSeries, days: Days) -> dict[date, tuple[int | None, ...]]:
    found = days_of(quarters, days.zone, days.first, days.last, lambda _: True)
    return {day: each.use_wh for day, each in found.items()}


def _mean_quarters(series: SlotSeries) -> SlotSeries:
    """Return the means over quarter-hours, of those of which all is known."""
    sums = series.sums(_QUARTER_S)
    parts = _QUARTER_S // series.slot_s
    return replace(
        sums,
        values=tuple(None if each is None else half_up(Fraction(each, parts)) for each in sums.values),
    )


def _net(found: Mapping[str, Mapping[str, SlotSeries]], device_id: str, stretch: Stretch) -> SlotSeries:
    """Return the quarter-hours of a device, consumed minus given; missing where one of the two is."""
    sides = [
        (sign, series)
        for names, sign in ((_CONSUMED, 1), (_GIVEN, -1))
        for series in _of_device(found, names, device_id)
    ]
    cells: dict[int, tuple[int | None, Mark]] = {}
    for slot in range(stretch.first_slot, stretch.end_slot) if sides else ():
        row = [(sign, *series.at(slot)) for sign, series in sides]
        mark = max(each for *_, each in row)
        if mark is not Mark.MISSING:
            cells[slot] = sum(sign * (value or 0) for sign, value, _ in row), mark
    return series_of(cells).sums(_QUARTER_S)


def _of_device(
    found: Mapping[str, Mapping[str, SlotSeries]], names: Iterable[str], device_id: str
) -> list[SlotSeries]:
    return [found[name][device_id] for name in names if device_id in found[name]]


def _forecast(run: Run) -> SunForecast:
    return SunForecast(
        known_ms=milliseconds(run.known_at),
        start_ms=milliseconds(run.start),
        lengths_ms=tuple(1000 * each for each in run.lengths_s),
        powers_w=run.powers_w,
    )
