"""What a home measures, entered in Home Assistant's Energy dashboard where nobody has entered anything.

The dashboard's shapes and signs are those of ``homeassistant/components/energy/data.py``; the sensors of
devices have its signs already.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.model import BatteryReading, DeviceKind
from .core.signals import SignalKind
from .optional_parts import part
from .runtime.view import DeviceView, RequestError

type Source = dict[str, Any]
type _Finds = Callable[[str, str], str | None]

# What the dashboard calls the list of devices whose use it shows one by one.
DEVICES: Final = "devices"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """How a kind stands in the dashboard: its sensors by the roles there, and which it cannot lack."""

    type: str
    needed: Mapping[str, str]
    more: Mapping[str, str]


_LOAD: Final = _Entry(
    type=DEVICES, needed={"stat_consumption": "load_energy"}, more={"stat_rate": "load_power"}
)
# By kind; all others are loads.
_ENTRIES: Final[Mapping[DeviceKind, _Entry]] = {
    DeviceKind.GRID_METER: _Entry(
        type="grid",
        needed={"stat_energy_from": "energy_import"},
        more={"stat_energy_to": "energy_export", "stat_rate": "power"},
    ),
    DeviceKind.PV: _Entry(
        type="solar",
        needed={"stat_energy_from": "energy_produced"},
        more={"stat_rate": "production_power"},
    ),
    DeviceKind.BATTERY: _Entry(
        type="battery",
        needed={"stat_energy_from": "energy_discharged", "stat_energy_to": "energy_charged"},
        more={"stat_rate": "battery_power", "stat_soc": "state_of_charge"},
    ),
    DeviceKind.EV_CHARGER: _Entry(
        type=DEVICES, needed={"stat_consumption": "energy_register"}, more={"stat_rate": "charging_power"}
    ),
}
_PRICES: Final = {
    "entity_energy_price": SignalKind.IMPORT_PRICE,
    "entity_energy_price_export": SignalKind.EXPORT_PRICE,
}


async def async_lacking(coordinator: HomeFlexCoordinator) -> dict[str, list[Source]]:
    """Return what the dashboard lacks and this home can tell, by the dashboard's type of source.

    A type of which it has one already lacks nothing: whoever entered it chose. Nothing where the dashboard
    is not part of this Home Assistant. A device without a counter of energy is left out.
    """
    manager = await _manager(coordinator.hass)
    return {} if manager is None else _lacking(coordinator, manager.data or {})


async def async_fill(coordinator: HomeFlexCoordinator, _call: ServiceCall) -> dict[str, Any]:
    """Enter what the dashboard lacks; return which types of source were entered.

    Raises RequestError where this Home Assistant has no Energy dashboard.
    """
    manager = await _manager(coordinator.hass)
    if manager is None:
        raise RequestError("no_energy_dashboard", "There is no Energy dashboard to fill in")
    told: Mapping[str, Any] = manager.data or {}
    lacking = _lacking(coordinator, told)
    if lacking:
        sources = [source for type_, added in lacking.items() if type_ != DEVICES for source in added]
        await manager.async_update(
            {
                "energy_sources": [*told.get("energy_sources", ()), *sources],
                "device_consumption": [*told.get("device_consumption", ()), *lacking.get(DEVICES, ())],
            }
        )
    return {"added": list(lacking)}


async def _manager(hass: HomeAssistant) -> Any:
    """Return what keeps the dashboard's sources, None where it is not part of this Home Assistant."""
    energy = part(hass, "energy", "data")
    return None if energy is None else await energy.async_get_manager(hass)


def _lacking(coordinator: HomeFlexCoordinator, told: Mapping[str, Any]) -> dict[str, list[Source]]:
    there = {source["type"] for source in told.get("energy_sources", ())}
    if told.get("device_consumption"):
        there.add(DEVICES)
    lacking: dict[str, list[Source]] = {}
    for type_, source in _sources(coordinator):
        if type_ not in there:
            lacking.setdefault(type_, []).append(source)
    return lacking


def _sources(coordinator: HomeFlexCoordinator) -> Iterator[tuple[str, Source]]:
    """Yield the dashboard's type and source of each device that has the sensors for it."""
    sensor = _sensor_finder(coordinator.hass)
    for device in coordinator.data.devices.values():
        known = _ENTRIES.get(device.kind, _LOAD)
        roles = {role: sensor(device.device_id, key) for role, key in {**known.needed, **known.more}.items()}
        if any(roles[role] is None for role in known.needed):
            continue
        source = {role: entity_id for role, entity_id in roles.items() if entity_id is not None}
        if known.type == DEVICES:
            yield DEVICES, source
        else:
            yield known.type, {"type": known.type, **source, **_besides(coordinator, device, sensor)}


def _besides(coordinator: HomeFlexCoordinator, device: DeviceView, sensor: _Finds) -> Source:
    """Return what a source says besides what is measured: prices, a forecast, a capacity."""
    if device.kind is DeviceKind.GRID_METER:
        contracts = coordinator.prices.tariffs.contracts
        prices = {
            role: sensor(coordinator.config_entry.entry_id, kind.value) if kind in contracts else None
            for role, kind in _PRICES.items()
        }
        return {"cost_adjustment_day": 0.0, "stat_cost": None, "stat_compensation": None, **prices}
    if device.kind is DeviceKind.PV:
        return {"config_entry_solar_forecast": None}
    capacity_wh = device.reading.capacity_wh if isinstance(device.reading, BatteryReading) else None
    return {"capacity": capacity_wh / 1000} if capacity_wh else {}


def _sensor_finder(hass: HomeAssistant) -> _Finds:
    """Return what finds a sensor by whose it is and its key; None where there is none, or it is disabled."""
    registry = er.async_get(hass)

    def find(owner_id: str, key: str) -> str | None:
        entity_id = registry.async_get_entity_id(SENSOR_DOMAIN, DOMAIN, f"{owner_id}_{key}")
        entry = registry.async_get(entity_id) if entity_id else None
        return None if entry is None or entry.disabled else entry.entity_id

    return find
