"""What each kind of device shows, can do, and leaves for later; docs/telemetry.md is compared elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from custom_components.home_flex.core.kinds import KINDS
from custom_components.home_flex.core.kinds.facts import Abilities, Measure
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    PvReading,
    Quantity,
    Reading,
    Site,
)

from .samples import BOILER, HEAT_PUMP, PUMP, WASHER

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25,
    import_price_per_kwh=Decimal("0.3"),
    export_price_per_kwh=Decimal("0.1"),
)
METER = MeterReading(time=NOON, power_w=900.0, phase_power_w=(400.0, 500.0), energy_import_wh=7.0)
PV = PvReading(time=NOON, power_w=-2500.0, rated_power_w=5000.0)
BATTERY = BatteryReading(
    time=NOON,
    power_w=-1500.0,
    state_of_charge=0.55,
    capacity_wh=10_000.0,
    max_charge_w=5000.0,
    max_discharge_w=4000.0,
)
CHARGER = ChargerReading(
    time=NOON,
    power_w=4140.0,
    status=ChargerStatus.SUSPENDED_EVSE,
    phases=3,
    min_current_a=6.0,
    max_current_a=16.0,
)
# Entities of homes in use hang on these keys.
KEYS = {
    DeviceKind.GRID_METER: [
        "power",
        "energy_import",
        "energy_export",
        *(f"{quantity}_l{phase}" for phase in (1, 2, 3) for quantity in ("power", "voltage", "current")),
        *(f"energy_{way}_t{tariff}" for tariff in (1, 2, 3, 4) for way in ("import", "export")),
        "tariff",
        "quarter_hour_power",
        "month_peak",
        "month_peak_time",
        "mean_peak",
        "gas",
        "gas_time",
        "water",
        "water_time",
        "heat",
        "heat_time",
        "power_failures",
        "long_power_failures",
        "meter_message",
    ],
    DeviceKind.SUB_METER: [
        "load_power",
        "load_energy",
        *(f"{quantity}_l{phase}" for phase in (1, 2, 3) for quantity in ("power", "current")),
    ],
    DeviceKind.PV: ["production_power", "energy_produced", "production_limit", "rated_power"],
    DeviceKind.BATTERY: [
        "battery_power",
        "state_of_charge",
        "energy_charged",
        "energy_discharged",
        "capacity",
        "battery_setpoint",
    ],
    DeviceKind.EV_CHARGER: [
        "charging_power",
        "energy_register",
        "session_energy",
        "charger_status",
        "current_limit",
        "current_l1",
        "current_l2",
        "current_l3",
        "vehicle_connected",
    ],
    DeviceKind.SWITCHED_LOAD: ["load_power", "load_energy", "load_state"],
    DeviceKind.APPLIANCE: ["load_power", "load_energy", "programme_state", "programme_energy"],
    DeviceKind.HEAT_PUMP: ["load_power", "load_energy", "room_temperature"],
    DeviceKind.WATER_HEATER: ["load_power", "load_energy", "water_temperature", "heat_content"],
}


@pytest.mark.parametrize("kind", DeviceKind)
def test_the_sensors_of_a_kind_keep_their_keys(kind: DeviceKind) -> None:
    assert [sensor.key for sensor in KINDS[kind].reporting.sensors] == KEYS[kind]


@pytest.mark.parametrize(
    ("kind", "reading", "shown"),
    [
        (
            DeviceKind.GRID_METER,
            METER,
            {"power": 900.0, "power_l2": 500.0, "power_l3": None, "energy_import": 7.0},
        ),
        (
            DeviceKind.PV,
            replace(PV, production_limit_w=3000.0),
            {"production_power": -2500.0, "production_limit": 3000.0, "rated_power": 5000.0},
        ),
        (
            DeviceKind.BATTERY,
            replace(BATTERY, power_setpoint_w=800.0, energy_charged_wh=1.0, energy_discharged_wh=2.0),
            {
                "battery_power": -1500.0,
                "state_of_charge": 0.55,
                "capacity": 10_000.0,
                "battery_setpoint": 800.0,
                "energy_charged": 1.0,
                "energy_discharged": 2.0,
            },
        ),
        (
            DeviceKind.EV_CHARGER,
            replace(CHARGER, current_limit_a=10.0, energy_wh=3.0, session_energy_wh=4.0),
            {
                "charging_power": 4140.0,
                "charger_status": "suspended_evse",
                "vehicle_connected": True,
                "current_limit": 10.0,
                "current_l1": None,
                "energy_register": 3.0,
                "session_energy": 4.0,
            },
        ),
        (DeviceKind.SWITCHED_LOAD, PUMP, {"load_power": 990.0, "load_energy": 5.0, "load_state": "on"}),
        (DeviceKind.APPLIANCE, WASHER, {"programme_state": "ready", "programme_energy": 900.0}),
        (DeviceKind.HEAT_PUMP, HEAT_PUMP, {"load_power": 1200.0, "room_temperature": 20.5}),
        (DeviceKind.WATER_HEATER, BOILER, {"water_temperature": 55.0, "heat_content": 2300.0}),
    ],
)
def test_a_sensor_tells_its_own_part_of_the_reading(
    kind: DeviceKind, reading: Reading, shown: dict[str, object]
) -> None:
    told = {sensor.key: sensor.value(reading) for sensor in KINDS[kind].reporting.sensors}
    assert {key: told[key] for key in shown} == shown


@pytest.mark.parametrize(
    ("kind", "reading", "abilities"),
    [
        (DeviceKind.GRID_METER, METER, Abilities()),
        (DeviceKind.PV, PV, Abilities(export_w=5000.0)),
        (
            DeviceKind.BATTERY,
            BATTERY,
            Abilities(consumption_w=5000.0, export_w=4000.0, capacity_wh=10_000.0),
        ),
        (DeviceKind.EV_CHARGER, CHARGER, Abilities(consumption_w=11_040.0)),
        (DeviceKind.SWITCHED_LOAD, PUMP, Abilities(consumption_w=1000.0)),
        (DeviceKind.APPLIANCE, WASHER, Abilities(consumption_w=2100.0)),
        (DeviceKind.HEAT_PUMP, HEAT_PUMP, Abilities(consumption_w=3000.0)),
        (DeviceKind.WATER_HEATER, BOILER, Abilities(consumption_w=2000.0)),
    ],
)
def test_the_aggregator_is_told_what_a_device_could_take_and_give(
    kind: DeviceKind, reading: Reading, abilities: Abilities
) -> None:
    assert KINDS[kind].reporting.abilities(reading, SITE) == abilities


def test_coarse_abilities_are_rounded_to_hundreds_and_what_is_not_known_stays_so() -> None:
    assert Abilities(consumption_w=5049.0, capacity_wh=9_951.0).coarse() == Abilities(
        consumption_w=5000.0, capacity_wh=10_000.0
    )


@pytest.mark.parametrize(
    ("kind", "sets"),
    [
        (DeviceKind.PV, {"production_limit": Quantity.PRODUCTION_LIMIT_W}),
        (DeviceKind.BATTERY, {"battery_setpoint": Quantity.POWER_W}),
        (DeviceKind.EV_CHARGER, {"current_limit": Quantity.CURRENT_LIMIT_A}),
    ],
)
def test_what_a_device_was_told_is_shown_only_where_it_can_be_told(
    kind: DeviceKind, sets: dict[str, Quantity]
) -> None:
    assert {each.key: each.sets for each in KINDS[kind].reporting.sensors if each.sets} == sets


def test_only_a_state_has_options() -> None:
    for reporting in (spec.reporting for spec in KINDS.values()):
        for sensor in reporting.sensors:
            assert bool(sensor.options) == (sensor.measure is Measure.STATE), sensor.key
