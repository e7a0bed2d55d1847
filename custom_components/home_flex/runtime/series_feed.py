"""From the readings of devices to slots of the home's own series; what is over is handed on at once."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ..core.model import BatteryReading, ChargerReading, DeviceKind, Reading, Site
from ..core.signals import SignalKind, Slot
from ..core.statistics import (
    SLOT_S,
    CounterReading,
    CounterRule,
    Mark,
    MeterSwap,
    counter_reading,
    fuse_rule,
    slot_at,
    slot_start,
)
from ..core.statistics.collector import CounterCollector, PowerCollector, PowerSlot
from ..core.statistics.energy import balance
from ..core.statistics.registers import (
    BALANCED_IMPORT,
    CHARGE,
    CHARGED_PRODUCTION,
    DIRECT,
    DISCHARGE,
    EXPORT,
    EXPORTED_PRODUCTION,
    IMPORT,
    LOAD,
    OUTDOOR,
    PER_MILLE,
    PLUGGED,
    POWER,
    PRODUCTION,
    SECOND,
    STATE_OF_CHARGE,
    TENTH_C,
    WH,
    W,
    directions,
    family_of,
    registers_of,
)
from ..history.series_rows import SeriesBatch, SeriesKey
from .comfort_feed import A_SECOND, ComfortCollector, seconds_of
from .view import DeviceView, SiteView

# What ends in a slot is heard this long after it.
GRACE_S: Final = 15
# How far back the balance is reckoned anew when a device is heard again, and prices are told after a stop.
_REMEMBERED_SLOTS: Final = 288
# A price that lasts is written each hour, and when it changes.
_PRICE_EVERY_SLOTS: Final = 12
_HOME: Final = ""
_IN_ALL: Final = frozenset({IMPORT, EXPORT})
# More gas or water than this in an hour no home's pipe lets through, in litres.
_MOST_LITRES_PER_H: Final = 20_000
_EDGE_S: Final = 30
# Counters stamp what they told with clocks of their own, which may be wrong by decades.
_OLDEST_S: Final = 14 * 86_400
_MOST_AHEAD_S: Final = 86_400

type Cell = tuple[int | None, Mark]
type PriceAt = Callable[[SignalKind, datetime], tuple[Slot, str] | None]


def rule_of(site: Site, unit: str) -> CounterRule:
    """Return what bounds a counter of a home: its fuse, or the pipe."""
    if unit != WH:
        return CounterRule(most_per_h=_MOST_LITRES_PER_H, edge_s=_EDGE_S)
    return fuse_rule(site.main_fuse_a, site.phases, site.nominal_voltage_v, edge_s=_EDGE_S)


class SeriesFeed:
    """Turns views into batches. ``put`` takes each batch; ``price_at`` tells what holds at a moment.

    ``kept``: what counters said at the ends of the last slots before a restart; ``swaps``: changes of meters
    in that time; ``priced_until``: until when prices are kept.
    """

    def __init__(
        self,
        site: Site,
        kept: Mapping[SeriesKey, Mapping[int, tuple[CounterReading, ...]]],
        swaps: Mapping[SeriesKey, tuple[MeterSwap, ...]],
        *,
        put: Callable[[SeriesBatch], None],
        price_at: PriceAt,
        priced_until: Mapping[SignalKind, datetime] = MappingProxyType({}),
    ) -> None:
        """Go on from what was kept."""
        self._put = put
        self._price_at = price_at
        self._site = site
        self._counters = {
            key: CounterCollector(rule_of(site, key.unit), _last(slots), swaps.get(key, ()))
            for key, slots in kept.items()
        }
        self._powers: dict[str, PowerCollector] = {}
        self._charge: dict[str, int] = {}
        self._comfort: defaultdict[str, ComfortCollector] = defaultdict(ComfortCollector)
        self._plugged: defaultdict[str, PowerCollector] = defaultdict(PowerCollector)
        self._outdoor = PowerCollector()
        self._kinds: dict[str, DeviceKind] = {}
        self._seen: dict[str, datetime] = {}
        self._next_slot: int | None = None
        self._cells: dict[int, dict[SeriesKey, Cell]] = {}
        self._prices: dict[SignalKind, tuple[Slot, str]] = {}
        self._priced = {kind: slot_at(end) for kind, end in priced_until.items()}

    def view_changed(self, view: SiteView) -> None:
        """Take the devices' new readings, and hand over slots that are over."""
        self._kinds = {device.device_id: device.kind for device in view.devices.values()}
        for device in view.devices.values():
            self._take(device, now_s=view.time.timestamp(), is_time_certain=view.clock_step_s is None)
        slot = int(view.time.timestamp() - GRACE_S) // SLOT_S
        if self._next_slot is None:
            self._next_slot = int(view.time.timestamp()) // SLOT_S
            self._priced = {kind: self._priced.get(kind, self._next_slot) for kind in SignalKind}
        elif slot > self._next_slot or slot < self._next_slot - 1:
            self._next_slot = slot
            self.close(slot)

    def outdoor(self, time: datetime, temperature_c: float) -> None:
        """Take how warm it is outdoors."""
        self._outdoor.add(time.timestamp(), 10 * temperature_c)

    def swap(self, key: SeriesKey, swap: MeterSwap) -> None:
        """Take a change of a meter that a person entered."""
        if key in self._counters:
            self._counters[key].swap(swap)

    def close(self, end_slot: int) -> None:
        """Hand over the slots before ``end_slot``."""
        batch = SeriesBatch()
        fresh = self._close_counters(end_slot, batch)
        for device_id, power in self._powers.items():
            self._close_power(device_id, power.close(end_slot), fresh)
        for device_id, per_mille in self._charge.items():
            key = SeriesKey(device_id=device_id, name=STATE_OF_CHARGE, unit=PER_MILLE)
            fresh[key] = {end_slot - 1: (per_mille, Mark.MEASURED)}
        self._charge.clear()
        fresh.update(self._close_times(end_slot))
        if tenths := _means(self._outdoor.close(end_slot)):
            fresh[SeriesKey(device_id=_HOME, name=OUTDOOR, unit=TENTH_C)] = tenths
        self._remember(fresh, end_slot)
        for slot in sorted({slot for cells in fresh.values() for slot in cells}):
            for key, cell in self._balanced(slot):
                fresh.setdefault(key, {})[slot] = cell
        for key, cells in fresh.items():
            batch.put(key, cells)
        for kind, next_slot in self._priced.items():
            for slot in range(max(next_slot, end_slot - _REMEMBERED_SLOTS), end_slot):
                self._add_price(kind, batch, slot)
            self._priced[kind] = max(next_slot, end_slot)
        if batch:
            self._put(batch)

    def _close_times(self, end_slot: int) -> Iterator[tuple[SeriesKey, dict[int, Cell]]]:
        """Yield for how long devices were not as wished, and cars hung on their chargers."""
        for device_id, comfort in self._comfort.items():
            yield from comfort.close(device_id, end_slot)
        for device_id, plugged in self._plugged.items():
            key = SeriesKey(device_id=device_id, name=PLUGGED, unit=SECOND)
            yield key, seconds_of(plugged, end_slot)

    def _close_counters(self, end_slot: int, batch: SeriesBatch) -> dict[SeriesKey, dict[int, Cell]]:
        fresh: dict[SeriesKey, dict[int, Cell]] = {}
        for key, counter in self._counters.items():
            closed = counter.close(end_slot)
            fresh[key] = closed.cells
            for slot, readings in closed.readings.items():
                batch.readings.setdefault(slot, {})[key] = readings
            if closed.findings:
                batch.findings[key] = list(closed.findings)
        return fresh

    def _take(self, device: DeviceView, *, now_s: float, is_time_certain: bool) -> None:
        reading = device.reading
        if reading is None or self._seen.get(device.device_id) == reading.time:
            return
        self._seen[device.device_id] = reading.time
        power = self._powers.setdefault(device.device_id, PowerCollector())
        power.add(reading.time.timestamp(), reading.power_w)
        self._comfort[device.device_id].add(device, reading.time.timestamp())
        if isinstance(reading, ChargerReading):
            self._plugged[device.device_id].add(
                reading.time.timestamp(), A_SECOND if reading.vehicle_connected else 0.0
            )
        if isinstance(reading, BatteryReading):
            self._charge[device.device_id] = round(1000 * reading.state_of_charge)
        for key, counted in _counted(device.device_id, reading, is_time_certain=is_time_certain):
            if key.name in _IN_ALL and self._is_counted(key.device_id, f"{key.name}."):
                continue  # its tariffs' registers count the same
            if not now_s - _OLDEST_S <= counted.time_s <= now_s + _MOST_AHEAD_S:
                continue
            if key not in self._counters:
                self._counters[key] = CounterCollector(rule_of(self._site, key.unit))
            self._counters[key].add(counted)

    def _close_power(
        self,
        device_id: str,
        slots: Mapping[int, PowerSlot | None],
        fresh: dict[SeriesKey, dict[int, Cell]],
    ) -> None:
        """Add the mean power, and where nothing counts the energy that follows from it, as estimated."""
        fresh[SeriesKey(device_id=device_id, name=POWER, unit=W)] = _means(slots)
        kind = self._kinds.get(device_id)
        if kind is None:
            return
        for side, name in enumerate(directions(kind)):
            if not name or any(self._is_counted(device_id, each) for each in (name, f"{name}.")):
                continue
            fresh[SeriesKey(device_id=device_id, name=name, unit=WH)] = {
                slot: (None, Mark.MISSING)
                if found is None
                else ((found.consumed_wh, found.produced_wh)[side], Mark.ESTIMATED)
                for slot, found in slots.items()
            }

    def _is_counted(self, device_id: str, name: str) -> bool:
        """Return whether a device has a counter of a name; one that ends in a dot stands for its tariffs."""
        return any(
            key.device_id == device_id
            and (key.name == name or (name.endswith(".") and key.name.startswith(name)))
            for key in self._counters
        )

    def _remember(self, fresh: Mapping[SeriesKey, Mapping[int, Cell]], end_slot: int) -> None:
        for key, cells in fresh.items():
            for slot, cell in cells.items():
                self._cells.setdefault(slot, {})[key] = cell
        for slot in [slot for slot in self._cells if slot < end_slot - _REMEMBERED_SLOTS]:
            del self._cells[slot]

    def _balanced(self, slot: int) -> Iterator[tuple[SeriesKey, Cell]]:
        """Yield what became of the home's energy in a slot, missing where any part of it is."""
        amounts, mark = [], Mark.MEASURED
        for name in (IMPORT, EXPORT, PRODUCTION, CHARGE, DISCHARGE):
            amount, its_mark = self._side(slot, name)
            amounts.append(amount)
            mark = max(mark, its_mark)
        found = balance(*amounts)
        for name, value in (
            (LOAD, found.load_wh),
            (BALANCED_IMPORT, amounts[0]),
            (DIRECT, found.direct_wh),
            (EXPORTED_PRODUCTION, found.exported_production_wh),
            (CHARGED_PRODUCTION, found.charged_production_wh),
        ):
            key = SeriesKey(device_id=_HOME, name=name, unit=WH)
            yield key, (None if mark is Mark.MISSING else value, mark)

    def _side(self, slot: int, name: str) -> tuple[int, Mark]:
        """Return the sum of what devices counted under a name; what a home does not have is 0."""
        known = self._cells.get(slot, {})
        devices = {device_id for device_id, kind in self._kinds.items() if name in directions(kind)}
        amount, mark = 0, Mark.MEASURED
        for device_id in devices:
            cells = [
                cell
                for key, cell in known.items()
                if key.device_id == device_id and key.unit == WH and family_of(key.name) == name
            ]
            for value, its_mark in cells or [(None, Mark.MISSING)]:
                amount += value or 0
                mark = max(mark, its_mark)
        return amount, mark

    def _add_price(self, kind: SignalKind, batch: SeriesBatch, slot: int) -> None:
        """Note what a kWh cost in a slot: a price that goes on is one row, written seldom."""
        told = self._price_at(kind, slot_start(slot))
        before = self._prices.pop(kind, None)
        if told is None:
            if before is not None:
                batch.prices[kind.value, before[0].start] = before
            return
        now, unit = told
        if before is not None and _goes_on(before, told):
            start, known_at = before[0].start, before[0].known_at
        else:
            start, known_at = now.start, now.known_at
            if before is not None:
                batch.prices[kind.value, before[0].start] = before
        lasting = Slot(
            start=start, end=slot_start(slot + 1), value=now.value, known_at=known_at, source=now.source
        )
        self._prices[kind] = batch.lasting[kind.value] = lasting, unit
        if slot % _PRICE_EVERY_SLOTS == 0 or start == now.start:
            batch.prices[kind.value, start] = lasting, unit


def _means(slots: Mapping[int, PowerSlot | None]) -> dict[int, Cell]:
    return {
        slot: (None, Mark.MISSING) if found is None else (found.mean_w, Mark.MEASURED)
        for slot, found in slots.items()
    }


def _counted(
    device_id: str, reading: Reading, *, is_time_certain: bool
) -> Iterator[tuple[SeriesKey, CounterReading]]:
    for register in registers_of(reading):
        counted = counter_reading(register.time.timestamp(), register.value)
        if counted is not None:
            key = SeriesKey(device_id=device_id, name=register.name, unit=register.unit)
            yield (
                key,
                CounterReading(time_s=counted.time_s, value=counted.value, is_time_certain=is_time_certain),
            )


def _last(slots: Mapping[int, tuple[CounterReading, ...]]) -> tuple[CounterReading, ...]:
    """Return the readings of the last slot that had any, and the one before them."""
    *before, last = (slots[slot] for slot in sorted(slots))
    return (*((before[-1][-1],) if before else ()), *last)


def _goes_on(before: tuple[Slot, str], told: tuple[Slot, str]) -> bool:
    (was, was_unit), (now, unit) = before, told
    return (was.end, was.value, was.source, was_unit) == (now.start, now.value, now.source, unit)
