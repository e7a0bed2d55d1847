"""The past of a home in Home Assistant's own Energy dashboard, from what the home's series tell of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.statistics.registers import CONSUMPTION, EXPORT, IMPORT
from custom_components.home_flex.energy_history import told_by_dashboard

from .api import HomeAssistantApi, wait_until

DAYS: Final = 31
_LONG_BEFORE: Final = timedelta(days=3650)
_WH_PER_KWH: Final = 1000.0
_KWH: Final[dict[str, str | None]] = {"unit_class": "energy", "unit_of_measurement": "kWh"}
# What the home tells of the cost of a register, and where the dashboard names its price.
_COSTS: Final = {IMPORT: "import_cost", EXPORT: "export_revenue"}
_PRICED: Final = {"stat_energy_from": "entity_energy_price", "stat_energy_to": "entity_energy_price_export"}
# The demo's home has one device of each kind.
_DEVICES: Final = {kind: [kind.value] for kind in (DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY)}


async def give_energy_past(api: HomeAssistantApi) -> None:
    """Fill in the Energy dashboard, and give Home Assistant's statistics the month behind it, by the hour.

    With what it cost: Home Assistant's own sensors of cost count only from now on.
    """
    await api.call("home_flex", "fill_energy_dashboard", {})
    dashboard = await api.websocket({"type": "energy/get_prefs"})
    told = told_by_dashboard(dashboard["energy_sources"], _DEVICES)
    statistics = {statistic: key.name for key, statistic in told.items()} | {
        device["stat_consumption"]: CONSUMPTION for device in dashboard["device_consumption"]
    }
    energy, cost = await _hours(api, "energy"), await _hours(api, "cost")
    for statistic, name in statistics.items():
        counted = [(hour[name] or 0) / _WH_PER_KWH for hour in energy]
        await _give(api, statistic, energy, counted, _KWH)
    sensors = await _cost_sensors(api, dashboard["energy_sources"])
    money: dict[str, str | None] = {"unit_class": None, "unit_of_measurement": await _currency(api)}
    for statistic, sensor in sensors.items():
        paid = [float(hour[_COSTS[statistics[statistic]]]) for hour in cost]
        await _give(api, sensor, cost, paid, money)


async def _currency(api: HomeAssistantApi) -> str:
    config: dict[str, str] = await api.get("/api/config")
    return config["currency"]


async def _cost_sensors(api: HomeAssistantApi, sources: list[dict[str, Any]]) -> dict[str, str]:
    """Wait for Home Assistant's sensors of what is paid and earned at the grid; return them by statistic."""
    priced = {
        grid[statistic]
        for grid in sources
        for statistic, price in _PRICED.items()
        if grid["type"] == "grid" and grid.get(statistic) and grid.get(price)
    }

    async def there() -> dict[str, str] | None:
        sensors: dict[str, str] = (await api.websocket({"type": "energy/info"}))["cost_sensors"]
        return {key: sensors[key] for key in priced} if priced <= set(sensors) else None

    return await wait_until(there, "the Energy dashboard's sensors of cost", timeout_s=60)


async def _hours(api: HomeAssistantApi, kind: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = now - timedelta(days=DAYS)
    asked = {"kind": kind, "group_by": "hour", "start": start.isoformat(), "end": now.isoformat()}
    answer = await api.call("home_flex", "get_statistics", asked, answers=True)
    periods: list[dict[str, Any]] = answer["periods"]
    return periods


async def _give(
    api: HomeAssistantApi,
    statistic: str,
    hours: list[dict[str, Any]],
    counted: list[float],
    unit: dict[str, str | None],
) -> None:
    """Import one statistic; its sum ends at zero, where Home Assistant's own begins.

    A first value long before keeps what it starts from out of every month that somebody looks at.
    """
    left = -sum(counted)
    first = datetime.fromisoformat(hours[0]["start"]).astimezone(UTC) - _LONG_BEFORE
    stats = [{"start": first.isoformat(), "sum": left}]
    for hour, amount in zip(hours, counted, strict=True):
        left += amount
        start = datetime.fromisoformat(hour["start"]).astimezone(UTC).isoformat()
        stats.append({"start": start, "sum": left})
    metadata = {
        "has_sum": True,
        "mean_type": 0,
        "name": None,
        "source": "recorder",
        "statistic_id": statistic,
        **unit,
    }
    await api.websocket({"type": "recorder/import_statistics", "metadata": metadata, "stats": stats})
