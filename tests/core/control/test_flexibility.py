"""What a device can do: whole steps, and what the lines leave of its range."""

import math

import pytest

from custom_components.home_flex.core.control.flexibility import Restriction, interval_w
from custom_components.home_flex.core.model import Owner

from .parts import battery, car, held

FUSE, RESIDENT, AGGREGATOR, PLAN = Owner.FUSE, Owner.RESIDENT, Owner.AGGREGATOR, Owner.PLAN


@pytest.mark.parametrize(
    ("power_w", "at_most_w", "at_least_w"),
    [
        # Steps of 69 W from 4,140 W on; below there is only 0.
        (-5, 0, -5),
        (0, 0, 0),
        (1, 0, 4140),
        (4139, 0, 4140),
        (4140, 4140, 4140),
        (4141, 4140, 4209),
        (4208.9, 4140, 4209),
        (4209, 4209, 4209),
    ],
)
def test_a_car_moves_in_steps_and_not_below_its_smallest(
    power_w: float, at_most_w: float, at_least_w: float
) -> None:
    assert car().at_most_w(power_w) == pytest.approx(at_most_w)
    assert car().at_least_w(power_w) == pytest.approx(at_least_w)


def test_what_floats_leave_is_no_step() -> None:
    assert car().at_most_w(69.0 * 61 - 1e-9) == pytest.approx(69 * 61)
    assert car().at_least_w(69.0 * 61 + 1e-9) == pytest.approx(69 * 61)
    assert car().at_most_w(4140 - 1e-9) == pytest.approx(4140)


@pytest.mark.parametrize("power_w", [-1234.5, 0.0, 0.4, 1234.5])
def test_a_battery_moves_without_steps(power_w: float) -> None:
    assert battery().at_most_w(power_w) == power_w
    assert battery().at_least_w(power_w) == power_w


INTERVALS = {
    "nobody asks": ((), PLAN, (-5000, 5000)),
    "one asks": ((held("x", -1000, 2000),), PLAN, (-1000, 2000)),
    "wider than the range": ((held("x", -9000, 9000),), PLAN, (-5000, 5000)),
    "beyond the range above": ((held("x", 6000, 7000),), PLAN, (5000, 5000)),
    "beyond the range below": ((held("x", -7000, -6000),), PLAN, (-5000, -5000)),
    "the tighter of two": ((held("x", -1000), held("x", -500, 2000)), PLAN, (-500, 2000)),
    "the higher where they differ": (
        (held("x", 1000, 2000, owner=AGGREGATOR), held("x", -2000, 0, owner=RESIDENT)),
        PLAN,
        (0, 0),
    ),
    "the higher where they differ, upwards": (
        (held("x", -2000, -1000, owner=AGGREGATOR), held("x", 500, 900, owner=RESIDENT)),
        PLAN,
        (500, 500),
    ),
    "not one below the last": ((held("x", 0, owner=PLAN),), AGGREGATOR, (-5000, 5000)),
    "the last itself": ((held("x", 0, owner=AGGREGATOR),), AGGREGATOR, (0, 5000)),
    "one above the last": ((held("x", 0, owner=FUSE),), AGGREGATOR, (0, 5000)),
    "all that the resident wants": ((held("x", math.inf, owner=RESIDENT),), PLAN, (5000, 5000)),
}


@pytest.mark.parametrize(("restrictions", "last", "interval"), INTERVALS.values(), ids=INTERVALS)
def test_what_the_lines_leave(
    restrictions: tuple[Restriction, ...], last: Owner, interval: tuple[float, float]
) -> None:
    assert interval_w(-5000.0, 5000.0, restrictions, last) == interval
    assert interval_w(-5000.0, 5000.0, restrictions[::-1], last) == interval
