"""What the meter says, in the book of events: what was counted, what was kept, and the power before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..core.control.commands import demands
from ..core.control.outcome import effective, keeps
from ..core.events.book import EventBook
from ..core.events.model import OPEN, Event, EventRecord, EventStatus, PayloadType
from ..core.events.outcome import StatusChanged
from ..core.events.schedule import commands_at
from ..core.model import Scope
from ..core.settlement.tally import PlannedStep, Stretch, Tally, Watched, counted, cuts, milliseconds
from .event_meter import (
    LONGEST_WATCHED_S,
    OLDEST_BASELINE_S,
    EventMeters,
    Heard,
    Sample,
    between,
    energy_w_ms,
)

# Of an event that is over nothing comes any more after this.
LATEST_S: Final = 60.0
_MOMENT: Final = timedelta(milliseconds=1)


def running(book: EventBook) -> list[EventRecord]:
    """Return the events that run."""
    return [record for record in book.records.values() if record.status is EventStatus.STARTED]


def unsettled(book: EventBook) -> list[EventRecord]:
    """Return the events that ran and of which it was not told yet what came of them."""
    return [
        record
        for record in book.records.values()
        if record.started is not None and record.ended is not None and not record.is_settled
    ]


def is_any_in_force(book: EventBook) -> bool:
    """Return whether an event may move the home now; a relative one does not before it has a baseline."""
    return any(
        not record.opted_out and not (record.baseline_w is None and _is_only_relative(record))
        for record in running(book)
    )


def holds_any(book: EventBook, sample: Sample, now: datetime) -> bool:
    """Return whether an event still holds a device: it runs, or what it wrote was not taken back yet.

    A device that is still held after an hour is held for good: then that is the home as it is.
    """
    held = [book.records.get(each.moved_by) for each in sample.devices if each.moved_by is not None]
    return any(
        record.ended is None or (now - record.ended).total_seconds() < OLDEST_BASELINE_S
        for record in held
        if record is not None
    )


def with_sample(
    book: EventBook,
    scope: Scope,
    last: Heard | None,
    sample: Sample,
    *,
    now_s: float,
    now: datetime,
    most_w: float,
) -> EventBook:
    """Return the book with what came since the last word of a scope counted for its events."""
    return book.with_records(
        replace(record, tally=_counted(record, last, sample, now_s=now_s, now=now, most_w=most_w))
        for record in (*running(book), *unsettled(book))
        if record.event.scope == scope
    )


def is_counted(record: EventRecord, now: datetime) -> bool:
    """Return whether nothing is to be counted any more of an event that is over."""
    if record.ended is None:
        return False
    until_ms = record.tally.until_ms
    if until_ms is not None and until_ms >= milliseconds(record.ended):
        return True
    return (now - record.ended).total_seconds() >= LATEST_S


def with_plan(
    book: EventBook, changed: Iterable[StatusChanged], planned: Callable[[], tuple[PlannedStep, ...]]
) -> EventBook:
    """Return the book with what the plan has now for the time of each event that is newly announced."""
    announced = [
        record
        for outcome in changed
        if (record := book.records.get(outcome.record.event.event_id)) is not None
        and record.status in OPEN
        and record.tally.planned is None
    ]
    if not announced:
        return book
    steps = planned()
    return book.with_records(
        replace(record, tally=replace(record.tally, planned=_of_time(steps, record.event)))
        for record in announced
    )


def _of_time(steps: Iterable[PlannedStep], event: Event) -> tuple[PlannedStep, ...]:
    start_ms, end_ms = milliseconds(event.start), milliseconds(event.end)
    return tuple(each for each in steps if each.start_ms < end_ms and start_ms < each.end_ms)


def with_baselines(book: EventBook, changed: Iterable[StatusChanged], meters: EventMeters) -> EventBook:
    """Return the book with the power and the devices before, as far as known, for each event that starts."""
    baselines_w = meters.baselines_w()
    started = (book.records[outcome.record.event.event_id] for outcome in changed)
    return book.with_records(
        replace(
            record,
            baseline_w=baselines_w[record.event.scope],
            tally=replace(record.tally, before=meters.before(record.event.scope)),
        )
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


def watched(record: EventRecord, now: datetime, sample: Sample) -> Watched:
    """Return what an event asks of the power of its scope, and whether that is kept; left or eased, too."""
    followed = replace(record, opted_out=False, eased=(), status=EventStatus.STARTED)
    book = EventBook(records={record.event.event_id: followed})
    asked = [each for each in demands(commands_at(book, now), now) if each.scope == record.event.scope]
    is_kept = keeps(asked, sample.power_w, counted_w=sample.counted_w)
    if is_kept is None:
        return Watched()
    envelopes = effective(asked)
    low_w = max(each.low_w for each in envelopes)
    high_w = min(each.high_w for each in envelopes)
    high_power_w = sample.power_w if low_w == high_w else sample.counted_w
    return Watched(
        low_w=_whole(low_w),
        high_w=_whole(high_w),
        is_kept=is_kept,
        exceeded_w=round(max(high_power_w - high_w, low_w - sample.power_w, 0.0)),
    )


def _counted(
    record: EventRecord, last: Heard | None, sample: Sample, *, now_s: float, now: datetime, most_w: float
) -> Tally:
    event, tally = record.event, record.tally
    end = record.ended or event.end
    parts = cuts(milliseconds(event.start), milliseconds(end), edges_ms(event))
    stretch = _stretch(record, last, sample, now_s=now_s, now=now, most_w=most_w)
    tally = tally if stretch is None else counted(tally, stretch, parts)
    moved = _moved(record, sample) - tally.steered
    known = {each.device_id for each in tally.before}
    return replace(
        tally,
        until_ms=milliseconds(now),
        import_wh=sample.import_wh,
        export_wh=sample.export_wh,
        steered=tally.steered | (moved & known),
        others_steered=tally.others_steered or bool(moved - known),
    )


def _stretch(
    record: EventRecord, last: Heard | None, sample: Sample, *, now_s: float, now: datetime, most_w: float
) -> Stretch | None:
    """Return what came since the meter's last word; after a restart since the last that was kept."""
    tally, now_ms = record.tally, milliseconds(now)
    if last is not None:
        stretch = between(last, sample, now_s, now_ms)
        import_wh, export_wh = last.sample.import_wh, last.sample.export_wh
    elif tally.until_ms is not None:
        stretch = Stretch(start_ms=tally.until_ms, end_ms=now_ms, energy_w_ms=None)
        import_wh, export_wh = tally.import_wh, tally.export_wh
    else:
        return None
    length_s = (stretch.end_ms - stretch.start_ms) / 1000
    by_register = energy_w_ms(
        sample, import_wh=import_wh, export_wh=export_wh, length_s=length_s, most_w=most_w
    )
    if by_register is not None:
        stretch = replace(stretch, energy_w_ms=by_register, is_by_power=False)
    return replace(
        stretch,
        watched=_watched(record, last, sample, now) if length_s <= LONGEST_WATCHED_S else None,
        opted_out=record.opted_out,
        plugged_w=_plugged_w(record, sample),
        moved=frozenset(_moved(record, sample)),
    )


