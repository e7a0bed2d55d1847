"""When a car starts on the sun, and when it stops."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.surplus import (
    SunMemory,
    SunShare,
    debt_limit_wh,
    followed,
)

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
        (share(1587.0), 10),
        # What carries it just so is no start, but where it has for ten minutes.
        (share(1586.0), 600),
        (share(1380.0), 600),
        (share(1379.0), None),
        (share(5000.0, may_start=False), None),
        (share(-500.0), None),
    ],
)
def test_start_needs_fifteen_percent_over_the_smallest_power_for_ten_seconds(
    what: SunShare, starts_after_s: int | None
) -> None:
    assert seconds_until(SunMemory(), what, LONG_OPEN, on=True) == starts_after_s


@pytest.mark.parametrize(("sun_w", "starts_after_s"), [(1379.0, None), (1380.0, 600), (4800.0, 10)])
def test_a_car_of_unknown_phases_is_let_in_on_what_has_long_carried_one(
    sun_w: float, starts_after_s: int | None
) -> None:
    unknown = replace(share(sun_w), minimum_w=4140.0, tries_w=1380.0)

    assert seconds_until(SunMemory(), unknown, LONG_OPEN, on=True) == starts_after_s


@pytest.mark.parametrize(("dip_w", "starts_after_s"), [(1379.0, 901), (1380.0, 600)])
def test_a_moment_that_does_not_carry_it_begins_the_ten_minutes_anew(
    dip_w: float, starts_after_s: int
) -> None:
    sun, started_s = SunMemory(), None
    for now_s in range(1000):
        sun = followed(sun, share(dip_w if now_s == 300 else 1500.0), LONG_OPEN, float(now_s), 1.0)
        started_s = now_s if sun.on and started_s is None else started_s
    assert started_s == starts_after_s


def test_a_moment_without_enough_begins_the_wait_anew() -> None:
    sun = SunMemory()
    for now_s in range(20):
        sun = followed(sun, share(1500.0 if now_s == 9 else 2000.0), LONG_OPEN, float(now_s), 1.0)
        assert sun.on is (now_s >= 20)


@pytest.mark.parametrize(
    ("what", "stops_after_s"),
    [
        (share(0.0), 105),  # 40 Wh at 1,380 W
        (share(690.0), 254),  # of 690 W bought, 3/17 of the 690 W from the sun are free
        # What the house buys by itself is not owed by the car.
        (share(-1380.0), 105),
        (share(1380.0), None),
        # Who buys 15 % may go on so.
        (share(0.851 * 1380.0), None),
        (share(0.84 * 1380.0), 8870),
        (share(0.0, may_stop=False), None),
        # What the car does not draw, it does not owe.
        (share(0.0, drawn_w=0.0), None),
    ],
)
def test_stop_comes_when_forty_watt_hours_are_owed(what: SunShare, stops_after_s: int | None) -> None:
    seconds = seconds_until(SunMemory(on=True), what, LONG_CLOSED, on=False, at_most_s=10_000)

    assert seconds == stops_after_s


def test_a_contactor_just_closed_stays_closed_until_much_is_owed_or_five_minutes_are_over() -> None:
    just_closed = Contactor(on=True, since_s=0.0)

    assert seconds_until(SunMemory(on=True), share(0.0), just_closed, on=False) == 157  # 60 Wh at 1,380 W
    assert seconds_until(SunMemory(on=True), share(690.0), just_closed, on=False) == 300


def test_what_the_sun_gives_beyond_the_smallest_current_makes_good_what_was_bought() -> None:
    owing = SunMemory(on=True, debt_wh=2.0)

    after = followed(owing, share(1380.0 + 3600.0), LONG_CLOSED, 1.0, 1.0)

    assert after.debt_wh == pytest.approx(1.0 - 1380.0 * 3 / 17 / 3600.0)
    assert followed(after, share(9000.0), LONG_CLOSED, 2.0, 1.0).debt_wh == 0.0


def test_a_car_that_owes_does_not_stop_while_the_sun_carries_it() -> None:
    owing = SunMemory(on=True, debt_wh=90.0)

    assert followed(owing, share(1400.0), LONG_CLOSED, 1.0, 1.0).on
    assert not followed(owing, share(1300.0), LONG_CLOSED, 1.0, 1.0).on


@pytest.mark.parametrize(
    ("phases", "may_close_again", "limit_wh"),
    [(1, True, 45.0), (3, True, 85.0), (1, False, 90.0), (3, False, 170.0)],
)
def test_a_stop_costs_a_closing_and_what_is_lost_while_the_car_wakes(
    phases: int, may_close_again: bool, limit_wh: float
) -> None:
    assert debt_limit_wh(phases, may_close_again=may_close_again) == limit_wh


@given(
    shares_w=st.lists(st.floats(-5000.0, 15_000.0), min_size=1, max_size=400),
    drawn_w=st.floats(0.0, 11_040.0),
)
def test_what_is_bought_at_the_smallest_current_stays_within_the_share_and_the_limit(
    shares_w: list[float], drawn_w: float
) -> None:
    sun, bought_wh, sun_wh = SunMemory(on=True), 0.0, 0.0
    for now_s, share_w in enumerate(shares_w):
        sun = followed(sun, share(share_w, drawn_w=drawn_w), LONG_CLOSED, float(now_s), 1.0)
        if not sun.on:
            break
        need_w = min(1380.0, drawn_w)
        bought_wh += max(0.0, need_w - max(0.0, share_w)) / 3600.0
        sun_wh += max(0.0, share_w) / 3600.0
        assert sun.debt_wh >= 0.0
        assert bought_wh <= sun_wh * (1.0 + 3 / 17) + 40.0 + 2 * 1380.0 / 3600.0
