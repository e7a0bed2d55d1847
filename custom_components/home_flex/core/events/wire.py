"""What comes from the aggregator: OpenADR 3.1 notifications of events, read into our model or refused.

Sources: OpenADR 3.1.1 ``notification``, ``event``, ``interval``; docs/asyncapi.yaml for topics and reasons.
Nothing but Refusal is ever raised for what a message holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .fields import JsonObject, decode, json_array, json_object, object_id, text, whole_number
from .model import Event, Interval, Source
from .payloads import parse_payloads, parse_units
from .refusal import Refusal, RefusalReason
from .timing import check_bounds, parse_stamp, resolve_windows

__all__ = ["Notification", "Operation", "Refusal", "RefusalReason", "parse_events", "parse_notification"]

MAX_PAYLOAD_BYTES: Final = 64 * 1024
MAX_EVENTS: Final = 200
MAX_INTERVALS: Final = 288
_MAX_TARGETS: Final = 256
_INT32: Final = 2**31


class Operation(StrEnum):
    """What happened to the event at the aggregator (OpenADR 3.1 notification.operation, without READ)."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """A message about one event: ``event`` is None when it was deleted, ``modified`` is its modification."""

    operation: Operation
    event: Event | None
    event_id: str
    modified: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """What reading an event needs besides the event."""

    ven_id: str
    now: datetime
    grid_operator_programs: frozenset[str]
    random: Callable[[str], float]

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
        self._check_targets(fields.get("targets"))
        event = None if operation is Operation.DELETE else self._event(event_id, modified, fields)
        return Notification(operation=operation, event=event, event_id=event_id, modified=modified)

    def _check_targets(self, value: object) -> None:
        if value is None or value == []:
            return
        targets = json_array(value, "targets")
        if len(targets) > _MAX_TARGETS:
            raise Refusal(RefusalReason.MALFORMED, "targets")
        if self.ven_id not in [text(target, "targets") for target in targets]:
            raise Refusal(RefusalReason.NOT_FOR_THIS_VEN)

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
            intervals=self._intervals(event_id, fields),
        )

    def _intervals(self, event_id: str, fields: JsonObject) -> tuple[Interval, ...]:
        entries = json_array(fields.get("intervals"), "intervals")
        if not 1 <= len(entries) <= MAX_INTERVALS:
            raise Refusal(RefusalReason.TOO_MANY_INTERVALS, str(len(entries)))
        objects = [json_object(entry, "intervals") for entry in entries]
        windows = resolve_windows(fields, objects, self.now)
        check_bounds(windows, self.now)
        units = parse_units(fields.get("payloadDescriptors"))
        fraction = self.random(event_id)
        intervals = []
        for interval, window in zip(objects, windows, strict=True):
            start, end = window.shifted(fraction)
            intervals.append(
                Interval(
                    id=whole_number(interval.get("id"), "intervals.id", minimum=-_INT32, maximum=_INT32 - 1),
                    start=start,
                    end=end,
                    payloads=parse_payloads(interval.get("payloads"), units),
                )
            )
        return tuple(sorted(intervals, key=lambda interval: interval.start))


def parse_notification(
    payload: bytes,
    *,
    ven_id: str,
    now: datetime,
    operation: Operation | None,
    grid_operator_programs: frozenset[str] = frozenset(),
    random: Callable[[str], float],
) -> Notification:
    """Read a notification of at most 64 KiB, received now.

    ``operation`` is what the topic says (None: any), and must be that of the message. ``random`` gives a
    number from 0 to 1 for an event id, the same each time, for randomizeStart. Events of
    ``grid_operator_programs`` are the grid operator's. Raises Refusal.
    """
    document = json_object(decode(payload, max_bytes=MAX_PAYLOAD_BYTES), "notification")
    try:
        told = _operation(document, operation)
    except Refusal as refusal:
        raise _about(refusal, document.get("object")) from None
    reader = _Reader(ven_id=ven_id, now=now, grid_operator_programs=grid_operator_programs, random=random)
    return reader.notification(told, document.get("object"))


def parse_events(
    payload: bytes,
    *,
    ven_id: str,
    now: datetime,
    grid_operator_programs: frozenset[str] = frozenset(),
    random: Callable[[str], float],
) -> tuple[Notification | Refusal, ...]:
    """Read the answer to the request for open events: an object with ``events``, or the bare array of them.

    Each event of an answer of at most 64 KiB is read or refused on its own, as if it were created now. Never
    raises: an answer that cannot be read at all is one Refusal.
    """
    reader = _Reader(ven_id=ven_id, now=now, grid_operator_programs=grid_operator_programs, random=random)
    try:
        events = _open_events(payload)
    except Refusal as refusal:
        return (refusal,)
    return tuple(_parse_open_event(reader, event) for event in events)


def _operation(document: JsonObject, expected: Operation | None) -> Operation:
    if document.get("objectType") != "EVENT":
        raise Refusal(RefusalReason.WRONG_OBJECT_TYPE)
    told = document.get("operation")
    if not isinstance(told, str) or told not in Operation or expected not in {None, told}:
        raise Refusal(RefusalReason.WRONG_OPERATION)
    return Operation(told)


def _open_events(payload: bytes) -> list[object]:
    document = decode(payload, max_bytes=MAX_PAYLOAD_BYTES)
    events = json_array(document.get("events") if isinstance(document, dict) else document, "events")
    if len(events) > MAX_EVENTS:
        raise Refusal(RefusalReason.TOO_MANY_EVENTS, f"{len(events)} at once")
    return events


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
