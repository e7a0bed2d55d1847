"""How the home's batteries do, told because the resident shares it: an OpenADR 3.1 report of no event.

STORAGE_USABLE_CAPACITY is OpenADR's (enumerations report-payloads): here what the battery says itself.
All other types are ours (docs/asyncapi.yaml). What is not known is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .forecast_report import NO_EVENT
from .reports import SITE_RESOURCE, Document, Json, derived_id, report_document, time_text

REPORT_NAME: Final = "batteries"
_DESCRIPTORS: Final = {
    "STORAGE_USABLE_CAPACITY": {"units": "KWH"},
    "STORAGE_MEASURED_CAPACITY": {"units": "KWH", "readingType": "DIRECT_READ"},
    "STORAGE_MEASURED_ERROR": {"units": "PERCENT"},
    "STORAGE_CHARGED": {"units": "KWH", "readingType": "DIRECT_READ"},
    "STORAGE_DISCHARGED": {"units": "KWH", "readingType": "DIRECT_READ"},
    "STORAGE_ROUND_TRIP": {"units": "PERCENT"},
    "COVERAGE": {"units": "PERCENT"},
    "FOLLOWED_SHARE": {"units": "PERCENT"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedBattery:
    """A battery since ``since`` (aware): energies in Wh at its AC side, shares 0 to 1; None is not known.

    ``capacity_wh`` is what it says itself or was set up with. ``measured_wh``: what it gives from full to
    empty, which may mislead by ``measured_error``. ``round_trip``: what comes out of what went in.
    ``followed``: of orders that were judged.
    """

    name: str
    capacity_wh: int | None = None
    since: datetime | None = None
    charged_wh: int | None = None
    discharged_wh: int | None = None
    cycles: float | None = None
    round_trip: float | None = None
    known_share: float | None = None
    measured_wh: int | None = None
    measured_error: float | None = None
    followed: float | None = None


def battery_report(
    batteries: Sequence[SharedBattery], until: datetime, *, ven_id: str, at: datetime
) -> Document:
    """Return the report of ``at``; ``until``: as long as the resident shares it. One of ``at`` ends it."""
    site: dict[str, Json] = {"SHARED_UNTIL": time_text(until)}
    resources = [(SITE_RESOURCE, site), *((each.name, _values(each)) for each in batteries)]
    told = {kind for _, values in resources for kind in values}
    return report_document(
        derived_id(ven_id, REPORT_NAME, at.isoformat()),
        NO_EVENT,
        REPORT_NAME,
        {kind: how for kind, how in _DESCRIPTORS.items() if kind in told},
        [_resource(name, values) for name, values in resources],
        ven_id=ven_id,
        at=at,
    )


def _resource(name: str, values: dict[str, Json]) -> Document:
    payloads: list[Json] = [{"type": kind, "values": [value]} for kind, value in values.items()]
    return {"resourceName": name, "intervals": [{"id": 0, "payloads": payloads}]}


def _values(battery: SharedBattery) -> dict[str, Json]:
    found: dict[str, Json] = {
        "STORAGE_USABLE_CAPACITY": _kilo(battery.capacity_wh),
        "STORAGE_MEASURED_CAPACITY": _kilo(battery.measured_wh),
        "STORAGE_MEASURED_ERROR": battery.measured_error,
        "STORAGE_CHARGED": _kilo(battery.charged_wh),
        "STORAGE_DISCHARGED": _kilo(battery.discharged_wh),
        "STORAGE_CYCLES": battery.cycles,
        "STORAGE_ROUND_TRIP": battery.round_trip,
        "COVERAGE": battery.known_share,
        "FOLLOWED_SHARE": battery.followed,
        "SINCE": None if battery.since is None else time_text(battery.since),
    }
    return {kind: value for kind, value in found.items() if value is not None}


def _kilo(energy_wh: int | None) -> float | None:
    return None if energy_wh is None else energy_wh / 1000
