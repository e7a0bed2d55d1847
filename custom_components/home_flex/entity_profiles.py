"""The profiles of integrations, and the devices that the entities of this home make by them."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .core.model import DeviceKind
from .devices.entities.finding import DeviceProposal, Match, RegistryEntity, RoleProposal, find_devices
from .devices.entities.profile import Profile
from .devices.entities.profile_loader import load_profiles

_LOGGER = logging.getLogger(__name__)


async def async_load_profiles(hass: HomeAssistant) -> Mapping[str, Profile]:
    """Return Home Flex' own profiles and those in ``home_flex/profiles`` of the configuration's folder.

    A file that is refused is named in the log, with line and reason, and takes nothing else away.
    """
    folder = Path(hass.config.path(DOMAIN, "profiles"))
    loaded = await hass.async_add_executor_job(load_profiles, folder)
    for refusal in loaded.refused:
        _LOGGER.warning("A profile was refused: %s", refusal)
    return loaded.profiles


def proposals(
    hass: HomeAssistant, profiles: Mapping[str, Profile], kind: DeviceKind
) -> dict[str, DeviceProposal]:
    """Return the devices of a kind that this home's entities make, by their keys."""
    found = [*find_devices(_registry_entities(hass), profiles.values()), *_to_be_chosen(profiles.values())]
    return {proposal.key: proposal for proposal in found if proposal.kind is kind}


async def async_all_proposals(
    hass: HomeAssistant, profiles: Mapping[str, Profile]
) -> tuple[DeviceProposal, ...]:
    """Return the devices of all kinds that this home's entities make."""
    entities = _registry_entities(hass)
    return await hass.async_add_executor_job(find_devices, entities, tuple(profiles.values()))


def _to_be_chosen(profiles: Iterable[Profile]) -> Iterator[DeviceProposal]:
    """Return the devices of profiles without an integration: a person chooses all of their entities."""
    for profile in profiles:
        for device in profile.devices if not profile.platforms else ():
            roles = {role: RoleProposal(match=Match.MISSING) for role in device.roles}
            yield DeviceProposal(
                key=f"{profile.id}::{device.kind}", profile=profile, device=device, roles=roles
            )


def title(hass: HomeAssistant, proposal: DeviceProposal) -> str:
    """Return what a device is called in a list: its integration, and the name of its first device."""
    registry = dr.async_get(hass)
    entities = [entity for role in proposal.roles.values() for entity in role.plus]
    devices = (registry.async_get(entity.device_id) for entity in entities if entity.device_id is not None)
    names = (device.name_by_user or device.name for device in devices if device is not None)
    name = next((name for name in names if name), None)
    integration = proposal.profile.name
    return integration if name in (None, integration) else f"{integration}: {name}"


def _registry_entities(hass: HomeAssistant) -> list[RegistryEntity]:
    devices = dr.async_get(hass)
    found = []
    for entry in er.async_get(hass).entities.values():
        device = devices.async_get(entry.device_id) if entry.device_id is not None else None
        state = hass.states.get(entry.entity_id)
        found.append(
            RegistryEntity(
                id=entry.id,
                platform=entry.platform,
                domain=entry.domain,
                unique_id=entry.unique_id,
                entry_id=entry.config_entry_id,
                device_id=entry.device_id,
                translation_key=entry.translation_key,
                device_class=entry.device_class or entry.original_device_class,
                unit=entry.unit_of_measurement,
                is_disabled=entry.disabled,
                model=device.model if isinstance(device, dr.DeviceEntry) else None,
                state=state.state if state is not None else None,
            )
        )
    return found
