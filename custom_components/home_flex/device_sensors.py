"""What each kind of device shows, as Home Assistant words it.

Powers follow Home Assistant's Energy dashboard: positive from the grid, from the panels, out of the battery,
into the car. Inside Home Flex positive is consumption, so production and batteries change sign here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntityDescription
from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfVolume,
)

from .core.kinds import KINDS
from .core.kinds.facts import Measure, Sensor, Shown
from .core.model import DeviceKind, Owner, Quantity
from .runtime.view import DeviceView

type Value = float | str | datetime | None

ITSELF = "itself"
OWNERS = [owner.name.lower() for owner in Owner]


@dataclass(frozen=True, kw_only=True)
class DeviceSensorDescription(SensorEntityDescription):
    """A sensor of a device.

    ``optional``: it appears with the first value, as not every device tells it. ``sets``: it appears only
    where this quantity can be set. ``money`` is the unit of one about money, with ``{currency}`` in it.
    """

    value: Callable[[DeviceView], Value]
    attributes: Callable[[DeviceView], Mapping[str, Any]] | None = None
    optional: bool = False
    sets: Quantity | None = None
    money: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeviceBinarySensorDescription(BinarySensorEntityDescription):
    """A binary sensor of a device."""

    value: Callable[[DeviceView], bool | None]
    sets: Quantity | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wording:
    """What all sensors of a measure have in common; ``convert`` turns a value into the unit that is shown."""

    common: Mapping[str, Any]
    convert: Callable[[Any], Any] = field(default=lambda value: value)
    translated: bool = True


_POWER = {
    "device_class": SensorDeviceClass.POWER,
    "state_class": SensorStateClass.MEASUREMENT,
    "native_unit_of_measurement": UnitOfPower.WATT,
    "suggested_display_precision": 0,
}
_VOLUME = {
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "native_unit_of_measurement": UnitOfVolume.CUBIC_METERS,
    "suggested_display_precision": 3,
}
_WORDINGS = {
    Measure.POWER_W: _Wording(common=_POWER),
    # Subtracted from zero, so that it never becomes minus zero.
    Measure.POWER_OUT_W: _Wording(common=_POWER, convert=lambda power_w: 0.0 - power_w),
    Measure.ENERGY_WH: _Wording(
        common={
            "device_class": SensorDeviceClass.ENERGY,
            "state_class": SensorStateClass.TOTAL_INCREASING,
            "native_unit_of_measurement": UnitOfEnergy.WATT_HOUR,
            "suggested_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
            "suggested_display_precision": 2,
        }
    ),
    Measure.CAPACITY_WH: _Wording(
        common={
            "device_class": SensorDeviceClass.ENERGY_STORAGE,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfEnergy.WATT_HOUR,
            "suggested_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
            "suggested_display_precision": 1,
        }
    ),
    Measure.CURRENT_A: _Wording(
        common={
            "device_class": SensorDeviceClass.CURRENT,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfElectricCurrent.AMPERE,
            "suggested_display_precision": 1,
        }
    ),
    Measure.VOLTAGE_V: _Wording(
        common={
            "device_class": SensorDeviceClass.VOLTAGE,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfElectricPotential.VOLT,
            "suggested_display_precision": 0,
        }
    ),
    Measure.TEMPERATURE_C: _Wording(
        common={
            "device_class": SensorDeviceClass.TEMPERATURE,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfTemperature.CELSIUS,
            "suggested_display_precision": 1,
        }
    ),
    # Home Assistant names a state of charge by its device class.
    Measure.STATE_OF_CHARGE: _Wording(
        common={
            "device_class": SensorDeviceClass.BATTERY,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": PERCENTAGE,
            "suggested_display_precision": 0,
        },
        convert=lambda fraction: fraction * 100,
        translated=False,
    ),
    Measure.GAS_M3: _Wording(common={**_VOLUME, "device_class": SensorDeviceClass.GAS}),
    Measure.WATER_M3: _Wording(common={**_VOLUME, "device_class": SensorDeviceClass.WATER}),
    Measure.COUNT: _Wording(common={"state_class": SensorStateClass.TOTAL_INCREASING}),
    Measure.NUMBER: _Wording(common={}),
    Measure.TEXT: _Wording(common={}),
    Measure.TIME: _Wording(common={"device_class": SensorDeviceClass.TIMESTAMP}),
    Measure.STATE: _Wording(common={"device_class": SensorDeviceClass.ENUM}),
}
_BINARY_CLASSES = {Measure.PLUGGED_IN: BinarySensorDeviceClass.PLUG}


def _value(sensor: Sensor[Any], convert: Callable[[Any], Any]) -> Callable[[DeviceView], Any]:
    """Return what reads a sensor's value out of a device's last reading, None when there is none."""

    def value(device: DeviceView) -> Shown:
        told = None if device.reading is None else sensor.value(device.reading)
        return None if told is None else convert(told)

    return value


def _described(sensor: Sensor[Any]) -> dict[str, Any]:
    return {
        "key": sensor.key,
        "entity_category": EntityCategory.DIAGNOSTIC if sensor.diagnostic else None,
        "entity_registry_enabled_default": not sensor.hidden,
        "sets": sensor.sets,
    }


def sensor_description(sensor: Sensor[Any]) -> DeviceSensorDescription:
    """Return a kind's sensor in the words of Home Assistant."""
    wording = _WORDINGS[sensor.measure]
    return DeviceSensorDescription(
        **_described(sensor),
        **wording.common,
        translation_key=sensor.key if wording.translated else None,
        options=list(sensor.options) or None,
        optional=sensor.optional,
        value=_value(sensor, wording.convert),
    )


def binary_sensor_description(sensor: Sensor[Any]) -> DeviceBinarySensorDescription:
    """Return a kind's sensor that is on or off in the words of Home Assistant."""
    return DeviceBinarySensorDescription(
        **_described(sensor),
        translation_key=sensor.key,
        device_class=_BINARY_CLASSES[sensor.measure],
        value=_value(sensor, bool),
    )


def _controlled_by(device: DeviceView) -> str:
    setpoint = device.setpoint
    return ITSELF if setpoint is None or setpoint.value is None else setpoint.owner.name.lower()


# On every device of which something can be set.
CONTROLLED_BY = DeviceSensorDescription(
    key="controlled_by",
    translation_key="controlled_by",
    device_class=SensorDeviceClass.ENUM,
    options=[ITSELF, *OWNERS],
    value=_controlled_by,
)

DEVICE_SENSORS: dict[DeviceKind, tuple[DeviceSensorDescription, ...]] = {
    kind: tuple(sensor_description(each) for each in spec.reporting.sensors if each.measure in _WORDINGS)
    for kind, spec in KINDS.items()
}
DEVICE_BINARY_SENSORS: dict[DeviceKind, tuple[DeviceBinarySensorDescription, ...]] = {
    kind: tuple(
        binary_sensor_description(each) for each in spec.reporting.sensors if each.measure in _BINARY_CLASSES
    )
    for kind, spec in KINDS.items()
}
