"""Tells an aggregator what the meter counted by quarter-hour: of events that ask for it, and what is shared.

A quarter-hour is told when all of it is in the series, and again when what is known of it changed. What was
told is forgotten by a restart: the same is then told again under the same id. A report waits in the home's
store for as long as nobody takes it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Final, NamedTuple

from ..core.events.metering_report import QUARTER, Metered
from ..core.events.model import EventRecord, Source
from ..core.model import QUARTER_HOUR_S, SITE, floor
from ..core.statistics import SLOT_S, Mark, Period, SlotSeries, slot_at, slot_start
from ..core.statistics.registers import EXPORT, IMPORT
from ..history.database import HistoryError
from ..history.series_store import SeriesStore, Stretch
from .day_balance import DayBalance
from .day_receipts import OLDEST, quarters_of

_LOGGER = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 60.0
# Of what is older than that it is looked each hour whether it changed.
_FRESH: Final = timedelta(hours=2)
_ALL_EVERY: Final = timedelta(hours=1)
# A report of a day.
_MOST_TOLD: Final = 96

type _Quarter = tuple[str, datetime]


class Asked(NamedTuple):
    """Quarter-hours from the one of ``start`` to that of ``end``, told of an event or of none."""

    event_id: str
    start: datetime
    end: datetime


class MeteringTeller:
    """Looks each minute what is known of quarter-hours that events ask for, and of those that are shared.

    ``records`` are those of the events now, ``shared`` what the resident shares besides, None: nothing.
    ``tell`` is given the id of what asks and some of its quarter-hours.
    """

    def __init__(
        self,
        store: SeriesStore,
        *,
        records: Callable[[], Iterable[EventRecord]],
        tell: Callable[[str, Sequence[Metered]], None],
        clock: Callable[[], datetime],
        shared: Asked | None = None,
    ) -> None:
        """Have told nothing."""
        self._store = store
        self._records = records
        self._tell = tell
        self._clock = clock
        self._shared = shared
        self._told: dict[_Quarter, Metered] = {}
        self._looked_at_all: datetime | None = None

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            try:
                await self.turn()
            except HistoryError as error:
                _LOGGER.debug("What the meter counted cannot be read: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)

    async def turn(self) -> None:
        """Tell what is new."""
        now = self._clock()
        asked = [each for each in self._asked(now) if each.end > now - OLDEST]
        event_ids = {each.event_id for each in asked}
        oldest = now - OLDEST - QUARTER
        self._told = {
            key: each for key, each in self._told.items() if key[0] in event_ids and key[1] >= oldest
        }
        if not asked:
            return
        since = self._since(now)
        for each in asked:
            first = floor(max(each.start, since), QUARTER_HOUR_S)
            last = floor(min(each.end, now), QUARTER_HOUR_S)
            if first <= last:
                quarters = await self._metered(Period(start=first, end=last + QUARTER))
                self._tell_new(each.event_id, quarters)

    def _asked(self, now: datetime) -> Iterator[Asked]:
        for record in self._records():
            event = record.event
            if _is_asked(record):
                yield Asked(event.event_id, record.started or now, record.ended or event.end)
        if self._shared is not None:
            yield self._shared

    def _since(self, now: datetime) -> datetime:
        if self._looked_at_all is None or now - self._looked_at_all >= _ALL_EVERY:
            self._looked_at_all = now
            return now - OLDEST
        return now - _FRESH

    def _tell_new(self, event_id: str, quarters: Iterable[Metered]) -> None:
        news = [each for each in quarters if self._told.get((event_id, each.start)) != each]
        for some in batched(news, _MOST_TOLD, strict=False):
            self._tell(event_id, some)
        self._told.update({(event_id, each.start): each for each in news})

    async def _metered(self, period: Period) -> list[Metered]:
        stretch = Stretch(first_slot=slot_at(period.start), end_slot=slot_at(period.end))
        sides = await DayBalance(self._store).sides(stretch)
        imports = quarters_of(sides[IMPORT], period)
        exports = quarters_of(sides[EXPORT], period) if sides[EXPORT] else None
        return list(_net(imports, exports))


def _net(imports: SlotSeries, exports: SlotSeries | None) -> Iterator[Metered]:
    for slot, import_wh, mark in imports:
        export_wh, other = (0, Mark.MEASURED) if exports is None else exports.at(slot)
        if import_wh is not None and export_wh is not None:
            start = slot_start(slot * (QUARTER_HOUR_S // SLOT_S))
            is_measured = max(mark, other) is Mark.MEASURED
            yield Metered(start=start, net_wh=import_wh - export_wh, is_measured=is_measured)


def _is_asked(record: EventRecord) -> bool:
    """Return whether an event asks for it that the home follows: who left it is asked for nothing by it."""
    event = record.event
    return (
        event.asks_metering
        and event.scope == SITE
        and event.source is not Source.RESIDENT
        and record.started is not None
        and not record.opted_out
    )
