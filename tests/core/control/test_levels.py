"""A load with levels is told the highest that fits, or the lowest that suffices."""

import pytest

from custom_components.home_flex.core.control.levels import Call, Level, LoadUse
from custom_components.home_flex.core.control.merit import Member

LOAD = LoadUse(
    member=Member.LOAD,
    levels=tuple(Level(value=float(number), power_w=1000.0 * number) for number in range(3)),
    call=Call.FREE,
)


@pytest.mark.parametrize(
    ("power_w", "told"),
    [(-5.0, 0.0), (0.0, 0.0), (998.9, 0.0), (999.0, 1.0), (1000.0, 1.0), (1999.0, 2.0), (9e3, 2.0)],
)
def test_the_highest_level_that_draws_no_more_is_told_to_a_watt(power_w: float, told: float) -> None:
    assert LOAD.at_most(power_w).value == told


@pytest.mark.parametrize(
    ("power_w", "found_w"),
    [(0.0, 0.0), (0.5, 1000.0), (1000.0, 1000.0), (1000.1, 2000.0), (2000.0, 2000.0), (9e3, 2000.0)],
)
def test_the_lowest_level_that_suffices_is_found_else_the_highest(power_w: float, found_w: float) -> None:
    assert LOAD.at_least_w(power_w) == found_w
