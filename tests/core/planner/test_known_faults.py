"""What users of other planners reported of them, as homes of ours: each name says what went wrong there."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from custom_components.home_flex.core.model import DeviceKind, TimeGrid
from custom_components.home_flex.core.planner import (
    Consumer,
    IntentKind,
    LeftOutCode,
    Plan,
    PlanStatus,
    Problem,
    Signals,
)

from .homes import battery, car, home, planned, programme, sun

DAY = 24


def _on(plan: Plan, device_id: str) -> list[int]:
    return [step for step, power_w in enumerate(plan.devices[device_id].power_w) if power_w > 20.0]


def _pump(hours: float, **changes: object) -> Consumer:
    wh = 1000.0 * hours
    one = Consumer(
        device_id="pump",
        kind=DeviceKind.SWITCHED_LOAD,
        min_w=1000.0,
        max_w=1000.0,
        available=(True,) * DAY,
        need_wh=wh,
        room_wh=wh,
        ready_step=DAY,
        efficiency=1.0,
        margin_s=0.0,
    )
    return replace(one, **changes)  # type: ignore[arg-type] # fields of a consumer


def test_a_battery_that_holds_less_than_it_may_costs_no_thousands_of_euros() -> None:
    low = replace(battery(423.0), min_wh=672.0, max_wh=9312.0, capacity_wh=9600.0)

    plan = planned(home((0.25,) * DAY, batteries=(low,)))

    assert plan.status is PlanStatus.SOLVED
    assert 0.0 < plan.money.total < 10.0
    assert min(plan.devices["battery"].stored_wh or ()) >= 423.0 - 1.0


def test_a_battery_that_holds_more_than_it_may_starts_where_it_is_and_comes_down() -> None:
    high = replace(battery(9900.0), max_wh=8000.0)

    plan = planned(home((0.25,) * DAY, load_w=1000.0, batteries=(high,)))

    stored = plan.devices["battery"].stored_wh or ()
    assert plan.status is PlanStatus.SOLVED
    assert stored[0] <= 9900.0 + 1.0
    assert stored[0] >= 9900.0 - 1000.0 / 0.95 - 1.0


def test_a_first_step_of_odd_length_and_a_car_with_a_minimum_are_solved() -> None:
    grid = TimeGrid(start=datetime(2026, 4, 3, 14, 22, 22, tzinfo=UTC), lengths_s=(458,) + (900,) * 95)
    base = home((0.2,) * 96, consumers=(car(96, 96, 15_000.0),), batteries=(battery(1200.0),))
    problem = replace(base, grid=grid, consumers=(replace(base.consumers[0], min_w=4140.0, max_w=11_040.0),))

    plan = planned(problem)

    assert plan.status is PlanStatus.SOLVED
    assert plan.bent == ()


@pytest.mark.parametrize("hours", [0.6, 1.5, 2.25])
def test_hours_that_are_no_whole_steps_are_run_all_the_same(hours: float) -> None:
    plan = planned(home((0.2,) * DAY, consumers=(_pump(hours),)))

    assert plan.status is PlanStatus.SOLVED
    assert sum(plan.devices["pump"].power_w) == pytest.approx(1000.0 * hours, abs=2.0)
    assert plan.bent == ()


def test_a_reserve_that_cannot_be_reached_in_time_is_told_and_no_end_of_the_plan() -> None:
    slow = replace(battery(0.0), reserve_wh=9000.0, charge_w=300.0)

    plan = planned(home((0.2,) * 6, batteries=(slow,)))

    assert plan.status is PlanStatus.SOLVED
    assert [bend.subject_id for bend in plan.bent] == ["battery"]
    assert plan.devices["battery"].power_w[:5] == pytest.approx((300.0,) * 5)


def test_a_programme_whose_hours_lie_ahead_does_not_start_at_once() -> None:
    later = replace(programme(DAY), earliest_step=15, latest_end_step=20)

    kinds = [
        intent.kind for intent in planned(home((0.2,) * DAY, appliances=(later,))).devices["washer"].intents
    ]

    assert 15 <= kinds.index(IntentKind.START) <= 18


def test_a_load_is_not_split_for_two_cheap_hours_where_starting_costs_more() -> None:
    price = tuple(0.10 if step in (3, 9) else 0.11 for step in range(DAY))

    at = _on(planned(home(price, consumers=(_pump(2.0, start_price=0.5),))), "pump")

    assert at[-1] - at[0] == 1


def test_a_battery_is_not_charged_in_a_dear_hour_before_a_cheap_and_a_negative_one() -> None:
    price = (0.24, 0.27, 0.24, 0.14, -0.05, 0.15, *(0.28,) * 12, *(0.24,) * 6)

    plan = planned(home(price, feed_in=0.0, batteries=(battery(5300.0),), load_w=600.0))

    charged = [step for step, power_w in enumerate(plan.devices["battery"].power_w) if power_w > 20.0]
    assert charged
    assert set(charged) <= {3, 4, 5}
    assert 4 in charged


def test_a_car_that_charges_now_stops_for_the_dear_hours() -> None:
    price = (0.45,) * 4 + (0.10,) * 8 + (0.45,) * 12
    running = replace(car(DAY, 14, 15_000.0), power_w=7000.0)

    assert min(_on(planned(home(price, consumers=(running,))), "car")) >= 4


def test_a_high_load_does_not_empty_a_battery_that_the_sun_fills() -> None:
    load, shine = (5000.0,) * DAY, tuple(9000.0 if 6 <= step < 16 else 0.0 for step in range(DAY))
    problem = replace(
        home((0.3,) * DAY, feed_in=0.05, pv=(sun(shine),), batteries=(battery(0.0),)), load_w=load
    )

    stored = planned(problem).devices["battery"].stored_wh or ()

    assert max(stored) == pytest.approx(10_000.0, abs=1.0)
    assert all(before <= after + 1.0 for before, after in pairwise(stored[6:16]))


def test_an_empty_battery_is_charged_again_once_there_is_sun() -> None:
    shine = tuple(5000.0 if 8 <= step < 14 else 0.0 for step in range(DAY))

    plan = planned(home((0.3,) * DAY, feed_in=0.05, pv=(sun(shine),), batteries=(battery(0.0),)))

    assert max(plan.devices["battery"].stored_wh or ()) > 5000.0
    assert max((plan.devices["battery"].power_w)[:8]) <= 20.0


W_AS_KW = 136_000.0


def test_a_load_in_the_wrong_unit_that_no_fuse_would_pass_is_told_and_not_planned_for() -> None:
    problem = home((0.3,) * DAY, load_w=W_AS_KW, batteries=(battery(),))

    plan = planned(problem)

    assert LeftOutCode.LOAD_ABSURD in [left.code for left in plan.left_out]
    assert max(plan.net_w) < 17_000.0
    assert plan.bent == ()


def test_a_load_that_a_fuse_passes_is_believed_however_high() -> None:
    assert planned(home((0.3,) * DAY, load_w=16_500.0)).left_out == ()


def test_a_capacity_in_kwh_for_wh_is_told_and_the_battery_is_not_planned() -> None:
    plan = planned(home((0.3,) * DAY, batteries=(replace(battery(5.0), capacity_wh=10.0),)))

    assert (LeftOutCode.DEVICE_ABSURD, "battery") in [(left.code, left.subject_id) for left in plan.left_out]
    assert "battery" not in plan.devices


def test_prices_of_one_hour_among_quarters_move_nothing_by_an_hour() -> None:
    grid = TimeGrid(start=datetime(2026, 3, 29, 0, tzinfo=UTC), lengths_s=(900,) * 8 + (3600,) * 8)
    price = (0.3,) * 4 + (0.1,) * 4 + (0.3,) * 8
    problem: Problem = replace(
        home(price, consumers=(replace(car(16, 16, 5000.0), efficiency=1.0),)),
        grid=grid,
        signals=Signals(import_per_kwh=price, export_per_kwh=(0.05,) * 16),
    )

    assert set(_on(planned(problem), "car")) <= {4, 5, 6, 7}
