"""The entities of a group that the grid operator may dim: whether it is dimmed, and to what."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity, BinarySensorEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfPower
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_GROUP
from .coordinator import HomeFlexConfigEntry
from .runtime.group_limits import GroupView
from .wish_entity import PlacedEntity

_DIMMED = BinarySensorEntityDescription(key="dimmed", translation_key="dimmed")
GROUP_LIMIT = SensorEntityDescription(
    key="group_limit",
    translation_key="group_limit",
    device_class=SensorDeviceClass.POWER,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=UnitOfPower.WATT,
    suggested_display_precision=0,
)


class _GroupEntity(PlacedEntity):
    """An entity of one group."""

    @property
    def shown(self) -> GroupView:
        """The group as it is now."""
        return next(each for each in self.coordinator.data.groups if each.group_id == self.place.device_id)


class Dimmed(_GroupEntity, BinarySensorEntity):
    """On while the grid operator dims the group."""

    @property
    @override
    def is_on(self) -> bool:
        """Dimmed or not."""
        return self.shown.limit_w is not None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Until when, and what is odd about it."""
        group = self.shown
        return {
            "until": group.until.isoformat() if group.until else None,
            "below_floor": group.below_floor,
            "signal_lost": group.signal_lost,
        }


class GroupLimit(_GroupEntity, SensorEntity):
    """What the group may draw from the grid while it is dimmed."""

    @property
    @override
    def native_value(self) -> float | None:
        """The limit; unknown while there is none."""
        return self.shown.limit_w


@callback
def async_add_dimmed(entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback) -> None:
    """Add to each group that can be dimmed whether it is."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_GROUP):
        if _can_be_dimmed(entry, subentry.subentry_id):
            async_add_entities(
                [Dimmed(entry.runtime_data, _DIMMED, subentry)], config_subentry_id=subentry.subentry_id
            )


@callback
def async_add_limits(entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback) -> None:
    """Add to each group that can be dimmed how far it is."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_GROUP):
        if _can_be_dimmed(entry, subentry.subentry_id):
            async_add_entities(
                [GroupLimit(entry.runtime_data, GROUP_LIMIT, subentry)],
                config_subentry_id=subentry.subentry_id,
            )


def _can_be_dimmed(entry: HomeFlexConfigEntry, group_id: str) -> bool:
    return any(each.group_id == group_id for each in entry.runtime_data.data.groups)
