"""How homes' batteries do, where their residents share it: kept as it comes, read until they share no more.

What a home measured is told as it told it: what it left out it does not know, and nothing is reckoned for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import BATTERIES, Refusal, parse_time
from ..store import Store, insert_into
from ..store.tables import SharedBatteries
from ..wire.reports import Report
from .sharing import LONGEST, MOST_NAME, credible, number_within, values_of

_SITE: Final = "SITE"
_MOST: Final = 32
# A number that a home tells: its name here, and the most that it can be.
_NUMBERS: Final[Mapping[str, tuple[str, float]]] = {
    "STORAGE_USABLE_CAPACITY": ("capacity_kwh", 10_000.0),
    "STORAGE_MEASURED_CAPACITY": ("measured_capacity_kwh", 10_000.0),
    "STORAGE_MEASURED_ERROR": ("measured_capacity_error", 1.0),
    "STORAGE_CHARGED": ("charged_kwh", 1e6),
    "STORAGE_DISCHARGED": ("discharged_kwh", 1e6),
    "STORAGE_CYCLES": ("cycles", 10_000.0),
    "STORAGE_ROUND_TRIP": ("round_trip", 1.0),
    "COVERAGE": ("known_share", 1.0),
    "FOLLOWED_SHARE": ("followed_share", 1.0),
}


async def keep_batteries(
    store: Store, session: AsyncSession, reports: Sequence[Report], now: datetime
) -> None:
    """Keep what homes share of their batteries by the newest of these reports and what is there."""
    newest: dict[str, dict[str, Any]] = {}
    for report in credible((each for each in reports if each.name == BATTERIES), now):
        told = _told(report)
        if told is not None:
            newest[report.ven_id] = {"ven_id": report.ven_id, "told_at": report.modified_at, **told}
    if not newest:
        return
    statement = insert_into(store, SharedBatteries)
    excluded = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["ven_id"],
            set_={name: excluded[name] for name in ("told_at", "until", "batteries")},
            where=excluded.told_at > SharedBatteries.told_at,
        ),
        list(newest.values()),
    )


def _told(report: Report) -> dict[str, Any] | None:
    """Return until when it is shared, and the batteries; None for a report that is none."""
    try:
        resources = from_json(report.payload)["object"]["resources"]
        by_name = {str(each["resourceName"]): _values(each) for each in resources[: _MOST + 1]}
        until = parse_time(by_name.pop(_SITE)["SHARED_UNTIL"], "SHARED_UNTIL")
    except AttributeError, IndexError, KeyError, TypeError, ValueError, Refusal:
        return None
    batteries = [
        {"name": name[:MOST_NAME], **_battery(values)}
        for name, values in sorted(by_name.items())
        if name.isprintable()
    ]
    return {"until": min(until, report.modified_at + LONGEST), "batteries": batteries}


def _values(resource: Mapping[str, Any]) -> dict[str, Any]:
    [interval] = resource["intervals"]
    return values_of(interval)


def _battery(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a battery: None where it was not told, or cannot be."""
    found: dict[str, Any] = {
        name: number_within(values.get(kind), 0.0, most) for kind, (name, most) in _NUMBERS.items()
    }
    capacity, measured = found["capacity_kwh"], found["measured_capacity_kwh"]
    health = round(measured / capacity, 3) if measured is not None and capacity else None
    try:
        since = parse_time(values["SINCE"], "SINCE").isoformat()
    except KeyError, Refusal:
        since = None
    return {
        **found,
        "since": since,
        "state_of_health": health,
        "known_by": None if health is None else "discharged_energy_by_charge_level",
    }
