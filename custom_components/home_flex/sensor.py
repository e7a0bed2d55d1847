"""Sensors of the site and of its devices."""

from collections.abc import Mapping
from functools import cached_property
from time import monotonic
from typing import Any, Final, override

from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations

from .building import building_of
from .building_sensors import HEAT_LOSS, HeatLossSensor
from .const import DOMAIN
from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from .core.model import DeviceKind
from .device_sensors import CONTROLLED_BY, DEVICE_SENSORS, DeviceSensorDescription, Value
from .entity import (
    DeviceEntity,
    PacedEntity,
    SiteEntity,
    can_set,
    device_subentries,
    forget_site_entity,
    register_identities,
)
from .group_entities import async_add_limits
from .history_sensors import HistoryBacklog
from .plan_sensors import PLAN, PLAN_OF_DEVICE, PLAN_OF_SITE
from .plan_sentences import bent_attributes, plan_sentences
from .price_sensors import PRICE_SENSORS, PriceSensor
from .runtime.figure_pace import Figure, Notice
from .session_sensors import SESSION_SENSORS, NewestSession, SessionSensor
from .site_sensors import SITE_SENSORS, SiteSensorDescription
from .wish_entity import async_add_wishes
from .wish_sensors import DECIDED_BY, WISH_SENSORS, WishSensor

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors that every device has, and the others when they first have a value."""
    coordinator = entry.runtime_data
    for description in (*SITE_SENSORS, *PLAN_OF_SITE):
        if description.needs is None or any(entry.get_subentries_of_type(description.needs)):
            async_add_entities([SiteSensor(coordinator, description)])
        else:
            forget_site_entity(coordinator, SENSOR_DOMAIN, description.key)
    # The sentences of the plan are to be at hand.
    await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    async_add_entities([PlanSensor(coordinator, PLAN), HistoryBacklog(coordinator)])
    async_add_entities(PriceSensor(coordinator, description) for description in PRICE_SENSORS)
    if (building := building_of(entry)) is not None:
        async_add_entities([HeatLossSensor(coordinator, building)])
    else:
        forget_site_entity(coordinator, SENSOR_DOMAIN, HEAT_LOSS.key)
    registry = er.async_get(hass)
    for subentry in device_subentries(entry):
        _add_device_sensors(coordinator, subentry, registry, async_add_entities)
        if subentry.subentry_type == DeviceKind.EV_CHARGER:
            newest = NewestSession(coordinator, subentry.subentry_id)
            async_add_entities(
                [SessionSensor(coordinator, subentry, each, newest) for each in SESSION_SENSORS],
                config_subentry_id=subentry.subentry_id,
            )
            newest.start()
    async_add_wishes(entry, async_add_entities, WISH_SENSORS, WishSensor, (DECIDED_BY,))
    async_add_limits(entry, async_add_entities)
    register_identities(coordinator)


def _add_device_sensors(
    coordinator: HomeFlexCoordinator,
    subentry: ConfigSubentry,
    registry: er.EntityRegistry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a device's sensors; an optional one when the device first tells it, or told it before a restart."""
    device_id = subentry.subentry_id
    kind = DeviceKind(subentry.subentry_type)
    waiting = [
        description
        for description in (*DEVICE_SENSORS[kind], *PLAN_OF_DEVICE.get(kind, ()))
        if can_set(coordinator.config_entry, subentry, description.sets)
    ]
    if coordinator.settable[device_id]:
        waiting.append(CONTROLLED_BY)

    def is_due(description: DeviceSensorDescription) -> bool:
        return (
            not description.optional
            or description.value(coordinator.data.devices[device_id]) is not None
            or registry.async_get_entity_id(SENSOR_DOMAIN, DOMAIN, f"{device_id}_{description.key}")
            is not None
        )

    @callback
    def add_due() -> None:
        if due := [description for description in waiting if is_due(description)]:
            waiting[:] = [description for description in waiting if description not in due]
            async_add_entities(
                (DeviceSensor(coordinator, subentry, description) for description in due),
                config_subentry_id=device_id,
            )

    add_due()
    coordinator.config_entry.async_on_unload(coordinator.async_add_listener(add_due))


# What is noticed of a figure, in its native unit; of another one, every move.
_NOTICED: Final = {
    SensorDeviceClass.POWER: Notice(step=25.0, share=0.03),
    SensorDeviceClass.ENERGY: Notice(step=100.0),
    SensorDeviceClass.ENERGY_STORAGE: Notice(step=100.0),
    SensorDeviceClass.CURRENT: Notice(step=0.5, share=0.03),
    SensorDeviceClass.VOLTAGE: Notice(step=2.0),
    SensorDeviceClass.BATTERY: Notice(step=1.0),
}


def notice_of(device_class: SensorDeviceClass | None) -> Notice:
    """Return what a person notices of such a figure."""
    return _NOTICED.get(device_class, Notice()) if device_class else Notice()


class PacedSensor(PacedEntity, SensorEntity):
    """A sensor that is written when its figure moved noticeably, and a little later when it moved at all."""

    @override
    def _is_noticed(self) -> bool:
        value = self.native_value
        if not isinstance(value, int | float | None):
            return True
        return self._figure.is_due(value, monotonic())

    def _set_money(self, unit: str | None) -> None:
        """Show money in the site's currency."""
        if unit is not None:
            self._attr_native_unit_of_measurement = unit.format(currency=self.coordinator.site.currency)

    @cached_property
    def _figure(self) -> Figure:
        """How the figure was last shown."""
        return Figure(notice_of(self.device_class))


class SiteSensor(SiteEntity, PacedSensor):
    """A value of the site."""

    entity_description: SiteSensorDescription

    def __init__(self, coordinator: HomeFlexCoordinator, description: SiteSensorDescription) -> None:
        """Rest where the description says that it is a figure."""
        super().__init__(coordinator, description)
        self._is_figure = description.is_figure
        self._set_money(description.money)

    @property
    @override
    def native_value(self) -> Value:
        """What the site's view says."""
        return self.entity_description.value(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What belongs to the value, where something does."""
        attributes = self.entity_description.attributes
        return attributes(self.coordinator.data) if attributes else None


class PlanSensor(SiteSensor):
    """The plan, with what it could not keep, and what would make that possible, in sentences."""

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """What belongs to the plan; without one, nothing."""
        told = super().extra_state_attributes or {}
        if (plan := self.coordinator.data.plan) is None:
            return told
        sentences = plan_sentences(self.coordinator)
        left_out = [sentences.left_out(each) for each in plan.left_out]
        return {**told, **bent_attributes(plan.bent, sentences), "left_out": left_out}


class DeviceSensor(DeviceEntity, PacedSensor):
    """A value of a device."""

    entity_description: DeviceSensorDescription

    def __init__(
        self,
        coordinator: HomeFlexCoordinator,
        subentry: ConfigSubentry,
        description: DeviceSensorDescription,
    ) -> None:
        """Rest where the value is measured or counted; a state is shown as it changes."""
        super().__init__(coordinator, subentry, description)
        self._is_figure = description.state_class is not None
        self._set_money(description.money)

    @property
    @override
    def native_value(self) -> Value:
        """What the device's last reading says."""
        return self.entity_description.value(self.device)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What belongs to the value, where something does."""
        attributes = self.entity_description.attributes
        return attributes(self.device) if attributes else None
