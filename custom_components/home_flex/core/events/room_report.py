"""What it was like in rooms that the resident shares, by quarter-hour: an OpenADR 3.1 report of no event.

The types of its payloads are ours (docs/asyncapi.yaml). What is not known is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .forecast_report import NO_EVENT
from .metering_report import QUARTER
from .reports import Document, Json, derived_id, report_document, time_text

REPORT_NAME: Final = "rooms"


class RoomFigure(StrEnum):
    """What of a room can be shared: °C, relative humidity in %, and ppm."""

    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    CARBON_DIOXIDE = "carbon_dioxide"


# What each can be at home; beyond that no sensor is believed.
POSSIBLE: Final[Mapping[RoomFigure, tuple[float, float]]] = {
    RoomFigure.TEMPERATURE: (-50.0, 100.0),
    RoomFigure.HUMIDITY: (0.0, 100.0),
    RoomFigure.CARBON_DIOXIDE: (0.0, 40_000.0),
}
PAYLOADS: Final[Mapping[RoomFigure, str]] = {
    RoomFigure.TEMPERATURE: "ROOM_TEMPERATURE",
    RoomFigure.HUMIDITY: "ROOM_HUMIDITY",
    RoomFigure.CARBON_DIOXIDE: "ROOM_CARBON_DIOXIDE",
}
_UNITS: Final[Mapping[str, str]] = {
    "ROOM_TEMPERATURE": "CELSIUS",
    "ROOM_HUMIDITY": "PERCENT",
    "ROOM_CARBON_DIOXIDE": "PPM",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedRoom:
    """A room by the name that its resident gave it, shared ``until`` then; ``means``: over a quarter-hour."""

    name: str
    until: datetime
    means: Mapping[RoomFigure, float]


def room_report(rooms: Sequence[SharedRoom], start: datetime, *, ven_id: str, at: datetime) -> Document:
    """Return the report of the quarter-hour from ``start`` on; a room ``until`` then is shared no more.

    Its id follows from what it tells. Raises ValueError for no rooms.
    """
    if not rooms:
        raise ValueError("A report tells something")
    told = [f"{each.name} {each.until.isoformat()} {sorted(each.means.items())}" for each in rooms]
    kinds = {PAYLOADS[figure] for each in rooms for figure in each.means}
    return report_document(
        derived_id(ven_id, REPORT_NAME, start.isoformat(), *told),
        NO_EVENT,
        REPORT_NAME,
        {kind: {"units": unit, "readingType": "MEAN"} for kind, unit in _UNITS.items() if kind in kinds},
        [_resource(each, start) for each in rooms],
        ven_id=ven_id,
        at=at,
    )


def _resource(room: SharedRoom, start: datetime) -> Document:
    payloads: list[Json] = [{"type": "SHARED_UNTIL", "values": [time_text(room.until)]}]
    payloads += [
        {"type": PAYLOADS[figure], "values": [round(mean, 2)]} for figure, mean in room.means.items()
    ]
    period: Document = {"start": time_text(start), "duration": f"PT{QUARTER.total_seconds() // 60:.0f}M"}
    return {
        "resourceName": room.name,
        "intervals": [{"id": 0, "intervalPeriod": period, "payloads": payloads}],
    }
