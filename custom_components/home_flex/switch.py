"""Switches: what a resident wants or does not, and whether the home takes part in the aggregator's events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_AGGREGATOR
from .coordinator import HomeFlexConfigEntry
from .core.model import DeviceKind, Owner
from .core.wishes import Wishes, pause, resume, set_away, with_battery, with_charger, with_device, with_site
from .core.wishes.ready_by_changes import switch_weekly
from .entity import SiteEntity
from .wish_entity import SITE, Place, Table, WishDescription, WishEntity, async_add_wishes

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class WishSwitchDescription(WishDescription[bool], SwitchEntityDescription):
    """A wish that is there or not."""


_PARTICIPATION = SwitchEntityDescription(key="participation", translation_key="participation")


def _row(
    key: str,
    value: Callable[[Wishes, Place], bool],
    change: Callable[[Wishes, bool, Place], Wishes],
    *,
    line: Owner | None = None,
    category: EntityCategory | None = None,
) -> WishSwitchDescription:
    """Return a row of the table."""
    return WishSwitchDescription(
        key=key, translation_key=key, entity_category=category, line=line, value=value, change=change
    )


_OF_ANY_DEVICE = (
    _row(
        "managed",
        lambda wishes, place: wishes.device(place.device_id).managed,
        lambda wishes, value, place: with_device(wishes, place.device_id, managed=value),
        category=EntityCategory.CONFIG,
    ),
    _row(
        "automatic",
        lambda wishes, place: wishes.device(place.device_id).automatic,
        lambda wishes, value, place: with_device(wishes, place.device_id, automatic=value),
        category=EntityCategory.CONFIG,
    ),
    _row(
        "quiet",
        lambda wishes, place: wishes.device(place.device_id).quiet,
        lambda wishes, value, place: with_device(wishes, place.device_id, quiet=value),
        category=EntityCategory.CONFIG,
    ),
)
_SWITCHES: Table[WishSwitchDescription] = {
    SITE: (
        _row(
            "paused",
            lambda wishes, _: wishes.site.paused,
            lambda wishes, value, _: pause(wishes) if value else resume(wishes),
        ),
        _row(
            "away",
            lambda wishes, _: wishes.site.away,
            lambda wishes, value, _: set_away(wishes, away=value),
        ),
        _row(
            "unwell",
            lambda wishes, _: wishes.site.unwell,
            lambda wishes, value, _: with_site(wishes, unwell=value),
        ),
        _row(
            "follow_plan",
            lambda wishes, _: wishes.site.follow_plan,
            lambda wishes, value, _: with_site(wishes, follow_plan=value),
        ),
    ),
    DeviceKind.BATTERY: (
        _row(
            "restore_reserve",
            lambda wishes, place: wishes.battery(place.device_id).restore_reserve,
            lambda wishes, value, place: with_battery(wishes, place.device_id, restore_reserve=value),
            line=Owner.RESIDENT,
            category=EntityCategory.CONFIG,
        ),
        _row(
            "grid_charging",
            lambda wishes, place: wishes.battery(place.device_id).grid_charging,
            lambda wishes, value, place: with_battery(wishes, place.device_id, grid_charging=value),
            category=EntityCategory.CONFIG,
        ),
    ),
    DeviceKind.APPLIANCE: (
        _row(
            "starts_planned",
            lambda wishes, place: wishes.device(place.device_id).starts_planned,
            lambda wishes, value, place: with_device(wishes, place.device_id, starts_planned=value),
            line=Owner.RESIDENT,
        ),
    ),
    DeviceKind.EV_CHARGER: (
        _row(
            "charge_now",
            lambda wishes, place: wishes.charger(place.device_id).charge_now,
            lambda wishes, value, place: with_charger(wishes, place.device_id, charge_now=value),
            line=Owner.RESIDENT,
        ),
        _row(
            "ready_by",
            lambda wishes, place: wishes.charger(place.device_id).ready_by.on,
            lambda wishes, value, place: switch_weekly(wishes, place.device_id, place.now, on=value),
            line=Owner.RESIDENT,
        ),
        _row(
            "may_slow",
            lambda wishes, place: wishes.charger(place.device_id).may_slow,
            lambda wishes, value, place: with_charger(wishes, place.device_id, may_slow=value),
            category=EntityCategory.CONFIG,
        ),
        _row(
            "in_one_go",
            lambda wishes, place: wishes.charger(place.device_id).in_one_go,
            lambda wishes, value, place: with_charger(wishes, place.device_id, in_one_go=value),
            category=EntityCategory.CONFIG,
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
        await self.coordinator.controller.requests.set_participating(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Leave the open events, and refuse new ones."""
        await self.coordinator.controller.requests.set_participating(False)


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
