"""What physics finds in homes that are read right, and in homes that are not."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.physics import (
    DeviceSeen,
    Findings,
    HomeSeen,
    PhysicsMemory,
    Verdict,
    checked,
    findings,
    stored_energy,
)
from custom_components.home_flex.core.physics.stored_energy import Step, StoreMemory

from .home import Home

RIGHT = {Verdict.RIGHT, Verdict.UNDECIDED}
PERIODS = [(1, 1), (1, 10), (10, 10), (10, 30)]


def found(home: Home) -> Findings:
    memory = PhysicsMemory()
    for moment in home.moments():
        memory = checked(memory, moment)
    return findings(memory)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("meter_s", "device_s"), PERIODS)
def test_a_home_that_is_read_right_is_never_doubted(seed: int, meter_s: int, device_s: int) -> None:
    home = Home(seed, meter_period_s=meter_s, device_period_s=device_s, hours=5.0, from_hour=8.0)
    told = found(home)
    assert told.meter in RIGHT
    assert set(told.devices.values()) <= RIGHT
    assert not told.impossible


@pytest.mark.parametrize(
    ("scale", "told"),
    [(0.1, {Verdict.TOO_SMALL}), (0.5, set()), (1.0, set()), (2.0, set()), (10.0, {Verdict.TOO_LARGE})],
)
def test_a_battery_with_its_comma_in_the_wrong_place_is_found_by_what_it_stores(
    scale: float, told: set[Verdict]
) -> None:
    memory, seen = PhysicsMemory(), set[Verdict]()
    for moment in Home(1, battery=scale, hours=4.0, from_hour=6.0).moments():
        memory = checked(memory, moment)
        store = memory.stores["battery"]
        seen.add(stored_energy.verdict(store, memory.capacities_wh["battery"]))
    assert seen - RIGHT == told


@pytest.mark.parametrize(
    ("power_w", "percent_s", "told"),
    [
        (0.0, 14_400.0, set()),
        (5.0, 14_400.0, set()),
        (-0.2, 14_400.0, set()),
        (0.0, 360.0, {Verdict.TOO_SMALL}),
        (2.0, 360.0, {Verdict.TOO_SMALL}),
        (1000.0, 360.0, {Verdict.SWAPPED}),
        (-1000.0, 360.0, set()),
    ],
    ids=["rests", "stands by", "rests, to the eye", "tells nothing", "tells its standby", "swapped", "right"],
)
def test_a_battery_that_rests_loses_a_percent_without_being_accused_of_its_sign(
    power_w: float, percent_s: float, told: set[Verdict]
) -> None:
    store, seen = StoreMemory(), set[Verdict]()
    for at_s in range(0, int(10 * percent_s), 60):
        state_of_charge = round(0.8 - 0.01 * at_s / percent_s, 2)
        battery = DeviceSeen(
            kind=DeviceKind.BATTERY, power_w=power_w, period_s=60.0, state_of_charge=state_of_charge
        )
        store = stored_energy.watched(store, battery, float(at_s))
        seen.add(stored_energy.verdict(store, 10_000.0))
    assert seen - RIGHT == told


def test_a_state_of_charge_that_is_set_right_is_no_comma_in_the_wrong_place() -> None:
    steps = (*[Step(change=0.05, energy_wh=100.0)] * 5, Step(change=0.01, energy_wh=95.0))
    assert stored_energy.verdict(StoreMemory(steps=steps), 10_000.0) is Verdict.RIGHT


@pytest.mark.parametrize(("meter_s", "device_s"), PERIODS)
@pytest.mark.parametrize(
    ("wrong", "device", "verdict"),
    [
        ({"sun": -1.0}, "sun", Verdict.SWAPPED),
        ({"battery": -1.0}, "battery", Verdict.SWAPPED),
        ({"battery": 1000.0}, "battery", Verdict.TOO_LARGE),
        ({"battery": 0.001}, "battery", Verdict.TOO_SMALL),
        ({"twice": True}, "sun", Verdict.COUNTED_TWICE),
        ({"sun": 1000.0}, "sun", Verdict.NOT_SEEN),
        ({"meter": 0.001}, "sun", Verdict.NOT_SEEN),
        ({"sun": 0.5, "has_battery": False}, "sun", Verdict.MISSING),
    ],
)
def test_what_is_wrong_with_a_device_is_found_within_a_morning(
    wrong: dict[str, Any], device: str, verdict: Verdict, meter_s: int, device_s: int
) -> None:
    told = found(Home(1, meter_period_s=meter_s, device_period_s=device_s, **wrong))
    assert told.devices[device] is verdict
    assert told.meter is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "home", [Home(1, meter=-1.0), Home(2, meter=-1.0, has_battery=False, from_hour=0.0)], ids=["day", "night"]
)
def test_a_meter_that_was_clamped_the_wrong_way_round_is_found(home: Home) -> None:
    told = found(home)
    assert told.meter is Verdict.SWAPPED
    assert set(told.devices.values()) <= RIGHT


def test_a_battery_that_is_not_among_the_devices_is_no_fault_of_the_sun() -> None:
    home = Home(3)
    memory = PhysicsMemory()
    for moment in home.moments():
        memory = checked(memory, replace(moment, devices={"sun": moment.devices["sun"]}))
    assert findings(memory).devices["sun"] is Verdict.NOT_SEEN  # whose text names the battery nobody added


def watts(grid_w: float, second: float, **devices_w: float) -> HomeSeen:
    devices = {
        name: DeviceSeen(kind=DeviceKind.EV_CHARGER, power_w=power_w) for name, power_w in devices_w.items()
    }
    return HomeSeen(now_s=second, grid_w=grid_w, devices=devices)


def test_devices_that_draw_more_than_the_meter_shows_without_an_explanation_are_told_as_that() -> None:
    memory = PhysicsMemory()
    for second in range(400):
        memory = checked(memory, watts(500.0, float(second), car=3000.0, other=3000.0))
    assert findings(memory).impossible


def test_a_single_sample_that_is_not_in_step_is_no_alarm() -> None:
    memory = PhysicsMemory()
    for second in range(400):
        late = second % 10 == 0
        memory = checked(memory, watts(300.0 if late else 7300.0, float(second), car=7000.0))
    assert findings(memory) == Findings()


@given(
    st.lists(
        st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(0, 1)), min_size=1, max_size=200
    ),
    st.floats(0.1, 500),
)
def test_no_series_of_readings_is_too_odd(series: list[tuple[float, float, float]], step_s: float) -> None:
    memory = PhysicsMemory()
    for count, (grid_w, power_w, charge) in enumerate(series):
        devices = {
            "battery": DeviceSeen(
                kind=DeviceKind.BATTERY, power_w=power_w, state_of_charge=charge, capacity_wh=0.0
            ),
            "sun": DeviceSeen(kind=DeviceKind.PV, power_w=-abs(power_w), period_s=step_s),
        }
        memory = checked(memory, HomeSeen(now_s=count * step_s, grid_w=grid_w, devices=devices))
    assert isinstance(findings(memory), Findings)
