"""What a roof shows of the sun, while something holds it back and while nothing does."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.model import Owner, PvReading, Quantity, Setpoint
from custom_components.home_flex.runtime.planning.seen_sun import sun_seen_w

from .plans import NOON, device


@pytest.mark.parametrize(
    ("gives_w", "says_w", "told_w", "seen_w"),
    [
        (3000.0, None, None, 3000.0),
        # At its limit nobody knows what the sun would give, whoever set it.
        (2000.0, 2000.0, None, None),
        (1900.0, 2000.0, None, None),
        (1890.0, 2000.0, None, 1890.0),
        (3805.0, 4000.0, None, None),
        (3795.0, 4000.0, None, 3795.0),
        (2000.0, None, 2000.0, None),
        (0.0, 0.0, None, None),
        # Below it the sun is what it is.
        (1500.0, 2000.0, None, 1500.0),
        (1500.0, None, 2000.0, 1500.0),
        # A limit at its rating holds nothing; and what it says comes before what it was told.
        (5000.0, 5000.0, None, 5000.0),
        (4000.0, 5000.0, 4000.0, 4000.0),
    ],
)
def test_a_roof_that_is_held_back_shows_nothing_of_the_sun(
    gives_w: float, says_w: float | None, told_w: float | None, seen_w: float | None
) -> None:
    reading = PvReading(time=NOON, power_w=-gives_w, rated_power_w=5000.0, production_limit_w=says_w)
    written = None
    if told_w is not None:
        written = Setpoint(
            device_id="sun",
            quantity=Quantity.PRODUCTION_LIMIT_W,
            value=told_w,
            owner=Owner.PLAN,
            reason="plan",
            life_s=60.0,
        )
    assert sun_seen_w(replace(device("sun", reading=reading), written=written)) == seen_w


def test_what_is_no_roof_shows_no_sun() -> None:
    assert sun_seen_w(device("battery")) is None
