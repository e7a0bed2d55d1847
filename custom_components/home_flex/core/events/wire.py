"""What comes from the aggregator: OpenADR 3.1 notifications of events, read into our model or refused.

Sources: OpenADR 3.1.1 ``notification``, ``event``, ``interval``; docs/asyncapi.yaml for topics and reasons.
Nothing but Refusal is ever raised for what a message holds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..model import SITE, Scope, ScopeKind
from .fields import MAX_TEXT, JsonObject, decode, json_array, json_object, object_id, text, whole_number
from .metering_report import asks_metering
from .model import OF_GROUPS, Event, Interval, Source
from .payloads import parse_payloads, parse_units
from .prices import currency_of
from .refusal import Refusal, RefusalReason
from .timing import out_of_bounds, parse_stamp, resolve_windows

__all__ = [
    "Notification",
    "OpenEvents",
    "Operation",
    "Refusal",
    "RefusalReason",
    "parse_notification",
    "parse_open_events",
]

MAX_PAYLOAD_BYTES: Final = 64 * 1024
MAX_EVENTS: Final = 200
MAX_INTERVALS: Final = 288
MAX_LEFT_OUT: Final = 8
_MAX_TARGETS: Final = 256
_INT32: Final = 2**31


class Operation(StrEnum):
    """What happened to the event at the aggregator (OpenADR 3.1 notification.operation, without READ)."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """A message about one event: ``event`` is None when it was deleted, ``modified`` is its modification.

    ``out_of_bounds`` says why the event is refused unless it is known: its time is not one for a new event.
    """

    operation: Operation
    event: Event | None
    event_id: str
    modified: datetime
    out_of_bounds: RefusalReason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenEvents:
    """The answer to the request for open events: each one read, or refused on its own.

    ``correlation`` is that of the request it answers. ``complete`` is False when an event was refused whose
    id could not be read: then what is missing may be just that one.
    """

    correlation: str
    items: tuple[Notification | Refusal, ...]

    @property
    def complete(self) -> bool:
        """Whether each event of the answer has an id."""
        return all(item.event_id is not None for item in self.items)

    @property
    def event_ids(self) -> frozenset[str]:
        """The ids of all events of the answer, also of those that were refused."""
        return frozenset(item.event_id for item in self.items if item.event_id is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """What reading an event needs besides the event."""

    ven_id: str
    now: datetime
    grid_operator_programs: frozenset[str]
    random: Callable[[str], float]
    group_ids: frozenset[str]

    def notification(self, operation: Operation, value: object) -> Notification:
        """Read an event object; what is refused says which event it was, where that could be read."""
        fields = json_object(value, "object")
        try:
            return self._notification(operation, fields)
        except Refusal as refusal:
            raise _about(refusal, fields) from None

    def _notification(self, operation: Operation, fields: JsonObject) -> Notification:
        if fields.get("objectType") != "EVENT":
            raise Refusal(RefusalReason.WRONG_OBJECT_TYPE)
        event_id = object_id(fields.get("id"), "id")
        modified = parse_stamp(fields.get("modificationDateTime"), "modificationDateTime", self.now)
        groups = self._groups(fields.get("targets"))
        if operation is Operation.DELETE:
            return Notification(operation=operation, event=None, event_id=event_id, modified=modified)
        intervals, reason, left_out = self._intervals(event_id, fields)
        event = replace(
            self._event(event_id, modified, fields),
            intervals=intervals,
            left_out=left_out,
            scope=_scope(groups, intervals),
        )
        return Notification(
            operation=operation, event=event, event_id=event_id, modified=modified, out_of_bounds=reason
        )

    def _groups(self, value: object) -> frozenset[str]:
        """Return the home's groups among the targets. Raises Refusal when neither they nor it are named."""
        if value is None or value == []:
            return frozenset()
        targets = json_array(value, "targets")
        if len(targets) > _MAX_TARGETS:
            raise Refusal(RefusalReason.MALFORMED, "targets")
        named = {text(target, "targets") for target in targets}
        groups = self.group_ids & named
        if not groups and self.ven_id not in named:
            raise Refusal(RefusalReason.NOT_FOR_THIS_VEN)
        return groups

    def _event(self, event_id: str, modified: datetime, fields: JsonObject) -> Event:
        program_id = object_id(fields.get("programID"), "programID")
        priority = fields.get("priority")
        name = fields.get("eventName")
        binding = program_id in self.grid_operator_programs
        return Event(
            event_id=event_id,
            program_id=program_id,
            name=None if name is None else text(name, "eventName"),
            source=Source.GRID_OPERATOR if binding else Source.AGGREGATOR,
            priority=None
            if priority is None
            else whole_number(priority, "priority", minimum=0, maximum=1_000_000),
            created=parse_stamp(fields.get("createdDateTime"), "createdDateTime", self.now),
            modified=modified,
            intervals=(),
            currency=currency_of(fields.get("payloadDescriptors")),
            asks_metering=asks_metering(fields.get("reportDescriptors")),
        )

    def _intervals(
        self, event_id: str, fields: JsonObject
    ) -> tuple[tuple[Interval, ...], RefusalReason | None, tuple[str, ...]]:
        """Return the intervals in order of time, whether they are out of bounds, and what they leave out."""
        entries = json_array(fields.get("intervals"), "intervals")
        if not 1 <= len(entries) <= MAX_INTERVALS:
            raise Refusal(RefusalReason.TOO_MANY_INTERVALS, str(len(entries)))
        objects = [json_object(entry, "intervals") for entry in entries]
        windows = resolve_windows(fields, objects, self.now)
        units = parse_units(fields.get("payloadDescriptors"))
        fraction = self.random(event_id)
        intervals: list[Interval] = []
        unknown: dict[str, None] = {}
        for interval, window in zip(objects, windows, strict=True):
            start, end = window.shifted(fraction)
            asked = parse_payloads(interval.get("payloads"), units)
            unknown.update(dict.fromkeys(asked.left_out))
            intervals.append(
                Interval(
                    id=whole_number(interval.get("id"), "intervals.id", minimum=-_INT32, maximum=_INT32 - 1),
                    start=start,
                    end=end,
                    payloads=asked.payloads,
                    pays_per_kwh=asked.pays_per_kwh,
                )
            )
        named = tuple(unknown)[:MAX_LEFT_OUT]
        if not any(interval.payloads for interval in intervals):
            raise Refusal(RefusalReason.UNKNOWN_PAYLOAD_TYPE, ", ".join(named)[:MAX_TEXT])
        ordered = tuple(sorted(intervals, key=lambda interval: interval.start))
        return ordered, out_of_bounds(windows, self.now), named


