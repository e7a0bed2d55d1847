"""A record of an event as JSON text and back, exactly: how the book survives a restart."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .model import Event, EventRecord, EventStatus, Interval, Payload, PayloadType, Source


def record_to_json(record: EventRecord) -> str:
    """Return the record as JSON text."""
    return json.dumps(
        {
            "event": _event_to_dict(record.event),
            "status": record.status,
            "opted_out": record.opted_out,
            "reason": record.reason,
            "received": record.received.isoformat(),
            "started": _time_to_text(record.started),
            "ended": _time_to_text(record.ended),
            "baseline_w": record.baseline_w,
            "energy_wh": record.energy_wh,
            "kept_s": record.kept_s,
            "measured_s": record.measured_s,
        },
        allow_nan=False,
        separators=(",", ":"),
    )


def record_from_json(text: str) -> EventRecord:
    """Return the record written by ``record_to_json``. Raises ValueError when it is none."""
    try:
        document = json.loads(text)
        return EventRecord(
            event=_event_from_dict(document["event"]),
            status=EventStatus(document["status"]),
            opted_out=document["opted_out"],
            reason=document["reason"],
            received=datetime.fromisoformat(document["received"]),
            started=_time_from_text(document["started"]),
            ended=_time_from_text(document["ended"]),
            baseline_w=document["baseline_w"],
            energy_wh=document["energy_wh"],
            kept_s=document["kept_s"],
            measured_s=document["measured_s"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("This is not the record of an event") from error


def _event_to_dict(event: Event) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "program_id": event.program_id,
        "name": event.name,
        "source": event.source,
        "priority": event.priority,
        "created": event.created.isoformat(),
        "modified": event.modified.isoformat(),
        "intervals": [
            {
                "id": interval.id,
                "start": interval.start.isoformat(),
                "end": interval.end.isoformat(),
                "payloads": [
                    {"type": payload.type, "value": payload.value, "is_energy": payload.is_energy}
                    for payload in interval.payloads
                ],
            }
            for interval in event.intervals
        ],
    }


def _event_from_dict(document: Mapping[str, Any]) -> Event:
    return Event(
        event_id=document["event_id"],
        program_id=document["program_id"],
        name=document["name"],
        source=Source(document["source"]),
        priority=document["priority"],
        created=datetime.fromisoformat(document["created"]),
        modified=datetime.fromisoformat(document["modified"]),
        intervals=tuple(
            Interval(
                id=interval["id"],
                start=datetime.fromisoformat(interval["start"]),
                end=datetime.fromisoformat(interval["end"]),
                payloads=tuple(
                    Payload(
                        type=PayloadType(payload["type"]),
                        value=payload["value"],
                        is_energy=payload["is_energy"],
                    )
                    for payload in interval["payloads"]
                ),
            )
            for interval in document["intervals"]
        ),
    )


def _time_to_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time_from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
