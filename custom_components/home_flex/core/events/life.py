"""The steps in the life of one event: accepted, started, ended, left and taken back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from .consent import Answer
from .model import Event, EventRecord, EventStatus, Interval, Source
from .outcome import StatusReason
from .wire import Notification


def accepted(
    event: Event, known: EventRecord | None, now: datetime, answer: Answer
) -> tuple[EventRecord, EventRecord | None]:
    """Return the record of an event or of its newer version, and what a first part of it has come to.

    A running event runs on, or ends now when the newer version is over. One that is moved ahead, or to
    another scope, waits again, and what it did so far is a part of its own.
    """
    kept = {} if known is None else _kept(event, known)
    fresh = answered(EventRecord(event=event, status=EventStatus.ACCEPTED, received=now, **kept), answer)
    if known is None or known.status is not EventStatus.STARTED:
        return fresh, None
    running = answered(replace(known, event=event, **kept), answer)
    if now >= event.end:
        return advanced(running, now, ended=now) or running, None
    if event.start <= now and event.scope == known.event.scope:
        return running, None
    return fresh, replace(known, status=EventStatus.ABORTED, reason=StatusReason.MOVED, ended=now)


def _kept(event: Event, known: EventRecord) -> dict[str, Any]:
    """Return what a newer version leaves of the resident's word: a part only of what is asked as before."""
    is_as_before = known.event.intervals == event.intervals
    return {"eased": known.eased if is_as_before else (), "spared": known.spared}


def answered(record: EventRecord, answer: Answer) -> EventRecord:
    """Return the record as the resident left the event or came back to it."""
    return replace(record, opted_out=answer.opted_out, reason=answer.reason)


def revoked(record: EventRecord, reason: StatusReason, now: datetime) -> EventRecord:
    """Return the record of an event that was taken back before its end."""
    return replace(record, status=EventStatus.REVOKED, reason=reason, opted_out=False, ended=now)


def tombstone(notification: Notification, now: datetime) -> Event:
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


def is_unseen(record: EventRecord) -> bool:
    """Return whether nobody saw the last tenth of an event: it was not followed to its end."""
    event, seen = record.event, record.seen or record.started or record.event.start
    return event.end - seen > (event.end - event.start) / 10


def advanced(
    record: EventRecord, now: datetime, *, ended: datetime | None = None, may_start: bool = True
) -> EventRecord | None:
    """Return the open record in its next state, None while its time has not come or it may not start.

    It has ended when the event did, or at ``ended``.
    """
    event = record.event
    if now >= event.end:
        over = replace(record, ended=ended or event.end)
        if record.opted_out:
            return replace(over, status=EventStatus.ABORTED, reason=record.reason or StatusReason.OPTED_OUT)
        if record.status is EventStatus.STARTED:
            return replace(over, status=EventStatus.SUCCEEDED)
        return replace(over, status=EventStatus.ABORTED, reason=StatusReason.MISSED)
    if now >= event.start and may_start and record.status is not EventStatus.STARTED:
        return replace(record, status=EventStatus.STARTED, started=now)
    return None
