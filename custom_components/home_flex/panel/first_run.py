"""The guided first run: what a home still lacks for its first plan, and what of it can be added at once.

Whatever is added goes the ways that the dialogs of Home Assistant go: devices of other integrations as in the
set-up of a site, devices that were heard in the network by the dialog that waits for them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.model import DeviceKind
from ..core.signals import SignalKind
from ..core.wishes import BatteryWishes, ChargerWishes, Export, SiteWishes, WishError
from ..energy_dashboard import async_lacking
from ..energy_prefill import async_sources_of_others, suggestions
from ..entity_fields import by_hand_suggested, entered_in
from ..first_devices import (
    FirstDevice,
    async_consent,
    async_more_devices,
    async_subentries,
    suggested,
    why_not,
    wrong_roles,
)
from .wishes import wishes_document

# The step of a dialog that waits for a yes to a device that was heard in the network.
_HEARD_STEP: Final = "found"
_OF_THE_DASHBOARD: Final = frozenset({DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A device that a person takes: the numbers on its nameplate in the units of its form, and consent."""

    key: str
    numbers: Mapping[str, float]
    controlled: bool


def open_steps(coordinator: HomeFlexCoordinator) -> list[str]:
    """Return the steps of the first run that are still to be done, in their order."""
    return [name for name, is_open in _STEPS.items() if is_open(coordinator)]


def _has(coordinator: HomeFlexCoordinator, *kinds: DeviceKind) -> bool:
    return any(device.kind in kinds for device in coordinator.data.devices.values())


def _wishes_nothing(coordinator: HomeFlexCoordinator) -> bool:
    wishes = coordinator.data.wishes
    return (
        wishes.site == SiteWishes()
        and all(each == BatteryWishes() for each in wishes.batteries.values())
        and all(each == ChargerWishes() for each in wishes.chargers.values())
    )


_STEPS: Final[Mapping[str, Callable[[HomeFlexCoordinator], bool]]] = {
    "tariff": lambda coordinator: SignalKind.IMPORT_PRICE not in coordinator.prices.tariffs.contracts,
    "meter": lambda coordinator: not _has(coordinator, DeviceKind.GRID_METER),
    "devices": lambda coordinator: not _has(coordinator, *(set(DeviceKind) - {DeviceKind.GRID_METER})),
    "wishes": _wishes_nothing,
    # A plan of a home without devices has nothing to say.
    "plan": lambda coordinator: coordinator.data.plan is None or not coordinator.data.devices,
}


async def async_first_run(hass: HomeAssistant, coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return what can be added and wished: devices that were found, what is wished of those there are."""
    entry = coordinator.config_entry
    offered = await async_more_devices(hass, entry)
    ticked = set(suggested(offered))
    found = [
        await _found(hass, coordinator, device, is_suggested=key in ticked) for key, device in offered.items()
    ]
    there = {device.kind for device in coordinator.data.devices.values()}
    listed = there | {device.kind for device in offered.values()}
    sources = await async_sources_of_others(hass)
    return {
        "found": [*_heard(hass), *found],
        "known_to_energy": sorted(
            kind for kind in _OF_THE_DASHBOARD - listed if next(suggestions(kind, sources), None) is not None
        ),
        "lacking_in_energy": list(await async_lacking(coordinator)),
        "never_feeds_in": coordinator.data.wishes.site.export is Export.NEVER,
        # What is wished of the devices: the home's own wishes come with its life.
        "wished": [each for each in wishes_document(coordinator) if each["device_id"]],
    }


async def _found(
    hass: HomeAssistant, coordinator: HomeFlexCoordinator, device: FirstDevice, *, is_suggested: bool
) -> Mapping[str, Any]:
    beforehand, units = by_hand_suggested(hass, device.kind), entered_in(hass)
    return {
        "key": device.proposal.key,
        "kind": device.kind.value,
        "name": device.label,
        "is_suggested": is_suggested,
        "consent": await async_consent(hass, device, coordinator.config_entry.data),
        "asks": [
            {
                "role": role,
                "unit": units[role].unit,
                "most": units[role].high,
                "suggested": beforehand.get(role),
            }
            for role in device.asked
        ],
    }


def _heard(hass: HomeAssistant) -> list[Mapping[str, Any]]:
    """Return the devices that were heard in the network and wait for a yes."""
    return [
        {
            "key": flow["flow_id"],
            "kind": None,
            "name": flow["context"]["title_placeholders"]["name"],
            "is_suggested": True,
            "consent": None,
            "asks": [],
        }
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow.get("step_id") == _HEARD_STEP
    ]


async def async_accept(
    hass: HomeAssistant, coordinator: HomeFlexCoordinator, accepted: Sequence[Accepted]
) -> None:
    """Add devices to the site. Raises WishError, and adds none, where one of them cannot be as it is said."""
    entry = coordinator.config_entry
    offered = await async_more_devices(hass, entry)
    heard = {each["key"] for each in _heard(hass)}
    chosen: list[FirstDevice] = []
    controlled: list[str] = []
    for each in accepted:
        if each.key in heard:
            continue
        device = _entered(hass, coordinator, offered.get(each.key), each)
        chosen.append(device)
        if each.controlled:
            controlled.append(device.unique_id)
    if (reason := why_not(chosen)) is not None:
        raise WishError(reason, f"These devices cannot be added together: {reason}")
    titles = [subentry.title for subentry in entry.subentries.values()]
    for data in await async_subentries(hass, entry.data, chosen, controlled, titles):
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType(data["data"]),
                subentry_type=data["subentry_type"],
                title=data["title"],
                unique_id=data["unique_id"],
            ),
        )
    for each in accepted:
        if each.key in heard:
            await _say_yes(hass, each.key)


def _entered(
    hass: HomeAssistant, coordinator: HomeFlexCoordinator, device: FirstDevice | None, accepted: Accepted
) -> FirstDevice:
    """Return a device with the numbers that were entered. Raises WishError where they cannot be."""
    if device is None:
        raise WishError("device_gone", f"{accepted.key} is not offered any more")
    numbers = {role: accepted.numbers.get(role, 0.0) for role in device.asked}
    units = entered_in(hass)
    if not all(units[role].low <= number <= units[role].high for role, number in numbers.items()):
        raise WishError("number_missing", f"{device.label} lacks a number")
    whole = device.with_numbers(hass, numbers)
    if wrong_roles(hass, whole, coordinator.config_entry.data):
        raise WishError("power_implausible", f"{device.label} tells more power than that")
    return whole


async def _say_yes(hass: HomeAssistant, flow_id: str) -> None:
    """Submit the dialog of a device that was heard, as it stands."""
    manager = hass.config_entries.flow
    form = await manager.async_configure(flow_id)
    if form["type"] is FlowResultType.FORM and (schema := form["data_schema"]) is not None:
        values = {str(field): (field.description or {}).get("suggested_value") for field in schema.schema}
        await manager.async_configure(flow_id, values)
