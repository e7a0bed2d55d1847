"""OpenADR 3.1 objects that the aggregator sends: built here, described in docs/asyncapi.yaml."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from .quantities import iso_duration, iso_time

type Document = dict[str, Any]

UNITS = {
    "IMPORT_CAPACITY_LIMIT": "KW",
    "EXPORT_CAPACITY_LIMIT": "KW",
    "DISPATCH_SETPOINT": "KW",
    "DISPATCH_SETPOINT_RELATIVE": "KW",
    "CHARGE_STATE_SETPOINT": "PERCENT",
    "SIMPLE": None,
}


def event(  # noqa: PLR0913 # the fields of an OpenADR event
    *,
    ven_id: str,
    program_id: str,
    payloads: dict[str, float],
    start: datetime,
    duration: timedelta,
    randomize_start: timedelta | None,
    priority: int | None,
    name: str | None,
    now: datetime,
) -> Document:
    """Return an event of one interval. ``payloads``: payload type to its one value, in the units above."""
    period: Document = {"start": iso_time(start), "duration": iso_duration(duration)}
    if randomize_start:
        period["randomizeStart"] = iso_duration(randomize_start)
    return {
        "id": str(uuid4()),
        "objectType": "EVENT",
        "createdDateTime": iso_time(now),
        "modificationDateTime": iso_time(now),
        "programID": program_id,
        "eventName": name,
        "priority": priority,
        "targets": [ven_id],
        "payloadDescriptors": [
            {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": UNITS[kind]}
            for kind in payloads
            if UNITS[kind]
        ],
        "intervalPeriod": period,
        "intervals": [
            {"id": 0, "payloads": [{"type": kind, "values": [value]} for kind, value in payloads.items()]}
        ],
    }


def notification(operation: str, document: Document) -> Document:
    """Wrap an event for the wire (OpenADR 3.1, schema ``notification``)."""
    return {"objectType": "EVENT", "operation": operation, "object": document}
