"""Events, messages and records that the tests start from."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.home_flex.core.events.model import (
    Event,
    EventRecord,
    EventStatus,
    Interval,
    Payload,
    PayloadType,
    Source,
)
from custom_components.home_flex.core.events.wire import Notification, Operation, Refusal, parse_notification
from custom_components.home_flex.core.settlement.tally import Part, Tally, milliseconds

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
VEN_ID = "home-1"

EVENT: dict[str, Any] = {
    "id": "event-1",
    "objectType": "EVENT",
    "createdDateTime": "2026-11-21T11:59:00Z",
    "modificationDateTime": "2026-11-21T11:59:00Z",
    "programID": "flex",
    "eventName": "evening peak",
    "priority": 5,
    "targets": [VEN_ID],
    "payloadDescriptors": [
        {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": "IMPORT_CAPACITY_LIMIT", "units": "KW"}
    ],
    "intervalPeriod": {"start": "2026-11-21T12:10:00Z", "duration": "PT15M"},
    "intervals": [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]}],
}


def event_object(**changes: Any) -> dict[str, Any]:
    """Return the sample event with other fields; ``...`` leaves a field out."""
    fields = {**deepcopy(EVENT), **changes}
    return {name: value for name, value in fields.items() if value is not ...}


def with_payload(kind: str, *values: Any, units: str | None = None) -> dict[str, Any]:
    """Return the sample event with this one payload."""
    descriptor = {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": units}
    return event_object(
        payloadDescriptors=[descriptor] if units else None,
        intervals=[{"id": 0, "payloads": [{"type": kind, "values": list(values)}]}],
    )


def message(event: Mapping[str, Any], operation: str = "CREATE") -> bytes:
    """Return the notification of an event as it comes over the wire."""
    return json.dumps({"objectType": "EVENT", "operation": operation, "object": event}).encode()


def read(payload: bytes, *, now: datetime = NOW, fraction: float = 0.0, **options: Any) -> Notification:
    """Read a message as the home does."""
    options = {"operation": None, "random": lambda _: fraction, **options}
    return parse_notification(payload, ven_id=VEN_ID, now=now, **options)


def read_event(event: Mapping[str, Any], **options: Any) -> Event:
    """Read an event that is in order."""
    parsed = read(message(event), **options).event
    assert parsed is not None
    return parsed


def refusal_of(payload: bytes, **options: Any) -> Refusal:
    """Read a message that must be refused."""
    try:
        notification = read(payload, **options)
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"Not refused: {notification}")


def make_event(
    event_id: str = "event-1",
    *,
    kind: PayloadType = PayloadType.IMPORT_CAPACITY_LIMIT,
    value: float = 2000.0,
    start: datetime = NOW + 10 * MINUTE,
    length: timedelta = 15 * MINUTE,
    priority: int | None = None,
    source: Source = Source.AGGREGATOR,
    modified: datetime = NOW,
) -> Event:
    """Return an event of one interval."""
    return Event(
        event_id=event_id,
        program_id="flex",
        name=None,
        source=source,
        priority=priority,
        created=modified,
        modified=modified,
        intervals=(
            Interval(id=0, start=start, end=start + length, payloads=(Payload(type=kind, value=value),)),
        ),
    )


def created(event: Event) -> Notification:
    """Return the message that brings an event."""
    return Notification(
        operation=Operation.CREATE, event=event, event_id=event.event_id, modified=event.modified
    )


def deleted(event_id: str = "event-1", *, modified: datetime = NOW) -> Notification:
    """Return the message that deletes an event."""
    return Notification(operation=Operation.DELETE, event=None, event_id=event_id, modified=modified)


def tally_of(energy_wh: float, *, covered_s: int = 900, watched_s: int = 0, kept_s: int = 0) -> Tally:
    """Return what was counted of an event that started at ``NOW``."""
    part = Part(
        start_ms=milliseconds(NOW),
        energy_w_ms=round(energy_wh * 3_600_000),
        covered_ms=1000 * covered_s,
        watched_ms=1000 * watched_s,
        kept_ms=1000 * kept_s,
    )
    return Tally(parts=(part,))


def make_record(event: Event | None = None, **changes: Any) -> EventRecord:
    """Return the record of an accepted event, with other fields."""
    fields: dict[str, Any] = {"event": event or make_event(), "status": EventStatus.ACCEPTED, "received": NOW}
    return EventRecord(**{**fields, **changes})
