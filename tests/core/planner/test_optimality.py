"""What a plan costs, against models that share nothing with it."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.planner import Consumer, Peak, Plan, PlanStatus, Problem, Series

from .homes import ONLY_MONEY, battery, car, home, planned, programme, sun
from .independent import cheapest

PRICES = st.lists(st.floats(0.02, 0.6), min_size=10, max_size=10).map(tuple)
POWERS = st.lists(st.floats(0.0, 5000.0), min_size=10, max_size=10).map(tuple)

WHOLE = Peak(per_kw=0.4, so_far_w=1500.0)
# A month ends within the plan.
BEFORE, AFTER = replace(WHOLE, end_step=4), Peak(per_kw=0.1, so_far_w=500.0, first_step=4)


@given(
    price=PRICES,
    load_w=POWERS,
    sun_w=POWERS,
    stored=st.floats(0, 10_000),
    peaks=st.sampled_from([(), (WHOLE,), (BEFORE, AFTER), (AFTER,)]),
)
@settings(max_examples=60, deadline=None)
def test_a_home_costs_what_an_independent_model_says(
    price: Series, load_w: Series, sun_w: Series, stored: float, peaks: tuple[Peak, ...]
) -> None:
    problem = home(
        price,
        feed_in=tuple(each - 0.02 for each in price),
        load_w=0.0,
        pv=(sun(sun_w),),
        batteries=(replace(battery(stored), end_worth_per_kwh=0.1),),
        consumers=(replace(car(10, 7), min_w=0.0, start_price=0.0),),
        peaks=peaks,
        preferences=ONLY_MONEY,
    )
    problem = replace(problem, load_w=load_w)
    expected = cheapest(problem, end_worth=0.1)
    assert planned(problem).money.total == pytest.approx(expected, rel=1e-3, abs=0.005)


@given(price=PRICES)
@settings(max_examples=40, deadline=None)
def test_a_programme_starts_where_it_is_cheapest(price: Series) -> None:
    plan = planned(home(price, appliances=(programme(10),), preferences=ONLY_MONEY))
    costs = [2.0 * price[start] + 0.3 * price[start + 1] for start in range(9)]
    base = sum(0.5 * each for each in price)
    assert plan.money.total == pytest.approx(base + min(costs), abs=1e-6)


@given(price=PRICES, hours=st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_a_switched_load_runs_in_its_cheapest_sessions(price: Series, hours: int) -> None:
    load = replace(car(10, 8, hours * 2000 * 0.9), min_w=2000.0, max_w=2000.0)
    plan = planned(home(price, consumers=(load,), preferences=ONLY_MONEY))
    cheapest_sessions = min(
        sum(2.0 * price[step] for step in chosen) + load.start_price * _sessions(chosen)
        for chosen in combinations(range(8), hours)
    )
    base = sum(0.5 * each for each in price)
    assert _with_starts(plan, load, base) == pytest.approx(cheapest_sessions, abs=0.005)


def _sessions(steps: tuple[int, ...]) -> int:
    return sum(step - 1 not in steps for step in steps)


def _with_starts(plan: Plan, load: Consumer, base: float) -> float:
    on = tuple(step for step, power in enumerate(plan.devices["car"].power_w) if power > 1)
    return plan.money.total - base + load.start_price * _sessions(on)


def test_a_minimum_current_costs_no_more_than_trying_all_there_is() -> None:
    problem = home(
        (0.30, 0.22, 0.10, 0.28, 0.12, 0.31),
        consumers=(replace(car(6, 6, 6000), min_w=4140.0),),
        peaks=(Peak(per_kw=0.05, so_far_w=3000.0),),
        preferences=ONLY_MONEY,
    )
    plan = planned(problem)
    tried = [
        planned(replace(problem, consumers=(_only(problem, chosen),)))
        for count in range(1, 4)
        for chosen in combinations(range(6), count)
    ]
    best = min(_cost(one, problem.consumers[0]) for one in tried if not one.bent)
    assert plan.status is PlanStatus.SOLVED
    assert _cost(plan, problem.consumers[0]) <= best + 0.01


def _only(problem: Problem, chosen: tuple[int, ...]) -> Consumer:
    return replace(problem.consumers[0], available=tuple(step in chosen for step in range(6)))


def _cost(plan: Plan, load: Consumer) -> float:
    return _with_starts(plan, load, 0.0)
