"""Homes in which models go astray: each story with what must be true of its plan."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.home_flex.core.planner import LimitOwner, MeterLimit, Plan, PlanStatus, Problem

from .homes import battery, car, fuse, home, planned, programme, sun

STEPS = 24
SUNNY = tuple(max(0.0, 5000.0 - 800.0 * abs(step - 12)) for step in range(STEPS))


def _whole(price: tuple[float, ...], feed_in: float = 0.08, stored_wh: float = 5000.0) -> Problem:
    return home(
        price,
        feed_in=feed_in,
        pv=(sun(SUNNY),),
        batteries=(battery(stored_wh),),
        consumers=(car(STEPS, 12),),
        appliances=(programme(STEPS),),
    )


def _cycled_wh(plan: Plan) -> float:
    return sum(abs(power) for power in plan.devices["battery"].power_w)


def _one_way_at_a_time(plan: Plan) -> bool:
    # What is bought and sold is the net power, so that selling dear what is bought cheap cannot hide in it.
    return max(abs(net) for net in plan.net_w) <= 17_000.0 and plan.money.sold < 6.0


STORIES: dict[str, tuple[Problem, Callable[[Plan], bool]]] = {
    "a flat price and a full battery": (
        _whole((0.3,) * STEPS, stored_wh=10_000.0),
        lambda plan: not plan.bent,
    ),
    "a flat price: the battery is not cycled without sun": (
        home((0.3,) * STEPS, batteries=(battery(0.0),)),
        lambda plan: _cycled_wh(plan) < 10.0,
    ),
    "negative all day: nothing is burnt in the battery": (
        home((-0.2,) * STEPS, feed_in=-0.3, batteries=(battery(0.0),)),
        lambda plan: _cycled_wh(plan) < 12_000.0,
    ),
    "negative all day: the sun is curtailed": (
        _whole((-0.2,) * STEPS, feed_in=-0.3),
        lambda plan: min(plan.devices["pv"].power_w) > -10.0,
    ),
    "feed-in above import: nothing is pumped through the meter": (
        _whole((0.02,) * STEPS, feed_in=0.12),
        _one_way_at_a_time,
    ),
    "dear hours among many in which feed-in is above import: the battery is sold in them": (
        home(
            (0.067,) * 6 + (0.28,) * 6,
            feed_in=(0.165,) * 4 + (1.165,) * 2 + (0.165,) * 6,
            batteries=(replace(battery(9700.0), may_export=True),),
        ),
        lambda plan: max(plan.net_w[4:6]) < -3900.0 and plan.money.total < -8.0,
    ),
    "a fuse of 1 x 25 A": (
        replace(_whole((0.3,) * STEPS), meter_limits=(fuse(STEPS, 5750.0),)),
        lambda plan: max(plan.net_w) <= 5751.0 and not plan.bent,
    ),
    "nothing may be given to the grid": (
        replace(
            _whole((0.3,) * STEPS),
            meter_limits=(
                MeterLimit(
                    limit_id="zero",
                    owner=LimitOwner.GRID_OPERATOR,
                    import_w=(17_000.0,) * STEPS,
                    export_w=(0.0,) * STEPS,
                ),
            ),
        ),
        lambda plan: min(plan.net_w) > -1.0 and not plan.bent,
    ),
    "no forecast at all": (
        replace(_whole((0.3,) * STEPS), load_w=(float("nan"),) * STEPS, pv=(sun((float("nan"),) * STEPS),)),
        lambda plan: bool(plan.left_out) and not plan.bent,
    ),
    "a house that alone draws more than its fuse": (
        replace(_whole((0.3,) * STEPS), load_w=(9000.0,) * STEPS, meter_limits=(fuse(STEPS, 5750.0),)),
        lambda plan: {"import_limit", "ready_by"} <= {bend.wish for bend in plan.bent},
    ),
    "loads that lack time take all they can, and no more": (
        home(
            (0.3,) * STEPS,
            consumers=(
                replace(car(STEPS, 2, 60_000.0), min_w=12_000.0, max_w=12_000.0),
                replace(car(STEPS, 2, 6000.0), device_id="pool", min_w=1400.0, max_w=1400.0),
            ),
        ),
        lambda plan: (
            {plan.devices["car"].power_w[:3], plan.devices["pool"].power_w[:3]}
            == {(12_000.0, 12_000.0, 0.0), (1400.0, 1400.0, 0.0)}
        ),
    ),
    "some percent for a car at a flat price: one short session": (
        home((0.3,) * STEPS, consumers=(replace(car(STEPS, 12, 2400.0), min_w=4140.0, max_w=11_040.0),)),
        lambda plan: sum(power_w > 0.0 for power_w in plan.devices["car"].power_w) == 1,
    ),
    "a battery that may sell is not emptied between the cheap hours in which it is filled": (
        home(
            (0.22, 0.22, 0.17, 0.16, 0.155, 0.165, 0.19, *(0.24,) * 5, *(0.28,) * 3, *(0.42,) * 4)
            + (0.26,) * 5,
            feed_in=0.15,
            batteries=(replace(battery(3000.0), may_export=True),),
        ),
        lambda plan: min(plan.net_w) > -1.0 and max(plan.devices["battery"].power_w[2:6]) > 1000.0,
    ),
    "nothing but a house": (home((0.3,) * STEPS), lambda plan: plan.money.total == pytest.approx(3.6)),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_degenerate_home_has_a_plan(story: str) -> None:
    problem, is_true = STORIES[story]
    plan = planned(problem)
    assert plan.status is PlanStatus.SOLVED
    assert is_true(plan)


def test_sun_is_never_sold_at_a_loss_while_the_battery_has_room() -> None:
    plan = planned(home((0.3,) * STEPS, feed_in=-0.05, pv=(sun(SUNNY),), batteries=(battery(0.0),)))
    assert min(plan.net_w) > -1.0


def test_what_the_deadline_makes_impossible_is_told_by_its_amount() -> None:
    plan = planned(home((0.3,) * 6, consumers=(car(6, 2, need_wh=30_000.0),)))
    (bend,) = plan.bent
    assert (bend.wish, bend.subject_id) == ("ready_by", "car")
    assert bend.amount == pytest.approx(30_000 - 2 * 7360 * 0.9, abs=1.0)


def test_a_margin_is_given_up_before_the_wish_is() -> None:
    tight = replace(car(6, 3, need_wh=2.5 * 7360 * 0.9), margin_s=3600.0)
    plan = planned(home((0.3,) * 6, consumers=(tight,)))
    assert [(bend.wish, bend.amount) for bend in plan.bent] == [("ready_early", 3600.0)]


def test_a_margin_is_kept_where_it_can_be() -> None:
    early = replace(car(6, 4, need_wh=6000.0), margin_s=3600.0)
    plan = planned(home((0.3, 0.3, 0.3, 0.1, 0.3, 0.3), consumers=(early,)))
    assert not plan.bent
    assert plan.devices["car"].power_w[3] == 0.0


def test_a_running_programme_goes_on() -> None:
    running = replace(programme(STEPS, (2000.0, 1000.0, 500.0)), running_s=3600.0)
    plan = planned(home((0.9, 0.9, *(0.1,) * 22), appliances=(running,)))
    assert plan.devices["washer"].power_w[:3] == (1000.0, 500.0, 0.0)


def test_a_session_that_must_not_be_interrupted_goes_on() -> None:
    busy = replace(car(STEPS, 12, 9000.0), interruptible=False, power_w=5000.0)
    plan = planned(home((0.9, *(0.1,) * 23), consumers=(busy,)))
    on = [step for step, power in enumerate(plan.devices["car"].power_w) if power > 0]
    assert on == list(range(len(on)))
