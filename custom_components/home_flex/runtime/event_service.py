"""The events of the site: received, remembered, measured and reported, each exactly once.

Events start, end and steer from memory. The state of an event and the report of it go to the journal
together, and from there to the disk in one transaction; only then is the report sent. Its id follows from the
event, its modification and its state, so that a repeat is known as one.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from ..aggregator.link import Incoming
from ..core.events.battery_report import SharedBattery
from ..core.events.book import Change, EventBook
from ..core.events.consent import Consent, Programme
from ..core.events.forecast_report import ExpectedInterval, Storage
from ..core.events.house_rules import Household, HouseRules
from ..core.events.metering_report import Metered
from ..core.events.model import OPEN, Event, Interval
from ..core.events.outcome import Outcome, StatusChanged, TurnedAway
from ..core.events.possible import SiteEnvelope
from ..core.events.wire import Notification, OpenEvents, Operation, Refusal
from ..core.model import Scope
from ..core.settlement.receipt import Receipt
from ..core.settlement.tally import PlannedStep
from .event_inbox import EventInbox
from .event_measures import (
    holds_any,
    is_any_in_force,
    is_counted,
    running,
    unsettled,
    with_baselines,
    with_late_baselines,
    with_plan,
    with_sample,
)
from .event_meter import EventMeters, Sample
from .event_reports import EventReports
from .event_results import EventResults, settled_figures
from .event_settlement import Settlement
from .house_rules import HOUSE_RULES, house_rules_document
from .inquiry import Inquiry
from .journal import Journal
from .kept_events import changed_consents, changed_rows, kept_events, rows_of
from .measurement_pace import MeasurementPace
from .programmes import SETTING, programmes_document
from .seldom import SeldomWarnings

_LOGGER = logging.getLogger(__name__)

KEEP_RECORDS = timedelta(days=30)


class EventService:
    """Keeps the book of events and hands to the journal what must be remembered and reported.

    ``on_status`` is called after each change of an event's state, ``envelope`` tells what the site could
    be, ``ask_again`` lets the aggregator be asked for its open events once more. ``inbox`` reads what it
    sends. ``ven_id`` None: no aggregator is set up, nothing is reported. ``monotonic_s`` gives seconds that
    only ever grow, ``zone`` that of the home, for quiet hours and weeks, ``household`` how its people are.
    ``settlement`` says what came of an event, ``results`` what it said of each. ``planned`` tells what the
    plan of now has for the devices.
    """

    def __init__(  # noqa: PLR0913 # the parts of a service
        self,
        *,
        journal: Journal,
        ven_id: str | None,
        inbox: EventInbox,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        on_status: Callable[[StatusChanged], None],
        envelope: Callable[[], SiteEnvelope],
        ask_again: Callable[[], None],
        settlement: Settlement,
        planned: Callable[[], tuple[PlannedStep, ...]] = tuple,
        zone: Callable[[], tzinfo] = lambda: UTC,
        household: Callable[[], Household] = Household,
    ) -> None:
        """Start with an empty book; ``load`` fills it."""
        self.book = EventBook()
        self.participating = True
        self.programmes: Mapping[str, Programme] = {}
        self.records_set_aside = 0
        self.results = EventResults(settlement)
        self._journal = journal
        self._reports = EventReports(ven_id=ven_id)
        self._inbox = inbox
        self._inquiry = Inquiry(clock, monotonic_s)
        self.ask = self._inquiry.ask
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._on_status = on_status
        self._envelope = envelope
        self._ask_again = ask_again
        self._most_w = settlement.most_w
        self._planned = planned
        self._zone = zone
        self._household = household
        self._meters = EventMeters(monotonic_s)
        self._is_clock_settled = True
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._pace = MeasurementPace()

    async def load(self) -> None:
        """Take up what was remembered before the restart. Raises HistoryError.

        A record that cannot be read is set aside and said once; the others are taken up.
        """
        kept = await kept_events(self._journal)
        self.records_set_aside = kept.set_aside
        self.book, self.participating, self.programmes = kept.book, kept.participating, kept.programmes
        self._look_at_home()
        await self.results.load(self._journal.store)
        self._change(lambda book, now: book.end_without_group(self._inbox.group_ids, now))
        self._change(lambda book, now: book.end_unseen(now))

    @property
    def asked(self) -> datetime | None:
        """When the list of open events that is awaited was asked for; None while none is."""
        return None if self._reports.ven_id is None else self._inquiry.asked

    def receive(self, incoming: Incoming) -> None:
        """Read one message of the aggregator; what is wrong with it is reported, and changes nothing.

        A list of the open events takes back what is not in it. One that leaves out what was heard of since it
        was asked for is older than that, or that was in a queue since before: the next list tells.
        """
        if self._reports.ven_id is None:
            return
        try:
            told = self._inbox.read(incoming)
        except Refusal as refusal:
            self.refuse(refusal)
            return
        if isinstance(told, OpenEvents):
            self._take_list(told)
        else:
            self._inquiry.heard_of(told.event_id)
            self._take(told)

    def _take_list(self, told: OpenEvents) -> None:
        listed = self._inquiry.answered(told, is_open=self._is_open)
        if listed is None:
            self._warnings.warn("unasked", "A list of open events that was not asked for is ignored")
            return
        for item in told.items:
            if isinstance(item, Refusal):
                self.refuse(item)
            else:
                self._take(item)
        if (open_ids := listed.open_ids) is not None:
            self._change(lambda book, now: book.withdraw_all_but(open_ids, now))
        if listed.in_doubt:
            self._ask_again()

    def add(self, event: Event) -> tuple[Outcome, ...]:
        """Take an event asked for in the home itself, and start it if its time has come."""
        told = Notification(
            operation=Operation.CREATE, event=event, event_id=event.event_id, modified=event.modified
        )
        return self._change(lambda book, now: book.receive(told, now, participating=True))

    def cancel(self, event_id: str) -> tuple[Outcome, ...]:
        """End an event for good."""
        return self._change(lambda book, now: book.cancel(event_id, now))

    def opt_out(self, event_id: str | None) -> tuple[Outcome, ...]:
        """Leave one event, or all of the aggregator's that are open."""
        return self._change(lambda book, _: book.opt_out(event_id))

    def opt_in(self, event_id: str | None) -> tuple[Outcome, ...]:
        """Come back to one event, or to all of the aggregator's that are open."""
        return self._change(lambda book, _: book.opt_in(event_id))

    def join_partly(self, event_id: str, eased: tuple[Interval, ...]) -> tuple[Outcome, ...]:
        """Join one event with no more than what is eased of it."""
        return self._change(lambda book, _: book.join_partly(event_id, eased))

    def spare(self, event_id: str, device_id: str, *, spared: bool) -> tuple[Outcome, ...]:
        """Keep a device out of one event, or let that move it again."""
        return self._change(lambda book, _: book.spare(event_id, device_id, spared=spared))

    def stay_out(self) -> tuple[Outcome, ...]:
        """Leave the open events that the home takes part in, see ``EventBook.stay_out``."""
        return self._change(lambda book, now: book.stay_out(now))

    def participate(self, participating: bool) -> tuple[Outcome, ...]:
        """Take part in the aggregator's events but those the resident left, or in none from now on."""
        self.participating = participating
        self._journal.put_setting("participating", participating)
        return self._change(lambda book, _: book.participate(participating=participating))

    def agree(self, program_id: str, programme: Programme) -> tuple[Outcome, ...]:
        """Keep what the resident says of a programme; its open events that nothing was said of follow."""
        self.programmes = {**self.programmes, program_id: programme}
        self._journal.put_setting(SETTING, programmes_document(self.programmes))
        return self._change(
            lambda book, _: book.with_rule(program_id, programme.rule, participating=self.participating)
        )

    def words(self) -> Consent:
        """Return all that the resident said, by which also what is no event yet is answered."""
        self._look_at_home()
        return self.book.words(participating=self.participating)

    def set_house_rules(self, rules: HouseRules) -> tuple[Outcome, ...]:
        """Keep how far the home joins by itself; open events that nothing was said of follow."""
        self._journal.put_setting(HOUSE_RULES, house_rules_document(rules))
        return self._change(lambda book, _: book.with_house(rules, participating=self.participating))

    def follow_up(self, receipt: Receipt) -> None:
        """Keep a receipt that follows up an event's, and tell it where what was told is otherwise now.

        Of an event long ago it is only kept.
        """
        document: Mapping[str, Any] = receipt.document
        event_id = document["event"]["id"]
        record, before = self.book.records.get(event_id), self.results.outcomes.get(event_id)
        settled = [] if record is None else [(record, receipt)]
        is_otherwise = before is None or settled_figures(before) != settled_figures(document["results"])
        self.results.note(settled)
        reports = self._reports.settlements(settled, at=self._clock()) if is_otherwise else []
        self._journal.put_events({}, reports, receipts=[receipt])

    def advance(self, *, may_end: bool = True) -> None:
        """Start and end the events whose time has come, and report what was measured.

        ``may_end`` is False while the wall clock cannot be trusted: an event then rather lasts too long.
        """
        if not self.book.records:
            return
        self._look_at_home()
        self._is_clock_settled = may_end
        asked = self.asked
        self._change(lambda book, now: book.advance(now, may_end=may_end, asked=asked))
        self._take_late_baselines()
        self._report_measurements()
        self._settle()

    def due_in_s(self, at_most_s: float) -> float:
        """Return in how many seconds the next event starts, ends or changes its commands."""
        now = self._clock()
        moment = self.book.next_change(now)
        return at_most_s if moment is None else min(at_most_s, (moment - now).total_seconds())

    def sample(self, scope: Scope, sample: Sample) -> None:
        """Note what a scope draws: for the baseline before an event, for energy and limit while one runs.

        While the wall clock cannot be trusted nothing is placed in an event: the first word after it brings
        what came meanwhile.
        """
        self._note_disturbance(self.book)
        if holds_any(self.book, sample, self._clock()):
            self._meters.disturbed()
        last = self._meters.hear(scope, sample, is_placed=self._is_clock_settled)
        if not self._is_clock_settled:
            return
        self.book = with_sample(
            self.book,
            scope,
            last,
            sample,
            now_s=self._monotonic_s(),
            now=self._clock(),
            most_w=self._most_w,
        )

    def clock_stepped(self) -> None:
        """Take note that the wall clock was set: it is not to be trusted until it has settled."""
        self._is_clock_settled = False

    def expect(self) -> None:
        """Reckon with what the events ahead are expected to be compared, the next few of them."""
        self.results.expect(self.book.records.values(), self.programmes)

    def tell_expected(self, intervals: Sequence[ExpectedInterval], storage: Storage | None) -> None:
        """Tell the aggregator, where there is one, what the home expects and can offer."""
        self._journal.put_events({}, self._reports.forecast(intervals, storage, at=self._clock()))

    def tell_batteries(self, batteries: Sequence[SharedBattery], until: datetime) -> None:
        """Tell the aggregator, where there is one, how batteries do that the resident shares until then."""
        self._journal.put_events({}, self._reports.batteries(batteries, until, at=self._clock()))

    def tell_metered(self, event_id: str, quarters: Sequence[Metered]) -> None:
        """Tell the aggregator, where there is one, quarter-hours that an event asks for or are shared."""
        self._journal.put_events({}, self._reports.metered(event_id, quarters, at=self._clock()))

    def _is_open(self, event_id: str) -> bool:
        record = self.book.records.get(event_id)
        return record is not None and record.status in OPEN

    def _look_at_home(self) -> None:
        """Reckon quiet hours and weeks by the home's zone as it is now, and answer by how its people are."""
        house = replace(self.book.house, zone=self._zone())
        self.book = replace(self.book, house=house)
        if house.household != (household := self._household()):
            house = replace(house, household=household)
            self._change(lambda book, _: book.with_house(house, participating=self.participating))

    def _take(self, notification: Notification) -> None:
        self._look_at_home()
        self._change(
            lambda book, now: book.receive(
                notification, now, participating=self.participating, envelope=self._envelope()
            )
        )

    def refuse(self, refusal: Refusal) -> None:
        """Say, here and to the aggregator, what is wrong with a message that changes nothing."""
        self._warnings.warn(refusal.reason, f"A message of the aggregator is refused: {refusal.message}")
        self._journal.put_events({}, self._reports.refusal(refusal, at=self._clock()))

    def _turn_away(self, outcome: TurnedAway) -> None:
        self._warnings.warn(outcome.reason, f"Event {outcome.event_id} is refused: {outcome.reason}")
        known = self.book.records.get(outcome.event_id)
        self._journal.put_events({}, self._reports.turned_away(outcome, known, at=self._clock()))

    def _change(self, change: Callable[[EventBook, datetime], Change]) -> tuple[Outcome, ...]:
        """Apply a change to the book, hand to the journal what came of it, and tell it."""
        now = self._clock()
        before = self.book
        self._note_disturbance(before)
        book, outcomes = change(before, now)
        changed = [outcome for outcome in outcomes if isinstance(outcome, StatusChanged)]
        if changed:
            book = with_plan(book, changed, self._planned)
            book = with_baselines(book, changed, self._meters).prune(now, KEEP_RECORDS)
        self.book = book
        self._note_disturbance(book)
        if self.book is not before:
            self._remember(before, changed, now)
        for outcome in changed:
            _LOGGER.info("Event %s is %s", outcome.record.event.event_id, outcome.record.status)
            self._on_status(outcome)
        for refused in (outcome for outcome in outcomes if isinstance(outcome, TurnedAway)):
            self._turn_away(refused)
        return outcomes

    def _remember(self, before: EventBook, changed: Sequence[StatusChanged], now: datetime) -> None:
        """Hand over the records that changed, those forgotten, what the resident said, and the reports."""
        ids = [outcome.record.event.event_id for outcome in changed]
        parts = [outcome.first_part for outcome in changed if outcome.first_part is not None]
        settled = self.results.receipts(parts, self.programmes)
        # With its baseline a record is in the book only.
        known = [
            (outcome, self.book.records.get(event_id, outcome.record))
            for event_id, outcome in zip(ids, changed, strict=True)
        ]
        self._journal.put_events(
            changed_rows(before, self.book, ids),
            [*self._reports.settlements(settled, at=now), *self._reports.changes(known, at=now)],
            changed_consents(before, self.book, now),
            receipts=[each for _, each in settled],
        )

    def _settle(self) -> None:
        """Reckon what came of the events that are over, and keep and tell it, each once."""
        now = self._clock()
        due = [record for record in unsettled(self.book) if is_counted(record, now)]
        if not due:
            return
        settled = self.results.receipts(due, self.programmes)
        self.results.note(settled)
        done = [replace(record, is_settled=True) for record in due]
        self.book = self.book.with_records(done)
        self._journal.put_events(
            rows_of(done),
            self._reports.settlements(settled, at=now),
            receipts=[each for _, each in settled],
        )

    def _note_disturbance(self, book: EventBook) -> None:
        if is_any_in_force(book):
            self._meters.disturbed()

    def _take_late_baselines(self) -> None:
        self.book, late = with_late_baselines(self.book, self._meters.baselines_w())
        if late:
            self._journal.put_events(rows_of(self.book.records[each] for each in late))

    def _report_measurements(self) -> None:
        """Report and remember every ten seconds or so what the running events have brought so far."""
        now_s = self._monotonic_s()
        records = running(self.book)
        if not records:
            self.results.so_far = {}
            return
        if not self._pace.is_report_due(len(records), now_s):
            return
        now = self._clock()
        records = [replace(record, seen=now) for record in records] if self._is_clock_settled else records
        self.book = self.book.with_records(records)
        self.results.measure(records, self.programmes, now)
        parts = sum(len(record.tally.parts) for record in records)
        self._journal.put_events(
            rows_of(records) if self._pace.is_keeping_due(parts, now_s) else {},
            self._reports.measurements(
                records, at=now, latest_w=self._meters.latest_w(), so_far=self.results.so_far
            ),
        )
