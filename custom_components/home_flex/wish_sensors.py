"""What follows from wishes: who decides what a device does, and when a car has to be ready next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription

from .core.model import DeviceKind
from .core.wishes.ready_by import next_instant
from .decided import DECIDERS, decided_by, decided_why
from .runtime.view import SiteView
from .wish_entity import Place, PlacedEntity, Table


@dataclass(frozen=True, kw_only=True)
class WishSensorDescription(SensorEntityDescription):
    """A sensor that needs both what the site does and what is wanted of it."""

    value: Callable[[SiteView, Place], str | datetime | None]
    attributes: Callable[[SiteView, Place], Mapping[str, Any]] | None = None


DECIDED_BY = WishSensorDescription(
    key="decided_by",
    translation_key="decided_by",
    device_class=SensorDeviceClass.ENUM,
    options=DECIDERS,
    value=lambda view, place: decided_by(view, place.device_id),
    attributes=lambda view, place: {"reason": decided_why(view, place.device_id)},
)
_READY_BY_NEXT = WishSensorDescription(
    key="ready_by_next",
    translation_key="ready_by_next",
    device_class=SensorDeviceClass.TIMESTAMP,
    value=lambda view, place: next_instant(
        view.wishes.charger(place.device_id).ready_by, place.now, place.zone
    ),
)
_LATEST_START = WishSensorDescription(
    key="latest_start",
    translation_key="latest_start",
    device_class=SensorDeviceClass.TIMESTAMP,
    value=lambda view, place: view.devices[place.device_id].latest_start,
)
WISH_SENSORS: Table[WishSensorDescription] = {
    DeviceKind.EV_CHARGER: (_READY_BY_NEXT, _LATEST_START),
}


class WishSensor(PlacedEntity, SensorEntity):
    """A value that follows from wishes."""

    entity_description: WishSensorDescription

    @property
    @override
    def native_value(self) -> str | datetime | None:
        """What the site's view says."""
        return self.entity_description.value(self.coordinator.data, self.place)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What belongs to the value, where something does."""
        attributes = self.entity_description.attributes
        return attributes(self.coordinator.data, self.place) if attributes else None
