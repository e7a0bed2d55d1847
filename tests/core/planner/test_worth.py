"""What a battery is to do by what a stored kWh is worth, and how that worth is averaged over past errors."""

from dataclasses import replace

import numpy as np
import pytest

from custom_components.home_flex.core.planner import ErrorPath, Intent, IntentKind, Problem, ReasonCode
from custom_components.home_flex.core.planner.context import context_of
from custom_components.home_flex.core.planner.intents import battery_intents, sun_intents

from .homes import battery, car, home, planned, sun

STEPS = 12
EVENING = (0.20,) * 6 + (0.40,) * 6
COVERS = Intent(kind=IntentKind.COVER_HOUSE, low_w=-5000.0, high_w=5000.0)
HOLDS = Intent(kind=IntentKind.HOLD)

# Import 0.30 and feed-in 0.08: after losses and half of wear and least gain (0.0125), giving brings 0.273,
# storing the sun pays from a worth of 0.097 on, and buying from 0.329 on.
BY_WORTH = {
    "worth less than what the house pays: covers, and stores the sun": (0.20, 0.0, 500.0, COVERS),
    "worth more than what the house pays: keeps, and stores the sun": (
        0.30,
        0.0,
        500.0,
        replace(COVERS, low_w=0.0),
    ),
    "worth less than the sun brings: covers, and stores nothing": (
        0.05,
        0.0,
        500.0,
        replace(COVERS, high_w=0.0),
    ),
    "worth more than the grid asks: charges as planned": (
        0.40,
        3000.0,
        3500.0,
        Intent(kind=IntentKind.CHARGE, power_w=3000.0),
    ),
    "planned to charge, and worth less than the grid asks: waits": (
        0.31,
        3000.0,
        3500.0,
        replace(COVERS, power_w=3000.0, low_w=0.0),
    ),
    "level with what the house pays, and planned to cover": (
        0.273125,
        -500.0,
        0.0,
        replace(COVERS, power_w=-500.0),
    ),
    "level with what the house pays, and planned to keep": (0.273125, 0.0, 500.0, replace(COVERS, low_w=0.0)),
}


@pytest.mark.parametrize(("worth", "power_w", "net_w", "intent"), BY_WORTH.values(), ids=BY_WORTH)
def test_a_battery_goes_by_what_a_stored_kwh_is_worth(
    worth: float, power_w: float, net_w: float, intent: Intent
) -> None:
    context = context_of(home((0.30,)))

    (found,) = battery_intents(battery(), np.array([power_w]), np.array([net_w]), np.array([worth]), context)

    assert found == intent


def test_a_battery_that_is_worth_neither_giving_nor_storing_holds() -> None:
    context = context_of(home((0.10,), feed_in=0.10))

    (found,) = battery_intents(battery(), np.zeros(1), np.zeros(1), np.array([0.09]), context)

    assert found == HOLDS


def missed(problem: Problem, load_w: float) -> Problem:
    path = ErrorPath(load_w=(0.0,) * 6 + (load_w,) * 6, available_w=(0.0,) * STEPS)
    return replace(problem, error_paths=(path,))


def test_what_was_missed_before_moves_the_worth_and_not_the_plan() -> None:
    expected = home(EVENING, load_w=900.0, batteries=(battery(9000.0),))

    sure, quieter, busier = (
        planned(expected),
        planned(missed(expected, -700.0)),
        planned(missed(expected, 2000.0)),
    )

    worths = [plan.devices["battery"].worth_per_kwh for plan in (quieter, sure, busier)]
    assert all(worth is not None for worth in worths)
    assert sorted(worths, key=lambda worth: (worth or (0.0,))[0]) == worths
    assert quieter.devices["battery"].power_w == sure.devices["battery"].power_w
    assert worths[0] != worths[2]


def test_errors_of_all_past_days_count_and_not_those_of_the_last_ones_alone() -> None:
    expected = home(EVENING, load_w=900.0, batteries=(battery(9000.0),))
    quiet, busy = (missed(expected, load_w).error_paths for load_w in (-700.0, 2000.0))

    lately_quiet, always_quiet = (
        planned(replace(expected, error_paths=paths)).devices["battery"].worth_per_kwh
        for paths in (quiet * 7 + busy * 7, quiet * 14)
    )

    assert lately_quiet is not None
    assert always_quiet is not None
    assert lately_quiet[6] > always_quiet[6]


def test_each_of_the_last_ten_past_days_counts() -> None:
    expected = home(EVENING, load_w=900.0, batteries=(battery(9000.0),))
    quiet, busy = (missed(expected, load_w).error_paths for load_w in (-700.0, 2000.0))

    always_quiet, *once_busy = (
        planned(replace(expected, error_paths=quiet * at + busy * count + quiet * (14 - at - count)))
        .devices["battery"]
        .worth_per_kwh
        for at, count in ((0, 0), *((day, 1) for day in range(10)))
    )

    assert always_quiet is not None
    assert all(worth is not None and worth[6] > always_quiet[6] for worth in once_busy)


