"""What the home expects and can offer: an OpenADR 3.1 report of the next half-hours, about no event.

BASELINE, USAGE_FORECAST, UP_REGULATION_AVAILABLE, DOWN_REGULATION_AVAILABLE, LOAD_SHED_DELTA_AVAILABLE and
the STORAGE_ types are those of OpenADR 3.1.1 (enumerations report-payloads), _CURVE and _ENERGY ours.
Power at the meter in KW, positive = consumption; what is available is a magnitude.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .reports import SITE_RESOURCE, Document, Json, derived_id, report_document, time_text

REPORT_NAME: Final = "forecast"
# A report names an event; this one is about none.
NO_EVENT: Final = "none"
_POWER: Final = {"units": "KW", "readingType": "FORECAST"}
_DESCRIPTORS: Final[Mapping[str, Mapping[str, str]]] = {
    "BASELINE": _POWER,
    "USAGE_FORECAST": {"units": "KWH", "readingType": "FORECAST"},
    "UP_REGULATION_AVAILABLE": _POWER,
    "DOWN_REGULATION_AVAILABLE": _POWER,
    "LOAD_SHED_DELTA_AVAILABLE": _POWER,
    "UP_REGULATION_CURVE": _POWER,
    "DOWN_REGULATION_CURVE": _POWER,
    "UP_REGULATION_ENERGY": {"units": "KWH", "readingType": "FORECAST"},
    "DOWN_REGULATION_ENERGY": {"units": "KWH", "readingType": "FORECAST"},
    "STORAGE_CHARGE_LEVEL": {"units": "PERCENT", "readingType": "DIRECT_READ"},
    "STORAGE_USABLE_CAPACITY": {"units": "KWH", "readingType": "DIRECT_READ"},
    "STORAGE_MAX_CHARGE_POWER": {"units": "KW", "readingType": "DIRECT_READ"},
    "STORAGE_MAX_DISCHARGE_POWER": {"units": "KW", "readingType": "DIRECT_READ"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """What one direction costs: ascending (power in W in all, price of a kWh beyond the point before).

    ``energy_wh``: the most that is offered in all from the interval's start on, over whatever duration.
    """

    points: tuple[tuple[float, float], ...]
    energy_wh: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedInterval:
    """What is expected from ``start`` until ``end`` (aware UTC), and what could be otherwise.

    ``baseline_w``: the mean power at the meter without what is offered. ``up_w``: how much less the home can
    draw, ``down_w`` how much more, each for the whole interval; None where that was not reckoned. ``up`` and
    ``down``: at which price; None where nothing is offered.
    """

    start: datetime
    end: datetime
    baseline_w: float
    up_w: float | None = None
    down_w: float | None = None
    up: Priced | None = None
    down: Priced | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """The batteries of the home together: what they hold and can hold in Wh, and their powers in W."""

    stored_wh: float
    capacity_wh: float
    charge_w: float
    discharge_w: float


def forecast_report(
    intervals: Sequence[ExpectedInterval], storage: Storage | None, *, ven_id: str, at: datetime
) -> Document:
    """Return the report; ``storage`` is told as of the first interval. Raises ValueError for no intervals."""
    if not intervals:
        raise ValueError("A forecast has intervals")
    rows = [_interval(index, each, storage if index == 0 else None) for index, each in enumerate(intervals)]
    told = {kind for _, values in rows for kind in values}
    start, end = intervals[0].start, intervals[-1].end
    resource: Document = {
        "resourceName": SITE_RESOURCE,
        "intervalPeriod": _period(start, end),
        "intervals": [
            {**head, "payloads": [{"type": kind, "values": value} for kind, value in values.items()]}
            for head, values in rows
        ],
    }
    return report_document(
        derived_id(ven_id, REPORT_NAME, at.isoformat()),
        NO_EVENT,
        REPORT_NAME,
        {kind: how for kind, how in _DESCRIPTORS.items() if kind in told},
        [resource],
        ven_id=ven_id,
        at=at,
    )


def _interval(
    index: int, each: ExpectedInterval, storage: Storage | None
) -> tuple[dict[str, Json], dict[str, list[float]]]:
    hours = (each.end - each.start).total_seconds() / 3600
    values = {"BASELINE": [_kilo(each.baseline_w)], "USAGE_FORECAST": [_kilo(each.baseline_w * hours)]}
    if each.up_w is not None:
        values["UP_REGULATION_AVAILABLE"] = [_kilo(each.up_w)]
        values["LOAD_SHED_DELTA_AVAILABLE"] = [_kilo(each.up_w)]
    if each.down_w is not None:
        values["DOWN_REGULATION_AVAILABLE"] = [_kilo(each.down_w)]
    for name, priced in (("UP_REGULATION", each.up), ("DOWN_REGULATION", each.down)):
        if priced is not None:
            values[f"{name}_CURVE"] = [
                value for power_w, price in priced.points for value in (_kilo(power_w), round(price, 6))
            ]
            values[f"{name}_ENERGY"] = [_kilo(priced.energy_wh)]
    if storage is not None and storage.capacity_wh > 0.0:
        values["STORAGE_CHARGE_LEVEL"] = [round(storage.stored_wh / storage.capacity_wh, 4)]
        values["STORAGE_USABLE_CAPACITY"] = [_kilo(storage.capacity_wh)]
        values["STORAGE_MAX_CHARGE_POWER"] = [_kilo(storage.charge_w)]
        values["STORAGE_MAX_DISCHARGE_POWER"] = [_kilo(storage.discharge_w)]
    return {"id": index, "intervalPeriod": _period(each.start, each.end)}, values


def _period(start: datetime, end: datetime) -> dict[str, Json]:
    return {"start": time_text(start), "duration": f"PT{(end - start).total_seconds():.3f}S"}


def _kilo(value: float) -> float:
    return round(value / 1000, 6)
