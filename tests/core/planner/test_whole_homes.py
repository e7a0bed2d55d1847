"""What a plan of a home of many parts costs, against the model of ``whole_home``."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.planner import Battery, Consumer, Peak, Plan, Problem, Series
from custom_components.home_flex.core.planner.problem import ThermalStore
from custom_components.home_flex.core.planner.refine import Refiner

from .homes import ONLY_MONEY, battery, car, fuse, home, phases, planned, sun
from .whole_home import WholeHome

STEPS = 8
EXAMPLES = settings(max_examples=12, deadline=None)
# What of a gap is not searched for: money, and a part of the cost.
GAP, PART = 0.005, 0.001


def _series(low: float, high: float) -> st.SearchStrategy[Series]:
    each = st.floats(low, high).map(lambda value: round(value, 3))
    return st.lists(each, min_size=STEPS, max_size=STEPS).map(tuple)


PRICES, WATTS = _series(0.02, 0.5), _series(0.0, 5000.0)


def _battery(device_id: str, stored_wh: float, efficiency: float) -> Battery:
    one = replace(battery(stored_wh, device_id), efficiency=efficiency, end_worth_per_kwh=0.12)
    return replace(one, charge_w=3000.0, discharge_w=4000.0)


def _heat(device_id: str, heat_per_power: float, drawn_w: Series, loss_per_h: float) -> ThermalStore:
    return ThermalStore(
        device_id=device_id,
        kind=DeviceKind.HEAT_PUMP,
        stored_wh=4000.0,
        low_wh=(0.0,) * STEPS,
        high_wh=(8000.0,) * STEPS,
        max_w=2500.0,
        heat_per_power=(heat_per_power,) * STEPS,
        drawn_w=tuple(each / 5 for each in drawn_w),
        loss_per_h=loss_per_h,
        end_worth_per_kwh=0.05,
    )


def _money(plan: Plan, consumers: tuple[Consumer, ...]) -> float:
    """Return what a plan costs with its sessions."""
    begun = sum(
        one.start_price * (before <= 1.0 < now)
        for one in consumers
        for before, now in pairwise((0.0, *plan.devices[one.device_id].power_w))
    )
    return plan.money.total + begun


def _least(problem: Problem) -> float:
    least = WholeHome(problem=problem).least()
    assume(least is not None)
    assert least is not None
    return least


@given(price=PRICES, load_w=WATTS, sun_w=WATTS, drawn_w=WATTS)
@EXAMPLES
def test_a_home_of_two_stores_of_each_kind_costs_the_least_there_is(
    price: Series, load_w: Series, sun_w: Series, drawn_w: Series
) -> None:
    problem = home(
        price,
        feed_in=tuple(each - 0.02 for each in price),
        pv=(sun(sun_w),),
        batteries=(_battery("one", 2000.0, 0.9), _battery("other", 6000.0, 0.97)),
        thermal_stores=(_heat("pump", 3.0, drawn_w, 0.02), _heat("rod", 1.0, drawn_w, 0.0)),
        peaks=(Peak(per_kw=0.5, so_far_w=2000.0),),
        preferences=ONLY_MONEY,
    )
    problem = replace(problem, load_w=load_w)
    assert _money(planned(problem), ()) == pytest.approx(_least(problem), rel=1e-3, abs=0.005)


@given(price=_series(-0.1, 0.2), load_w=WATTS, sun_w=WATTS, export_w=st.sampled_from([0.0, 2000.0, 17_000.0]))
@EXAMPLES
def test_where_selling_brings_more_than_buying_costs_a_limited_home_costs_little_more_than_the_least(
    price: Series, load_w: Series, sun_w: Series, export_w: float
) -> None:
    problem = home(
        price,
        feed_in=0.08,
        pv=(sun(sun_w),),
        batteries=(_battery("one", 5000.0, 0.95),),
        meter_limits=(replace(fuse(STEPS), export_w=(export_w,) * STEPS),),
    )
    # Beside money, so that no battery burns where that is worth nothing.
    problem = replace(problem, load_w=load_w, preferences=replace(ONLY_MONEY, least_gain=1e-5))
    least, plan = _least(problem), planned(problem)
    better = Refiner(limit_s=20.0).refined(problem, plan)
    assert plan.bent == better.bent == ()
    assert min(plan.net_w) >= -export_w - 1.0
    assert least - 0.005 <= _money(better, ()) <= least + max(2 * GAP, 2 * PART * abs(least))


@given(price=PRICES, load_w=WATTS, sun_w=WATTS, need_wh=st.floats(2000.0, 25_000.0))
@EXAMPLES
def test_a_car_on_three_phases_costs_little_more_than_the_least(
    price: Series, load_w: Series, sun_w: Series, need_wh: float
) -> None:
    one = replace(car(STEPS, STEPS, need_wh), min_w=4140.0, max_w=11_040.0)
    problem = home(
        price,
        pv=(sun(sun_w),),
        consumers=(one,),
        peaks=(Peak(per_kw=0.2, so_far_w=3000.0),),
        preferences=ONLY_MONEY,
    )
    problem = replace(problem, load_w=load_w)
    problem = replace(
        problem,
        circuit_limits=tuple(
            replace(limit, shares={"car": 1 / 3, "pv": 1 / 3}) for limit in phases(problem, 20.0)
        ),
    )
    least, plan = _least(problem), planned(problem)
    better = Refiner(limit_s=20.0).refined(problem, plan)
    assert better.bent == ()
    assert least - 0.005 <= _money(plan, (one,)) <= least + plan.gap + 0.005
    assert _money(better, (one,)) <= least + max(GAP, PART * abs(least)) + 0.005
