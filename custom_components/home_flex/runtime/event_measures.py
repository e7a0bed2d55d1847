"""What the meter says, in the book of events: energy, kept limits, and the power before an event."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..core.events.book import EventBook
from ..core.events.model import EventRecord, EventStatus, PayloadType
from ..core.events.outcome import StatusChanged
from ..core.model import Scope
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


def with_measured(book: EventBook, measured: Mapping[Scope, Measured]) -> EventBook:
    """Return the book with what was measured since the last time counted for the running events."""
    return book.with_records(
        replace(
            record,
            energy_wh=record.energy_wh + new.energy_wh,
            measured_s=record.measured_s + new.measured_s,
            kept_s=record.kept_s + new.kept_s,
        )
        for record in running(book)
        if (new := measured.get(record.event.scope)) is not None and new.measured_s
    )


def with_baselines(
    book: EventBook, changed: Iterable[StatusChanged], baselines_w: Mapping[Scope, float]
) -> EventBook:
    """Return the book with the power of its scope before, where that is known, for each event that starts."""
    started = (book.records[outcome.record.event.event_id] for outcome in changed)
    return book.with_records(
        replace(record, baseline_w=baselines_w[record.event.scope])
        for record in started
        if record.status is EventStatus.STARTED
        and record.baseline_w is None
        and record.event.scope in baselines_w
    )


def with_late_baselines(book: EventBook, baselines_w: Mapping[Scope, float]) -> tuple[EventBook, list[str]]:
    """Give a running event that counts from a baseline one when the meter was silent at its start.

    Such an event asks for nothing before it has one, so that this is still the power without it. Return the
    ids of these events beside the book.
    """
    late = [
        record
        for record in running(book)
        if record.baseline_w is None and _is_relative(record) and record.event.scope in baselines_w
    ]
    book = book.with_records(replace(record, baseline_w=baselines_w[record.event.scope]) for record in late)
    return book, [record.event.event_id for record in late]


def _is_relative(record: EventRecord) -> bool:
    return PayloadType.DISPATCH_SETPOINT_RELATIVE in _types(record)


def _is_only_relative(record: EventRecord) -> bool:
    return _types(record) == {PayloadType.DISPATCH_SETPOINT_RELATIVE}


def _types(record: EventRecord) -> set[PayloadType]:
    return {payload.type for interval in record.event.intervals for payload in interval.payloads}
