"""How the values of devices are worded for Home Assistant: signs, units, and who sees them."""

from dataclasses import replace
from datetime import UTC, datetime
from math import copysign

import pytest
from homeassistant.const import EntityCategory

from custom_components.home_flex.core.kinds import KINDS
from custom_components.home_flex.core.model import BatteryReading, DeviceKind, PvReading, Reading
from custom_components.home_flex.device_sensors import (
    DEVICE_BINARY_SENSORS,
    DEVICE_SENSORS,
    DeviceSensorDescription,
)
from tests.runtime.site_view import device_view

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PV = PvReading(time=NOON, power_w=-2500.0, rated_power_w=5000.0)
BATTERY = BatteryReading(
    time=NOON,
    power_w=1500.0,
    state_of_charge=0.55,
    capacity_wh=10_000.0,
    max_charge_w=5000.0,
    max_discharge_w=5000.0,
)


def described(kind: DeviceKind, key: str) -> DeviceSensorDescription:
    return next(each for each in DEVICE_SENSORS[kind] if each.key == key)


@pytest.mark.parametrize(
    ("reading", "key", "shown"),
    [
        (PV, "production_power", 2500.0),
        (PV, "rated_power", 5000.0),
        (PV, "production_limit", None),
        (BATTERY, "battery_power", -1500.0),
        (replace(BATTERY, power_setpoint_w=-800.0), "battery_setpoint", 800.0),
        (BATTERY, "state_of_charge", pytest.approx(55.0)),
        (BATTERY, "capacity", 10_000.0),
    ],
)
def test_production_and_discharge_are_positive_and_a_state_of_charge_is_in_percent(
    reading: Reading, key: str, shown: float | None
) -> None:
    kind = DeviceKind.PV if isinstance(reading, PvReading) else DeviceKind.BATTERY
    assert described(kind, key).value(device_view(kind, reading)) == shown


def test_a_roof_at_night_does_not_produce_minus_zero() -> None:
    told = described(DeviceKind.PV, "production_power").value(
        device_view(DeviceKind.PV, replace(PV, power_w=0.0))
    )
    assert isinstance(told, float)
    assert copysign(1.0, told) == 1.0


@pytest.mark.parametrize("kind", DeviceKind)
def test_a_device_that_has_not_spoken_shows_nothing(kind: DeviceKind) -> None:
    silent = device_view(kind, None)
    assert [each.key for each in DEVICE_SENSORS[kind] if each.value(silent) is not None] == []
    assert [each.key for each in DEVICE_BINARY_SENSORS[kind] if each.value(silent) is not None] == []


@pytest.mark.parametrize("kind", DeviceKind)
def test_each_sensor_of_a_kind_is_a_sensor_or_a_binary_sensor(kind: DeviceKind) -> None:
    worded = [each.key for each in (*DEVICE_SENSORS[kind], *DEVICE_BINARY_SENSORS[kind])]
    assert sorted(worded) == sorted(each.key for each in KINDS[kind].reporting.sensors)


def test_voltages_and_settings_are_for_those_who_look_for_them() -> None:
    diagnostic = {
        each.key
        for sensors in DEVICE_SENSORS.values()
        for each in sensors
        if each.entity_category is EntityCategory.DIAGNOSTIC
    }
    assert diagnostic == {
        "voltage_l1",
        "voltage_l2",
        "voltage_l3",
        "gas_time",
        "water_time",
        "heat_time",
        "power_failures",
        "long_power_failures",
        "meter_message",
        "production_limit",
        "rated_power",
        "capacity",
        "battery_setpoint",
        "programme_energy",
        "heat_content",
    }
    hidden = {
        each.key
        for sensors in DEVICE_SENSORS.values()
        for each in sensors
        if not each.entity_registry_enabled_default
    }
    assert hidden == {
        *(f"{quantity}_l{phase}" for quantity in ("voltage", "current") for phase in (1, 2, 3)),
        *(f"energy_{way}_t{tariff}" for way in ("import", "export") for tariff in (3, 4)),
        "month_peak_time",
        "gas_time",
        "water_time",
        "heat_time",
    }
