"""What is known of the home's use on other days, read from its series for the rules of history."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from ..core.events.model import Event, EventRecord
from ..core.settlement.days import Asked, UseDay
from ..core.settlement.past import DAYS_BACK, Span, asked_of, days_of, net_of
from ..core.settlement.rebound import asked_after
from ..core.settlement.tally import milliseconds
from ..core.statistics import SLOT_S, midnight
from ..core.statistics.registers import EXPORT, IMPORT
from ..history.series_store import SeriesStore, Stretch
from .metered import added, metered

# The events of the last weeks are known by their records, too; that of today by nothing else.
_LONG_AGO_MS: Final = 24 * 3600 * 1000


class PastUse:
    """Keeps the days that were read. ``records`` are the events that are known."""

    def __init__(self, *, zone: Callable[[], tzinfo], records: Callable[[], Iterable[EventRecord]]) -> None:
        """Know no day yet."""
        self._zone = zone
        self._records = records
        self._days: Mapping[date, UseDay] = {}
        self._earlier: tuple[Span, ...] = ()

    async def refresh(
        self,
        store: SeriesStore,
        now: datetime,
        *,
        holidays: AbstractSet[date],
        earlier: Iterable[datetime] = (),
    ) -> None:
        """Read the days again. ``earlier``: when events ran of which only receipts are left.

        Raises HistoryError.
        """
        zone = self._zone()
        today = now.astimezone(zone).date()
        first = int(midnight(today - timedelta(days=DAYS_BACK), zone).timestamp()) // SLOT_S
        stretch = Stretch(first_slot=first, end_slot=int(now.timestamp()) // SLOT_S)
        meters = {name: await metered(store, name, stretch) for name in (IMPORT, EXPORT)}

        def reckon() -> Mapping[date, UseDay]:
            imports, exports = (
                [added(meters[name], stretch)] if meters[name] else [] for name in (IMPORT, EXPORT)
            )
            net = net_of(imports, exports, range(stretch.first_slot, stretch.end_slot))
            # An event of tomorrow is asked about as well.
            return days_of(
                net,
                zone,
                today + timedelta(days=1),
                lambda day: day.weekday() < 5 and day not in holidays,  # Saturday
            )

        self._days = await asyncio.to_thread(reckon)
        self._earlier = tuple((milliseconds(start), milliseconds(start) + 1) for start in earlier)

    def asked(self, event: Event, end: datetime) -> Asked | None:
        """Return the question about an event that lasted, or lasts, until ``end``; None: nothing is known."""
        start_ms = milliseconds(event.start)
        earlier = [span for span in self._earlier if span[0] < start_ms - _LONG_AGO_MS]
        return asked_of(
            self._days,
            self._zone(),
            start_ms=start_ms,
            end_ms=milliseconds(end),
            others=[*self._others(event.event_id), *earlier],
        )

    def asked_after(self, event_id: str, start: datetime, end: datetime) -> Asked | None:
        """Return the question about the hours after an event that ran; None: nothing can be told of them."""
        return asked_after(
            self._days,
            self._zone(),
            start_ms=milliseconds(start),
            end_ms=milliseconds(end),
            others=[*self._others(event_id), *self._earlier],
        )

    def _others(self, event_id: str) -> list[Span]:
        """Return when the other events ran that are known by their records."""
        return [
            (milliseconds(each.started), milliseconds(each.ended or each.event.end))
            for each in self._records()
            if each.started is not None and each.event.event_id != event_id
        ]
