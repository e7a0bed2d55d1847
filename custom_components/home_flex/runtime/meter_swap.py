"""A meter that was replaced: with what a person read off both, its series goes on without a hole."""

from collections.abc import Mapping
from typing import Any, Final

from ..core.model import Site
from ..core.statistics import SLOT_S, CounterReading, MeterSwap, Problem, count
from ..history.series_rows import SeriesBatch, SeriesKey
from ..history.series_store import SeriesStore
from .series_feed import rule_of
from .view import RequestError

# A gap longer than a day has no shape that anybody knows; what was counted in it is told.
_AROUND_SLOTS: Final = 2 * 86_400 // SLOT_S


async def swap_meter(
    store: SeriesStore, site: Site, key: SeriesKey, swap: MeterSwap
) -> tuple[SeriesBatch, dict[str, Any]]:
    """Count a register anew over the change of its meter; return what is to be written, and what is told.

    Where the new meter has not spoken yet, the change waits for it. Raises RequestError for readings that
    do not fit, and where nothing is kept from before the change any more.
    """
    readings = _around(await store.readings_since(swap.time_s // SLOT_S - _AROUND_SLOTS), key)
    before = [reading for reading in readings if reading.time_s < swap.time_s]
    after = [reading for reading in readings if reading.time_s >= swap.time_s]
    if not before:
        raise RequestError("nothing_before_swap", "Nothing is kept of the meter before its change")
    batch = SeriesBatch(swaps={key: swap})
    amount = None
    if after:
        counted = count(readings, rule_of(site, key.unit), (swap,))
        if any(finding.problem is Problem.SWAP_REFUSED for finding in counted.findings):
            raise RequestError("swap_refused", "The readings do not fit what the meters counted")
        first, last = before[-1].time_s // SLOT_S, after[0].time_s // SLOT_S
        batch.put(key, {slot: (value, mark) for slot, value, mark in counted.series if first <= slot <= last})
        amount = swap.end_value - before[-1].value + after[0].value - swap.start_value
    told = {"device_id": key.device_id, "register": key.name, "unit": key.unit, "counted": amount}
    return batch, told


def _around(
    kept: Mapping[SeriesKey, Mapping[int, tuple[CounterReading, ...]]], key: SeriesKey
) -> list[CounterReading]:
    return sorted(reading for its in kept.get(key, {}).values() for reading in its)