def _watched(record: EventRecord, last: Heard | None, sample: Sample, now: datetime) -> Watched | None:
    """Return what is seen of a stretch: what its end says, or after the event's end what its start said."""
    if last is None:
        return None
    end = record.ended or record.event.end
    if now < end:
        return watched(record, max(now, record.event.start), sample)
    return watched(record, end - _MOMENT, last.sample)


def edges_ms(event: Event) -> list[int]:
    """Return where the intervals of an event begin and end, in milliseconds of the UTC epoch."""
    return [milliseconds(moment) for each in event.intervals for moment in (each.start, each.end)]


def _plugged_w(record: EventRecord, sample: Sample) -> dict[str, int]:
    """Return what each car that hangs on its charger would draw: as before, or as one that comes."""
    before = {each.device_id: each.power_w for each in record.tally.before if each.is_plugged}
    return {
        each.before.device_id: before.get(each.before.device_id, each.before.arrives_w)
        for each in sample.devices
        if each.before.is_plugged
    }


def _moved(record: EventRecord, sample: Sample) -> set[str]:
    """Return the devices that hold a setpoint of the event."""
    return {each.before.device_id for each in sample.devices if each.moved_by == record.event.event_id}


def _whole(power_w: float) -> int | None:
    return round(power_w) if abs(power_w) < 1e9 else None


def _is_relative(record: EventRecord) -> bool:
    return PayloadType.DISPATCH_SETPOINT_RELATIVE in _types(record)


def _is_only_relative(record: EventRecord) -> bool:
    return _types(record) == {PayloadType.DISPATCH_SETPOINT_RELATIVE}


def _types(record: EventRecord) -> set[PayloadType]:
    return {payload.type for interval in record.event.intervals for payload in interval.payloads}
