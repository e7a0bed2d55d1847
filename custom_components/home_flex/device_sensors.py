"""The sensors of each kind of device, as tables.

Powers follow Home Assistant's Energy dashboard: positive from the grid, from the panels, out of the battery,
into the car. Inside Home Flex positive is consumption, so production and batteries change sign here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
)

from .core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Reading,
)
from .runtime.view import DeviceView

type Value = float | str | datetime | None

ITSELF = "itself"
OWNERS = [owner.name.lower() for owner in Owner]
CHARGER_STATUS = {
    ChargerStatus.AVAILABLE: "available",
    ChargerStatus.PREPARING: "preparing",
    ChargerStatus.CHARGING: "charging",
    ChargerStatus.SUSPENDED_EVSE: "suspended_evse",
    ChargerStatus.SUSPENDED_EV: "suspended_ev",
    ChargerStatus.FINISHING: "finishing",
    ChargerStatus.RESERVED: "reserved",
    ChargerStatus.UNAVAILABLE: "unavailable",
    ChargerStatus.FAULTED: "faulted",
}


@dataclass(frozen=True, kw_only=True)
class DeviceSensorDescription(SensorEntityDescription):
    """A sensor of a device. ``optional``: it appears with the first value, as not every device tells it."""

    value: Callable[[DeviceView], Value]
    optional: bool = False


def _of[R: Reading](kind: type[R], value: Callable[[R], Value]) -> Callable[[DeviceView], Value]:
    """Return what reads ``value`` out of a device's last reading, None when there is none."""
    return lambda device: value(device.reading) if isinstance(device.reading, kind) else None


def _power(
    key: str, value: Callable[[DeviceView], Value], *, optional: bool = False, diagnostic: bool = False
) -> DeviceSensorDescription:
    return DeviceSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        value=value,
        optional=optional,
    )


def _energy(key: str, value: Callable[[DeviceView], Value]) -> DeviceSensorDescription:
    return DeviceSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value=value,
        optional=True,
    )


def _current(
    key: str, value: Callable[[DeviceView], Value], *, enabled: bool = False
) -> DeviceSensorDescription:
    return DeviceSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
        entity_registry_enabled_default=enabled,
        value=value,
        optional=True,
    )


def _voltage(key: str, value: Callable[[DeviceView], Value]) -> DeviceSensorDescription:
    return DeviceSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=value,
        optional=True,
    )


def _phase(values: tuple[float, ...], phase: int) -> float | None:
    return values[phase - 1] if phase <= len(values) else None


def _negative(value: float | None) -> float | None:
    """Turn the sign, and never into minus zero."""
    return None if value is None else 0.0 - value


def _meter_phase(phase: int) -> tuple[DeviceSensorDescription, ...]:
    return (
        _power(f"power_l{phase}", _of(MeterReading, lambda r: _phase(r.phase_power_w, phase)), optional=True),
        _voltage(f"voltage_l{phase}", _of(MeterReading, lambda r: _phase(r.phase_voltage_v, phase))),
        _current(f"current_l{phase}", _of(MeterReading, lambda r: _phase(r.phase_current_a, phase))),
    )


def _charger_phase(phase: int) -> DeviceSensorDescription:
    return _current(f"current_l{phase}", _of(ChargerReading, lambda r: _phase(r.phase_current_a, phase)))


def _controlled_by(device: DeviceView) -> str:
    setpoint = device.setpoint
    return ITSELF if setpoint is None or setpoint.value is None else setpoint.owner.name.lower()


_CONTROLLED_BY = DeviceSensorDescription(
    key="controlled_by",
    translation_key="controlled_by",
    device_class=SensorDeviceClass.ENUM,
    options=[ITSELF, *OWNERS],
    value=_controlled_by,
)

_GRID_METER = (
    _power("power", _of(MeterReading, lambda r: r.power_w)),
    _energy("energy_import", _of(MeterReading, lambda r: r.energy_import_wh)),
    _energy("energy_export", _of(MeterReading, lambda r: r.energy_export_wh)),
    *_meter_phase(1),
    *_meter_phase(2),
    *_meter_phase(3),
)

_PV = (
    _power("production_power", _of(PvReading, lambda r: _negative(r.power_w))),
    _energy("energy_produced", _of(PvReading, lambda r: r.energy_produced_wh)),
    _power("production_limit", _of(PvReading, lambda r: r.production_limit_w), diagnostic=True),
    _power("rated_power", _of(PvReading, lambda r: r.rated_power_w), diagnostic=True),
    _CONTROLLED_BY,
)

_BATTERY = (
    _power("battery_power", _of(BatteryReading, lambda r: _negative(r.power_w))),
    DeviceSensorDescription(
        key="state_of_charge",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value=_of(BatteryReading, lambda r: r.state_of_charge * 100),
    ),
    _energy("energy_charged", _of(BatteryReading, lambda r: r.energy_charged_wh)),
    _energy("energy_discharged", _of(BatteryReading, lambda r: r.energy_discharged_wh)),
    DeviceSensorDescription(
        key="capacity",
        translation_key="capacity",
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=_of(BatteryReading, lambda r: r.capacity_wh),
    ),
    _power("battery_setpoint", _of(BatteryReading, lambda r: _negative(r.power_setpoint_w)), diagnostic=True),
    _CONTROLLED_BY,
)

_EV_CHARGER = (
    _power("charging_power", _of(ChargerReading, lambda r: r.power_w)),
    _energy("energy_register", _of(ChargerReading, lambda r: r.energy_wh)),
    _energy("session_energy", _of(ChargerReading, lambda r: r.session_energy_wh)),
    DeviceSensorDescription(
        key="charger_status",
        translation_key="charger_status",
        device_class=SensorDeviceClass.ENUM,
        options=list(CHARGER_STATUS.values()),
        value=_of(ChargerReading, lambda r: CHARGER_STATUS[r.status]),
    ),
    _current("current_limit", _of(ChargerReading, lambda r: r.current_limit_a), enabled=True),
    _charger_phase(1),
    _charger_phase(2),
    _charger_phase(3),
    _CONTROLLED_BY,
)

DEVICE_SENSORS: dict[DeviceKind, tuple[DeviceSensorDescription, ...]] = {
    DeviceKind.GRID_METER: _GRID_METER,
    DeviceKind.PV: _PV,
    DeviceKind.BATTERY: _BATTERY,
    DeviceKind.EV_CHARGER: _EV_CHARGER,
}
