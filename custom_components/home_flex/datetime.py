"""The ends of a pause and of an absence; setting one begins it."""

from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.datetime import DateTimeEntity, DateTimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HomeFlexConfigEntry
from .core.wishes import pause, set_away
from .core.wishes.local_time import end_of
from .wish_entity import SITE, Table, WishDescription, WishEntity, async_add_wishes

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class WishDateTimeDescription(WishDescription[datetime | None], DateTimeEntityDescription):
    """A wish that is an instant; None is an open end, or none."""


_DATETIMES: Table[WishDateTimeDescription] = {
    SITE: (
        WishDateTimeDescription(
            key="paused_until",
            translation_key="paused_until",
            value=lambda wishes, _: wishes.site.paused_until,
            change=lambda wishes, value, place: pause(wishes, end_of(place.now, place.zone, until=value)),
        ),
        WishDateTimeDescription(
            key="away_until",
            translation_key="away_until",
            value=lambda wishes, _: wishes.site.away_until,
            change=lambda wishes, value, place: set_away(
                wishes, away=True, until=end_of(place.now, place.zone, until=value)
            ),
        ),
    ),
}


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the ends."""
    async_add_wishes(entry, async_add_entities, _DATETIMES, WishDateTime)


class WishDateTime(WishEntity[datetime | None], DateTimeEntity):
    """A wish that is an instant."""

    @property
    @override
    def native_value(self) -> datetime | None:
        """What is wanted; unknown is an open end."""
        return self.wished

    @override
    async def async_set_value(self, value: datetime) -> None:
        """Want it until then."""
        await self.async_wish(value)
