"""A record of an event as JSON text and back: how the book survives a restart, and another release.

A record is written with the version of its form and read tolerantly: what an older release did not write
has its default, what a newer one added is passed over, and payloads of a type not known here are left out.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from .model import Event, EventRecord, EventStatus, Interval, Payload, PayloadType, Source

VERSION: Final = 1


def record_to_json(record: EventRecord) -> str:
    """Return the record as JSON text."""
    return json.dumps(
        {
            "version": VERSION,
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
    """Return the record written by this release or another. Raises ValueError when it is none."""
    try:
        document = json.loads(text)
        event = _event_from_dict(document["event"])
        baseline_w = document.get("baseline_w")
        return EventRecord(
            event=event,
            status=EventStatus(document["status"]),
            opted_out=bool(document.get("opted_out", False)),
            reason=document.get("reason"),
            received=_time_from_text(document.get("received")) or event.created,
            started=_time_from_text(document.get("started")),
            ended=_time_from_text(document.get("ended")),
            baseline_w=None if baseline_w is None else float(baseline_w),
            energy_wh=float(document.get("energy_wh", 0.0)),
            kept_s=float(document.get("kept_s", 0.0)),
            measured_s=float(document.get("measured_s", 0.0)),
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
        "left_out": event.left_out,
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
    intervals = tuple(_interval_from_dict(interval) for interval in document["intervals"])
    if not intervals:
        raise ValueError("An event has at least one interval")
    modified = datetime.fromisoformat(document["modified"])
    return Event(
        event_id=document["event_id"],
        program_id=document.get("program_id", ""),
        name=document.get("name"),
        source=Source(document["source"]),
        priority=document.get("priority"),
        created=_time_from_text(document.get("created")) or modified,
        modified=modified,
        intervals=intervals,
        left_out=tuple(document.get("left_out", ())),
    )


def _interval_from_dict(document: Mapping[str, Any]) -> Interval:
    return Interval(
        id=document.get("id", 0),
        start=datetime.fromisoformat(document["start"]),
        end=datetime.fromisoformat(document["end"]),
        payloads=tuple(_payloads_from(document.get("payloads", ()))),
    )


def _payloads_from(documents: Iterable[Mapping[str, Any]]) -> Iterable[Payload]:
    for document in documents:
        if document["type"] in PayloadType:
            yield Payload(
                type=PayloadType(document["type"]),
                value=float(document["value"]),
                is_energy=bool(document.get("is_energy", False)),
            )


def _time_to_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time_from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
