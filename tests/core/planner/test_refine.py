"""What is found in the background where a plan may be dearer than it need be."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from custom_components.home_flex.core.planner import Consumer, Plan, PlanStatus, Problem, Series
from custom_components.home_flex.core.planner.integers import Effort, cheapest
from custom_components.home_flex.core.planner.planner import Planner, Solved
from custom_components.home_flex.core.planner.refine import Refiner

from .homes import ONLY_MONEY, battery, car, home, homes, planned, sun

LEAST_GAP = 0.01
# Where a kWh sold brings 8 ct, and buying one costs less, which way the meter goes is a matter of search.
CHEAP = (0.08, 0.07, 0.04, 0.09, 0.01, 0.01, 0.01, 0.01)
SUNNY = (5000.0, 1000.0, 5000.0, 0.0, 1000.0, 5000.0, 5000.0, 1000.0)


def refined(problem: Problem, plan: Plan) -> Plan:
    return Refiner(limit_s=20.0).refined(problem, plan)


def cheap_home(consumers: tuple[Consumer, ...] = ()) -> Problem:
    store = replace(battery(2000.0), end_worth_per_kwh=0.05)
    return home(CHEAP, feed_in=0.08, batteries=(store,), pv=(sun(SUNNY),), consumers=consumers)


def test_a_better_plan_is_found_where_selling_brings_more_than_buying_costs() -> None:
    problem = cheap_home()
    plan = planned(problem)

    better = refined(problem, plan)

    assert better.status is PlanStatus.SOLVED
    assert better.money.total < plan.money.total - LEAST_GAP
    assert better.gap <= LEAST_GAP < plan.gap
    assert all(len(device.reasons) == len(CHEAP) for device in better.devices.values())


def test_a_cheaper_plan_that_the_dive_finds_from_another_start_is_taken() -> None:
    problem = home((0.1, 0.3) * 4, batteries=(battery(2000.0),))
    plan = planned(problem)

    better = refined(problem, replace(plan, gap=plan.gap + 0.5))

    assert better.gap == pytest.approx(plan.gap)
    assert all(device.reasons for device in better.devices.values())


@given(problem=homes())
@settings(max_examples=25, deadline=None)
def test_a_refined_plan_is_no_dearer_and_its_gap_no_wider(problem: Problem) -> None:
    problem = replace(problem, preferences=ONLY_MONEY)
    plan = planned(problem)

    better = refined(problem, plan)

    assert better.gap <= plan.gap
    if better.devices != plan.devices and not (plan.bent or better.bent):
        assert _cost(problem, better) < _cost(problem, plan) + _burnt(problem)


def _cost(problem: Problem, plan: Plan) -> float:
    return plan.money.total + sum(
        one.start_price * _sessions(plan.devices[one.device_id].power_w) for one in problem.consumers
    )


def _burnt(problem: Problem) -> float:
    """Return what a battery may earn by burning energy, where that is paid for: a plan does not count it."""
    return sum(max(-each, 0.0) for each in problem.signals.export_per_kwh) * len(problem.batteries)


def _sessions(power_w: Series) -> int:
    on = [False, *(each > 1.0 for each in power_w)]
    return sum(now and not before for before, now in pairwise(on))


def test_a_plan_that_is_good_enough_is_left_as_it_is() -> None:
    problem = home((0.30,) * 6, batteries=(battery(),))
    plan = planned(problem)

    assert plan.gap <= LEAST_GAP
    assert refined(problem, plan) is plan


def test_rules_are_not_refined() -> None:
    problem = cheap_home()
    plan = replace(Planner(limit_s=0.0).plan(problem), gap=1.0)

    assert plan.status is PlanStatus.SAFE_RULE
    assert refined(problem, plan) is plan


def test_without_time_the_plan_stays() -> None:
    problem = cheap_home()
    plan = planned(problem)

    assert Refiner(limit_s=0.0).refined(problem, plan).devices == plan.devices


RUNS = {
    "a session that runs goes on without a price": (1, 0.0),
    "one that does not begins at its price": (0, 0.04),
}


@pytest.mark.parametrize(("runs", "price"), RUNS.values(), ids=RUNS)
def test_sessions_cost_in_whole_numbers_what_they_cost_in_a_plan(runs: int, price: float) -> None:
    one = replace(car(6, 6, need_wh=7000.0), min_w=4140.0, power_w=4140.0 * runs)
    found, solved = whole(home((0.10, 0.10, 0.30, 0.30, 0.30, 0.30), consumers=(one,)))

    energy = 7.0 / one.efficiency * 0.10 + 0.5 * 1.4
    assert found == pytest.approx(energy + price, abs=0.005)
    assert found == pytest.approx(solved.dived.objective, abs=0.005)


def test_a_session_that_must_not_be_interrupted_is_one_in_whole_numbers() -> None:
    one = replace(car(6, 6, need_wh=9000.0), interruptible=False, start_price=0.0)
    price = (0.10, 0.40, 0.10, 0.40, 0.40, 0.40)

    found, _ = whole(home(price, consumers=(one,)))
    interrupted, _ = whole(home(price, consumers=(replace(one, interruptible=True),)))

    assert found > interrupted + 0.1


def whole(problem: Problem) -> tuple[float, Solved]:
    """Return what the best costs by whole numbers, and what was dived to."""
    solved = Planner(limit_s=20.0).solve(problem)
    assert isinstance(solved, Solved)
    found = cheapest(solved.search, solved.dived.outcome, Effort(limit_s=20.0))
    assert found is not None
    return found.objective, solved


def test_a_session_may_end_early_in_whole_numbers_where_it_may_in_a_plan_and_that_is_the_last_one() -> None:
    one = replace(car(4, 4, 5800.0), min_w=4140.0, max_w=4140.0, efficiency=1.0, start_price=0.0)
    prices = (0.2, 0.9, 0.1, 0.9)
    solved = Planner().solve(home(prices, load_w=0.0, consumers=(one,), preferences=ONLY_MONEY))
    assert isinstance(solved, Solved)

    found = cheapest(solved.search, solved.dived.outcome, Effort(limit_s=20.0))

    assert found is not None
    assert found.objective == pytest.approx(4.140 * 0.2 + 1.660 * 0.1, abs=1e-3)


def test_what_is_found_keeps_a_minimum() -> None:
    one: Consumer = replace(car(8, 8, need_wh=12_000.0), min_w=4140.0, max_w=11_000.0)
    problem = cheap_home(consumers=(one,))

    taken_w = np.array(refined(problem, planned(problem)).devices["car"].power_w)

    on = np.flatnonzero(taken_w > 1.0)
    assert (taken_w[on[:-1]] >= 4140.0 - 1.0).all()
    assert taken_w.max() <= 11_000.0 + 1.0
