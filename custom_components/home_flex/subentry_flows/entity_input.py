"""From what a person chose in a form to the sources of roles, and back to what the form shows."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import CONF_DRIVER
from ..core.model import DeviceKind
from ..devices.entities import binding
from ..devices.entities.binding import Constant, EntitySource, Source
from ..devices.entities.by_hand import WRITTEN
from ..devices.entities.mode_words import ASKED, guessed
from ..devices.entities.profile import Fresh, FreshBy
from ..devices.entities.spec import ENTITIES, FRESH, IDENTITY, ROLES, leading_entity
from ..entity_fields import (
    MEASURED,
    ONLY_CHANGES,
    POWER_LESS,
    REPORTED_S,
    SETPOINT_SIGN,
    SIGN,
    SIGNS,
    entered_in,
)
from ..entity_port import HomeAssistantEntities


def held_by(hass: HomeAssistant, entity_id: str) -> str:
    """Return what an entity is held by: its id in the registry, else (without an entry) its entity id."""
    entry = er.async_get(hass).async_get(entity_id)
    return entity_id if entry is None else entry.id


def source_of(hass: HomeAssistant, role: str, entered: Any, *, sign: int = 1) -> Source:
    """Return the source of a role: an entity, or a number in the unit of its form."""
    if isinstance(entered, str):
        return EntitySource(plus=(held_by(hass, entered),), sign=sign)
    return Constant(value=entered_in(hass)[role].kept(float(entered)))


def roles_by_hand(hass: HomeAssistant, kind: DeviceKind, entered: Mapping[str, Any]) -> dict[str, Source]:
    """Return the sources of all roles that were chosen, in our sign."""
    sign = sign_of(kind, entered.get(SIGN))
    roles: dict[str, Source] = {}
    for role in (*MEASURED[kind], *WRITTEN[kind]):
        if role in entered and role != POWER_LESS:
            is_power = role == "power" or role.startswith("power_l")
            roles[role] = source_of(hass, role, entered[role], sign=sign if is_power else 1)
    power = roles.get("power")
    if POWER_LESS in entered and isinstance(power, EntitySource):
        less = (held_by(hass, entered[POWER_LESS]),)
        roles["power"] = EntitySource(plus=power.plus, minus=less, sign=power.sign)
    return roles


def domains_by_hand(kind: DeviceKind, entered: Mapping[str, Any]) -> dict[str, str]:
    """Return the domains of the entities that are written."""
    return {role: entered[role].partition(".")[0] for role in WRITTEN[kind] if role in entered}


def mode_options(hass: HomeAssistant, entity: str) -> list[str]:
    """Return what can be chosen of a select now; nothing where it is away."""
    state = HomeAssistantEntities(hass).look(entity).state
    options = None if state is None else state.attributes.get("options")
    return [str(option) for option in options] if isinstance(options, (list, tuple)) else []


def words_suggested(options: list[str], kept: Mapping[str, str]) -> dict[str, str]:
    """Return the option suggested for each operation: the kept one while it is there, else the clear one."""
    clear = {operation.value: option for operation, option in guessed(options).items()}
    return clear | {name: option for name, option in kept.items() if option in options}


def wrong_words(entered: Mapping[str, str]) -> dict[str, str]:
    """Return which operation was given an option that an earlier one has, as a slug."""
    seen: set[str] = set()
    for operation in ASKED:
        if (option := entered.get(operation.value)) in seen:
            return {operation.value: "same_words"}
        if option is not None:
            seen.add(option)
    return {}


def sign_of(kind: DeviceKind, way: str | None) -> int:
    """Return the sign that brings values, positive the ``way`` that was chosen, to ours."""
    return 1 if way is None or kind not in SIGNS or way == SIGNS[kind][0] else -1


def fresh_by_hand(entered: Mapping[str, Any]) -> Fresh:
    """Return how fresh the states are."""
    by = FreshBy.CHANGES if entered[ONLY_CHANGES] else FreshBy.REPORTED
    return Fresh(by=by, interval_s=entered[REPORTED_S])


def shown(
    hass: HomeAssistant, kind: DeviceKind, roles: Mapping[str, Source], fresh: Fresh, setpoint_sign: int
) -> dict[str, Any]:
    """Return what a form by hand shows of what is kept."""
    port, units = HomeAssistantEntities(hass), entered_in(hass)
    found: dict[str, Any] = {}
    for role, source in roles.items():
        if isinstance(source, Constant):
            found[role] = units[role].shown(source.value)
        else:
            found[role] = port.look(source.plus[0]).entity_id
            if role == "power" and source.minus:
                found[POWER_LESS] = port.look(source.minus[0]).entity_id
    if kind in SIGNS:
        power = roles.get("power")
        found[SIGN] = SIGNS[kind][0 if isinstance(power, EntitySource) and power.sign == 1 else 1]
        found[SETPOINT_SIGN] = SIGNS[kind][0 if setpoint_sign == 1 else 1]
    found[ONLY_CHANGES] = fresh.by is FreshBy.CHANGES
    found[REPORTED_S] = fresh.interval_s
    return {key: value for key, value in found.items() if value is not None}


def kept_data(hass: HomeAssistant, roles: Mapping[str, Source], fresh: Fresh) -> dict[str, Any]:
    """Return what is kept of a device of entities, without a word on who may tell it something."""
    leading = leading_entity(roles)
    assert leading is not None  # noqa: S101 # a device without any entity is refused before
    return {
        CONF_DRIVER: ENTITIES.id,
        ROLES: binding.encode(roles),
        FRESH: binding.encode_fresh(fresh),
        IDENTITY: told_of(hass, leading),
    }


def told_of(hass: HomeAssistant, entity: str) -> dict[str, str]:
    """Return who made the device that an entity belongs to, and its model, as the registry knows them."""
    entities = HomeAssistantEntities(hass)
    found = entities.look(entity)
    device = dr.async_get(hass).async_get(found.device_id) if found.device_id is not None else None
    name = found.entity_id or entity
    if not isinstance(device, dr.DeviceEntry):
        return {"manufacturer": "Home Assistant", "model": name, "id": entity}
    return {
        "manufacturer": device.manufacturer or "Home Assistant",
        "model": device.model or device.name or name,
        "id": entity,
    }
