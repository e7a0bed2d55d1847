"""What became of the home's energy in a day, derived anew when something of the day became known late.

By slots where slots are known, by the hour where an hour is all that anybody knows of a device.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ..core.statistics import Mark, SlotSeries
from ..core.statistics.blocks import Block, BlockKind, BlockState
from ..core.statistics.energy import balance, whole_of
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
    PRODUCTION,
    WH,
    family_of,
    tariff_of,
)
from ..history.series_hours import SLOTS
from ..history.series_rows import Filling, SeriesBatch, SeriesKey, Source
from ..history.series_store import SeriesStore, Stretch
from .series_work import Made

_SIDES: Final = (IMPORT, EXPORT, PRODUCTION, CHARGE, DISCHARGE)
_DERIVED: Final = (LOAD, BALANCED_IMPORT, DIRECT, EXPORTED_PRODUCTION, CHARGED_PRODUCTION)
_HOME: Final = ""
_NOTHING: Final = SlotSeries(first_slot=0, values=(), marks=())

type Cell = tuple[int | None, Mark]

_MISSING: Final[Cell] = (None, Mark.MISSING)


class DayBalance:
    """The rule of the home's balance. A device takes part in a day that lies in what is known of it."""

    kind = BlockKind.BALANCE

    def __init__(self, store: SeriesStore) -> None:
        """Read from a store."""
        self._store = store

    async def make(self, block: Block) -> Made:
        """Return the home's series of a day, as far as they are not there already."""
        stretch = Stretch(first_slot=block.first_slot, end_slot=block.end_slot)
        keys = [
            key
            for key in self._store.keys
            if key.unit == WH and key.device_id != _HOME and family_of(key.name) in _SIDES
        ]
        found = await self._store.read(keys, stretch)
        hours = await self._hours(keys, block)
        sides = await self._sides(found, stretch)
        if not sides[IMPORT]:
            return Made(block=replace(block, state=BlockState.FAULTY, reason="no_meter"), batch=SeriesBatch())
        # By the hour, what charged a battery may also have been exported in other minutes of it.
        least = Mark.ESTIMATED if sides[CHARGE] else Mark.MEASURED
        batch = await self._changed(_by_slot(sides, stretch), hours, stretch, least)
        return Made(block=replace(block, state=BlockState.DONE, reason=""), batch=batch)

    async def sides(self, stretch: Stretch) -> dict[str, list[SlotSeries]]:
        """Return what devices counted in a stretch by side, of those that were there."""
        keys = [
            key
            for key in self._store.keys
            if key.unit == WH and key.device_id != _HOME and family_of(key.name) in _SIDES
        ]
        return await self._sides(await self._store.read(keys, stretch), stretch)

    async def _hours(self, keys: Iterable[SeriesKey], block: Block) -> dict[int, Mark]:
        """Return the hours of which a device's hour is all that is known, with the worst mark in each."""
        told = await self._store.hours(keys, block.first_slot // SLOTS, block.end_slot // SLOTS)
        marks: dict[int, Mark] = {}
        for its_hours in told.values():
            for hour, (_, mark, _) in its_hours.items():
                marks[hour] = max(mark, marks.get(hour, Mark.MEASURED))
        return marks

    async def _sides(
        self, found: Mapping[SeriesKey, SlotSeries], stretch: Stretch
    ) -> dict[str, list[SlotSeries]]:
        """Return what devices counted by side, of those that were there."""
        devices: defaultdict[tuple[str, str], dict[str, SlotSeries]] = defaultdict(dict)
        for key, series in found.items():
            if series.is_known or await self._is_inside(key, stretch):
                devices[family_of(key.name), key.device_id][tariff_of(key.name)] = series
        sides: dict[str, list[SlotSeries]] = {name: [] for name in _SIDES}
        for (name, _), registers in devices.items():
            sides[name].append(whole_of(registers, stretch.first_slot, stretch.end_slot))
        return sides

    async def _is_inside(self, key: SeriesKey, stretch: Stretch) -> bool:
        extent = await self._store.extent(key)
        return (
            extent is not None
            and extent.first_slot < stretch.first_slot
            and stretch.end_slot < extent.end_slot
        )

    async def _changed(
        self,
        slots: Mapping[int, tuple[Cell, ...]],
        hours: Mapping[int, Mark],
        stretch: Stretch,
        least_of_shares: Mark,
    ) -> SeriesBatch:
        """Return what is not yet as it is derived: hours where hours are known, slots elsewhere."""
        keys = [SeriesKey(device_id=_HOME, name=name, unit=WH) for name in _DERIVED]
        before = await self._store.read(keys, stretch)
        hours_before = await self._store.hours(keys, stretch.first_slot // SLOTS, stretch.end_slot // SLOTS)
        batch = SeriesBatch()
        for index, key in enumerate(keys):
            known, by_hour = before.get(key, _NOTHING), hours_before.get(key, {})
            least = Mark.MEASURED if key.name in {LOAD, BALANCED_IMPORT} else least_of_shares
            told = dict(_by_hour(slots, hours, index, least))
            changed: dict[int, Cell] = {}
            for slot, cells in slots.items():
                # What is known by the hour is not known by its slots.
                cell = _MISSING if slot // SLOTS in hours else cells[index]
                if cell != (_MISSING if slot // SLOTS in by_hour else known.at(slot)):
                    changed[slot] = cell
            batch.put(key, changed)
            over = frozenset(by_hour.keys() - told.keys())
            if told or over:
                filling = Filling(source=Source.LONG_TERM, hours=told, over=over)
                batch.fillings.append((key, filling))
        return batch


def _by_slot(sides: Mapping[str, list[SlotSeries]], stretch: Stretch) -> dict[int, tuple[Cell, ...]]:
    """Return the derived amounts of each slot in the order of _DERIVED, missing where anything is."""
    found: dict[int, tuple[Cell, ...]] = {}
    for slot in range(stretch.first_slot, stretch.end_slot):
        amounts, mark = [], Mark.MEASURED
        for name in _SIDES:
            cells = [series.at(slot) for series in sides[name]]
            amounts.append(sum(value or 0 for value, _ in cells))
            mark = max((mark, *(its_mark for _, its_mark in cells)))
        if mark is Mark.MISSING:
            found[slot] = ((None, mark),) * len(_DERIVED)
            continue
        each = balance(*amounts)
        derived = (
            each.load_wh,
            amounts[0],
            each.direct_wh,
            each.exported_production_wh,
            each.charged_production_wh,
        )
        found[slot] = tuple((value, mark) for value in derived)
    return found


def _by_hour(
    slots: Mapping[int, tuple[Cell, ...]], hours: Mapping[int, Mark], index: int, least: Mark
) -> Iterable[tuple[int, tuple[int, Mark]]]:
    """Yield the hours that are known as a whole; a line through an hour sums to the hour again."""
    for hour, mark in hours.items():
        parts = [slots[slot][index] for slot in range(hour * SLOTS, (hour + 1) * SLOTS)]
        worst = max(each for _, each in parts)
        if worst is not Mark.MISSING:
            # A line is marked interpolated for its parts' sake; of the whole hour the hour's own mark holds.
            told = mark if worst is Mark.INTERPOLATED else worst
            yield hour, (sum(value or 0 for value, _ in parts), max(told, least))
