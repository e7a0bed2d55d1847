"""Fills the Energy dashboard with what the home's devices count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..record import HomeRecord
from .api import ApiError, HomeAssistantApi
from .memory import Memory
from .provisioning import DOMAIN, Site, subentries

type Entities = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """How one kind of device appears: fields of the dashboard, and the sensors of the device they show."""

    section: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    needed: Mapping[str, str]
    welcome: Mapping[str, str] = field(default_factory=dict)


_SOURCES = {
    "grid_meter": Source(
        section="energy_sources",
        fixed={"type": "grid", "cost_adjustment_day": 0},
        needed={"stat_energy_from": "energy_import"},
        welcome={"stat_energy_to": "energy_export", "stat_rate": "power"},
    ),
    "pv": Source(
        section="energy_sources",
        fixed={"type": "solar"},
        needed={"stat_energy_from": "energy_produced"},
        welcome={"stat_rate": "production_power"},
    ),
    "battery": Source(
        section="energy_sources",
        fixed={"type": "battery"},
        needed={"stat_energy_from": "energy_discharged", "stat_energy_to": "energy_charged"},
        welcome={"stat_rate": "battery_power", "stat_soc": "state_of_charge"},
    ),
    "ev_charger": Source(
        section="device_consumption",
        needed={"stat_consumption": "energy_register"},
        welcome={"stat_rate": "charging_power"},
    ),
}


async def fill(api: HomeAssistantApi, memory: Memory, site: Site, record: HomeRecord) -> bool:
    """Add every device that counts and was not added before; return whether none is left.

    Home Assistant stores the dashboard a minute later: a device is remembered once it is stored.
    Raises ApiError.
    """
    devices = {
        subentry["subentry_id"]: _SOURCES[subentry["subentry_type"]]
        for subentry in await subentries(api, site.entry_id)
        if subentry["subentry_type"] in _SOURCES and _name(subentry["subentry_id"]) not in memory
    }
    if not devices:
        return True
    entities = await _entities(api)
    preferences = await _preferences(api)
    additions = {
        device: entry
        for device, source in devices.items()
        if (entry := _entry(source, device, entities, record)) is not None
    }
    wanted = {
        device: entry
        for device, entry in additions.items()
        if not _is_there(preferences[devices[device].section], entry)
    }
    if wanted:
        changed = {devices[device].section for device in wanted}
        for device, entry in wanted.items():
            preferences[devices[device].section].append(entry)
        await api.command("energy/save_prefs", **{section: preferences[section] for section in changed})
    for device, entry in additions.items():
        statistic = next(entry[name] for name in devices[device].needed)
        if await memory.stored("energy", statistic, timeout_s=0.1) or device not in wanted:
            memory.keep(_name(device))
    return len(additions) == len(devices) and not wanted


def _name(subentry_id: str) -> str:
    return f"energy:{subentry_id}"


async def _entities(api: HomeAssistantApi) -> Entities:
    """Return the ids of Home Flex's entities by their unique ids."""
    registry = await api.command("config/entity_registry/list")
    return {
        entity["unique_id"]: entity["entity_id"]
        for entity in registry
        if entity["platform"] == DOMAIN and entity["entity_id"].startswith("sensor.")
    }


async def _preferences(api: HomeAssistantApi) -> dict[str, list[dict[str, Any]]]:
    try:
        preferences = await api.command("energy/get_prefs")
    except ApiError as error:
        if error.code != "not_found":
            raise
        preferences = {}
    return {section: preferences.get(section, []) for section in ("energy_sources", "device_consumption")}


def _entry(source: Source, device: str, entities: Entities, record: HomeRecord) -> dict[str, Any] | None:
    """Return how a device appears, or None while it has not told what it counts."""
    needed = {name: entities.get(f"{device}_{key}") for name, key in source.needed.items()}
    if None in needed.values():
        return None
    welcome = {name: entities.get(f"{device}_{key}") for name, key in source.welcome.items()}
    entry = {**source.fixed, **needed, **{name: found for name, found in welcome.items() if found}}
    if entry.get("type") == "grid":
        entry["number_energy_price"] = float(record.site["import_price"])
        if "stat_energy_to" in entry:
            entry["number_energy_price_export"] = float(record.site["export_price"])
    return entry


def _is_there(section: list[dict[str, Any]], entry: Mapping[str, Any]) -> bool:
    """Whether a person, or we before a power cut, added it; a home has one grid."""
    if entry.get("type") == "grid" and any(other["type"] == "grid" for other in section):
        return True
    statistics = {entry.get("stat_energy_from"), entry.get("stat_consumption")} - {None}
    return any(
        statistics & {other.get("stat_energy_from"), other.get("stat_consumption")} for other in section
    )
