"""From values of roles to readings: what a kind needs, what may be missing, and nothing that is made up."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.home_flex.core.kinds.appliance import ApplianceStatus
from custom_components.home_flex.core.model import ChargerStatus, DeviceKind
from custom_components.home_flex.devices.entities.readings import Told, reading_of
from custom_components.home_flex.devices.entities.values import Lack, NoValue, Value

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
GONE = NoValue(lack=Lack.UNAVAILABLE, found="sensor.one is not available")
BATTERY: dict[str, Value | NoValue] = {
    "power": -500.0,
    "state_of_charge": 0.5,
    "capacity": 10000.0,
    "max_charge_power": 5000.0,
    "max_discharge_power": -4000.0,
}
CHARGER: dict[str, Value | NoValue] = {"power": 0.0, "min_current": 6.0, "max_current": 16.0}
LOAD: dict[str, Value | NoValue] = {"rated_power": 2000.0}


def read(
    kind: DeviceKind, values: dict[str, Value | NoValue], *, in_force: float | None = None, phases: int = 3
) -> Any:
    return reading_of(kind, values, Told(time=NOON, wired_phases=phases, in_force=in_force))


def test_a_meter_needs_its_power_and_tells_phases_from_the_first_on() -> None:
    values: dict[str, Value | NoValue] = {
        "power": 700.0,
        "power_l1": 500.0,
        "power_l2": 200.0,
        "current_l2": 1.0,
        "energy_import": GONE,
    }
    reading = read(DeviceKind.GRID_METER, values)
    assert (reading.power_w, reading.phase_power_w, reading.phase_current_a) == (700.0, (500.0, 200.0), ())
    assert reading.energy_import_wh is None


@pytest.mark.parametrize("role", ["power", "state_of_charge", "capacity"])
@pytest.mark.parametrize("gone", [True, False])
def test_a_battery_cannot_be_read_without_what_control_needs(role: str, gone: bool) -> None:
    values = {name: value for name, value in BATTERY.items() if name != role}
    found = read(DeviceKind.BATTERY, {**values, role: GONE} if gone else values)
    assert isinstance(found, NoValue)
    assert found.lack is (Lack.UNAVAILABLE if gone else Lack.NOT_CHOSEN)


def test_a_battery_s_ratings_are_sizes_and_one_may_stand_for_both() -> None:
    reading = read(DeviceKind.BATTERY, BATTERY, in_force=-300.0)
    assert (reading.max_charge_w, reading.max_discharge_w) == (5000.0, 4000.0)
    assert reading.power_setpoint_w == -300.0
    values = {key: BATTERY[key] for key in ("power", "state_of_charge", "capacity")}
    reading = read(DeviceKind.BATTERY, {**values, "rated_power": 3000.0})
    assert (reading.max_charge_w, reading.max_discharge_w) == (3000.0, 3000.0)


def test_a_battery_that_tells_no_rating_can_be_asked_nothing() -> None:
    values = {key: BATTERY[key] for key in ("power", "state_of_charge", "capacity")}
    assert read(DeviceKind.BATTERY, values).max_charge_w == 0.0


@pytest.mark.parametrize(
    ("values", "in_force", "status"),
    [
        ({"power": 3000.0}, None, ChargerStatus.CHARGING),
        ({"power": 3000.0, "connected": False}, None, ChargerStatus.CHARGING),
        ({"connected": False}, None, ChargerStatus.AVAILABLE),
        ({"connected": True}, None, ChargerStatus.SUSPENDED_EV),
        ({"connected": True}, 0.0, ChargerStatus.SUSPENDED_EVSE),
        ({"status": "away"}, None, ChargerStatus.AVAILABLE),
        ({"status": "away", "connected": True}, None, ChargerStatus.SUSPENDED_EV),
        ({"status": "connected"}, None, ChargerStatus.SUSPENDED_EV),
        ({"status": "charging"}, None, ChargerStatus.CHARGING),
        ({"status": "error"}, None, ChargerStatus.FAULTED),
        ({}, None, ChargerStatus.SUSPENDED_EV),
    ],
)
def test_a_charger_without_word_of_a_car_may_have_one(
    values: dict[str, Value | NoValue], in_force: float | None, status: ChargerStatus
) -> None:
    assert read(DeviceKind.EV_CHARGER, {**CHARGER, **values}, in_force=in_force).status is status


NEW_WORD = NoValue(lack=Lack.UNKNOWN_WORD, found="sensor.status shows 'unknown 7' in no unit")


@pytest.mark.parametrize(
    ("power_w", "status"), [(3680.0, ChargerStatus.CHARGING), (0.0, ChargerStatus.SUSPENDED_EV)]
)
def test_a_word_that_came_with_a_new_firmware_takes_no_charger_away(
    power_w: float, status: ChargerStatus
) -> None:
    values = {**CHARGER, "status": NEW_WORD, "power": power_w}
    assert read(DeviceKind.EV_CHARGER, values).status is status


@pytest.mark.parametrize(
    ("told", "currents_a"),
    [
        ({"current_l1": 6.0, "power_l1": 2300.0}, (6.0,)),
        ({"power_l1": 2300.0, "power_l2": 0.0, "power_l3": 0.0}, (10.0, 0.0, 0.0)),
        ({}, ()),
    ],
)
def test_a_charger_that_tells_only_its_powers_by_phase_shows_which_phases_the_car_uses(
    told: dict[str, Value | NoValue], currents_a: tuple[float, ...]
) -> None:
    reading = read(DeviceKind.EV_CHARGER, {**CHARGER, "power": 2300.0, **told})
    assert reading.phase_current_a == currents_a


@pytest.mark.parametrize(("told", "phases"), [({"phases": 1.0}, 1), ({"phases": 7.0}, 3), ({}, 3)])
def test_a_charger_has_the_phases_it_tells_else_those_it_is_wired_to(
    told: dict[str, Value | NoValue], phases: int
) -> None:
    assert read(DeviceKind.EV_CHARGER, {**CHARGER, **told}).phases == phases


@pytest.mark.parametrize(
    ("values", "power_w", "is_on"),
    [
        ({"power": 1900.0, "switch": "on"}, 1900.0, True),
        ({"power": 0.0, "switch": "on"}, 0.0, True),
        ({"power": 1900.0}, 1900.0, True),
        ({"power": 2.0}, 2.0, False),
        ({"switch": "on"}, 2000.0, True),
        ({"switch": "off"}, 0.0, False),
    ],
)
def test_a_load_draws_what_is_measured_else_what_it_is_rated_at_while_it_is_on(
    values: dict[str, Value | NoValue], power_w: float, is_on: bool
) -> None:
    reading = read(DeviceKind.SWITCHED_LOAD, {**LOAD, **values})
    assert (reading.power_w, reading.is_on) == (power_w, is_on)


@pytest.mark.parametrize("values", [{"power": GONE, "switch": "on"}, {"switch": GONE}, {}])
def test_a_load_s_measured_power_is_never_replaced_by_a_guess(values: dict[str, Value | NoValue]) -> None:
    assert isinstance(read(DeviceKind.SWITCHED_LOAD, {**LOAD, **values}), NoValue)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"power": 3.0, "status": "ready"}, ApplianceStatus.READY),
        ({"power": 3.0, "status": "error"}, ApplianceStatus.OFF),
        ({"power": 800.0}, ApplianceStatus.RUNNING),
        ({"power": 3.0}, ApplianceStatus.OFF),
    ],
)
def test_an_appliance_says_where_it_is_else_its_power_does(
    values: dict[str, Value | NoValue], status: ApplianceStatus
) -> None:
    assert read(DeviceKind.APPLIANCE, {**LOAD, **values}).status is status


@pytest.mark.parametrize("kind", [DeviceKind.HEAT_PUMP, DeviceKind.WATER_HEATER])
def test_heat_without_a_temperature_is_read_all_the_same(kind: DeviceKind) -> None:
    values: dict[str, Value | NoValue] = {"power": 900.0, "temperature": GONE, "min_temperature": 45.0}
    reading = read(kind, {**LOAD, **values}, in_force=1.0)
    assert (reading.temperature_c, reading.min_c, reading.rated_power_w) == (None, 45.0, 2000.0)
