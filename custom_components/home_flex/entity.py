"""The site's device and its members' devices, and what all entities have in common."""

from collections.abc import Collection
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from .core.model import DeviceIdentity, DeviceKind, Quantity
from .runtime.view import DeviceView


def device_subentries(
    entry: HomeFlexConfigEntry, *kinds: DeviceKind, sets: Quantity | None = None
) -> list[ConfigSubentry]:
    """Return the devices of these kinds (of all when none is named) of which ``sets`` can be set."""
    return [
        subentry
        for kind in kinds or DeviceKind
        for subentry in entry.get_subentries_of_type(kind)
        if can_set(entry, subentry, sets)
    ]


def can_set(entry: HomeFlexConfigEntry, subentry: ConfigSubentry, quantity: Quantity | None) -> bool:
    """Whether a quantity can be set of a device; None: nothing needs to be."""
    return quantity is None or quantity in entry.runtime_data.settable[subentry.subentry_id]


def site_device_info(entry: HomeFlexConfigEntry) -> DeviceInfo:
    """Return how the site itself is registered."""
    return DeviceInfo(
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer="Home Flex",
        entry_type=DeviceEntryType.SERVICE,
    )


def site_device_id(coordinator: HomeFlexCoordinator) -> str:
    """Return the registry id of the site, which its devices hang on."""
    entry = coordinator.config_entry
    return (
        dr.async_get(coordinator.hass)
        .async_get_or_create_from_info(config_entry_id=entry.entry_id, device_info=site_device_info(entry))
        .id
    )


def identified(coordinator: HomeFlexCoordinator, registry_id: str, known: Collection[str]) -> str | None:
    """Return which of the ``known`` subentries a device of the registry stands for, None for any other."""
    registered = dr.async_get(coordinator.hass).async_get(registry_id)
    identifiers = registered.identifiers if registered else ()
    return next((of for domain, of in identifiers if domain == DOMAIN and of in known), None)


@callback
def forget_site_entity(coordinator: HomeFlexCoordinator, domain: str, key: str) -> None:
    """Let go of an entity of the site that was about something since removed."""
    forget_entity(coordinator, domain, f"{coordinator.config_entry.entry_id}_{key}")


@callback
def forget_entity(coordinator: HomeFlexCoordinator, domain: str, unique_id: str) -> None:
    """Let go of an entity that was about something since removed; nothing happens when it is not known."""
    registry = er.async_get(coordinator.hass)
    if (entity_id := registry.async_get_entity_id(domain, DOMAIN, unique_id)) is not None:
        registry.async_remove(entity_id)


class PacedEntity(CoordinatorEntity[HomeFlexCoordinator]):
    """An entity that rests between two moments at which figures are shown, if it is a figure."""

    _is_figure = False
    _shown_as_available = False

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state; the state machine takes only what has changed."""
        if self._is_figure:
            if not self.coordinator.shows_figures:
                return
            if not self._is_noticed() and self.available == self._shown_as_available:
                return
            self._shown_as_available = self.available
        super()._handle_coordinator_update()

    def _is_noticed(self) -> bool:
        """Whether the figure moved far enough, or some time ago."""
        return True


class SiteEntity(PacedEntity):
    """An entity of the site as a whole."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: HomeFlexCoordinator, description: EntityDescription) -> None:
        """Hang on the site's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{coordinator.config_entry.entry_id}_{description.key}"
        self._attr_device_info = site_device_info(coordinator.config_entry)


def member_device_info(coordinator: HomeFlexCoordinator, subentry: ConfigSubentry) -> DeviceInfo:
    """Return how a device of the site is registered: below the site."""
    return DeviceInfo(
        identifiers={(DOMAIN, subentry.subentry_id)},
        name=subentry.title,
        via_device_id=site_device_id(coordinator),
    )


class DeviceEntity(PacedEntity):
    """An entity of one meter, inverter, battery or charger; available while that device can be read."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: HomeFlexCoordinator, subentry: ConfigSubentry, description: EntityDescription
    ) -> None:
        """Hang on the device's own entry in the registry, below the site."""
        super().__init__(coordinator)
        self.entity_description = description
        self._device_id = subentry.subentry_id
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = member_device_info(coordinator, subentry)

    @property
    def device(self) -> DeviceView:
        """What is known of the device now."""
        return self.coordinator.data.devices[self._device_id]

    @property
    @override
    def available(self) -> bool:
        """Whether the device can be read."""
        return super().available and self.device.link_reason is None


@callback
def register_identities(coordinator: HomeFlexCoordinator) -> None:
    """Write into the device registry what devices say they are, once they have said it."""
    known: dict[str, DeviceIdentity] = {}
    registry = dr.async_get(coordinator.hass)
    entry = coordinator.config_entry

    @callback
    def update() -> None:
        for device in coordinator.data.devices.values():
            if device.identity is None or known.get(device.device_id) == device.identity:
                continue
            registered = registry.async_get_device_by_identifier((DOMAIN, device.device_id), entry.entry_id)
            if registered is None:
                continue
            known[device.device_id] = device.identity
            registry.async_update_device(
                registered.id,
                manufacturer=device.identity.manufacturer,
                model=device.identity.model,
                serial_number=device.identity.serial_number or None,
                sw_version=device.identity.firmware,
            )

    entry.async_on_unload(coordinator.async_add_listener(update))
    update()
