"""The past of a home in Home Assistant's own Energy dashboard, from what the home's series tell of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.statistics.registers import CONSUMPTION
from custom_components.home_flex.energy_history import told_by_dashboard

from .api import HomeAssistantApi

DAYS: Final = 31
_WH_PER_KWH: Final = 1000.0
# The demo's home has one device of each kind.
_DEVICES: Final = {kind: [kind.value] for kind in (DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY)}


async def give_energy_past(api: HomeAssistantApi) -> None:
    """Fill in the Energy dashboard, and give Home Assistant's statistics the month behind it, by the hour."""
    await api.call("home_flex", "fill_energy_dashboard", {})
    dashboard = await api.websocket({"type": "energy/get_prefs"})
    told = told_by_dashboard(dashboard["energy_sources"], _DEVICES)
    statistics = {statistic: key.name for key, statistic in told.items()} | {
        device["stat_consumption"]: CONSUMPTION for device in dashboard["device_consumption"]
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
