"""The past of a home in Home Assistant's own Energy dashboard, from what the home's series tell of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .api import HomeAssistantApi

DAYS: Final = 31
_WH_PER_KWH: Final = 1000.0
# By the dashboard's type of source: its statistics, by what the home's series call the same.
_TOLD: Final[Mapping[str, Mapping[str, str]]] = {
    "grid": {"stat_energy_from": "import", "stat_energy_to": "export"},
    "solar": {"stat_energy_from": "production"},
    "battery": {"stat_energy_from": "discharge", "stat_energy_to": "charge"},
}
_OF_DEVICES: Final = {"stat_consumption": "consumption"}


async def give_energy_past(api: HomeAssistantApi) -> None:
    """Fill in the Energy dashboard, and give Home Assistant's statistics the month behind it, by the hour."""
    await api.call("home_flex", "fill_energy_dashboard", {})
    dashboard = await api.websocket({"type": "energy/get_prefs"})
    statistics = {
        statistic: name
        for source in dashboard["energy_sources"]
        for role, name in _TOLD[source["type"]].items()
        if (statistic := source.get(role)) is not None
    } | {
        device[role]: name for device in dashboard["device_consumption"] for role, name in _OF_DEVICES.items()
    }
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = await _hours(api, now - timedelta(days=DAYS), now)
    for statistic, name in statistics.items():
        await _give(api, statistic, hours, name)


async def _hours(api: HomeAssistantApi, start: datetime, end: datetime) -> list[dict[str, Any]]:
    asked = {"kind": "energy", "group_by": "hour", "start": start.isoformat(), "end": end.isoformat()}
    answer = await api.call("home_flex", "get_statistics", asked, answers=True)
    periods: list[dict[str, Any]] = answer["periods"]
    return periods


async def _give(api: HomeAssistantApi, statistic: str, hours: list[dict[str, Any]], name: str) -> None:
    """Import one statistic; its sum ends at zero, where Home Assistant's own begins."""
    counted_wh = [hour[name] or 0 for hour in hours]
    left_wh = -sum(counted_wh)
    stats = []
    for hour, wh in zip(hours, counted_wh, strict=True):
        left_wh += wh
        start = datetime.fromisoformat(hour["start"]).astimezone(UTC).isoformat()
        stats.append({"start": start, "sum": left_wh / _WH_PER_KWH})
    metadata = {
        "has_sum": True,
        "mean_type": 0,
        "name": None,
        "source": "recorder",
        "statistic_id": statistic,
        "unit_class": "energy",
        "unit_of_measurement": "kWh",
    }
    await api.websocket({"type": "recorder/import_statistics", "metadata": metadata, "stats": stats})
