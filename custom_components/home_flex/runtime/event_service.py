"""The events of the site: what the aggregator, the resident and the time say of them, in one place."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from ..aggregator.link import Incoming
from ..core.events.battery_report import SharedBattery
from ..core.events.book import EventBook
from ..core.events.consent import Consent, Programme
from ..core.events.forecast_report import ExpectedInterval, Storage
from ..core.events.house_rules import Household, HouseRules
from ..core.events.metering_report import Metered
from ..core.events.model import OPEN, Event, Interval
from ..core.events.outcome import Outcome, StatusChanged
from ..core.events.possible import SiteEnvelope
from ..core.events.room_report import SharedRoom
from ..core.events.wire import Notification, OpenEvents, Operation, Refusal
from ..core.settlement.tally import PlannedStep
from .event_inbox import EventInbox
from .event_measuring import EventMeasuring
from .event_meter import EventMeters
from .event_reports import EventReports
from .event_results import EventResults
from .event_settlement import Settlement
from .house_rules import HOUSE_RULES, house_rules_document
from .inquiry import Inquiry
from .journal import Journal
from .kept_book import KeptBook
from .seldom import SeldomWarnings

_LOGGER = logging.getLogger(__name__)


class EventService:
    """Hears of events, lets the resident answer, and starts, measures and ends them in time.

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
        reports, meters = EventReports(ven_id=ven_id), EventMeters(monotonic_s)
        self._kept = kept = KeptBook(
            journal=journal,
            reports=reports,
            results=EventResults(settlement),
            meters=meters,
            planned=planned,
            on_status=on_status,
            clock=clock,
            monotonic_s=monotonic_s,
        )
        self._measuring = measuring = EventMeasuring(
            kept,
            journal=journal,
            reports=reports,
            meters=meters,
            most_w=settlement.most_w,
            clock=clock,
            monotonic_s=monotonic_s,
        )
        self._inquiry = Inquiry(clock, monotonic_s)
        self.results = kept.results
        self.refuse = kept.refuse
        self.sample = measuring.sample
        self.clock_stepped = measuring.clock_stepped
        self.expect = measuring.expect
        self.follow_up = measuring.follow_up
        self.ask = self._inquiry.ask
        self._journal = journal
        self._reports = reports
        self._inbox = inbox
        self._clock = clock
        self._envelope = envelope
        self._ask_again = ask_again
        self._zone = zone
        self._household = household
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)

    @property
    def book(self) -> EventBook:
        """All events that are known."""
        return self._kept.book

    @property
    def participating(self) -> bool:
        """Whether the resident takes part in the aggregator's events."""
        return self._kept.participating

    @property
    def programmes(self) -> Mapping[str, Programme]:
        """What the resident said of programmes, by their ids."""
        return self._kept.programmes

    @property
    def records_set_aside(self) -> int:
        """How many records could not be read."""
        return self._kept.records_set_aside

    async def load(self) -> None:
        """Take up what was remembered before the restart, see ``KeptBook.load``. Raises HistoryError."""
        await self._kept.load()
        self._look_at_home()
        self._kept.change(lambda book, now: book.end_without_group(self._inbox.group_ids, now))
        self._kept.change(lambda book, now: book.end_unseen(now))

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
            self._kept.change(lambda book, now: book.withdraw_all_but(open_ids, now))
        if listed.in_doubt:
            self._ask_again()

    def add(self, event: Event) -> tuple[Outcome, ...]:
        """Take an event asked for in the home itself, and start it if its time has come."""
        told = Notification(
            operation=Operation.CREATE, event=event, event_id=event.event_id, modified=event.modified
        )
        return self._kept.change(lambda book, now: book.receive(told, now, participating=True))

    def cancel(self, event_id: str) -> tuple[Outcome, ...]:
        """End an event for good."""
        return self._kept.change(lambda book, now: book.cancel(event_id, now))

    def opt_out(self, event_id: str | None) -> tuple[Outcome, ...]:
        """Leave one event, or all of the aggregator's that are open."""
        return self._kept.change(lambda book, _: book.opt_out(event_id))

    def opt_in(self, event_id: str | None) -> tuple[Outcome, ...]:
        """Come back to one event, or to all of the aggregator's that are open."""
        return self._kept.change(lambda book, _: book.opt_in(event_id))

    def join_partly(self, event_id: str, eased: tuple[Interval, ...]) -> tuple[Outcome, ...]:
        """Join one event with no more than what is eased of it."""
        return self._kept.change(lambda book, _: book.join_partly(event_id, eased))

    def spare(self, event_id: str, device_id: str, *, spared: bool) -> tuple[Outcome, ...]:
        """Keep a device out of one event, or let that move it again."""
        return self._kept.change(lambda book, _: book.spare(event_id, device_id, spared=spared))

    def stay_out(self) -> tuple[Outcome, ...]:
        """Leave the open events that the home takes part in, see ``EventBook.stay_out``."""
        return self._kept.change(lambda book, now: book.stay_out(now))

    def participate(self, participating: bool) -> tuple[Outcome, ...]:
        """Take part in the aggregator's events but those the resident left, or in none from now on."""
        self._kept.set_participating(participating)
        return self._kept.change(lambda book, _: book.participate(participating=participating))

    def agree(self, program_id: str, programme: Programme) -> tuple[Outcome, ...]:
        """Keep what the resident says of a programme; its open events that nothing was said of follow."""
        self._kept.set_programme(program_id, programme)
        return self._kept.change(
            lambda book, _: book.with_rule(program_id, programme.rule, participating=self.participating)
        )

    def words(self) -> Consent:
        """Return all that the resident said, by which also what is no event yet is answered."""
        self._look_at_home()
        return self.book.words(participating=self.participating)

    def set_house_rules(self, rules: HouseRules) -> tuple[Outcome, ...]:
        """Keep how far the home joins by itself; open events that nothing was said of follow."""
        self._journal.put_setting(HOUSE_RULES, house_rules_document(rules))
        return self._kept.change(lambda book, _: book.with_house(rules, participating=self.participating))

    def advance(self, *, may_end: bool = True) -> None:
        """Start and end the events whose time has come, and report what was measured.

        ``may_end`` is False while the wall clock cannot be trusted: an event then rather lasts too long.
        """
        if not self.book.records:
            return
        self._look_at_home()
        asked = self.asked
        self._kept.change(lambda book, now: book.advance(now, may_end=may_end, asked=asked))
        self._measuring.advance(is_clock_settled=may_end)

    def due_in_s(self, at_most_s: float) -> float:
        """Return in how many seconds the next event starts, ends or changes its commands."""
        now = self._clock()
        moment = self.book.next_change(now)
        return at_most_s if moment is None else min(at_most_s, (moment - now).total_seconds())

    def tell_expected(self, intervals: Sequence[ExpectedInterval], storage: Storage | None) -> None:
        """Tell the aggregator, where there is one, what the home expects and can offer."""
        self._journal.put_events({}, self._reports.forecast(intervals, storage, at=self._clock()))

    def tell_batteries(self, batteries: Sequence[SharedBattery], until: datetime) -> None:
        """Tell the aggregator, where there is one, how batteries do that the resident shares until then."""
        self._journal.put_events({}, self._reports.batteries(batteries, until, at=self._clock()))

    def tell_rooms(self, rooms: Sequence[SharedRoom], start: datetime) -> None:
        """Tell the aggregator, where there is one, of shared rooms in the quarter-hour from ``start`` on."""
        self._journal.put_events({}, self._reports.rooms(rooms, start, at=self._clock()))

    def tell_metered(self, event_id: str, quarters: Sequence[Metered]) -> None:
        """Tell the aggregator, where there is one, quarter-hours that an event asks for or are shared."""
        self._journal.put_events({}, self._reports.metered(event_id, quarters, at=self._clock()))

    def _is_open(self, event_id: str) -> bool:
        record = self.book.records.get(event_id)
        return record is not None and record.status in OPEN

    def _look_at_home(self) -> None:
        """Reckon quiet hours and weeks by the home's zone as it is now, and answer by how its people are."""
        house = replace(self.book.house, zone=self._zone())
        self._kept.book = replace(self.book, house=house)
        if house.household != (household := self._household()):
            house = replace(house, household=household)
            self._kept.change(lambda book, _: book.with_house(house, participating=self.participating))

    def _take(self, notification: Notification) -> None:
        self._look_at_home()
        self._kept.change(
            lambda book, now: book.receive(
                notification, now, participating=self.participating, envelope=self._envelope()
            )
        )
