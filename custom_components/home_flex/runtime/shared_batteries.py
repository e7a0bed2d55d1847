"""What a home tells of its batteries where the resident shares it: what it has learned of the last months."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ..core.events.battery_report import SharedBattery
from ..core.statistics import Period, slot_at
from ..core.statistics.registers import CHARGE, DISCHARGE, PER_MILLE, STATE_OF_CHARGE, WH
from ..core.statistics.usable_capacity import UsableCapacity, usable_capacity
from ..history.series_rows import SeriesKey
from ..history.series_store import SeriesStore, Stretch
from .battery_statistics import battery_statistics

LOOKED_BACK: Final = timedelta(days=90)


class Battery(NamedTuple):
    """A battery as it was set up; None: it has not been heard since the start."""

    name: str
    capacity_wh: int | None


async def shared_batteries(
    store: SeriesStore,
    batteries: Mapping[str, Battery],
    judged: Iterable[tuple[str, str]],
    now: datetime,
) -> Sequence[SharedBattery]:
    """Return how each battery, by its device's id, has done until ``now``. Raises HistoryError.

    ``judged``: (device, outcome) of orders, of which ``followed`` and ``not_followed`` say something.
    """
    outcomes = Counter(judged)
    period = Period(start=now - LOOKED_BACK, end=now)
    return [
        await _shared(store, device_id, battery, period, _followed(outcomes, device_id))
        for device_id, battery in batteries.items()
    ]


async def _shared(
    store: SeriesStore, device_id: str, battery: Battery, period: Period, followed: float | None
) -> SharedBattery:
    if battery.capacity_wh is None:
        return SharedBattery(name=battery.name, known_share=0.0)
    found = await battery_statistics(store, device_id, battery.capacity_wh, period)
    measured = await _measured(store, device_id, period)
    given, loss = found["discharge_wh"], found["loss_wh"]
    return SharedBattery(
        name=battery.name,
        capacity_wh=battery.capacity_wh,
        since=None if found["since"] is None else datetime.fromisoformat(found["since"]),
        charged_wh=found["charge_wh"],
        discharged_wh=given,
        cycles=found["cycles"],
        round_trip=None if not given or loss is None or loss < 0 else round(given / (given + loss), 3),
        known_share=None if found["since"] is None else found["known"],
        measured_wh=None if measured is None else measured.energy_wh,
        measured_error=None if measured is None else round(measured.error_share, 3),
        followed=followed,
    )


async def _measured(store: SeriesStore, device_id: str, period: Period) -> UsableCapacity | None:
    keys = [
        SeriesKey(device_id=device_id, name=name, unit=unit)
        for name, unit in ((STATE_OF_CHARGE, PER_MILLE), (CHARGE, WH), (DISCHARGE, WH))
    ]
    stretch = Stretch(first_slot=slot_at(period.start), end_slot=slot_at(period.end))
    series = await store.read(keys, stretch)
    if any(key not in series for key in keys):
        return None
    return await asyncio.to_thread(usable_capacity, *(series[key] for key in keys))


def _followed(outcomes: Mapping[tuple[str, str], int], device_id: str) -> float | None:
    did, did_not = outcomes.get((device_id, "followed"), 0), outcomes.get((device_id, "not_followed"), 0)
    return round(did / (did + did_not), 3) if did + did_not else None
