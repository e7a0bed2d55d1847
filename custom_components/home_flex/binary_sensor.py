"""Binary sensors: the links to the aggregator and the measurement store, and what devices tell."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR_DOMAIN
from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_AGGREGATOR, SUBENTRY_MEASUREMENT_STORE
from .coordinator import HomeFlexConfigEntry
from .core.model import DeviceKind
from .device_sensors import DEVICE_BINARY_SENSORS, DeviceBinarySensorDescription
from .entity import (
    DeviceEntity,
    SiteEntity,
    can_set,
    device_subentries,
    forget_entity,
    forget_site_entity,
)
from .group_entities import async_add_dimmed
from .issues import watch_issues
from .physics_issues import watch_physics_issues
from .replaced_devices import watch_replaced_devices
from .store_issues import watch_store_issues
from .tariff_issues import watch_tariff_issues
from .wiring_issues import watch_wiring_issues

PARALLEL_UPDATES = 0

_AGGREGATOR_CONNECTED = BinarySensorEntityDescription(
    key="aggregator_connected",
    translation_key="aggregator_connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
_SECOND_BACK_END = BinarySensorEntityDescription(
    key="second_back_end",
    translation_key="second_back_end",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
_MEASUREMENT_STORE = BinarySensorEntityDescription(
    key="measurement_store",
    translation_key="measurement_store",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add what the site has."""
    coordinator = entry.runtime_data
    watch_issues(coordinator)
    watch_wiring_issues(coordinator)
    watch_replaced_devices(coordinator)
    watch_physics_issues(coordinator)
    watch_tariff_issues(coordinator)
    if entry.get_subentries_of_type(SUBENTRY_AGGREGATOR):
        async_add_entities([AggregatorConnected(coordinator, _AGGREGATOR_CONNECTED)])
    else:
        forget_site_entity(coordinator, BINARY_SENSOR_DOMAIN, _AGGREGATOR_CONNECTED.key)
    if entry.get_subentries_of_type(SUBENTRY_MEASUREMENT_STORE):
        async_add_entities([MeasurementStore(coordinator, _MEASUREMENT_STORE)])
        watch_store_issues(coordinator)
    else:
        forget_site_entity(coordinator, BINARY_SENSOR_DOMAIN, _MEASUREMENT_STORE.key)
    async_add_dimmed(entry, async_add_entities)
    for subentry in device_subentries(entry):
        async_add_entities(
            (
                DeviceBinarySensor(coordinator, subentry, description)
                for description in DEVICE_BINARY_SENSORS[DeviceKind(subentry.subentry_type)]
                if can_set(entry, subentry, description.sets)
            ),
            config_subentry_id=subentry.subentry_id,
        )
        if coordinator.data.devices[subentry.subentry_id].forwarding is not None:
            sensor = SecondBackEnd(coordinator, subentry, _SECOND_BACK_END)
            async_add_entities([sensor], config_subentry_id=subentry.subentry_id)
        else:
            unique_id = f"{subentry.subentry_id}_{_SECOND_BACK_END.key}"
            forget_entity(coordinator, BINARY_SENSOR_DOMAIN, unique_id)


class AggregatorConnected(SiteEntity, BinarySensorEntity):
    """Whether the aggregator's broker is reached, also behind a broker of the home's own."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Connected or not."""
        return self.coordinator.data.aggregator_connected

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Why it is not reached."""
        return {"reason": self.coordinator.data.aggregator_reason}


class MeasurementStore(SiteEntity, BinarySensorEntity):
    """Whether the measurement store takes measurements."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it took the last ones; unknown before the first."""
        health = self.coordinator.data.telemetry
        if health is None or (health.problem is None and health.last_success is None):
            return None
        return health.problem is None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Why it does not take them."""
        health = self.coordinator.data.telemetry
        return {"reason": health.problem if health else None}


class SecondBackEnd(DeviceEntity, BinarySensorEntity):
    """Whether a second back end listens to what a charger does."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Connected or not."""
        forwarding = self.device.forwarding
        return None if forwarding is None else forwarding.is_connected

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Since when, and why not."""
        forwarding = self.device.forwarding
        if forwarding is None:
            return {}
        return {"since": forwarding.since, "reason": forwarding.reason}


class DeviceBinarySensor(DeviceEntity, BinarySensorEntity):
    """Something of a device that is or is not, such as a vehicle on the cable."""

    entity_description: DeviceBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """What the device's last reading says; unknown before the first."""
        return self.entity_description.value(self.device)
