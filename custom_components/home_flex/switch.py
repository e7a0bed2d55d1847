"""Switches: what a resident wants or does not, and whether the home takes part in the aggregator's events."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_AGGREGATOR
from .coordinator import HomeFlexConfigEntry
from .core.model import DeviceKind, Owner
from .core.wishes import pause, resume, set_away, with_battery, with_charger, with_device
from .core.wishes.ready_by_changes import switch_weekly
from .entity import SiteEntity
from .wish_entity import SITE, Table, WishDescription, WishEntity, async_add_wishes

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class WishSwitchDescription(WishDescription[bool], SwitchEntityDescription):
    """A wish that is there or not."""


_PARTICIPATION = SwitchEntityDescription(key="participation", translation_key="participation")
_OF_ANY_DEVICE = (
    WishSwitchDescription(
        key="managed",
        translation_key="managed",
        entity_category=EntityCategory.CONFIG,
        value=lambda wishes, place: wishes.device(place.device_id).managed,
        change=lambda wishes, value, place: with_device(wishes, place.device_id, managed=value),
    ),
    WishSwitchDescription(
        key="automatic",
        translation_key="automatic",
        entity_category=EntityCategory.CONFIG,
        value=lambda wishes, place: wishes.device(place.device_id).automatic,
        change=lambda wishes, value, place: with_device(wishes, place.device_id, automatic=value),
    ),
    WishSwitchDescription(
        key="quiet",
        translation_key="quiet",
        entity_category=EntityCategory.CONFIG,
        value=lambda wishes, place: wishes.device(place.device_id).quiet,
        change=lambda wishes, value, place: with_device(wishes, place.device_id, quiet=value),
    ),
)
_SWITCHES: Table[WishSwitchDescription] = {
    SITE: (
        WishSwitchDescription(
            key="paused",
            translation_key="paused",
            value=lambda wishes, _: wishes.site.paused,
            change=lambda wishes, value, _: pause(wishes) if value else resume(wishes),
        ),
        WishSwitchDescription(
            key="away",
            translation_key="away",
            value=lambda wishes, _: wishes.site.away,
            change=lambda wishes, value, _: set_away(wishes, away=value),
        ),
    ),
    DeviceKind.BATTERY: (
        WishSwitchDescription(
            key="restore_reserve",
            translation_key="restore_reserve",
            entity_category=EntityCategory.CONFIG,
            line=Owner.RESIDENT,
            value=lambda wishes, place: wishes.battery(place.device_id).restore_reserve,
            change=lambda wishes, value, place: with_battery(wishes, place.device_id, restore_reserve=value),
        ),
    ),
    DeviceKind.EV_CHARGER: (
        WishSwitchDescription(
            key="charge_now",
            translation_key="charge_now",
            line=Owner.RESIDENT,
            value=lambda wishes, place: wishes.charger(place.device_id).charge_now,
            change=lambda wishes, value, place: with_charger(wishes, place.device_id, charge_now=value),
        ),
        WishSwitchDescription(
            key="ready_by",
            translation_key="ready_by",
            line=Owner.RESIDENT,
            value=lambda wishes, place: wishes.charger(place.device_id).ready_by.on,
            change=lambda wishes, value, place: switch_weekly(wishes, place.device_id, place.now, on=value),
        ),
        WishSwitchDescription(
            key="may_slow",
            translation_key="may_slow",
            entity_category=EntityCategory.CONFIG,
            value=lambda wishes, place: wishes.charger(place.device_id).may_slow,
            change=lambda wishes, value, place: with_charger(wishes, place.device_id, may_slow=value),
        ),
    ),
}


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add what the site has."""
    if entry.get_subentries_of_type(SUBENTRY_AGGREGATOR):
        async_add_entities([ParticipationSwitch(entry.runtime_data, _PARTICIPATION)])
    async_add_wishes(entry, async_add_entities, _SWITCHES, WishSwitch, _OF_ANY_DEVICE)


class ParticipationSwitch(SiteEntity, SwitchEntity):
    """On while the home takes part in the aggregator's events."""

    @property
    @override
    def is_on(self) -> bool:
        """Taking part or not."""
        return self.coordinator.data.participating

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Take part, also in events that are open."""
        await self.coordinator.controller.set_participating(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Leave the open events, and refuse new ones."""
        await self.coordinator.controller.set_participating(False)


class WishSwitch(WishEntity[bool], SwitchEntity):
    """A wish that is there or not."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is wanted."""
        return self.wished

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Want it."""
        await self.async_wish(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Want it no more."""
        await self.async_wish(False)
