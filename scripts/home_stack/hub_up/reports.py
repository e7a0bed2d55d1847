"""Reports as a home sends them, after docs/asyncapi.yaml: written anew, so that errors do not cancel."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

_UNITS: Final = {
    "DEMAND": ("KW", "DIRECT_READ"),
    "USAGE": ("KWH", "DIRECT_READ"),
    "BASELINE": ("KW", "MEAN"),
    "DELTA_USAGE": ("KWH", "DIRECT_READ"),
    "COVERAGE": ("PERCENT", "DIRECT_READ"),
    "UP_REGULATION_AVAILABLE": ("KW", "FORECAST"),
    "DOWN_REGULATION_AVAILABLE": ("KW", "FORECAST"),
    "STORAGE_CHARGE_LEVEL": ("PERCENT", "DIRECT_READ"),
    "STORAGE_USABLE_CAPACITY": ("KWH", "DIRECT_READ"),
}

type Interval = tuple[datetime, timedelta, Mapping[str, Any]]


def report(ven_id: str, event_id: str, name: str, now: datetime, intervals: Sequence[Interval]) -> bytes:
    """Return the message of a report: payload values by their types, for each interval of time."""
    stamp = _stamp(now)
    told = sorted({kind for _, _, values in intervals for kind in values if kind in _UNITS})
    first, last = intervals[0], intervals[-1]
    document = {
        "objectType": "REPORT",
        "operation": "CREATE",
        "object": {
            "id": uuid.uuid4().hex,
            "objectType": "REPORT",
            "createdDateTime": stamp,
            "modificationDateTime": stamp,
            "clientID": ven_id,
            "clientName": ven_id,
            "eventID": event_id,
            "reportName": name,
            "payloadDescriptors": [
                {
                    "objectType": "REPORT_PAYLOAD_DESCRIPTOR",
                    "payloadType": kind,
                    "units": _UNITS[kind][0],
                    "readingType": _UNITS[kind][1],
                }
                for kind in told
            ],
            "resources": [
                {
                    "resourceName": "SITE",
                    "intervalPeriod": _period(first[0], last[0] + last[1] - first[0]),
                    "intervals": [
                        {
                            "id": number,
                            "intervalPeriod": _period(start, length),
                            "payloads": [
                                {"type": kind, "values": value if isinstance(value, list) else [value]}
                                for kind, value in values.items()
                            ],
                        }
                        for number, (start, length, values) in enumerate(intervals)
                    ],
                }
            ],
        },
    }
    return json.dumps(document).encode()


def _period(start: datetime, length: timedelta) -> dict[str, str]:
    return {"start": _stamp(start), "duration": f"PT{length.total_seconds():.3f}S"}


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
