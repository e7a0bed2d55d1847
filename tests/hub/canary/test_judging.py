"""What a plan comes to, by its powers alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from community_hub.canary.judging import Figures, figures
from home_flex_core.model import DeviceKind, TimeGrid
from home_flex_core.planner import (
    Battery,
    Commitment,
    Consumer,
    FastCharge,
    LimitOwner,
    MeterLimit,
    Peak,
    Problem,
    Pv,
    Signals,
)
from home_flex_core.planner.planner import Planner
from hypothesis import given
from hypothesis import strategies as st

GRID = TimeGrid(start=datetime(2026, 11, 30, tzinfo=UTC), lengths_s=(3600,) * 4)
CAR = Consumer(
    device_id="car",
    kind=DeviceKind.EV_CHARGER,
    min_w=1380.0,
    max_w=11000.0,
    available=(True,) * 4,
    need_wh=4000.0,
    room_wh=4000.0,
    ready_step=2,
    efficiency=1.0,
)
BATTERY = Battery(
    device_id="battery",
    capacity_wh=5000.0,
    stored_wh=2500.0,
    charge_w=3000.0,
    discharge_w=3000.0,
    efficiency=1.0,
    wear_per_kwh=0.0,
    reserve_wh=1000.0,
)
HOME = Problem(
    grid=GRID,
    signals=Signals(import_per_kwh=(0.2, 0.2, 0.4, 0.4), export_per_kwh=(0.1,) * 4),
    load_w=(500.0,) * 4,
    meter_limits=(
        MeterLimit(limit_id="fuse", owner=LimitOwner.FUSE, import_w=(6000.0,) * 4, export_w=(6000.0,) * 4),
        MeterLimit(
            limit_id="event",
            owner=LimitOwner.EVENT,
            import_w=(float("inf"), float("inf"), 1000.0, 1000.0),
            export_w=(float("inf"),) * 4,
        ),
    ),
    commitments=(
        Commitment(
            commitment_id="offer",
            lower_w=(float("-inf"),) * 4,
            upper_w=(float("inf"), float("inf"), float("inf"), 700.0),
            price_per_kwh=1.0,
        ),
    ),
    pv=(Pv(device_id="roof", available_w=(0.0, 1000.0, 0.0, 0.0), most_w=3000.0),),
    batteries=(BATTERY,),
    consumers=(CAR,),
)
GOOD: dict[str, tuple[float, ...]] = {
    "car": (4000.0, 0.0, 0.0, 0.0),
    "battery": (0.0,) * 4,
    "roof": (0.0, -1000.0, 0.0, 0.0),
}

# The powers that are other, and what must be said of them.
CASES: dict[str, tuple[dict[str, tuple[float, ...]], dict[str, float]]] = {
    "all is kept": ({}, {"violations_wh": 0.0, "missed_wh": 0.0, "undelivered_wh": 0.0}),
    "a car too late": ({"car": (0.0, 0.0, 0.0, 4000.0)}, {"missed_wh": 4000.0}),
    "a car over the fuse": ({"car": (7500.0, 0.0, 0.0, 0.0)}, {"violations_wh": 2000.0}),
    "a car in an event": ({"car": (4000.0, 0.0, 1500.0, 0.0)}, {"undelivered_wh": 1000.0}),
    "a car against an offer": ({"car": (4000.0, 0.0, 0.0, 400.0)}, {"undelivered_wh": 200.0}),
    "a battery below empty": (
        {"battery": (-3000.0, 0.0, 0.0, 0.0)},
        {"violations_wh": 500.0, "missed_wh": 1500.0},
    ),
    "more than there is of the sun": ({"roof": (0.0, -1500.0, 0.0, 0.0)}, {"violations_wh": 500.0}),
    "a car that is left out": ({"car": (0.0,) * 4}, {"missed_wh": 4000.0}),
}


def judged(problem: Problem, powers: Mapping[str, tuple[float, ...]], **other: Any) -> Figures:
    return figures(problem, powers, **{"status": "solved", "cpu_s": 0.01, **other})


@pytest.mark.parametrize(("other", "said"), CASES.values(), ids=CASES)
def test_powers_come_to(other: dict[str, tuple[float, ...]], said: dict[str, float]) -> None:
    found = judged(HOME, {**GOOD, **other})

    assert {name: getattr(found, name) for name in said} == pytest.approx(said)


def test_cost_is_told_in_kwh_at_the_mean_price_whatever_the_currency() -> None:
    signals = HOME.signals
    forints = replace(
        HOME,
        signals=replace(
            signals,
            import_per_kwh=tuple(400 * each for each in signals.import_per_kwh),
            export_per_kwh=tuple(400 * each for each in signals.export_per_kwh),
        ),
    )

    # 4.5 kWh at 0.20, 0.5 kWh sold at 0.10, 1 kWh at 0.40; the mean is 0.30.
    assert judged(HOME, GOOD).cost == pytest.approx((0.9 - 0.05 + 0.4) / 0.3)
    assert judged(forints, GOOD).cost == pytest.approx(judged(HOME, GOOD).cost)


def test_each_month_pays_for_its_own_peak() -> None:
    months = (
        Peak(per_kw=1.0, so_far_w=3000.0, end_step=2),
        Peak(per_kw=2.0, so_far_w=0.0, first_step=2),
    )

    # 4.5 kW in the first, of which 3 were reached, and 0.5 kW in the second.
    paid = judged(replace(HOME, peaks=months), GOOD).cost - judged(HOME, GOOD).cost
    assert paid == pytest.approx((1.5 * 1.0 + 0.5 * 2.0) / 0.3)


@pytest.mark.parametrize("status", ["stopped", "kept", "safe_rule"])
def test_a_plan_that_was_not_solved_counts_as_none(status: str) -> None:
    assert judged(HOME, GOOD, status=status).unsolved == 1.0


@pytest.mark.parametrize("car", [(0.0,) * 3, (float("nan"),) * 4])
def test_powers_of_another_problem_are_refused(car: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="one number for each step"):
        judged(HOME, {**GOOD, "car": car})


@given(
    prices=st.tuples(*[st.floats(0.01, 0.9)] * 4),
    load_w=st.tuples(*[st.floats(0.0, 900.0)] * 4),
    stored_wh=st.floats(1000.0, 5000.0),
)
def test_what_a_planner_says_of_its_plan_is_what_its_powers_come_to(
    prices: tuple[float, ...], load_w: tuple[float, ...], stored_wh: float
) -> None:
    problem = replace(
        HOME,
        signals=replace(HOME.signals, import_per_kwh=prices, export_per_kwh=(0.005,) * 4),
        load_w=load_w,
        commitments=(),
        batteries=(replace(BATTERY, stored_wh=stored_wh, end_worth_per_kwh=0.1),),
    )
    plan = Planner(limit_s=20.0).plan(problem)

    found = judged(problem, {name: device.power_w for name, device in plan.devices.items()})

    assert (found.violations_wh, found.missed_wh, found.undelivered_wh) == pytest.approx((0.0,) * 3, abs=5.0)
    assert found.cost * sum(prices) / 4 == pytest.approx(plan.money.total, abs=0.01)


def test_what_a_plan_holds_back_of_a_fast_charge_is_missed() -> None:
    fast = FastCharge(device_id="fast", expected_w=(3000.0, 3000.0, 0.0, 0.0))
    problem = replace(HOME, fast_charges=(fast,))

    def missed_wh(power_w: tuple[float, ...]) -> float:
        powers = {"car": (2000.0, 2000.0, 0.0, 0.0), "fast": power_w}
        return figures(problem, powers, status="solved", cpu_s=0.01).missed_wh

    kept = missed_wh((3000.0, 3000.0, 0.0, 0.0))
    assert missed_wh((3000.0, 1000.0, 0.0, 0.0)) - kept == pytest.approx(2000.0)
