"""The book of events: what was asked, and where each event is in its life.

NEW → ACCEPTED | REJECTED → STARTED → SUCCEEDED | ABORTED, REVOKED at any time before the end (S2
InstructionStatus). Which message is the newer one is decided by ``modificationDateTime`` alone, a deletion
winning over the same modification, so that repeated and re-ordered deliveries end in the same state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .model import Event, EventRecord, EventStatus, Interval, Source
from .wire import Notification

MAX_RECORDS: Final = 1000
OPEN: Final = frozenset({EventStatus.NEW, EventStatus.ACCEPTED, EventStatus.STARTED})


class StatusReason(StrEnum):
    """Why an event is in its state, where the state alone does not say it (EventRecord.reason)."""

    OPTED_OUT = "opted_out"
    MISSED = "missed"
    DELETED = "deleted"
    CANCELLED = "cancelled"
    NOT_POSSIBLE = "not_possible"
    TOO_MANY_EVENTS = "too_many_events"


class Known(StrEnum):
    """Why a message changes nothing."""

    SAME_MODIFICATION = "same_modification"
    OLDER_MODIFICATION = "older_modification"
    ALREADY_ENDED = "already_ended"
    NOT_THE_AGGREGATORS = "not_the_aggregators"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusChanged:
    """A record is new, has another status, another modification, or was opted out of or in again.

    ``previous`` is None for an event that was not known.
    """

    record: EventRecord
    previous: EventStatus | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AlreadyKnown:
    """A message that tells nothing new: answer with the record, do nothing."""

    record: EventRecord
    reason: Known


type Outcome = StatusChanged | AlreadyKnown
type Change = tuple[EventBook, tuple[Outcome, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventBook:
    """All events known, by event id. Every method returns a new book and what came of it."""

    records: Mapping[str, EventRecord] = field(default_factory=dict)

    def receive(self, notification: Notification, now: datetime, *, participating: bool) -> Change:
        """Take a message about an event.

        An aggregator's event that arrives while the home does not participate is ACCEPTED but opted out of,
        so that the resident can still opt in; if nobody does it ends ABORTED. An event the home has no room
        for is REJECTED and not kept.
        """
        known = self.records.get(notification.event_id)
        if known is not None:
            if (answer := _already_known(known, notification)) is not None:
                return self, (AlreadyKnown(record=known, reason=answer),)
            if notification.event is None:
                return self._delete(known, notification.modified, now)
        event = notification.event or _tombstone(notification, now)
        record = _accept(event, known, now, participating=participating)
        if notification.event is None:
            record = replace(
                record, status=EventStatus.REVOKED, reason=StatusReason.DELETED, opted_out=False, ended=now
            )
        return self._admit(record, known, now)

    def refuse(self, event_id: str, now: datetime) -> Change:
        """Reject an accepted event that has not started: what it asks is ``not_possible`` here."""
        record = self.records.get(event_id)
        if record is None or record.status is not EventStatus.ACCEPTED:
            return self, ()
        rejected = replace(
            record, status=EventStatus.REJECTED, reason=StatusReason.NOT_POSSIBLE, opted_out=False, ended=now
        )
        return self._change([rejected], now)

    def advance(self, now: datetime) -> Change:
        """Start and end the events whose time has come.

        An event that ran to its end is SUCCEEDED, one that was opted out of at its end ABORTED ``opted_out``,
        one that passed without ever having started ABORTED ``missed``. What was delivered is the settlement's
        matter.
        """
        changed = (_advanced(record, now) for record in self.records.values() if record.status in OPEN)
        return self._change([record for record in changed if record is not None], now)

    def cancel(self, event_id: str, now: datetime) -> Change:
        """End an open event for good: REVOKED ``cancelled``. A grid operator's stays."""
        record = self.records.get(event_id)
        if record is None or record.status not in OPEN or record.event.source is Source.GRID_OPERATOR:
            return self, ()
        cancelled = replace(
            record, status=EventStatus.REVOKED, reason=StatusReason.CANCELLED, opted_out=False, ended=now
        )
        return self._change([cancelled], now)

    def opt_out(self, event_id: str | None, now: datetime) -> Change:
        """Leave one open event, or (None) all of the aggregator's. A grid operator's event stays in force."""
        return self._opt(event_id, now, opted_out=True)

    def opt_in(self, event_id: str | None, now: datetime) -> Change:
        """Come back to one open event, or (None) to all of the aggregator's."""
        return self._opt(event_id, now, opted_out=False)

    def next_change(self, now: datetime) -> datetime | None:
        """Return when the next event starts or ends or its commands change; ``now`` when something is due."""
        moments: list[datetime] = []
        for record in self.records.values():
            if record.status not in OPEN:
                continue
            if _advanced(record, now) is not None:
                return now
            for interval in record.event.intervals:
                moments.extend(moment for moment in (interval.start, interval.end) if moment > now)
        return min(moments, default=None)

    def prune(self, now: datetime, keep: timedelta) -> EventBook:
        """Forget what ended longer ago than ``keep``."""
        kept = {
            event_id: record
            for event_id, record in self.records.items()
            if record.status in OPEN or (record.ended or record.event.end) > now - keep
        }
        return self if len(kept) == len(self.records) else EventBook(records=kept)

    def with_measurement(
        self,
        event_id: str,
        *,
        baseline_w: float | None = None,
        energy_wh: float | None = None,
        kept_s: float | None = None,
        measured_s: float | None = None,
    ) -> EventBook:
        """Set what was measured for an event so far (totals; None leaves a value as it is).

        Raises KeyError for an event that is not known.
        """
        record = self.records[event_id]
        return self._with(
            [
                replace(
                    record,
                    baseline_w=record.baseline_w if baseline_w is None else baseline_w,
                    energy_wh=record.energy_wh if energy_wh is None else energy_wh,
                    kept_s=record.kept_s if kept_s is None else kept_s,
                    measured_s=record.measured_s if measured_s is None else measured_s,
                )
            ]
        )

    def _delete(self, known: EventRecord, modified: datetime, now: datetime) -> Change:
        # The deletion's time is kept even when nothing is left to end: an older version must not come back.
        event = replace(known.event, modified=modified)
        if known.status not in OPEN:
            record = replace(known, event=event)
            return self._with([record]), (AlreadyKnown(record=record, reason=Known.ALREADY_ENDED),)
        record = replace(
            known,
            event=event,
            status=EventStatus.REVOKED,
            reason=StatusReason.DELETED,
            opted_out=False,
            ended=now,
        )
        return self._change([record], now)

    def _admit(self, record: EventRecord, known: EventRecord | None, now: datetime) -> Change:
        previous = known.status if known else None
        outcome = StatusChanged(record=record, previous=previous, at=now)
        if known is not None or len(self.records) < MAX_RECORDS:
            return self._with([record]), (outcome,)
        ended = [old for old in self.records.values() if old.status not in OPEN]
        if not ended:
            rejected = replace(
                record, status=EventStatus.REJECTED, reason=StatusReason.TOO_MANY_EVENTS, ended=now
            )
            return self, (replace(outcome, record=rejected),)
        oldest = min(ended, key=lambda old: old.ended or old.event.end)
        kept = {key: old for key, old in self.records.items() if old is not oldest}
        return EventBook(records={**kept, record.event.event_id: record}), (outcome,)

    def _opt(self, event_id: str | None, now: datetime, *, opted_out: bool) -> Change:
        chosen = [
            replace(record, opted_out=opted_out, reason=StatusReason.OPTED_OUT if opted_out else None)
            for record in self.records.values()
            if record.status in OPEN
            and record.opted_out is not opted_out
            and record.event.source is not Source.GRID_OPERATOR
            and (
                record.event.source is Source.AGGREGATOR
                if event_id is None
                else record.event.event_id == event_id
            )
        ]
        return self._change(chosen, now)

    def _change(self, changed: Iterable[EventRecord], now: datetime) -> Change:
        changed = tuple(changed)
        if not changed:
            return self, ()
        outcomes = tuple(
            StatusChanged(record=record, previous=self.records[record.event.event_id].status, at=now)
            for record in changed
        )
        return self._with(changed), outcomes

    def _with(self, changed: Iterable[EventRecord]) -> EventBook:
        return EventBook(records={**self.records, **{record.event.event_id: record for record in changed}})


