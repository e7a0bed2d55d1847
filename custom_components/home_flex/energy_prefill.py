"""What the Energy dashboard knows of a home: suggestions for the forms, which nobody has to take.

Its signs (``homeassistant/components/energy/data.py``): a grid's rate is positive for import, a battery's for
discharge, a solar one for production; an inverted rate the other way round; of two rates, the one *to* is
taken from the one *from*.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant, valid_entity_id
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .core.model import DeviceKind
from .entity_fields import POWER_LESS, SIGN, SIGNS
from .optional_parts import part


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What the dashboard calls a kind, which way its rates are positive, and its other entities by role."""

    type: str
    positive: str
    roles: Mapping[str, str]


_KNOWN: Final[Mapping[DeviceKind, _Known]] = {
    DeviceKind.GRID_METER: _Known(
        type="grid",
        positive="import",
        roles={"energy_import": "stat_energy_from", "energy_export": "stat_energy_to"},
    ),
    DeviceKind.PV: _Known(type="solar", positive="production", roles={"energy_produced": "stat_energy_from"}),
    DeviceKind.BATTERY: _Known(
        type="battery",
        positive="discharging",
        roles={
            "energy_discharged": "stat_energy_from",
            "energy_charged": "stat_energy_to",
            "state_of_charge": "stat_soc",
        },
    ),
}


async def async_energy_sources(hass: HomeAssistant) -> list[Mapping[str, Any]]:
    """Return the sources of the Energy dashboard, none where it was never set up."""
    if (energy := part(hass, "energy", "data")) is None:
        return []
    manager = await energy.async_get_manager(hass)
    return [dict(source) for source in manager.data["energy_sources"]] if manager.data else []


async def async_sources_of_others(hass: HomeAssistant) -> list[Mapping[str, Any]]:
    """Return the same, with what tells of Home Flex's own entities left out: it is no news to a form."""
    registry = er.async_get(hass)

    def is_own(value: object) -> bool:
        entry = registry.async_get(value) if isinstance(value, str) else None
        return entry is not None and entry.platform == DOMAIN

    def of_others(told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: of_others(value) if isinstance(value, Mapping) else value
            for key, value in told.items()
            if not is_own(value)
        }

    return [of_others(source) for source in await async_energy_sources(hass)]


def price_entity(sources: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the entity that tells the dashboard what a kWh from the grid costs, None where there is none."""
    told = (source.get("entity_energy_price") for source in sources if source.get("type") == "grid")
    return next((entity_id for entity_id in told if _is_entity(entity_id)), None)


def suggestions(kind: DeviceKind, sources: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what the form of a kind could say for each of the dashboard's sources of it.

    Statistics that belong to no entity are passed over.
    """
    if (known := _KNOWN.get(kind)) is None:
        return
    for source in sources:
        if source.get("type") != known.type:
            continue
        found = {role: source.get(name) for role, name in known.roles.items()} | _power(kind, known, source)
        kept = {field: value for field, value in found.items() if field == SIGN or _is_entity(value)}
        if isinstance(capacity_kwh := source.get("capacity"), int | float):
            kept["capacity"] = float(capacity_kwh)
        if kept.keys() - {SIGN}:
            yield kept


def _power(kind: DeviceKind, known: _Known, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the power's entities as the person chose them: what the dashboard makes of two is its own."""
    config = source.get("power_config") or {}
    inverse = next(way for way in SIGNS[kind] if way != known.positive)
    if (inverted := config.get("stat_rate_inverted")) is not None:
        return {"power": inverted, SIGN: inverse}
    if (first := config.get("stat_rate_from")) is not None:
        return {"power": first, POWER_LESS: config.get("stat_rate_to"), SIGN: known.positive}
    rate = config.get("stat_rate") or source.get("stat_rate")
    return {} if rate is None else {"power": rate, SIGN: known.positive}


def _is_entity(value: object) -> bool:
    return isinstance(value, str) and valid_entity_id(value)
