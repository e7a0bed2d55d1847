"""Interval energy by the meter's registers, as an event asks for it, or shared without: OpenADR 3.1 reports.

Sources: OpenADR 3.1.1 ``reportDescriptor`` (payloadType, reportIntervals SUB_INTERVALS: intervals finer than
the event's); enumerations report-payloads (USAGE, DATA_QUALITY).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .reports import SITE_RESOURCE, Document, derived_id, report_document, time_text

REPORT_NAME: Final = "metering"
QUARTER: Final = timedelta(minutes=15)
# What is not read of a request beyond so many descriptors.
_MOST_DESCRIPTORS: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Metered:
    """What the meter counted in the quarter-hour from ``start`` on (aware UTC): import minus export in Wh.

    ``is_measured``: by its registers within that time; else it is interpolated or estimated.
    """

    start: datetime
    net_wh: int
    is_measured: bool


def asks_metering(descriptors: object) -> bool:
    """Return whether an event's ``reportDescriptors`` ask for energy by intervals finer than its own.

    Other requests are left to the reports that the home makes of each event anyway.
    """
    if not isinstance(descriptors, list):
        return False
    return any(
        isinstance(each, dict)
        and each.get("payloadType") == "USAGE"
        and each.get("reportIntervals") == "SUB_INTERVALS"
        for each in descriptors[:_MOST_DESCRIPTORS]
    )


def metering_report(event_id: str, quarters: Sequence[Metered], *, ven_id: str, at: datetime) -> Document:
    """Return the report of some quarter-hours, in order of time; what is not known is left out of them.

    ``event_id`` is of the event that asks for them, or NO_EVENT.

    Its id follows from what it tells: a correction is another report, and the newer word. Raises ValueError
    for no quarter-hours.
    """
    if not quarters:
        raise ValueError("A report tells something")
    first, last = quarters[0].start, quarters[-1].start + QUARTER
    told = [f"{each.start.isoformat()} {each.net_wh} {each.is_measured}" for each in quarters]
    resource: Document = {
        "resourceName": SITE_RESOURCE,
        "intervalPeriod": {
            "start": time_text(first),
            "duration": f"PT{(last - first).total_seconds():.0f}S",
        },
        "intervals": [_interval(number, each) for number, each in enumerate(quarters)],
    }
    return report_document(
        derived_id(ven_id, event_id, REPORT_NAME, *told),
        event_id,
        REPORT_NAME,
        {"USAGE": {"units": "KWH", "readingType": "DIRECT_READ"}},
        [resource],
        ven_id=ven_id,
        at=at,
    )


def _interval(number: int, each: Metered) -> Document:
    return {
        "id": number,
        "intervalPeriod": {"start": time_text(each.start), "duration": "PT15M"},
        "payloads": [
            {"type": "USAGE", "values": [each.net_wh / 1000]},
            {"type": "DATA_QUALITY", "values": ["OK" if each.is_measured else "ESTIMATED"]},
        ],
    }
