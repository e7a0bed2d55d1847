"""The book of the site's events, as it is kept: each change of it is remembered, reported and told, once.

Events start, end and steer from memory. The state of an event and the report of it go to the journal
together, and from there to the disk in one transaction; only then is the report sent. Its id follows from the
event, its modification and its state, so that a repeat is known as one.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from ..core.events.book import Change, EventBook
from ..core.events.consent import Programme
from ..core.events.outcome import Outcome, StatusChanged, TurnedAway
from ..core.events.wire import Refusal
from ..core.settlement.tally import PlannedStep
from .event_measures import is_any_in_force, with_baselines, with_plan
from .event_meter import EventMeters
from .event_reports import EventReports
from .event_results import EventResults
from .journal import Journal
from .kept_events import changed_consents, changed_rows, kept_events
from .programmes import SETTING, programmes_document
from .seldom import SeldomWarnings

_LOGGER = logging.getLogger(__name__)

KEEP_RECORDS: Final = timedelta(days=30)


class KeptBook:
    """The book with what the resident said of taking part, and what became of events (``results``).

    ``meters`` say what was before an event that starts, ``planned`` what the plan of now has for the devices.
    ``on_status`` is called after each change of an event's state. ``monotonic_s`` gives seconds that only
    ever grow.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        reports: EventReports,
        results: EventResults,
        meters: EventMeters,
        planned: Callable[[], tuple[PlannedStep, ...]],
        on_status: Callable[[StatusChanged], None],
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        """Start with an empty book; ``load`` fills it."""
        self.book = EventBook()
        self.participating = True
        self.programmes: Mapping[str, Programme] = {}
        self.records_set_aside = 0
        self.results = results
        self._journal = journal
        self._reports = reports
        self._meters = meters
        self._planned = planned
        self._on_status = on_status
        self._clock = clock
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)

    async def load(self) -> None:
        """Take up what was remembered before the restart. Raises HistoryError.

        A record that cannot be read is set aside and said once; the others are taken up.
        """
        kept = await kept_events(self._journal)
        self.records_set_aside = kept.set_aside
        self.book, self.participating, self.programmes = kept.book, kept.participating, kept.programmes
        await self.results.load(self._journal.store)

    def set_participating(self, participating: bool) -> None:
        """Keep whether the resident takes part in the aggregator's events."""
        self.participating = participating
        self._journal.put_setting("participating", participating)

    def set_programme(self, program_id: str, programme: Programme) -> None:
        """Keep what the resident says of a programme."""
        self.programmes = {**self.programmes, program_id: programme}
        self._journal.put_setting(SETTING, programmes_document(self.programmes))

    def change(self, change: Callable[[EventBook, datetime], Change]) -> tuple[Outcome, ...]:
        """Apply a change to the book, hand to the journal what came of it, and tell it."""
        now = self._clock()
        before = self.book
        self.note_disturbance(before)
        book, outcomes = change(before, now)
        changed = [outcome for outcome in outcomes if isinstance(outcome, StatusChanged)]
        if changed:
            book = with_plan(book, changed, self._planned)
            book = with_baselines(book, changed, self._meters).prune(now, KEEP_RECORDS)
        self.book = book
        self.note_disturbance(book)
        if self.book is not before:
            self._remember(before, changed, now)
        for outcome in changed:
            _LOGGER.info("Event %s is %s", outcome.record.event.event_id, outcome.record.status)
            self._on_status(outcome)
        for refused in (outcome for outcome in outcomes if isinstance(outcome, TurnedAway)):
            self._turn_away(refused)
        return outcomes

    def refuse(self, refusal: Refusal) -> None:
        """Say, here and to the aggregator, what is wrong with a message that changes nothing."""
        self._warnings.warn(refusal.reason, f"A message of the aggregator is refused: {refusal.message}")
        self._journal.put_events({}, self._reports.refusal(refusal, at=self._clock()))

    def note_disturbance(self, book: EventBook) -> None:
        """Take note that an event may move the home now: what the meters say is not the home by itself."""
        if is_any_in_force(book):
            self._meters.disturbed()

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

    def _turn_away(self, outcome: TurnedAway) -> None:
        self._warnings.warn(outcome.reason, f"Event {outcome.event_id} is refused: {outcome.reason}")
        known = self.book.records.get(outcome.event_id)
        self._journal.put_events({}, self._reports.turned_away(outcome, known, at=self._clock()))
