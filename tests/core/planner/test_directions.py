"""A meter shows one direction at a time, and a battery charges or gives, whatever both would bring."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.planner import (
    Commitment,
    LimitOwner,
    MeterLimit,
    Plan,
    PlanStatus,
    Problem,
    Series,
)

from .homes import battery, car, fuse, home, planned, sun

CHEAP: Series = (0.01, 0.02, -0.05, 0.03, 0.01, 0.02)
STEPS = len(CHEAP)
SUNNY = (6000.0,) * STEPS


def _limited(import_w: float = 17_000.0, export_w: float = 17_000.0) -> tuple[MeterLimit, ...]:
    owned = replace(fuse(STEPS), limit_id="grid", owner=LimitOwner.GRID_OPERATOR)
    return (fuse(STEPS), replace(owned, import_w=(import_w,) * STEPS, export_w=(export_w,) * STEPS))


@pytest.mark.parametrize("export_w", [0.0, 1000.0])
def test_no_more_is_sold_than_may_be_where_selling_brings_more_than_buying_costs(export_w: float) -> None:
    problem = home(CHEAP, feed_in=0.08, pv=(sun(SUNNY),), batteries=(battery(),))

    plan = planned(replace(problem, meter_limits=_limited(export_w=export_w)))

    assert plan.bent == ()
    assert min(plan.net_w) >= -export_w - 1.0


def test_no_more_is_bought_than_may_be_where_selling_brings_more_than_buying_costs() -> None:
    problem = home(CHEAP, feed_in=0.08, batteries=(battery(0.0),), consumers=(car(STEPS, STEPS),))

    plan = planned(replace(problem, meter_limits=_limited(import_w=4200.0)))

    assert plan.bent == ()
    assert max(plan.net_w) <= 4200.0 + 1.0


@pytest.mark.parametrize("interruptible", [True, False])
def test_a_car_is_not_left_short_for_hours_in_which_the_meter_was_to_sell(interruptible: bool) -> None:
    one = replace(car(4, 4, 5000.0), interruptible=interruptible, max_w=3680.0)
    problem = home((0.2,) * 4, (0.3, 0.05, 0.3, 0.4), pv=(sun((1000.0, 0.0, 1000.0, 0.0)),), consumers=(one,))

    plan = planned(replace(problem, load_w=(500.0, 500.0, 0.0, 2000.0)))

    assert plan.bent == ()


def _setpoint(watts: float, steps: range) -> Commitment:
    ends = tuple(watts if step in steps else math.inf for step in range(4))
    return Commitment(
        commitment_id="setpoint",
        lower_w=tuple(each if math.isfinite(each) else -math.inf for each in ends),
        upper_w=ends,
        price_per_kwh=2.0,
    )


FLAT = (0.3,) * 4
FIXED = replace(sun((5000.0,) * 4), curtailable=False)
NO_EXPORT = replace(fuse(4), export_w=(0.0,) * 4, owner=LimitOwner.GRID_OPERATOR)
TEMPTING: dict[str, Problem] = {
    "a promise to draw more than a full battery takes": home(
        FLAT, batteries=(battery(10_000.0),), commitments=(_setpoint(4000.0, range(1, 3)),)
    ),
    "a promise to draw for longer than a battery takes": home(
        FLAT, batteries=(battery(3000.0),), commitments=(_setpoint(5000.0, range(1, 4)),)
    ),
    "sun that may not be fed in, and a full battery": home(
        FLAT, pv=(FIXED,), batteries=(battery(10_000.0),), meter_limits=(NO_EXPORT,)
    ),
}


@pytest.mark.parametrize("story", TEMPTING)
def test_no_battery_burns_what_a_limit_or_a_promise_would_be_kept_by(story: str) -> None:
    problem = TEMPTING[story]

    plan = planned(problem)

    assert plan.status is PlanStatus.SOLVED
    assert plan.devices["battery"].stored_wh == pytest.approx(_stored_wh(problem, plan), abs=1.0)
    assert plan.bent


def _stored_wh(problem: Problem, plan: Plan) -> list[float]:
    """Return what the battery holds if it charges and gives as planned."""
    (one,), found = problem.batteries, []
    stored_wh = one.stored_wh
    for power_w in plan.devices["battery"].power_w:
        stored_wh += power_w * (one.efficiency if power_w > 0 else 1 / one.efficiency)
        found.append(stored_wh)
    return found
