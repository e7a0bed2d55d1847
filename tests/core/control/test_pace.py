"""A slow device is written as seldom and as coarsely as it can bear, and never more finely than its kind."""

import pytest

from custom_components.home_flex.core.control.actuation_policy import ActuationPolicy
from custom_components.home_flex.core.control.pace import Pace, PaceClass

KIND = ActuationPolicy(
    dead_band=50.0,
    step=100.0,
    least_up_s=5.0,
    least_down_s=2.0,
    writes_per_min=6.0,
    burst=10.0,
    kept_for_lowering=3.0,
    min_on_s=60.0,
)


def paced(least_s: float = 0.0, step: float = 0.0, writes_per_day: int | None = None) -> ActuationPolicy:
    pace = Pace(
        pace_class=PaceClass.STEP,
        interval_s=60.0,
        effect_s=90.0,
        least_s=least_s,
        step=step,
        writes_per_day=writes_per_day,
    )
    return pace.actuation(KIND)


def test_a_device_that_bears_all_is_written_as_its_kind() -> None:
    assert paced() == KIND


@pytest.mark.parametrize(
    ("step", "found"),
    [(40.0, (50.0, 100.0)), (100.0, (50.0, 100.0)), (150.0, (75.0, 150.0)), (500.0, (250.0, 500.0))],
)
def test_the_coarser_step_counts_and_half_of_it_is_not_worth_a_write(
    step: float, found: tuple[float, float]
) -> None:
    policy = paced(step=step)
    assert (policy.dead_band, policy.step) == found


@pytest.mark.parametrize(
    ("least_s", "found"), [(1.0, (5.0, 2.0)), (3.0, (5.0, 3.0)), (300.0, (300.0, 300.0))]
)
def test_the_longer_wait_between_two_changes_counts_each_way(
    least_s: float, found: tuple[float, float]
) -> None:
    policy = paced(least_s=least_s)
    assert (policy.least_up_s, policy.least_down_s) == found


@pytest.mark.parametrize(
    ("writes_per_day", "per_min", "burst"),
    [
        (14_400, 6.0, 10.0),  # more than its kind has
        (1_440, 1.0, 10.0),
        (36, 0.025, 9.0),  # a quarter of a day's writes at once
        (8, 8 / 1440, 4.0),  # but one more than what is kept to lower
    ],
)
def test_a_days_writes_are_spread_over_the_day(writes_per_day: int, per_min: float, burst: float) -> None:
    policy = paced(writes_per_day=writes_per_day)
    assert policy.writes_per_min == pytest.approx(per_min)
    assert policy.burst == burst


def test_a_days_writes_are_a_budget_where_the_kind_has_none() -> None:
    free = ActuationPolicy(dead_band=0.0)
    pace = Pace(pace_class=PaceClass.PLAN, interval_s=300.0, effect_s=60.0, writes_per_day=720)
    assert pace.actuation(free).writes_per_min == pytest.approx(0.5)


def test_an_order_shows_after_its_effect_and_one_poll_and_two_and_a_half_polls_are_a_loss() -> None:
    pace = Pace(pace_class=PaceClass.LOOP, interval_s=10.0, effect_s=4.0)
    assert (pace.window_s, pace.lost_after_s) == (14.0, 25.0)
