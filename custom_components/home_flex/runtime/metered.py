"""What each meter of a home counted under one name, its registers together, read from the series."""

from collections import defaultdict
from collections.abc import Mapping

from ..core.statistics import Mark, SlotSeries, series_of
from ..core.statistics.energy import whole_of
from ..core.statistics.registers import WH, family_of, tariff_of
from ..history.series_store import SeriesStore, Stretch


async def metered(store: SeriesStore, name: str, stretch: Stretch) -> dict[str, SlotSeries]:
    """Return the slots of each device that counted import, or whatever is named, in Wh.

    A slot is missing where one of its tariffs is and no register for all tells it. A meter that is no more
    tells nothing, and takes nothing away from the one that is. Raises HistoryError.
    """
    keys = [key for key in store.keys if key.unit == WH and family_of(key.name) == name]
    found = await store.read(keys, stretch)
    told = {key: series for key, series in found.items() if series.is_known}
    meters: defaultdict[str, dict[str, SlotSeries]] = defaultdict(dict)
    for key, series in (told or found).items():
        meters[key.device_id][tariff_of(key.name)] = series
    return {
        device_id: whole_of(registers, stretch.first_slot, stretch.end_slot)
        for device_id, registers in meters.items()
    }


def added(meters: Mapping[str, SlotSeries], stretch: Stretch) -> SlotSeries:
    """Return the sum of all meters: what any of them tells."""
    slots = range(stretch.first_slot, stretch.end_slot)
    cells: dict[int, tuple[int | None, Mark]] = dict.fromkeys(slots, (None, Mark.MISSING))
    for series in meters.values():
        for slot in slots:
            each, mark = series.at(slot)
            if each is not None:
                value, before = cells[slot]
                cells[slot] = (value or 0) + each, mark if value is None else max(mark, before)
    return series_of(cells)
