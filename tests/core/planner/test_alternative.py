"""What a device could do now instead of what is planned is solved again, and told with what it costs."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.planner import BentWish, Plan, Problem, ThermalStore
from custom_components.home_flex.core.planner.alternative import Alternative, Instead, compared, trials

from .homes import battery, car, fast_charge, home, planned, programme, sun

STEPS = 12
CHEAP_NIGHT = (0.40,) * 6 + (0.10,) * 6
DEAR_NIGHT = CHEAP_NIGHT[::-1]


def alternatives(problem: Problem, plan: Plan | None = None) -> dict[str, Alternative]:
    plan = plan or planned(problem)
    found = {}
    for trial in trials(problem, plan):
        if (other := compared(trial, planned(trial.problem), plan)) is not None:
            found[trial.device_id] = other
    return found


def test_charging_at_once_costs_the_dear_hours() -> None:
    waits = replace(car(STEPS, STEPS, 7360.0 * 0.9), start_price=0.0)

    other = alternatives(home(CHEAP_NIGHT, consumers=(waits,)))["car"]

    assert other.instead is Instead.AT_ONCE
    assert other.money == pytest.approx(7.36 * 0.30, abs=0.02)
    assert other.bent == ()


def test_a_car_that_is_charged_at_once_could_wait_for_its_hour() -> None:
    waits = replace(car(STEPS, STEPS, 3 * 3000.0), efficiency=1.0, start_price=0.0)
    fast = replace(fast_charge(STEPS, 3), device_id="car", waiting=waits)

    other = alternatives(home(CHEAP_NIGHT, fast_charges=(fast,)))["car"]

    assert other.instead is Instead.IN_ITS_TIME
    assert other.money == pytest.approx(-9.0 * 0.30, abs=0.02)
    assert other.bent == ()


def test_a_car_that_would_then_take_another_energy_is_not_compared() -> None:
    waits = replace(car(STEPS, STEPS, 4000.0), efficiency=1.0)
    fast = replace(fast_charge(STEPS, 3), device_id="car", waiting=waits)

    assert alternatives(home(CHEAP_NIGHT, fast_charges=(fast,))) == {}


def test_not_charging_now_costs_what_is_dearer_later() -> None:
    runs = replace(car(STEPS, STEPS, 7360.0 * 0.9), start_price=0.0)

    other = alternatives(home(DEAR_NIGHT, consumers=(runs,)))["car"]

    assert other.instead is Instead.NOT_NOW
    assert other.money >= 0.0


def test_what_is_bent_then_is_told_with_its_amount() -> None:
    pressed = car(STEPS, 2, 2 * 7360.0 * 0.9)

    other = alternatives(home((0.3,) * STEPS, consumers=(pressed,)))["car"]

    (bend,) = other.bent
    assert bend.wish is BentWish.READY_BY
    assert bend.amount == pytest.approx(pressed.need_wh, abs=10.0)


def test_a_battery_that_keeps_could_cover_the_house_now() -> None:
    plan_of = home((0.20,) * 6 + (0.50,) * 6, load_w=1500.0, batteries=(battery(6000.0),))
    one = replace(plan_of.batteries[0], charge_w=0.0, end_worth_per_kwh=0.0)

    other = alternatives(replace(plan_of, batteries=(one,)))["battery"]

    assert other.instead is Instead.AT_ONCE
    assert other.money == pytest.approx(5.7 * 0.30, abs=0.1)


def test_a_battery_that_gives_could_rest() -> None:
    other = alternatives(home(CHEAP_NIGHT, load_w=1500.0, batteries=(battery(9000.0),)))["battery"]

    assert other.instead is Instead.NOT_NOW
    assert other.money > 0.5


def test_a_programme_could_start_now() -> None:
    other = alternatives(home(CHEAP_NIGHT, appliances=(programme(STEPS),)))["washer"]

    assert other.instead is Instead.AT_ONCE
    assert other.money == pytest.approx(2.3 * 0.30, abs=0.01)


def test_a_tank_could_be_heated_now() -> None:
    tank = ThermalStore(
        device_id="tank",
        kind=DeviceKind.WATER_HEATER,
        stored_wh=3000.0,
        low_wh=(500.0,) * STEPS,
        high_wh=(6000.0,) * STEPS,
        max_w=2000.0,
        heat_per_power=(1.0,) * STEPS,
        drawn_w=(300.0,) * STEPS,
    )

    other = alternatives(home(CHEAP_NIGHT, thermal_stores=(tank,)))["tank"]

    assert other.instead is Instead.AT_ONCE
    assert other.money > 0.0


def test_nothing_else_is_asked_of_the_sun_of_a_fast_charge_and_of_what_has_what_it_needs() -> None:
    problem = home(
        (0.3,) * STEPS,
        pv=(sun((1000.0,) * STEPS),),
        fast_charges=(fast_charge(STEPS, 3),),
        consumers=(car(STEPS, STEPS, 0.0),),
    )

    assert list(trials(problem, planned(problem))) == []


def test_what_is_not_possible_is_no_alternative() -> None:
    # The fuse leaves no room for the car at once.
    waits = car(STEPS, STEPS, 7360.0 * 0.9)
    problem = home(CHEAP_NIGHT, consumers=(waits,))
    small = tuple(replace(limit, import_w=(1000.0,) * 6 + (17_000.0,) * 6) for limit in problem.meter_limits)

    assert alternatives(replace(problem, meter_limits=small)) == {}