def parse_notification(
    payload: bytes,
    *,
    ven_id: str,
    now: datetime,
    operation: Operation | None,
    grid_operator_programs: frozenset[str] = frozenset(),
    random: Callable[[str], float],
    group_ids: frozenset[str] = frozenset(),
) -> Notification:
    """Read a notification of at most 64 KiB, received now.

    ``operation`` is what the topic says (None: any), and must be that of the message. ``random`` gives a
    number from 0 to 1 for an event id, the same each time, for randomizeStart. Events of
    ``grid_operator_programs`` are the grid operator's. An event with one of ``group_ids`` among its targets
    is asked of that group of devices. Raises Refusal.
    """
    document = json_object(decode(payload, max_bytes=MAX_PAYLOAD_BYTES), "notification")
    try:
        told = _operation(document, operation)
    except Refusal as refusal:
        raise _about(refusal, document.get("object")) from None
    reader = _Reader(
        ven_id=ven_id,
        now=now,
        grid_operator_programs=grid_operator_programs,
        random=random,
        group_ids=group_ids,
    )
    return reader.notification(told, document.get("object"))


def parse_open_events(
    payload: bytes,
    *,
    ven_id: str,
    now: datetime,
    grid_operator_programs: frozenset[str] = frozenset(),
    random: Callable[[str], float],
    group_ids: frozenset[str] = frozenset(),
) -> OpenEvents:
    """Read the answer to the request for open events: an object with ``correlation`` and ``events``.

    Each event of an answer of at most 64 KiB is read or refused on its own, as if it were created now.
    Raises Refusal for an answer that cannot be read at all.
    """
    reader = _Reader(
        ven_id=ven_id,
        now=now,
        grid_operator_programs=grid_operator_programs,
        random=random,
        group_ids=group_ids,
    )
    document = json_object(decode(payload, max_bytes=MAX_PAYLOAD_BYTES), "answer")
    correlation = text(document.get("correlation"), "correlation")
    events = json_array(document.get("events"), "events")
    if len(events) > MAX_EVENTS:
        raise Refusal(RefusalReason.TOO_MANY_EVENTS, f"{len(events)} at once")
    return OpenEvents(
        correlation=correlation, items=tuple(_parse_open_event(reader, event) for event in events)
    )


def _scope(groups: frozenset[str], intervals: Iterable[Interval]) -> Scope:
    """Return what an event is asked of. Raises Refusal for several groups, and for what no group can do."""
    if not groups:
        return SITE
    asked = {payload.type for interval in intervals for payload in interval.payloads}
    if len(groups) > 1 or not asked <= OF_GROUPS:
        raise Refusal(RefusalReason.WRONG_TARGET)
    return Scope(ScopeKind.GROUP, *groups)


def _operation(document: JsonObject, expected: Operation | None) -> Operation:
    if document.get("objectType") != "EVENT":
        raise Refusal(RefusalReason.WRONG_OBJECT_TYPE)
    told = document.get("operation")
    if not isinstance(told, str) or told not in Operation or expected not in {None, told}:
        raise Refusal(RefusalReason.WRONG_OPERATION)
    return Operation(told)


def _parse_open_event(reader: _Reader, value: object) -> Notification | Refusal:
    try:
        return reader.notification(Operation.CREATE, value)
    except Refusal as refusal:
        return refusal


def _about(refusal: Refusal, value: object) -> Refusal:
    """Return the refusal with the id and modification of the event, as far as they can be read."""
    fields = value if isinstance(value, dict) else {}
    return refusal.about(
        event_id=_readable(object_id, fields.get("id")),
        modification=_readable(text, fields.get("modificationDateTime")),
    )


def _readable(read: Callable[[object, str], str], value: object) -> str | None:
    try:
        return read(value, "")
    except Refusal:
        return None
