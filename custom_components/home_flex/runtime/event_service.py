"""The events of the site: received, remembered, measured and reported, each exactly once.

The state of an event and the report of it are written in one transaction before anything acts on it; the
report's id follows from the event, its modification and its state, so that a repeat is known as one.
"""

import asyncio
import json
import logging
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from ..aggregator.link import Incoming
from ..core.events.book import Change, EventBook, Outcome, StatusChanged
from ..core.events.codec import record_from_json, record_to_json
from ..core.events.model import Event, EventRecord, EventStatus, Source
from ..core.events.reports import (
    Document,
    acknowledgement_report,
    measurement_report,
    refusal_report,
    settlement_report,
    status_report,
)
from ..core.events.wire import Notification, Operation, Refusal, parse_events, parse_notification
from ..core.model import MeterReading
from ..history.store import HistoryStore, OutgoingReport

_LOGGER = logging.getLogger(__name__)

BASELINE_WINDOW = timedelta(seconds=60)
MEASUREMENT_INTERVAL = timedelta(seconds=10)
KEEP_RECORDS = timedelta(days=30)
KEEP_REPORTS = timedelta(days=7)
LONGEST_SAMPLE_S = 60.0
ENDED = frozenset({EventStatus.SUCCEEDED, EventStatus.ABORTED, EventStatus.REVOKED, EventStatus.REJECTED})


class _ParseOptions(TypedDict):
    ven_id: str
    now: datetime
    grid_operator_programs: frozenset[str]
    random: Callable[[str], float]


