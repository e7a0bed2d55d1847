"""When a charge has to begin."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.charging.model import ChargeGoal, ChargeMode
from custom_components.home_flex.core.control.charging.ready_by import charge_time_s, promise

from .chargers import charger, once

HOUR_S = 3600.0

some_goals = st.lists(
    st.builds(
        ChargeGoal,
        left_wh=st.floats(1, 60_000),
        tapered_left_wh=st.floats(0, 20_000),
        deadline_s=st.floats(-36_000, 360_000),
    ),
    min_size=1,
    max_size=5,
)
powers_w = st.floats(1_000, 22_000)


def goal(left_wh: float, deadline_s: float, tapered_wh: float = 0.0) -> ChargeGoal:
    return ChargeGoal(left_wh=left_wh, tapered_left_wh=tapered_wh, deadline_s=deadline_s)


@pytest.mark.parametrize(
    ("left_wh", "tapered_wh", "power_w", "time_s"),
    [
        (10_000.0, 0.0, 10_000.0, 3600.0),
        (10_000.0, 5_000.0, 10_000.0, 5400.0),
        (10_000.0, 20_000.0, 10_000.0, 7200.0),
        (0.0, 0.0, 10_000.0, 0.0),
        (1.0, 0.0, 1.0, 3600.0),
        (10_000.0, 0.0, 0.0, math.inf),
    ],
)
def test_what_lies_above_eighty_percent_takes_twice_as_long(
    left_wh: float, tapered_wh: float, power_w: float, time_s: float
) -> None:
    assert charge_time_s(left_wh, tapered_wh, power_w) == time_s


@pytest.mark.parametrize(
    ("goals", "latest_s"),
    [
        # 9 kWh at 9 kW: one hour, a ninth more for a cold car, 15 minutes of margin.
        ([goal(9_000.0, 10_000.0)], 10_000.0 - 4_000.0 - 900.0),
        # 27 kWh: the margin is a tenth of the time.
        ([goal(27_000.0, 20_000.0)], 20_000.0 - 12_000.0 - 1_200.0),
        ([goal(0.0, 10_000.0)], None),
        ([], None),
        # The nearer hour is the more pressing one,
        ([goal(9_000.0, 10_000.0), goal(27_000.0, 20_000.0)], 5_100.0),
        # and the later one, which needs the earlier start.
        ([goal(9_000.0, 10_000.0), goal(27_000.0, 16_000.0)], 2_800.0),
        # 60 kWh at 20 %, 9 kW, 22:00: 40 % by 07:00 could wait until 05:16, 90 % by 12:00 (6 kWh of it slow,
        # 5:20 h at most, 5:56 h in the cold, 36 minutes of margin) until 05:28.
        ([goal(12_000.0, 9 * HOUR_S), goal(42_000.0, 14 * HOUR_S, 6_000.0)], 9 * HOUR_S - 5_333.3 - 900.0),
        # By 11:00 it has to begin at 04:28, and is at 40 % long before 07:00.
        ([goal(12_000.0, 9 * HOUR_S), goal(42_000.0, 13 * HOUR_S, 6_000.0)], 13 * HOUR_S - 1.1 * 21_333.3),
        # What is reached asks nothing, whenever it was due.
        ([goal(0.0, -10_000.0), goal(9_000.0, 10_000.0)], 5_100.0),
    ],
)
def test_latest_start(goals: list[ChargeGoal], latest_s: float | None) -> None:
    owed = promise(goals, 9_000.0)

    assert owed.latest_start_s == (None if latest_s is None else pytest.approx(latest_s, abs=0.1))


@pytest.mark.parametrize(
    ("deadline_s", "must"),
    [
        (4_901.0, False),
        (4_900.0, True),
        # Past the hour it goes on to the target.
        (-3_600.0, True),
    ],
)
def test_a_charge_begins_at_its_latest_start(deadline_s: float, must: bool) -> None:
    assert promise([goal(9_000.0, deadline_s)], 9_000.0).must is must


@pytest.mark.parametrize(
    ("goals", "connected", "lacks_wh"),
    [
        ([], True, 0.0),
        ([goal(1_500.0, 60.0)], True, 0.0),
        ([goal(1_500.0, -60.0), goal(9_000.0, 3_600.0)], True, 1_500.0),
        ([goal(math.inf, -60.0)], True, None),
        # What is not there cannot be charged, and is not what somebody gave up.
        ([goal(1_500.0, -60.0)], False, 0.0),
    ],
    ids=str,
)
def test_what_is_missing_once_its_hour_is_past_is_told(
    goals: list[ChargeGoal], connected: bool, lacks_wh: float | None
) -> None:
    assert once(charger(goals=tuple(goals), connected=connected)).lacks_wh == lacks_wh


def test_nothing_is_missing_of_a_car_that_the_resident_keeps_from_charging() -> None:
    assert once(charger(goals=(goal(1_500.0, -60.0),), mode=ChargeMode.OFF)).lacks_wh == 0.0


def test_until_full_begins_at_once_for_nobody_knows_how_long_it_takes() -> None:
    assert promise([goal(math.inf, 1e6)], 9_000.0).must


def test_of_several_goals_the_most_pressing_counts_in_each_figure() -> None:
    much, soon = goal(36_000.0, 9 * HOUR_S), goal(9_000.0, 2 * HOUR_S)
    owed = promise([soon, much], 9_000.0)

    assert owed.slack_s == 1 * HOUR_S
    assert owed.needed_w == pytest.approx(4_500.0)
    assert promise([much], 9_000.0).needed_w == pytest.approx(4_000.0)
    assert promise([goal(1.0, 1.0)], 9_000.0).needed_w == 3_600.0
    assert promise([goal(1.0, 0.0)], 9_000.0).needed_w == math.inf


@given(goals=some_goals, power_w=powers_w)
def test_several_goals_never_wait_longer_than_one_of_them_alone(
    goals: list[ChargeGoal], power_w: float
) -> None:
    owed = promise(goals, power_w)
    alone = [promise([each], power_w) for each in goals]

    assert owed.must is any(each.must for each in alone)
    for each in alone:
        assert owed.latest_start_s is not None
        assert each.latest_start_s is not None
        assert owed.latest_start_s <= each.latest_start_s
        assert owed.slack_s <= each.slack_s
        assert owed.needed_w >= each.needed_w


@given(goals=some_goals, power_w=powers_w)
def test_from_the_latest_start_on_each_goal_is_reached_in_time(
    goals: list[ChargeGoal], power_w: float
) -> None:
    start_s = promise(goals, power_w).latest_start_s

    assert start_s is not None
    for each in goals:
        assert start_s + charge_time_s(each.left_wh, each.tapered_left_wh, power_w) <= each.deadline_s
