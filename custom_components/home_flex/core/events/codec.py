"""A record of an event as JSON text and back: how the book survives a restart, and another release.

A record is written with the version of its form and read tolerantly: what an older release did not write
has its default, what a newer one added is passed over, and payloads of a type not known here are left out.
What is there must be what it has to be: an hour of nowhere, or a number that is none, would fail each second.
"""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ..model import SITE, Scope, ScopeKind
from ..settlement.tally_codec import tally_document, tally_from
from .model import OPEN, Event, EventRecord, EventStatus, Interval, Payload, PayloadType, Source

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
            "tally": tally_document(record.tally),
            "is_settled": record.is_settled,
            "seen": _time_to_text(record.seen),
            "eased": [_interval_to_dict(interval) for interval in record.eased],
            "spared": sorted(record.spared),
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
            opted_out=bool(document.get("opted_out")),
            reason=_text_or_none(document.get("reason")),
            received=_time_or_none(document.get("received")) or event.created,
            started=_time_or_none(document.get("started")),
            ended=_time_or_none(document.get("ended")),
            baseline_w=None if baseline_w is None else _number(baseline_w),
            tally=tally_from(document.get("tally")),
            # What an older release ended it also settled.
            is_settled=bool(document.get("is_settled", document["status"] not in OPEN)),
            seen=_time_or_none(document.get("seen")),
            eased=tuple(_interval_from_dict(each) for each in document.get("eased", ())),
            spared=frozenset(_text(each) for each in document.get("spared", ())),
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
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
        "scope": {"kind": event.scope.kind, "id": event.scope.id},
        "currency": event.currency,
        "asks_metering": event.asks_metering,
        "intervals": [_interval_to_dict(interval) for interval in event.intervals],
    }


def _interval_to_dict(interval: Interval) -> dict[str, object]:
    return {
        "id": interval.id,
        "start": interval.start.isoformat(),
        "end": interval.end.isoformat(),
        "pays_per_kwh": interval.pays_per_kwh,
        "payloads": [
            {"type": payload.type, "value": payload.value, "is_energy": payload.is_energy}
            for payload in interval.payloads
        ],
    }


def _event_from_dict(document: Mapping[str, Any]) -> Event:
    intervals = tuple(_interval_from_dict(interval) for interval in document["intervals"])
    if not intervals:
        raise ValueError("An event has at least one interval")
    modified = _time(document["modified"])
    priority = document.get("priority")
    return Event(
        event_id=_text(document["event_id"]),
        program_id=_text(document.get("program_id", "")),
        name=_text_or_none(document.get("name")),
        source=Source(document["source"]),
        priority=None if priority is None else int(_number(priority)),
        created=_time_or_none(document.get("created")) or modified,
        modified=modified,
        intervals=intervals,
        left_out=tuple(_text(each) for each in document.get("left_out", ())),
        scope=_scope_from(document.get("scope")),
        currency=_text_or_none(document.get("currency")),
        asks_metering=document.get("asks_metering") is True,
    )


def _scope_from(document: Mapping[str, Any] | None) -> Scope:
    """Return what an event is asked of; one of an unknown kind is not taken for the site."""
    return SITE if document is None else Scope(ScopeKind(document["kind"]), _text(document["id"]))


def _interval_from_dict(document: Mapping[str, Any]) -> Interval:
    start, end = _time(document["start"]), _time(document["end"])
    pays_per_kwh = document.get("pays_per_kwh")
    if end < start:
        raise ValueError("An interval ends after it starts")
    return Interval(
        id=int(_number(document.get("id", 0))),
        start=start,
        end=end,
        payloads=tuple(_payloads_from(document.get("payloads", ()))),
        pays_per_kwh=None if pays_per_kwh is None else _number(pays_per_kwh),
    )


def _payloads_from(documents: Iterable[Mapping[str, Any]]) -> Iterable[Payload]:
    for document in documents:
        if document["type"] in PayloadType:
            yield Payload(
                type=PayloadType(document["type"]),
                value=_number(document["value"]),
                is_energy=bool(document.get("is_energy")),
            )


def _time_to_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("A time of nowhere")
    # Raises OverflowError where the same moment in UTC is no date.
    return time.astimezone(UTC)


def _time_or_none(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("No number to reckon with")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        # The reader of a record gives it its sentence.
        raise TypeError
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
