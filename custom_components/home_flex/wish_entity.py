"""What all entities have in common that show a wish and change it: they always show the wish itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_HELPERS, DOMAIN
from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from .core.kinds import is_flexible, quantities_of
from .core.model import DeviceKind, Owner, Reading
from .core.wishes import WishError, Wishes
from .decided import overridden
from .entity import device_subentries, member_device_info, site_device_info

SITE = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a wish belongs: a device (empty: the site), its settings, and the time and zone of the home.

    ``reading`` is what the device said last, None before it has said anything.
    """

    device_id: str
    settings: Mapping[str, Any]
    reading: Reading | None
    now: datetime
    zone: tzinfo


@dataclass(frozen=True, kw_only=True)
class WishDescription[T](EntityDescription):
    """A wish as an entity: how it is read and changed, and the line of control that it is held on.

    ``line`` None: nothing overrides it, since it only says how far Home Flex may go. ``needs`` names the
    setting without which the wish means nothing, and is not shown.
    """

    value: Callable[[Wishes, Place], T]
    change: Callable[[Wishes, T, Place], Wishes]
    line: Owner | None = None
    needs: str | None = None


class PlacedEntity(CoordinatorEntity[HomeFlexCoordinator]):
    """An entity about wishes of the site or of a device; it is there while the device cannot be read."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: HomeFlexCoordinator,
        description: EntityDescription,
        subentry: ConfigSubentry | None,
    ) -> None:
        """Hang on the device of ``subentry``, or on the site."""
        super().__init__(coordinator)
        self.entity_description = description
        self._subentry = subentry
        owner_id = subentry.subentry_id if subentry else coordinator.config_entry.entry_id
        self._attr_unique_id = f"{owner_id}_{description.key}"
        self._attr_device_info = (
            member_device_info(coordinator, subentry)
            if subentry
            else site_device_info(coordinator.config_entry)
        )

    @property
    def place(self) -> Place:
        """Where and when the wish is looked at."""
        service = self.coordinator.controller.wishes
        device_id = self._subentry.subentry_id if self._subentry else ""
        device = self.coordinator.data.devices.get(device_id)
        return Place(
            device_id=device_id,
            settings=settings_of(self.coordinator.config_entry, self._subentry),
            reading=device.reading if device is not None else None,
            now=service.now,
            zone=service.zone,
        )


class WishEntity[T](PlacedEntity):
    """Shows a wish and changes it."""

    _unrecorded_attributes = frozenset({"overridden_by", "overridden_until"})

    def __init__(
        self,
        coordinator: HomeFlexCoordinator,
        description: WishDescription[T],
        subentry: ConfigSubentry | None,
    ) -> None:
        """Hang on the device of ``subentry``, or on the site."""
        super().__init__(coordinator, description, subentry)
        self._wish = description

    @property
    def wished(self) -> T:
        """What is wanted."""
        return self._wish.value(self.coordinator.data.wishes, self.place)

    async def async_wish(self, value: T) -> None:
        """Want something else. Raises ServiceValidationError."""
        place = self.place
        try:
            await self.coordinator.controller.requests.change_wishes(
                lambda wishes: self._wish.change(wishes, value, place)
            )
        except WishError as error:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=error.reason) from error

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Who overrides the wish, and until when."""
        if self._wish.line is None:
            return None
        device_id = self._subentry.subentry_id if self._subentry else None
        return overridden(self.coordinator.data, device_id, self._wish.line)


def settings_of(entry: HomeFlexConfigEntry, subentry: ConfigSubentry | None) -> Mapping[str, Any]:
    """Return what was set of a device, with its helpers; nothing of the site."""
    if subentry is None:
        return {}
    return {**subentry.data, **entry.options.get(CONF_HELPERS, {}).get(subentry.subentry_id, {})}


type Table[D] = Mapping[DeviceKind | None, Sequence[D]]


@callback
def async_add_wishes[D](
    entry: HomeFlexConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    table: Table[D],
    make: Callable[[HomeFlexCoordinator, D, ConfigSubentry | None], Entity],
    of_any_device: Sequence[D] = (),
) -> None:
    """Add the wishes of the site, and of each of its devices that can be steered, by kind.

    ``of_any_device`` are those of every such device, whatever its kind.
    """
    coordinator = entry.runtime_data

    def entities(descriptions: Sequence[D], subentry: ConfigSubentry | None) -> Iterable[Entity]:
        known = settings_of(entry, subentry)
        shown = [each for each in descriptions if getattr(each, "needs", None) in {None, *known}]
        return [make(coordinator, description, subentry) for description in shown]

    async_add_entities(entities(table.get(SITE, ()), None))
    for kind in filter(is_flexible, DeviceKind):
        descriptions = (*table.get(kind, ()), *of_any_device)
        for subentry in device_subentries(entry, kind):
            if coordinator.settable[subentry.subentry_id] & quantities_of(kind):
                async_add_entities(entities(descriptions, subentry), config_subentry_id=subentry.subentry_id)
