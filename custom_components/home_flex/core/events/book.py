"""The book of events: what was asked, and where each event is in its life.

NEW → ACCEPTED → STARTED → SUCCEEDED | ABORTED, REVOKED at any time before the end (S2 InstructionStatus);
an event that has ended stays ended. Which message is the newer one is decided by ``modificationDateTime``
alone, a deletion winning over the same modification, so that repeated deliveries change nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ..model import SITE
from .arrival import already_known, ended, refused, turned_away
from .awaited_list import may_start
from .consent import Consent, JoinRule
from .house_rules import HouseRules
from .life import accepted, advanced, answered, is_unseen, revoked, tombstone
from .model import OPEN, EventRecord, EventStatus, Interval, Source
from .outcome import AlreadyKnown, Outcome, StatusChanged, StatusReason
from .possible import SiteEnvelope
from .refusal import RefusalReason
from .room import with_room
from .wire import Notification

MAX_CONSENTS: Final = 5_000

type Change = tuple[EventBook, tuple[Outcome, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventBook:
    """All events known, by event id. Every method returns a new book and what came of it.

    ``consents`` is what the resident said to single events, by event id: True is yes, False is no. ``rules``:
    what is done about a program's events, by its id; automatic where nothing is said. ``house``: how far the
    home joins by itself. All three are kept apart from the records, so that no message of the aggregator can
    change them.
    """

    records: Mapping[str, EventRecord] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    rules: Mapping[str, JoinRule] = field(default_factory=dict)
    house: HouseRules = field(default_factory=HouseRules)

    def receive(
        self,
        notification: Notification,
        now: datetime,
        *,
        participating: bool,
        envelope: SiteEnvelope | None = None,
    ) -> Change:
        """Take a message about an event.

        An aggregator's event that arrives while the home does not participate is ACCEPTED but opted out of,
        so that the resident can still opt in; if nobody does it ends ABORTED. An event outside the bounds of
        time, one beyond what the site can be (``envelope``, None: not known), one the home has no room for
        and a newer version in another program are turned away. A newer version of a running event may end it.
        Where a program's rule is to ask, an event waits likewise for a yes, and so does a version that asks
        otherwise than the one a yes was said to.
        """
        known = self.records.get(notification.event_id)
        if known is not None:
            if (answer := already_known(known, notification)) is not None:
                return self, (AlreadyKnown(record=known, reason=answer),)
            if known.status not in OPEN:
                return self, (ended(known, notification),)
            if notification.event is None:
                return self._delete(known, notification.modified, now)
        if (reason := refused(notification, known, envelope)) is not None:
            return self, (turned_away(notification, reason),)
        event = notification.event or tombstone(notification, now)
        words = self.words(participating=participating)
        if known is not None and known.status is EventStatus.STARTED and not known.opted_out:
            # What runs was joined: the house's rules are about what is to come.
            words = replace(words, house=self.house.for_what_runs)
        consent = words.on(event, known)
        record, first_part = accepted(event, known, now, consent.to(event))
        if notification.event is None:
            record = revoked(record, StatusReason.DELETED, now)
        records = with_room(self.records, record)
        if records is None:
            return self, (turned_away(notification, RefusalReason.TOO_MANY_EVENTS),)
        previous = known.status if known else None
        outcome = StatusChanged(record=record, previous=previous, first_part=first_part)
        return replace(self, records=records, consents=consent.said), (outcome,)

    def withdraw_all_but(self, event_ids: AbstractSet[str], now: datetime) -> Change:
        """End the aggregator's and the grid operator's open events that are none of ``event_ids``."""
        gone = [
            revoked(record, StatusReason.WITHDRAWN, now)
            for event_id, record in self.records.items()
            if record.status in OPEN
            and record.event.source is not Source.RESIDENT
            and event_id not in event_ids
        ]
        return self._change(gone)

    def end_without_group(self, group_ids: AbstractSet[str], now: datetime) -> Change:
        """End the open events that are asked of a group that is none of ``group_ids``: nobody can do it."""
        gone = [
            replace(record, status=EventStatus.ABORTED, reason=StatusReason.GROUP_GONE, ended=now)
            for record in self.records.values()
            if record.status in OPEN and record.event.scope != SITE and record.event.scope.id not in group_ids
        ]
        return self._change(gone)

    def end_unseen(self, now: datetime) -> Change:
        """End the running events whose end the home slept through: ABORTED ``missed``.

        Of an event that was seen to run for nine tenths of its length the end is not missed.
        """
        gone = [
            replace(record, status=EventStatus.ABORTED, reason=StatusReason.MISSED, ended=record.event.end)
            for record in self.records.values()
            if record.status is EventStatus.STARTED and record.event.end <= now and is_unseen(record)
        ]
        return self._change(gone)

    def advance(self, now: datetime, *, may_end: bool = True, asked: datetime | None = None) -> Change:
        """Start and end the events whose time has come; with ``may_end`` False none ends.

        While a list of open events is awaited that was ``asked`` for, what it may take back does not start.
        An event that ran to its end is SUCCEEDED, one that was opted out of at its end ABORTED ``opted_out``,
        one that passed without ever having started ABORTED ``missed``. What was delivered is the settlement's
        matter.
        """
        changed = (
            advanced(record, now, may_start=may_start(record, asked))
            for record in self.records.values()
            if record.status in OPEN
        )
        due = [record for record in changed if record is not None and (may_end or record.status in OPEN)]
        return self._change(due)

    def cancel(self, event_id: str, now: datetime) -> Change:
        """End an open event for good: REVOKED ``cancelled``. A grid operator's stays."""
        record = self.records.get(event_id)
        if record is None or record.status not in OPEN or record.event.source is Source.GRID_OPERATOR:
            return self, ()
        return self._change([revoked(record, StatusReason.CANCELLED, now)])

    def opt_out(self, event_id: str | None) -> Change:
        """Leave one open event, or (None) all of the aggregator's. A grid operator's event stays in force."""
        return self._say(event_id, consent=False)

    def opt_in(self, event_id: str | None) -> Change:
        """Join one open event, or (None) all of the aggregator's, with all that they ask."""
        return self._say(event_id, consent=True)

    def join_partly(self, event_id: str, eased: tuple[Interval, ...]) -> Change:
        """Join one open event with no more than what is ``eased`` of it."""
        return self._said([replace(record, eased=eased) for record in self._chosen(event_id)], consent=True)

    def spare(self, event_id: str, device_id: str, *, spared: bool) -> Change:
        """Keep a device out of one open event, or let that move it again."""
        return self._change(
            [
                new
                for record in self._chosen(event_id)
                if (new := replace(record, spared=_with(record.spared, device_id, spared))) != record
            ]
        )

    def stay_out(self, now: datetime) -> Change:
        """Leave the open events that the home still takes part in: the resident's no to each.

        Of the resident's own those whose time has come: what is to begin later may begin after a pause.
        Coming back is the resident's to say, event by event or for all of the aggregator's.
        """
        chosen = [
            record
            for record in self.records.values()
            if record.status in OPEN
            and (
                record.event.source is Source.AGGREGATOR
                or (record.event.source is Source.RESIDENT and record.event.start <= now)
            )
            and (not record.opted_out or self.consents.get(record.event.event_id))
        ]
        return self._said(chosen, consent=False)

    def participate(self, *, participating: bool) -> Change:
        """Take part in the aggregator's open events but those the resident left; or in none of them.

        To take part in none is the newer word than each yes before it, and leaves each no as it is.
        """
        said = self.consents
        if not participating:
            said = {event_id: yes for event_id, yes in said.items() if not yes}
        return self._answer_anew(replace(self._words(participating=participating), said=said))

    def with_rule(self, program_id: str, rule: JoinRule, *, participating: bool) -> Change:
        """Say what is done about a program's events, also about the open ones that nothing was said of.

        Never is the newer word than each yes to one of them before it, and leaves each no as it is.
        """
        said = self.consents
        if rule is JoinRule.NEVER:
            its = {key for key, one in self.records.items() if one.event.program_id == program_id}
            said = {key: yes for key, yes in said.items() if not (yes and key in its)}
        rules = {**self.rules, program_id: rule}
        return self._answer_anew(replace(self._words(participating=participating), said=said, rules=rules))

    def with_house(self, house: HouseRules, *, participating: bool) -> Change:
        """Say how far the home joins by itself, also about the open events that nothing was said of."""
        return self._answer_anew(replace(self._words(participating=participating), house=house))

    def words(self, *, participating: bool) -> Consent:
        """Return all words that there are, with the events that the home has joined."""
        return replace(self._words(participating=participating), joined=self._joined())

    def next_change(self, now: datetime) -> datetime | None:
        """Return when, after now, the next event starts or ends or its commands change."""
        moments = (
            moment
            for record in self.records.values()
            if record.status in OPEN
            for interval in (*record.event.intervals, *record.eased)
            for moment in (interval.start, interval.end)
        )
        return min((moment for moment in moments if moment > now), default=None)

    def prune(self, now: datetime, keep: timedelta) -> EventBook:
        """Forget what ended longer ago than ``keep``, and the oldest words on events that are gone."""
        kept = {
            event_id: record
            for event_id, record in self.records.items()
            if record.status in OPEN or (record.ended or record.event.end) > now - keep
        }
        gone = [event_id for event_id in self.consents if event_id not in kept]
        forgotten = set(gone[: max(0, len(self.consents) - MAX_CONSENTS)])
        if len(kept) == len(self.records) and not forgotten:
            return self
        consents = {event_id: yes for event_id, yes in self.consents.items() if event_id not in forgotten}
        return replace(self, records=kept, consents=consents)

    def with_records(self, records: Iterable[EventRecord]) -> EventBook:
        """Return the book with records over their older selves: what was measured for them, all at once.

        Raises KeyError for an event that is not known.
        """
        newer = {record.event.event_id: record for record in records}
        if unknown := newer.keys() - self.records.keys():
            raise KeyError(*sorted(unknown))
        return replace(self, records={**self.records, **newer}) if newer else self

    def _delete(self, known: EventRecord, modified: datetime, now: datetime) -> Change:
        # The deletion's time is kept: an older version must not come back.
        event = replace(known.event, modified=modified)
        return self._change([revoked(replace(known, event=event), StatusReason.DELETED, now)])

    def _say(self, event_id: str | None, *, consent: bool) -> Change:
        # Who leaves an event that was joined partly may come back to that part of it.
        chosen = [replace(record, eased=()) if consent else record for record in self._chosen(event_id)]
        return self._said(chosen, consent=consent)

    def _chosen(self, event_id: str | None) -> list[EventRecord]:
        """Return one open event that may be left, or (None) all of the aggregator's."""
        return [
            record
            for record in self.records.values()
            if record.status in OPEN
            and record.event.source is not Source.GRID_OPERATOR
            and (
                record.event.source is Source.AGGREGATOR
                if event_id is None
                else record.event.event_id == event_id
            )
        ]

    def _said(self, chosen: Sequence[EventRecord], *, consent: bool) -> Change:
        said = {**self.consents, **{record.event.event_id: consent for record in chosen}}
        # Of these each has a word of its own.
        return self._answer(chosen, replace(self._words(participating=True), said=said))

    def _words(self, *, participating: bool) -> Consent:
        """Return all words that there are."""
        return Consent(said=self.consents, rules=self.rules, participating=participating, house=self.house)

    def _joined(self) -> dict[str, datetime]:
        """Return the starts of the aggregator's events that the home takes or took part in, by their ids."""
        return {
            event_id: record.event.start
            for event_id, record in self.records.items()
            if record.event.source is Source.AGGREGATOR
            and not record.opted_out
            and record.status in {*OPEN, EventStatus.SUCCEEDED}
        }

    def _answer_anew(self, consent: Consent) -> Change:
        """Answer the aggregator's open events by all words that there are."""
        chosen = [
            record
            for record in self.records.values()
            if record.status in OPEN and record.event.source is Source.AGGREGATOR
        ]
        return self._answer(chosen, consent)

    def _answer(self, chosen: Sequence[EventRecord], consent: Consent) -> Change:
        # The earlier one has the place in its week; what runs already has its own.
        joined = self._joined()
        for record in chosen:
            if record.status is not EventStatus.STARTED:
                joined.pop(record.event.event_id, None)
        changed = []
        for record in sorted(chosen, key=lambda each: each.event.start):
            runs = record.status is EventStatus.STARTED and not record.opted_out
            house = consent.house.for_what_runs if runs else consent.house
            answer = replace(consent, joined=joined, house=house).to(record.event)
            if not answer.opted_out:
                joined[record.event.event_id] = record.event.start
            new = answered(record, answer)
            if new != self.records[record.event.event_id]:
                changed.append(new)
        book, outcomes = self._change(changed)
        return replace(book, consents=consent.said, rules=consent.rules, house=consent.house), outcomes

    def _change(self, changed: Sequence[EventRecord]) -> Change:
        if not changed:
            return self, ()
        outcomes = tuple(
            StatusChanged(record=record, previous=self.records[record.event.event_id].status)
            for record in changed
        )
        records = {**self.records, **{record.event.event_id: record for record in changed}}
        return replace(self, records=records), outcomes


def _with(spared: frozenset[str], device_id: str, is_spared: bool) -> frozenset[str]:
    return spared | {device_id} if is_spared else spared - {device_id}
