"""The time of day by which a car has to be ready, or a programme finished."""

from dataclasses import dataclass
from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HomeFlexConfigEntry
from .core.model import DeviceKind, Owner
from .core.wishes import Wishes, with_device
from .core.wishes.ready_by_changes import next_row, set_next_time
from .wish_entity import Place, Table, WishDescription, WishEntity, async_add_wishes

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class WishTimeDescription(WishDescription[time | None], TimeEntityDescription):
    """A wish that is a local time of day."""


def _next_time(wishes: Wishes, place: Place) -> time | None:
    row = next_row(wishes.charger(place.device_id).ready_by, place.now, place.zone)
    return row.at if row else None


def _set_next_time(wishes: Wishes, value: time | None, place: Place) -> Wishes:
    if value is None:
        return wishes
    return set_next_time(wishes, place.device_id, value, place.now, place.zone)


def _set_finish_by(wishes: Wishes, value: time | None, place: Place) -> Wishes:
    return wishes if value is None else with_device(wishes, place.device_id, finish_by=value)


_TIMES: Table[WishTimeDescription] = {
    DeviceKind.EV_CHARGER: (
        WishTimeDescription(
            key="ready_by_time",
            translation_key="ready_by_time",
            entity_category=EntityCategory.CONFIG,
            line=Owner.RESIDENT,
            value=_next_time,
            change=_set_next_time,
        ),
    ),
    DeviceKind.APPLIANCE: (
        WishTimeDescription(
            key="finish_by",
            translation_key="finish_by",
            entity_category=EntityCategory.CONFIG,
            line=Owner.RESIDENT,
            value=lambda wishes, place: wishes.device(place.device_id).finish_by,
            change=_set_finish_by,
        ),
    ),
}


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the times of chargers and appliances."""
    async_add_wishes(entry, async_add_entities, _TIMES, WishTime)


class WishTime(WishEntity[time | None], TimeEntity):
    """A wish that is a local time of day; of several rows of the week it is the next one's."""

    @property
    @override
    def native_value(self) -> time | None:
        """What is wanted."""
        return self.wished

    @override
    async def async_set_value(self, value: time) -> None:
        """Want another time."""
        await self.async_wish(value)
