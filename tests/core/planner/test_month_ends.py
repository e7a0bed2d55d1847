"""Plans over the end of a month: each month pays a peak of its own."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.planner import LeftOutCode, Peak, Plan, Problem
from custom_components.home_flex.core.planner.why.rule import meters

from .homes import ONLY_MONEY, car, home, planned

STEPS = 12
NEXT = 6
# The month that ends has reached 9 kW; the tariff charges 2.5 kW of the next one whatever comes.
ENDING = Peak(per_kw=2.0, so_far_w=9000.0, end_step=NEXT)
PRICE = (0.1,) * NEXT + (0.2,) * (STEPS - NEXT)
BEGINNING = Peak(per_kw=0.5, so_far_w=2500.0, first_step=NEXT)


def spread_home(*peaks: Peak, here_from: int = NEXT, need_wh: float = 9000.0) -> Problem:
    """Return a home that draws 500 W and has a car that is there from a step on."""
    one = car(STEPS, STEPS, need_wh)
    one = replace(one, available=tuple(step >= here_from for step in range(STEPS)), start_price=0.0)
    return home(PRICE, load_w=500.0, consumers=(one,), peaks=peaks, preferences=ONLY_MONEY)


def spread(*peaks: Peak, here_from: int = NEXT, need_wh: float = 9000.0) -> Plan:
    return planned(spread_home(*peaks, here_from=here_from, need_wh=need_wh))


def test_the_first_hours_of_a_month_pay_for_their_own_peak_and_not_by_that_of_the_month_before() -> None:
    plan = spread(ENDING, BEGINNING)

    assert max(plan.net_w[NEXT:]) <= 2501.0
    assert plan.money.peak == pytest.approx(0.0, abs=1e-6)


def test_what_the_old_month_reached_stays_free_until_it_ends() -> None:
    plan = spread(ENDING, BEGINNING, here_from=NEXT - 1, need_wh=9000.0)

    # What the car takes at most, and the house.
    assert plan.net_w[NEXT - 1] == pytest.approx(7360.0 + 500.0, abs=1.0)
    assert plan.money.peak == pytest.approx(0.0, abs=1e-6)


def test_each_month_pays_for_what_it_is_driven_beyond() -> None:
    plan = spread(ENDING, BEGINNING, need_wh=22_500.0)

    above_kw = 0.5 + 25.0 / 6 - 2.5
    assert plan.money.peak == pytest.approx(0.5 * above_kw, abs=1e-3)


def test_the_meter_is_at_the_peak_of_the_month_that_a_step_is_of() -> None:
    problem = spread_home(ENDING, BEGINNING, need_wh=22_500.0)

    at_peak = [meter.at_peak for meter in meters(problem, planned(problem))]

    assert at_peak == [False] * NEXT + [True] * (STEPS - NEXT)


def test_a_month_with_an_absurd_peak_leaves_the_other_its_own() -> None:
    plan = spread(replace(ENDING, per_kw=float("nan")), BEGINNING)

    assert [one.code for one in plan.left_out] == [LeftOutCode.PEAK_ABSURD]
    assert max(plan.net_w[NEXT:]) <= 2501.0


def test_no_step_is_of_two_months() -> None:
    with pytest.raises(ValueError, match="one month"):
        spread(ENDING, replace(BEGINNING, first_step=NEXT - 1))
