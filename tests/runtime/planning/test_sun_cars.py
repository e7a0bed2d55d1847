"""Cars that are left to the sun: what the plan expects their own rule to give them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.forecast import Forecast
from custom_components.home_flex.core.model import ChargerStatus, PvReading, quarter_hours
from custom_components.home_flex.core.planner.bending import LeftOut, LeftOutCode
from custom_components.home_flex.core.planner.plan import IntentKind, Plan
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Problem
from custom_components.home_flex.core.planner.reason import ReasonCode
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.behind import behind_of
from custom_components.home_flex.runtime.planning.made import MadePlan
from custom_components.home_flex.runtime.planning.outlook import Outlook
from custom_components.home_flex.runtime.planning.simulating import WhatIf, changed

from .plans import NOON, SITE, battery_reading, charger_reading, device, signals

DAY = quarter_hours(NOON, 24)
# Of the charger: three phases, from 6 to 16 A.
LEAST_W, MOST_W = 6 * 690.0, 16 * 690.0
SUN = device("sun", reading=PvReading(time=NOON, power_w=-1000.0, rated_power_w=20_000.0))
UNKNOWN = LeftOut(code=LeftOutCode.NEED_UNKNOWN, subject_id="car")


def forecast(power_w: float) -> Forecast:
    return Forecast(
        grid=DAY,
        expected_w=np.full(len(DAY), power_w),
        made_at=NOON,
        source="weighted_days",
        error_paths_w=(),
    )


def asked(*devices: DeviceState, sun_w: Mapping[str, float] | None = None) -> Problem:
    outlook = Outlook(
        signals=signals(DAY),
        load=forecast(500.0),
        production={key: forecast(power_w) for key, power_w in (sun_w or {}).items()},
    )
    home = Home(site=SITE, network=None, devices=devices, asked_in=lambda _step: ())
    return problem_of(home, DAY, outlook, NOON)


def car(mode: ChargeMode = ChargeMode.SURPLUS, now_w: float = 0.0, **wish: float) -> DeviceState:
    reading = charger_reading(power_w=now_w, status=ChargerStatus.CHARGING)
    return device("car", charge=ChargeWish(mode=mode, **wish), reading=reading)  # type: ignore[arg-type] # numbers


def taken_wh(plan: Plan) -> float:
    return sum(plan.devices["car"].power_w) / 4


def test_a_car_on_minimum_and_sun_counts_its_minimum_until_it_is_taken_to_be_full_and_that_is_told() -> None:
    plan = Planner().plan(asked(car(ChargeMode.MINIMUM_SURPLUS, now_w=LEAST_W)))

    assert plan.devices["car"].power_w[:57] == pytest.approx((LEAST_W,) * 57)
    assert plan.net_w[:57] == pytest.approx((LEAST_W + 500.0,) * 57)
    assert taken_wh(plan) == pytest.approx(60_000.0)
    assert plan.money.bought == pytest.approx(0.3 * (60.0 + 0.5 * 24))
    assert UNKNOWN in plan.left_out


def test_what_its_session_may_take_ends_the_minimum_of_a_car_and_is_no_guess() -> None:
    plan = Planner().plan(asked(car(ChargeMode.MINIMUM_SURPLUS, session_left_wh=2 * LEAST_W)))

    assert plan.devices["car"].power_w == pytest.approx((LEAST_W,) * 8 + (0.0,) * 88)
    assert UNKNOWN not in plan.left_out


def test_what_a_car_takes_of_the_sun_is_not_planned_as_fed_in() -> None:
    plan = Planner().plan(asked(SUN, car(), sun_w={"sun": 5500.0}))

    assert plan.devices["car"].power_w[:40] == pytest.approx((5000.0,) * 40)
    assert plan.net_w[:40] == pytest.approx((0.0,) * 40, abs=1.0)
    # The car is taken to be full after 60 kWh; what is over then is sold.
    assert plan.money.sold == pytest.approx(0.05 * (5.0 * 24 - 60.0), abs=1e-3)
    assert {intent.kind for intent in plan.devices["car"].intents} == {IntentKind.SURPLUS}
    assert {reason.code for reason in plan.devices["car"].reasons[:40]} == {ReasonCode.SUN}


@pytest.mark.parametrize(("sun_w", "takes_w"), [(4600.0, 0.0), (4700.0, 4200.0), (20_000.0, MOST_W)])
def test_it_takes_what_is_over_from_its_least_power_on_up_to_its_most(sun_w: float, takes_w: float) -> None:
    problem = asked(SUN, car(), sun_w={"sun": sun_w})

    assert problem.fast_charges[0].expected_w[0] == pytest.approx(takes_w)


def test_on_minimum_and_sun_it_takes_its_minimum_besides_where_less_is_over() -> None:
    problem = asked(SUN, car(ChargeMode.MINIMUM_SURPLUS), sun_w={"sun": 3000.0})

    assert problem.fast_charges[0].expected_w[0] == pytest.approx(LEAST_W)


def test_batteries_come_first_until_they_hold_enough_for_the_house() -> None:
    battery = device("battery", reading=battery_reading(0.7))

    problem = asked(SUN, battery, car(), sun_w={"sun": 10_500.0})

    # 1 kWh is missing to 80 % of 10 kWh: a quarter-hour of it is not for the car.
    stored_wh = 1000.0 / problem.batteries[0].efficiency
    first_w, then_w = problem.fast_charges[0].expected_w[:2]
    assert first_w == pytest.approx(10_000.0 - 4 * stored_wh)
    assert then_w == pytest.approx(10_000.0)


def test_where_nobody_knows_the_sun_what_it_takes_goes_on_for_two_hours() -> None:
    problem = asked(car(now_w=7000.0))

    assert problem.fast_charges[0].expected_w == pytest.approx((7000.0,) * 8 + (0.0,) * 88)


def test_no_limit_of_the_meter_is_bent_for_the_minimum_of_a_car() -> None:
    problem = asked(car(ChargeMode.MINIMUM_SURPLUS))
    tight = replace(
        problem, meter_limits=tuple(replace(each, import_w=(2500.0,) * 96) for each in problem.meter_limits)
    )

    assert max(Planner().plan(tight).net_w) <= 2501.0


def test_what_if_it_needed_energy_it_is_planned_for_that() -> None:
    what = WhatIf(car_need_wh=8000.0, car_ready_by=datetime.fromisoformat("2030-01-01T00:00:00+00:00"))

    problem = changed(asked(car()), what)

    assert problem.fast_charges == ()
    assert [(each.device_id, each.need_wh, each.by_sun) for each in problem.consumers] == [
        ("car", 8000.0, False)
    ]


def test_a_car_that_the_sun_gives_less_than_was_expected_is_not_behind() -> None:
    home = Home(site=SITE, network=None, devices=(counted(0.0),), asked_in=lambda _step: ())
    outlook = Outlook(signals=signals(DAY), load=forecast(500.0))
    problem = problem_of(home, DAY, outlook, NOON)
    plan = Planner().plan(problem)
    made = MadePlan(plan=plan, problem=problem, home=home, outlook=outlook, made_at=NOON, stretches={})

    assert sum(plan.devices["car"].power_w[:4]) / 4 == pytest.approx(7000.0)
    assert behind_of(made, [counted(0.0)], DAY.bounds()[4]) == frozenset()


def counted(session_wh: float) -> DeviceState:
    one = car(now_w=7000.0)
    assert one.reading is not None
    return replace(one, reading=replace(one.reading, session_energy_wh=session_wh))
