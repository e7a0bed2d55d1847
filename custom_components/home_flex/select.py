"""Choices of a resident: feeding in, the battery and the car, and how a charger charges."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_AGGREGATOR
from .coordinator import HomeFlexConfigEntry
from .core.kinds import KINDS
from .core.model import DeviceKind, Goal, Owner
from .core.wishes import (
    AfterUnplug,
    CarUse,
    ChargeMode,
    Export,
    LoadMode,
    PhaseWish,
    charge_mode,
    set_charge_mode,
    set_export,
    with_battery,
    with_charger,
    with_device,
    with_site,
)
from .programme_entities import async_add_programmes
from .wish_entity import SITE, Table, WishDescription, WishEntity, async_add_wishes
from .wish_issues import watch_wish_issues

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class WishSelectDescription(WishDescription[str], SelectEntityDescription):
    """A wish that is one of several."""


_LOAD_MODE = WishSelectDescription(
    key="load_mode",
    translation_key="load_mode",
    options=list(LoadMode),
    line=Owner.PLAN,
    value=lambda wishes, place: wishes.device(place.device_id).load_mode,
    change=lambda wishes, value, place: with_device(wishes, place.device_id, load_mode=LoadMode(value)),
)
_SELECTS: Table[WishSelectDescription] = {
    SITE: (
        WishSelectDescription(
            key="export",
            translation_key="export",
            options=list(Export),
            line=Owner.RESIDENT,
            value=lambda wishes, _: wishes.site.export,
            change=lambda wishes, value, _: set_export(wishes, Export(value)),
        ),
        WishSelectDescription(
            key="goal",
            translation_key="goal",
            options=list(Goal),
            line=Owner.PLAN,
            value=lambda wishes, _: wishes.site.goal,
            change=lambda wishes, value, _: with_site(wishes, goal=Goal(value)),
        ),
    ),
    DeviceKind.BATTERY: (
        WishSelectDescription(
            key="battery_for_car",
            translation_key="battery_for_car",
            entity_category=EntityCategory.CONFIG,
            options=list(CarUse),
            line=Owner.RESIDENT,
            value=lambda wishes, place: wishes.battery(place.device_id).car,
            change=lambda wishes, value, place: with_battery(wishes, place.device_id, car=CarUse(value)),
        ),
    ),
    DeviceKind.EV_CHARGER: (
        WishSelectDescription(
            key="charge_mode",
            translation_key="charge_mode",
            options=list(ChargeMode),
            line=Owner.PLAN,
            value=lambda wishes, place: charge_mode(wishes.charger(place.device_id)),
            change=lambda wishes, value, place: set_charge_mode(wishes, place.device_id, ChargeMode(value)),
        ),
        WishSelectDescription(
            key="mode_after_unplugging",
            translation_key="mode_after_unplugging",
            entity_category=EntityCategory.CONFIG,
            options=list(AfterUnplug),
            value=lambda wishes, place: wishes.charger(place.device_id).after_unplug,
            change=lambda wishes, value, place: with_charger(
                wishes, place.device_id, after_unplug=AfterUnplug(value)
            ),
        ),
        # Off at first: only a charger that can switch its phases heeds it.
        WishSelectDescription(
            key="phases",
            translation_key="phases",
            entity_category=EntityCategory.CONFIG,
            entity_registry_enabled_default=False,
            options=list(PhaseWish),
            line=Owner.RESIDENT,
            value=lambda wishes, place: wishes.charger(place.device_id).phases,
            change=lambda wishes, value, place: with_charger(
                wishes, place.device_id, phases=PhaseWish(value)
            ),
        ),
    ),
    **{kind: (_LOAD_MODE,) for kind, spec in KINDS.items() if spec.has_mode},
}


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the choices of the site and of its devices."""
    async_add_wishes(entry, async_add_entities, _SELECTS, WishSelect)
    if entry.get_subentries_of_type(SUBENTRY_AGGREGATOR):
        async_add_programmes(entry, async_add_entities)
    watch_wish_issues(entry.runtime_data)


class WishSelect(WishEntity[str], SelectEntity):
    """A wish that is one of several."""

    @property
    @override
    def current_option(self) -> str:
        """What is wanted."""
        return self.wished

    @override
    async def async_select_option(self, option: str) -> None:
        """Want another one."""
        await self.async_wish(option)