def test_past_errors_leave_no_trace_in_the_next_plan() -> None:
    problem = missed(home(EVENING, pv=(sun((1000.0,) * STEPS),), batteries=(battery(),)), 3000.0)

    assert planned(problem) == planned(problem)


def test_a_battery_that_may_not_sell_covers_what_the_car_takes() -> None:
    price = (0.50,) * 2 + (0.10,) * 10
    full = replace(battery(9000.0), may_export=False, end_worth_per_kwh=0.0)
    problem = home(price, batteries=(full,), consumers=(car(STEPS, 2, need_wh=6000.0),))

    plan = planned(problem)

    assert min(plan.devices["battery"].power_w[:2]) < -2000.0
    assert min(plan.net_w) > -1.0


def test_a_battery_that_is_kept_from_cars_covers_the_house_alone() -> None:
    price = (0.50,) * 2 + (0.10,) * 10
    kept = replace(battery(9000.0), may_export=False, may_feed_cars=False, end_worth_per_kwh=0.0)
    problem = home(price, batteries=(kept,), consumers=(car(STEPS, 2, need_wh=6000.0),))

    assert min(planned(problem).devices["battery"].power_w) >= -501.0


@pytest.mark.parametrize(
    ("feed_in", "curtailable", "may_export"),
    [(0.08, True, True), (-0.05, True, False), (-0.05, False, True)],
    ids=["feeding in pays", "feeding in costs", "an inverter that cannot be limited"],
)
def test_sun_that_costs_to_feed_in_is_not_exported(
    feed_in: float, curtailable: bool, may_export: bool
) -> None:
    one = replace(sun((4000.0,)), curtailable=curtailable)
    context = context_of(home((0.30,), feed_in=feed_in, pv=(one,)))

    (intent,) = sun_intents(one, np.array([-4000.0]), np.array([0.0]), context)

    assert intent.may_export is may_export


def test_where_buying_is_paid_for_the_sun_is_told_a_power() -> None:
    one = sun((4000.0,))
    context = context_of(home((-0.10,), feed_in=-0.20, pv=(one,)))

    (intent,) = sun_intents(one, np.array([0.0]), np.array([500.0]), context)

    assert intent == Intent(kind=IntentKind.CURTAIL, power_w=0.0)


@pytest.mark.parametrize(("available_w", "kind"), [(0.0, "no_sun"), (10.0, "no_sun"), (30.0, "produce")])
def test_at_night_a_plant_is_not_said_to_produce(available_w: float, kind: str) -> None:
    one = sun((available_w,))
    context = context_of(home((0.30,), pv=(one,)))

    (intent,) = sun_intents(one, np.array([-available_w]), np.array([500.0]), context)

    assert intent.kind == kind


def test_a_battery_that_may_not_charge_from_the_grid_stores_what_the_sun_leaves_and_nothing_else() -> None:
    shines = (0.0, 3000.0, 3000.0, *(0.0,) * 9)
    negative = (-0.10,) * 6 + (0.40,) * 6
    free = home(negative, pv=(sun(shines),), consumers=(car(STEPS, 3),), batteries=(battery(1000.0),))
    bought = planned(free).devices["battery"]
    kept = replace(free, batteries=(replace(battery(1000.0), may_import=False),))
    stored = planned(kept).devices["battery"]

    assert max(bought.power_w) > 4000.0
    for power_w, shining_w, intent, reason in zip(
        stored.power_w, shines, stored.intents, stored.reasons, strict=True
    ):
        assert power_w <= max(shining_w - 500.0, 0.0) + 1e-6
        assert intent.kind is not IntentKind.CHARGE
        assert power_w <= 20.0 or reason.code is ReasonCode.STORE_SUN


def test_a_car_that_is_charged_in_one_go_takes_its_power_whatever_the_sun_does() -> None:
    shines = (4000.0, 0.0, 4000.0, *(0.0,) * 9)
    price = (0.30, 0.60, 0.30, *(0.60,) * 9)
    needs = car(STEPS, 6, 2 * 3000 * 0.9)
    parted = planned(home(price, pv=(sun(shines),), consumers=(needs,))).devices["car"]
    whole = planned(home(price, pv=(sun(shines),), consumers=(replace(needs, interruptible=False),)))
    taken = whole.devices["car"]

    assert [intent.kind for intent in parted.intents[:3]] == ["surplus", "off", "surplus"]
    runs = [step for step, power_w in enumerate(taken.power_w) if power_w > 20.0]
    assert runs == list(range(runs[0], runs[-1] + 1))
    assert {taken.intents[step].kind for step in runs} == {IntentKind.TAKE}
