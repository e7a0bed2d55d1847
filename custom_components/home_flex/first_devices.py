"""The first evening: which devices a home has in its other integrations that a new site can begin with.

Offered is what needs no more from a person than numbers that stand on a nameplate. What lacks more is added
on the site's page, where it can be said.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import CONF_PHASES, DOMAIN
from .coordinator import HomeFlexConfigEntry
from .core.kinds import reporting_of
from .core.model import DeviceKind
from .device_drivers import device_unique_id
from .devices.entities.binding import Constant, Source
from .devices.entities.choosing import missing, roles_of, wrong_with
from .devices.entities.finding import DeviceProposal, excludes
from .devices.entities.reader import POWER
from .devices.entities.spec import CONTROLLED, ENTITIES, PROFILE, consented, leading_entity
from .devices.spec import WIRED_PHASES
from .entity_fields import ENTERED, entered_in
from .entity_port import HomeAssistantEntities
from .entity_profiles import async_all_proposals, async_load_profiles, title
from .settings import site_of
from .subentry_flows.entity_input import kept_data
from .subentry_flows.entity_texts import async_consent_texts


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstDevice:
    """A device that can be added once the numbers that it is ``asked`` for are entered."""

    proposal: DeviceProposal
    label: str
    roles: Mapping[str, Source]
    asked: tuple[str, ...]

    @property
    def kind(self) -> DeviceKind:
        """What it is to the site."""
        return self.proposal.kind

    @property
    def unique_id(self) -> str:
        """What its subentry is known by."""
        return device_unique_id(self.kind, leading_entity(self.roles) or "")

    def with_numbers(self, hass: HomeAssistant, entered: Mapping[str, float]) -> FirstDevice:
        """Return the device with what stands on its nameplate, in the units that forms of the home have."""
        units = entered_in(hass)
        numbers = {role: Constant(value=units[role].kept(value)) for role, value in entered.items()}
        return FirstDevice(
            proposal=self.proposal, label=self.label, roles={**self.roles, **numbers}, asked=()
        )


async def async_first_devices(hass: HomeAssistant, site: Mapping[str, Any]) -> dict[str, FirstDevice]:
    """Return the devices that can be added to a new ``site`` (the data of its entry), by their keys."""
    profiles = await async_load_profiles(hass)
    names = await _async_kind_names(hass)
    offered: dict[str, FirstDevice] = {}
    for proposal in await async_all_proposals(hass, profiles):
        roles = roles_of(proposal, with_disabled=False)
        asked = tuple(dict.fromkeys([*missing(proposal.kind, roles), *proposal.to_enter]))
        device = FirstDevice(
            proposal=proposal,
            label=f"{names[proposal.kind]} ({title(hass, proposal)})",
            roles=roles,
            asked=asked,
        )
        if _is_offered(device) and not wrong_roles(hass, device, site) - {*asked}:
            offered[proposal.key] = device
    return offered


async def async_more_devices(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> dict[str, FirstDevice]:
    """Return the devices that other integrations have and a site lacks, by their keys.

    Left out is what would be a second grid meter, and what counts the power of a device that is there.
    """
    there = {subentry.unique_id for subentry in entry.subentries.values()}
    first = await async_first_devices(hass, entry.data)
    added = [device for device in first.values() if device.unique_id in there]
    has_meter = bool(entry.get_subentries_of_type(DeviceKind.GRID_METER))
    return {
        key: device
        for key, device in first.items()
        if device not in added
        and not (has_meter and device.kind is DeviceKind.GRID_METER)
        and not any(excludes(device.proposal, other.proposal) for other in added)
    }


def wrong_roles(hass: HomeAssistant, device: FirstDevice, site: Mapping[str, Any]) -> frozenset[str]:
    """Return the roles whose values cannot be right, or are not there."""
    at = site_of(site)
    fuse_w = at.main_fuse_a * at.nominal_voltage_v * at.phases
    return frozenset(wrong_with(device.kind, device.roles, HomeAssistantEntities(hass), fuse_w=fuse_w))


def suggested(offered: Mapping[str, FirstDevice]) -> list[str]:
    """Return the devices to begin with: one meter, each kind by one integration, nothing counted twice."""
    taken: dict[str, FirstDevice] = {}
    by_kind: dict[DeviceKind, str] = {}
    for key, device in offered.items():
        profile_id = by_kind.setdefault(device.kind, device.proposal.profile.id)
        if profile_id == device.proposal.profile.id and why_not([*taken.values(), device]) is None:
            taken[key] = device
    return list(taken)


def why_not(chosen: Collection[FirstDevice]) -> str | None:
    """Return the slug of what keeps devices from being added together; None when they can be."""
    if sum(device.kind is DeviceKind.GRID_METER for device in chosen) > 1:
        return "only_one_meter"
    for one in chosen:
        if any(excludes(one.proposal, other.proposal) for other in chosen):
            return "counted_twice"
    return None


async def async_consent(hass: HomeAssistant, device: FirstDevice, site: Mapping[str, Any]) -> str | None:
    """Return how an order ends and how fast the device is steered; None where it cannot be told anything."""
    settings = ENTITIES.parse({**_data(hass, device, site), CONTROLLED: True})
    control, speed = consented(device.kind, settings, device.proposal.profile)
    if control is None:
        return None
    told = await async_consent_texts(hass, control, speed.fresh, is_cloud=speed.is_cloud)
    return f"{told['ends']} {told['pace']}"


async def async_subentries(
    hass: HomeAssistant,
    site: Mapping[str, Any],
    chosen: Sequence[FirstDevice],
    controlled: Collection[str],
    titles: Collection[str] = (),
) -> list[ConfigSubentryData]:
    """Return the subentries of the devices; those ``controlled`` (unique ids) may be told something.

    ``titles`` are of devices that the site has already: none of them is taken again.
    """
    names = await _async_kind_names(hass)
    return [
        ConfigSubentryData(
            data={**_data(hass, device, site), CONTROLLED: device.unique_id in controlled},
            subentry_type=device.kind,
            title=_free(_name(device, chosen, names), titles),
            unique_id=device.unique_id,
        )
        for device in chosen
    ]


def _data(hass: HomeAssistant, device: FirstDevice, site: Mapping[str, Any]) -> dict[str, Any]:
    proposal = device.proposal
    kept = {**kept_data(hass, device.roles, proposal.device.fresh), PROFILE: proposal.profile.id}
    if device.kind is DeviceKind.GRID_METER:
        return kept
    return {**kept, WIRED_PHASES: [str(phase) for phase in range(1, int(site[CONF_PHASES]) + 1)]}


def _is_offered(device: FirstDevice) -> bool:
    """Return whether nothing but numbers is lacking: no choice, and no sign that nobody knows."""
    power = device.proposal.roles.get(POWER)
    alternative = power.alternative if power is not None else None
    is_known = alternative is None or alternative.is_sign_known
    has_entity = leading_entity(device.roles) is not None
    return has_entity and is_known and not device.proposal.to_choose and {*device.asked} <= ENTERED.keys()


def _name(device: FirstDevice, chosen: Iterable[FirstDevice], names: Mapping[DeviceKind, str]) -> str:
    """Return the kind's name, with a number where there are several."""
    same = [each.unique_id for each in chosen if each.kind is device.kind]
    name = names[device.kind]
    return name if len(same) == 1 else f"{name} {same.index(device.unique_id) + 1}"


def _free(name: str, titles: Collection[str]) -> str:
    """Return the name, with the first number that makes it another one than those there are."""
    if name not in titles:
        return name
    return next(each for count in range(2, len(titles) + 3) if (each := f"{name} {count}") not in titles)


async def _async_kind_names(hass: HomeAssistant) -> dict[DeviceKind, str]:
    texts = await async_get_translations(hass, hass.config.language, "config_subentries", {DOMAIN})
    prefix = f"component.{DOMAIN}.config_subentries"
    return {kind: texts.get(f"{prefix}.{kind}.entry_type", reporting_of(kind).name) for kind in DeviceKind}
