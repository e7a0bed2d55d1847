"""The receipts of events, followed up once the hours after them are over, and when something came late.

A receipt is issued with the first word of the meter after its event. Some rules look at what was used later
that day, and what the home takes back is known only then; what other days tell may come late. By whatever
order it came, the last receipt is the same.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from ..core.events.metering_report import Metered
from ..core.events.model import EventRecord
from ..core.settlement.baselines import Missing
from ..core.settlement.baselines.as_dispatched import Dispatched
from ..core.settlement.past import DAYS_BACK, QUARTER_S, REBOUND_MS
from ..core.settlement.rebound import After
from ..core.settlement.receipt import Receipt, followed_up
from ..core.settlement.tally import milliseconds
from ..core.settlement.tried import dispatched_and_tried
from ..core.settlement.window import window_of
from ..core.signals import SignalKind, unit_of
from ..core.statistics import SLOT_S, Period, midnight, slot_at, slot_start
from ..core.statistics.blocks import Block, BlockKind, BlockState
from ..history.receipt_tables import Ran
from ..history.series_rows import SeriesBatch
from ..history.series_store import SeriesStore, Stretch
from .comfort_feed import given_up
from .day_receipts import OLDEST, Home
from .event_measures import edges_ms
from .past_use import PastUse
from .series_work import Made

_LOGGER = logging.getLogger(__name__)

_AFTER: Final = timedelta(milliseconds=REBOUND_MS)
_BACK: Final = timedelta(days=DAYS_BACK + 1)
# Of what lasts longer the receipt stays as it was issued.
_LONGEST: Final = timedelta(days=8)
_DAY_S: Final = 86_400
_MOMENT: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Events:
    """What is known of a home's events: by their records, and by their receipts since a moment.

    ``holidays`` are asked each time; ``put`` keeps a receipt that follows up another, and tells it.
    ``tell_metered`` tells quarter-hours of the meter that are asked for, by the event's id.
    """

    records: Callable[[], Iterable[EventRecord]]
    spans: Callable[[datetime], Awaitable[list[Ran]]]
    holidays: Callable[[], Awaitable[AbstractSet[date]]]
    put: Callable[[Receipt], None]
    tell_metered: Callable[[str, Sequence[Metered]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Over:
    """An event of the whole site that ran, with its receipt."""

    receipt: Receipt
    event_id: str
    start: datetime
    end: datetime


class EventFollowUps:
    """The rule of events: of those whose receipts look at a block, once the hours after them are over."""

    kind = BlockKind.EVENT

    def __init__(self, store: SeriesStore, home: Home, events: Events) -> None:
        """Read from a store."""
        self._store = store
        self._home = home
        self._events = events

    async def make(self, block: Block) -> Made:
        """Issue what follows up the receipts of events that look at a day; theirs are then made anew."""
        now = self._home.clock()
        told = Period(start=slot_start(block.first_slot), end=slot_start(block.end_slot))
        since = max(told.start - _LONGEST, now - OLDEST - _LONGEST)
        kept = await self._home.receipts("event", None, Period(start=since, end=now))
        over = [each for each in map(_over, kept) if each is not None and _is_due(each, told, now)]
        batch = SeriesBatch()
        if over:
            past = await self._past(min(each.start for each in over), now)
            for each in over:
                if await self._follow_up(each, past):
                    batch.blocks.append(Block(kind=BlockKind.RECEIPT, day=_day(each.start)))
        return Made(block=replace(block, state=BlockState.DONE, reason=""), batch=batch)

    async def _past(self, first: datetime, now: datetime) -> PastUse:
        past = PastUse(zone=self._home.zone, records=self._events.records)
        await past.refresh(
            self._store,
            now,
            holidays=await self._events.holidays(),
            earlier=await self._events.spans(first - _BACK),
            first=first,
        )
        return past

    async def _follow_up(self, event: _Over, past: PastUse) -> bool:
        """Issue what follows up the receipt of an event; return whether there was anything to say."""
        asked = past.asked(event.event_id, event.start, event.end, until=event.end + _AFTER)
        after = await self._after(event, past)
        gone = await given_up(self._store, _stretch(event.start, event.end + _AFTER)) or None
        dispatched = self._dispatched(event, past)
        try:
            newer = followed_up(event.receipt, asked=asked, after=after, given_up=gone, dispatched=dispatched)
        except (LookupError, TypeError, ValueError) as error:
            _LOGGER.warning("The receipt of event %s cannot be followed up: %s", event.event_id, error)
            return False
        if newer is not None:
            self._events.put(newer)
        return newer is not None

    def _dispatched(self, event: _Over, past: PastUse) -> Dispatched | None:
        """Return what is re-run of an event now; None of one whose record is no more."""
        record = next(
            (each for each in self._events.records() if each.event.event_id == event.event_id), None
        )
        document: Mapping[str, Any] = event.receipt.document
        told = document["dispatched"]
        if record is None or told is None:
            return None
        window = window_of(
            record.tally, milliseconds(event.start), milliseconds(event.end), edges_ms(record.event)
        )
        asked = past.asked(event.event_id, event.start, event.end, until=event.end + _AFTER)
        return dispatched_and_tried(
            record.tally, window, most_w=told["most_w"], of_group=False, past=past.devices(asked)
        )

    async def _after(self, event: _Over, past: PastUse) -> After | Missing:
        asked = past.asked_after(event.event_id, event.start, event.end)
        if asked is None:
            return Missing.NO_HISTORY
        first = int(midnight(asked.today.date, self._home.zone()).timestamp()) // QUARTER_S
        starts = [slot_start((first + index) * (QUARTER_S // SLOT_S)) for index in asked.window]
        last = starts[-1] + timedelta(seconds=QUARTER_S)
        signals = {
            kind: await self._store.prices(kind, unit_of(kind, self._home.currency), starts[0], last)
            for kind in SignalKind
        }
        rows = {
            kind: tuple(slot.value if (slot := signal.at(start)) is not None else None for start in starts)
            for kind, signal in signals.items()
        }
        return After(
            asked=asked,
            currency=self._home.currency,
            import_prices=rows[SignalKind.IMPORT_PRICE],
            export_prices=rows[SignalKind.EXPORT_PRICE],
            carbon=rows[SignalKind.CARBON_INTENSITY],
        )


def _over(receipt: Receipt) -> _Over | None:
    """Return the event of a receipt, None unless it was of the whole site and ran."""
    document: Mapping[str, Any] = receipt.document
    event = document["event"]
    if event["started"] is None or event["scope"] != "SITE":
        return None
    return _Over(
        receipt=receipt,
        event_id=event["id"],
        start=datetime.fromisoformat(event["start"]),
        end=datetime.fromisoformat(event["ended"] or event["end"]),
    )


def _is_due(event: _Over, told: Period, now: datetime) -> bool:
    """Return whether the receipt of an event looks at a day, is old enough, and not too old."""
    until = event.end + _AFTER
    return now - OLDEST < event.end and until <= now and event.start - _BACK < told.end and told.start < until


def _stretch(start: datetime, end: datetime) -> Stretch:
    """Return the slots that a time touches."""
    return Stretch(first_slot=slot_at(start), end_slot=slot_at(end - _MOMENT) + 1)


def _day(moment: datetime) -> int:
    return int(moment.timestamp()) // _DAY_S
