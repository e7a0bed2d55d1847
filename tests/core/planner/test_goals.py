"""What a home aims at changes what it does: cheapest, greenest, most independent."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.model import Goal
from custom_components.home_flex.core.planner import LeftOutCode, Plan, Problem, preferences_for

from .homes import battery, car, home, planned, sun

STEPS = 12
# The night is a little cheaper, and of coal; noon is of wind.
PRICE = (0.20,) * 6 + (0.25,) * 6
CARBON = (600.0,) * 6 + (50.0,) * 6


def _aims(problem: Problem, goal: Goal) -> Plan:
    return planned(replace(problem, preferences=preferences_for(goal)))


def _car_home() -> Problem:
    problem = home(PRICE, consumers=(car(STEPS, STEPS, 12_000.0),))
    return replace(problem, signals=replace(problem.signals, carbon_g_per_kwh=CARBON))


@pytest.mark.parametrize(
    ("goal", "hours"), [(Goal.CHEAPEST, range(6)), (Goal.GREENEST, range(6, STEPS))], ids=["cheap", "green"]
)
def test_a_car_charges_in_cheap_hours_or_in_green_ones(goal: Goal, hours: range) -> None:
    power_w = _aims(_car_home(), goal).devices["car"].power_w

    assert {step for step in range(STEPS) if power_w[step] > 20.0} <= set(hours)


def test_the_greenest_plan_emits_less_and_costs_more_and_its_money_is_only_money() -> None:
    cheap, green = (_aims(_car_home(), goal) for goal in (Goal.CHEAPEST, Goal.GREENEST))

    assert green.carbon_g is not None
    assert cheap.carbon_g is not None
    assert green.carbon_g < cheap.carbon_g / 2
    # 12 kWh of the battery's, at 5 ct more.
    assert green.money.total - cheap.money.total == pytest.approx(12.0 / 0.9 * 0.05, abs=0.01)


def test_without_a_carbon_intensity_the_greenest_plan_is_the_cheapest() -> None:
    problem = home(PRICE, consumers=(car(STEPS, STEPS, 12_000.0),))

    cheap, green = (_aims(problem, goal) for goal in (Goal.CHEAPEST, Goal.GREENEST))

    assert green.money.total == pytest.approx(cheap.money.total, abs=0.01)


def test_a_carbon_intensity_with_a_hole_is_told_where_the_home_aims_at_green() -> None:
    problem = _car_home()
    holes = replace(problem.signals, carbon_g_per_kwh=(float("nan"), *CARBON[1:]))

    plan = _aims(replace(problem, signals=holes), Goal.GREENEST)

    assert LeftOutCode.CARBON_MISSING in [left.code for left in plan.left_out]


@pytest.mark.parametrize(("goal", "sold_kwh"), [(Goal.CHEAPEST, 18.0), (Goal.MOST_INDEPENDENT, 8.0)])
def test_the_most_independent_home_keeps_its_sun_though_selling_it_brings_as_much(
    goal: Goal, sold_kwh: float
) -> None:
    shine = (4000.0,) * 6 + (0.0,) * 6
    problem = home(
        (0.22,) * STEPS,
        feed_in=0.20,
        load_w=1000.0,
        pv=(sun(shine),),
        batteries=(replace(battery(0.0), end_worth_per_kwh=0.15),),
    )

    plan = _aims(problem, goal)

    assert sum(max(-net_w, 0.0) for net_w in plan.net_w) / 1000 <= sold_kwh + 0.5
    if goal is Goal.CHEAPEST:
        assert sum(max(-net_w, 0.0) for net_w in plan.net_w) / 1000 == pytest.approx(sold_kwh, abs=0.5)
    else:
        assert sum(max(net_w, 0.0) for net_w in plan.net_w) < 1000.0
