"""When a car starts on the sun, and when it stops."""

import math

import pytest

from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.surplus import SunMemory, SunShare, followed

LONG_OPEN = Contactor(on=False, since_s=-math.inf)
LONG_CLOSED = Contactor(on=True, since_s=-1e6)


def share(
    share_w: float, *, drawn_w: float = 1380.0, may_start: bool = True, may_stop: bool = True
) -> SunShare:
    return SunShare(
        share_w=share_w,
        minimum_w=1380.0,
        drawn_w=drawn_w,
        debt_limit_wh=40.0,
        may_start=may_start,
        may_stop=may_stop,
    )


def seconds_until(
    sun: SunMemory, what: SunShare, contactor: Contactor, *, on: bool, at_most_s: int = 3600
) -> int | None:
    for now_s in range(at_most_s):
        sun = followed(sun, what, contactor, float(now_s), 1.0 if now_s else 0.0)
        if sun.on is on:
            return now_s
    return None


@pytest.mark.parametrize(
    ("what", "starts_after_s"),
    [
        (share(1480.0), 30),
        (share(1479.0), None),
        (share(5000.0, may_start=False), None),
        (share(-500.0), None),
    ],
)
def test_start_needs_the_smallest_power_and_a_margin_for_half_a_minute(
    what: SunShare, starts_after_s: int | None
) -> None:
    assert seconds_until(SunMemory(), what, LONG_OPEN, on=True) == starts_after_s


def test_a_moment_without_enough_begins_the_wait_anew() -> None:
    sun = SunMemory()
    for now_s in range(60):
        sun = followed(sun, share(1400.0 if now_s == 29 else 2000.0), LONG_OPEN, float(now_s), 1.0)
        assert sun.on is (now_s >= 60)


@pytest.mark.parametrize(
    ("what", "stops_after_s"),
    [
        (share(0.0), 105),  # 40 Wh at 1,380 W
        (share(690.0), 209),
        (share(-1380.0), 53),
        (share(1380.0), None),
        (share(0.0, may_stop=False), None),
        # What the car does not draw, it does not owe.
        (share(0.0, drawn_w=0.0), None),
    ],
)
def test_stop_comes_when_forty_watt_hours_are_owed(what: SunShare, stops_after_s: int | None) -> None:
    assert seconds_until(SunMemory(on=True), what, LONG_CLOSED, on=False) == stops_after_s


def test_a_contactor_just_closed_stays_closed_for_five_minutes() -> None:
    just_closed = Contactor(on=True, since_s=0.0)

    assert seconds_until(SunMemory(on=True), share(-5000.0), just_closed, on=False) == 300


def test_enough_sun_forgives_what_is_owed() -> None:
    owing = SunMemory(on=True, debt_wh=39.0)

    assert followed(owing, share(1400.0), LONG_CLOSED, 1.0, 1.0).debt_wh == 0.0