def _already_known(known: EventRecord, notification: Notification) -> Known | None:
    """Return why a message about a known event is no news; None when it is."""
    told_by_home = notification.event is not None and notification.event.source is Source.RESIDENT
    if (known.event.source is Source.RESIDENT) is not told_by_home:
        return Known.NOT_THE_AGGREGATORS
    if notification.modified < known.event.modified:
        return Known.OLDER_MODIFICATION
    deletes = notification.event is None and known.status is not EventStatus.REVOKED
    if notification.modified == known.event.modified and not deletes:
        return Known.SAME_MODIFICATION
    return None


def _accept(event: Event, known: EventRecord | None, now: datetime, *, participating: bool) -> EventRecord:
    """Return the record of an event or of its newer version: a running one runs on, an opt-out stays."""
    is_open = known is not None and known.status in OPEN
    if known is not None and is_open:
        opted_out = known.opted_out and event.source is not Source.GRID_OPERATOR
    else:
        opted_out = not participating and event.source is Source.AGGREGATOR
    reason = StatusReason.OPTED_OUT if opted_out else None
    if known is not None and known.status is EventStatus.STARTED and event.start <= now < event.end:
        return replace(known, event=event, opted_out=opted_out, reason=reason)
    return EventRecord(
        event=event,
        status=EventStatus.ACCEPTED,
        opted_out=opted_out,
        reason=reason,
        received=now,
    )


def _tombstone(notification: Notification, now: datetime) -> Event:
    """Return what stands for an event of which only the deletion is known: one empty moment, no command."""
    return Event(
        event_id=notification.event_id,
        program_id="",
        name=None,
        source=Source.AGGREGATOR,
        priority=None,
        created=notification.modified,
        modified=notification.modified,
        intervals=(Interval(id=0, start=now, end=now, payloads=()),),
    )


def _advanced(record: EventRecord, now: datetime) -> EventRecord | None:
    """Return the open record in its next state, None while its time has not come."""
    event = record.event
    if now >= event.end:
        if record.opted_out:
            return replace(record, status=EventStatus.ABORTED, reason=StatusReason.OPTED_OUT, ended=event.end)
        if record.status is EventStatus.STARTED:
            return replace(record, status=EventStatus.SUCCEEDED, ended=event.end)
        return replace(record, status=EventStatus.ABORTED, reason=StatusReason.MISSED, ended=event.end)
    if now >= event.start and record.status is not EventStatus.STARTED:
        return replace(record, status=EventStatus.STARTED, started=now)
    return None
