"""What was agreed on with the supplier, for a past that was filled in and of which no price was kept.

Nobody says since when it holds: such a price says that it is known since now, after what it is the price of.
Prices that somebody publishes are not made up.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..core.model import floor
from ..core.signals import Signal, SignalKind, Slot
from ..history.series_rows import SeriesBatch
from ..history.series_store import SeriesStore

# From one time to another; None for what nobody agreed on, or is published.
type Agreed = Callable[[SignalKind, datetime, datetime], Signal | None]

_PRICES: Final = (SignalKind.IMPORT_PRICE, SignalKind.EXPORT_PRICE)
_QUARTER_S: Final = 900
_STEP: Final = timedelta(seconds=_QUARTER_S)
_SECOND: Final = timedelta(seconds=1)


async def price_past(
    store: SeriesStore, agreed: Agreed, start: datetime, end: datetime, *, known_at: datetime
) -> None:
    """Keep what was agreed on for the quarter-hours of a time of which no price is kept."""
    start, end = floor(start, _QUARTER_S), floor(end + _STEP - _SECOND, _QUARTER_S)
    batch = SeriesBatch()
    for kind in _PRICES:
        told = agreed(kind, start, end)
        if told is None:
            continue
        kept = await store.prices(kind, told.unit, start, end)
        for slot in _without(told, kept):
            batch.prices[kind.value, slot.start] = replace(slot, known_at=known_at), told.unit
    if batch:
        await store.write(batch)


def _without(told: Signal, kept: Signal) -> list[Slot]:
    """Return what is told of the quarter-hours of which nothing is kept; equal neighbours together."""
    known = {moment for slot in kept.slots for moment in _quarters(slot.start, slot.end)}
    found: list[Slot] = []
    for slot in told.slots:
        for moment in _quarters(slot.start, slot.end):
            if moment in known:
                continue
            before = found[-1] if found else None
            if before is not None and before.end == moment and before.value == slot.value:
                found[-1] = replace(before, end=moment + _STEP)
            else:
                found.append(replace(slot, start=moment, end=moment + _STEP))
    return found


def _quarters(start: datetime, end: datetime) -> list[datetime]:
    first = floor(start, _QUARTER_S)
    return [first + index * _STEP for index in range(-(-(end - first) // _STEP))]
