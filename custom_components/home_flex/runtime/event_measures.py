"""What the meter says, in the book of events: energy, kept limits, and the power before an event."""

from collections.abc import Iterable
from dataclasses import replace

from ..core.events.book import EventBook
from ..core.events.model import EventRecord, EventStatus, PayloadType
from ..core.events.outcome import StatusChanged
from .event_meter import Measured


def running(book: EventBook) -> list[EventRecord]:
    """Return the events that run."""
    return [record for record in book.records.values() if record.status is EventStatus.STARTED]


def is_any_in_force(book: EventBook) -> bool:
    """Return whether an event may move the home now; a relative one does not before it has a baseline."""
    return any(
        not record.opted_out and not (record.baseline_w is None and _is_only_relative(record))
        for record in running(book)
    )


def with_measured(book: EventBook, measured: Measured) -> EventBook:
    """Return the book with what was measured since the last time counted for the running events."""
    if not measured.measured_s:
        return book
    return book.with_records(
        replace(
            record,
            energy_wh=record.energy_wh + measured.energy_wh,
            measured_s=record.measured_s + measured.measured_s,
            kept_s=record.kept_s + measured.kept_s,
        )
        for record in running(book)
    )


def with_baselines(book: EventBook, changed: Iterable[StatusChanged], mean_w: float | None) -> EventBook:
    """Return the book with the power of the last minute without an event as baseline of each that starts."""
    if mean_w is None:
        return book
    started = (book.records[outcome.record.event.event_id] for outcome in changed)
    return book.with_records(
        replace(record, baseline_w=mean_w)
        for record in started
        if record.status is EventStatus.STARTED and record.baseline_w is None
    )


def with_late_baselines(book: EventBook, mean_w: float | None) -> tuple[EventBook, list[str]]:
    """Give a running event that counts from a baseline one when the meter was silent at its start.

    Such an event asks for nothing before it has one, so that this is still the power without it. Return the
    ids of these events beside the book.
    """
    if mean_w is None:
        return book, []
    late = [record for record in running(book) if record.baseline_w is None and _is_relative(record)]
    book = book.with_records(replace(record, baseline_w=mean_w) for record in late)
    return book, [record.event.event_id for record in late]


def _is_relative(record: EventRecord) -> bool:
    return PayloadType.DISPATCH_SETPOINT_RELATIVE in _types(record)


def _is_only_relative(record: EventRecord) -> bool:
    return _types(record) == {PayloadType.DISPATCH_SETPOINT_RELATIVE}


def _types(record: EventRecord) -> set[PayloadType]:
    return {payload.type for interval in record.event.intervals for payload in interval.payloads}