class EventService:
    """Keeps the book of events, its durable copy, and the reports that follow from it.

    ``on_status`` is called after a change of an event's state has become durable, ``wake_link`` when there is
    something to report. ``ven_id`` None: no aggregator is set up, nothing is reported.
    """

    def __init__(
        self,
        *,
        store: HistoryStore,
        ven_id: str | None,
        grid_operator_programs: frozenset[str],
        clock: Callable[[], datetime],
        on_status: Callable[[StatusChanged], None],
        wake_link: Callable[[], None],
    ) -> None:
        """Start with an empty book; ``load`` fills it."""
        self.book = EventBook()
        self.participating = True
        self._store = store
        self._ven_id = ven_id
        self._grid_operator_programs = grid_operator_programs
        self._clock = clock
        self._on_status = on_status
        self._wake_link = wake_link
        self._lock = asyncio.Lock()
        self._recent: deque[tuple[datetime, float]] = deque()
        self._last_reading: MeterReading | None = None
        self._energy_wh = 0.0
        self._measured_s = 0.0
        self._kept_s = 0.0
        self._reported_at: datetime | None = None

    async def load(self) -> None:
        """Take up the book as it was written before the restart."""
        records = [record_from_json(text) for text in await self._store.load_records()]
        self.book = EventBook(records={record.event.event_id: record for record in records})

    async def receive(self, incoming: Incoming) -> None:
        """Read one message of the aggregator; what is wrong with it is reported, and changes nothing."""
        if self._ven_id is None:
            return
        options = self._parse_options(self._ven_id)
        items: Sequence[Notification | Refusal]
        try:
            if incoming.kind == "response":
                items = parse_events(incoming.payload, **options)
            else:
                operation = Operation(incoming.kind.upper())
                items = [parse_notification(incoming.payload, operation=operation, **options)]
        except Refusal as refusal:
            items = [refusal]
        for item in items:
            await self._take(item)

    async def add(self, event: Event) -> tuple[Outcome, ...]:
        """Take an event asked for in the home itself, and start it if its time has come."""
        told = Notification(
            operation=Operation.CREATE, event=event, event_id=event.event_id, modified=event.modified
        )
        return await self._change(lambda book, now: book.receive(told, now, participating=True))

    async def cancel(self, event_id: str) -> tuple[Outcome, ...]:
        """End an event for good."""
        return await self._change(lambda book, now: book.cancel(event_id, now))

    async def opt_out(self, event_id: str | None) -> tuple[Outcome, ...]:
        """Leave one event, or all of the aggregator's that are open."""
        return await self._change(lambda book, now: book.opt_out(event_id, now))

    async def opt_in(self, event_id: str | None) -> tuple[Outcome, ...]:
        """Come back to one event, or to all of the aggregator's that are open."""
        return await self._change(lambda book, now: book.opt_in(event_id, now))

    async def advance(self) -> None:
        """Start and end the events whose time has come, and report what was measured."""
        if not self.book.records:
            return
        await self._change(self._advance_book)
        await self._report_measurements()

    def sample(self, reading: MeterReading, *, limit_kept: bool | None) -> None:
        """Note a meter reading: for the baseline before an event, for energy and limit while one runs."""
        self._recent.append((reading.time, reading.power_w))
        while self._recent[0][0] < reading.time - BASELINE_WINDOW:
            self._recent.popleft()
        if (last := self._last_reading) is not None and reading.time > last.time:
            seconds = min((reading.time - last.time).total_seconds(), LONGEST_SAMPLE_S)
            self._energy_wh += (reading.power_w + last.power_w) / 2 * seconds / 3600
            self._measured_s += seconds
            self._kept_s += seconds if limit_kept is not False else 0.0
        self._last_reading = reading

    def _parse_options(self, ven_id: str) -> _ParseOptions:
        return {
            "ven_id": ven_id,
            "now": self._clock(),
            "grid_operator_programs": self._grid_operator_programs,
            # The id is the seed: the same event is shifted by the same time after a restart.
            "random": lambda event_id: random.Random(event_id).random(),  # noqa: S311 # not a secret
        }

    async def _take(self, item: Notification | Refusal) -> None:
        if isinstance(item, Refusal):
            _LOGGER.warning("A message of the aggregator is refused: %s", item.message)
            report = refusal_report(item, ven_id=self._ven_id or "", at=self._clock())
            await self._store.save((), [_outgoing(report, self._clock())])
            self._wake_link()
        else:
            await self._change(lambda book, now: book.receive(item, now, participating=self.participating))

    async def _change(self, change: Callable[[EventBook, datetime], Change]) -> tuple[Outcome, ...]:
        """Apply a change to the book: first durable, then in force, then told."""
        async with self._lock:
            book, outcomes = change(self.book, self._clock())
            changed = [outcome for outcome in outcomes if isinstance(outcome, StatusChanged)]
            if outcomes:
                book = book.prune(self._clock(), KEEP_RECORDS)
                await self._persist(book, outcomes, changed)
            self.book = book
        for outcome in changed:
            _LOGGER.info("Event %s is %s", outcome.record.event.event_id, outcome.record.status)
            self._on_status(outcome)
        return outcomes

    async def _persist(
        self, book: EventBook, outcomes: Sequence[Outcome], changed: Sequence[StatusChanged]
    ) -> None:
        """Write what the outcomes left in the book, and the reports of them, in one transaction."""
        now = self._clock()
        reports = [_outgoing(report, now) for outcome in changed for report in self._reports_of(outcome, now)]
        event_ids = [outcome.record.event.event_id for outcome in outcomes]
        records = [book.records[event_id] for event_id in event_ids if event_id in book.records]
        known = self.book.records
        await self._store.save(
            _rows(record for record in records if record is not known.get(record.event.event_id)), reports
        )
        if gone := set(known) - set(book.records):
            await self._store.delete_records(gone)
        if reports:
            self._wake_link()

    def _reports_of(self, outcome: StatusChanged, now: datetime) -> Iterable[Document]:
        """Return what the aggregator is told of a change: nothing of the resident's own events."""
        record = outcome.record
        if self._ven_id is None or record.event.source is Source.RESIDENT:
            return
        if outcome.previous is None:
            yield acknowledgement_report(record, ven_id=self._ven_id, at=now)
        else:
            yield status_report(record, previous=outcome.previous, ven_id=self._ven_id, at=now)
        if record.status in ENDED and record.started is not None:
            yield settlement_report(record, ven_id=self._ven_id, at=now)

    def _advance_book(self, book: EventBook, now: datetime) -> Change:
        """Count what was measured for the running events, then start and end events."""
        energy_wh, self._energy_wh = self._energy_wh, 0.0
        measured_s, self._measured_s = self._measured_s, 0.0
        kept_s, self._kept_s = self._kept_s, 0.0
        for record in book.records.values():
            if record.status is EventStatus.STARTED and measured_s:
                book = book.with_measurement(
                    record.event.event_id,
                    energy_wh=record.energy_wh + energy_wh,
                    measured_s=record.measured_s + measured_s,
                    kept_s=record.kept_s + kept_s,
                )
        return self._with_baselines(*book.advance(now))

    def _with_baselines(self, book: EventBook, outcomes: tuple[Outcome, ...]) -> Change:
        """Give each event that starts its baseline: the mean power of the last minute."""
        for outcome in outcomes:
            record = outcome.record
            if record.status is EventStatus.STARTED and record.baseline_w is None and self._recent:
                mean_w = sum(power_w for _, power_w in self._recent) / len(self._recent)
                book = book.with_measurement(record.event.event_id, baseline_w=mean_w)
        return book, outcomes

    async def _report_measurements(self) -> None:
        """Report and remember every ten seconds what the running events have brought so far."""
        now = self._clock()
        running = [record for record in self.book.records.values() if record.status is EventStatus.STARTED]
        if not running or (self._reported_at and now < self._reported_at + MEASUREMENT_INTERVAL):
            return
        self._reported_at = now
        reports: list[OutgoingReport] = []
        if self._ven_id is not None and self._last_reading is not None:
            reports = [
                _outgoing(
                    measurement_report(
                        record, ven_id=self._ven_id, at=now, demand_w=self._last_reading.power_w
                    ),
                    now,
                )
                for record in running
                if record.event.source is not Source.RESIDENT
            ]
        await self._store.save(_rows(running), reports)
        if reports:
            self._wake_link()


def _rows(records: Iterable[EventRecord]) -> list[tuple[str, str]]:
    return [(record.event.event_id, record_to_json(record)) for record in records]


def _outgoing(report: Document, now: datetime) -> OutgoingReport:
    identifier = report["object"]["id"]  # type: ignore[index, call-overload] # our own report: an object with an id
    return OutgoingReport(
        id=str(identifier), payload=json.dumps(report, allow_nan=False).encode(), expires=now + KEEP_REPORTS
    )
