"""The steps in which the home looks ahead."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import TimeGrid, even, floor, quarter_hours, tiers

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MOMENTS = st.integers(min_value=0, max_value=400 * 86400).map(lambda s: NOON + timedelta(seconds=s))


@given(now=MOMENTS)
def test_steps_follow_each_other_without_gap_and_without_overlap(now: datetime) -> None:
    for grid in (tiers(now), quarter_hours(now, 48), even(now, 300, 576)):
        assert all(before.end == after.start for before, after in pairwise(grid))
        assert grid.bounds()[-1] == grid.end


@given(now=MOMENTS)
def test_two_days_in_tiers_begin_with_the_quarter_hour_that_runs(now: datetime) -> None:
    grid = tiers(now)
    assert grid.end - grid.start == timedelta(hours=48)
    assert grid.start.timestamp() % 900 == 0
    assert timedelta() <= now - grid.start < timedelta(minutes=15)


@given(now=MOMENTS)
def test_two_days_in_tiers_are_a_fine_hour_quarter_hours_and_hours_of_the_clock(now: datetime) -> None:
    steps = list(tiers(now))
    fine = [step for step in steps if step.start - steps[0].start < timedelta(hours=11)]
    hours = [step for step in steps if step.end - step.start == timedelta(hours=1)]
    assert tiers(now).lengths_s[:12] == (300,) * 12
    assert {step.end - step.start for step in fine[12:]} == {timedelta(minutes=15)}
    assert [step.start.timestamp() % 3600 for step in hours] == [0.0] * 36


def test_tiers_are_the_same_until_the_next_quarter_hour() -> None:
    assert tiers(NOON) == tiers(NOON + timedelta(minutes=14, seconds=59))
    assert tiers(NOON) != tiers(NOON + timedelta(minutes=15))


@given(now=MOMENTS)
def test_the_step_that_runs_is_found(now: datetime) -> None:
    grid = tiers(now)
    index = grid.index_at(now)
    assert index is not None
    assert index < 3
    step = list(grid)[index]
    assert step.start <= now < step.end


def test_a_moment_outside_is_in_no_step() -> None:
    grid = quarter_hours(NOON, 1)
    assert grid.index_at(NOON - timedelta(microseconds=1)) is None
    assert grid.index_at(grid.end) is None


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 29), 24)])
def test_a_local_day_is_as_long_as_it_is(day: tuple[int, int, int], hours: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    midnight = datetime(*day, tzinfo=zone)
    grid = quarter_hours(midnight, hours)
    assert grid.end == (midnight + timedelta(days=1)).astimezone(UTC)


def test_lengths_in_hours_make_energy_of_power() -> None:
    assert sum(tiers(NOON).lengths_h) == pytest.approx(48)


def test_what_is_floored_is_counted_in_utc() -> None:
    kathmandu = datetime(2026, 11, 29, 12, 50, tzinfo=ZoneInfo("Asia/Kathmandu"))
    assert floor(kathmandu, 3600) == datetime(2026, 11, 29, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "lengths_s"),
    [
        (NOON.replace(tzinfo=None), (900,)),
        (datetime(2026, 11, 29, tzinfo=ZoneInfo("Europe/London")), (900,)),
        (NOON, ()),
        (NOON, (900, 0)),
    ],
)
def test_what_is_no_grid_is_refused(start: datetime, lengths_s: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="time grid"):
        TimeGrid(start=start, lengths_s=lengths_s)
