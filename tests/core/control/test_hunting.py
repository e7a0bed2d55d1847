"""A control that hunts is noticed by its swings, slowed down, and freed after a time of calm."""

from typing import Any

import pytest

from custom_components.home_flex.core.control import hunting
from custom_components.home_flex.core.control.memory import Hunting, Order

from .sights import order


def near(value: Any) -> Any:
    return pytest.approx(value)


TWO = Hunting(swings_w=(500.0, 400.0))


def stepped(
    *powers_w: float | None,
    before: Hunting = TWO,
    after_s: float = 5.0,
    window_s: float = 5.0,
    period_s: float = 1.0,
    found_w: tuple[float, float] = (0.0, 0.0),
) -> Hunting:
    """Return what orders of these powers say, the last of them ``after_s`` after the one before."""
    times = [*(100.0 - after_s - 10.0 * ago for ago in reversed(range(len(powers_w) - 1))), 100.0]
    found = [*(0.0 for _ in powers_w[2:]), *found_w]
    orders: tuple[Order, ...] = tuple(
        order(at_s, power_w, found_w=now_w)
        for at_s, power_w, now_w in zip(times, powers_w, found, strict=True)
    )
    return hunting.stepped(before, orders, window_s, period_s)


@pytest.mark.parametrize(
    ("powers_w", "swing_w"),
    [
        ((1000.0, 1500.0, 1000.0), 500.0),
        ((1000.0, 500.0, 1000.0), 500.0),
        # Of like size: from four tenths to two and a half times.
        ((1000.0, 2000.0, 1600.0), 400.0),
        ((1000.0, 2000.0, 1601.0), None),
        ((3000.0, 3400.0, 2400.0), 1000.0),
        ((3000.0, 3400.0, 2399.0), None),
        # On in the same direction is no way back, nor is a step after none.
        ((1000.0, 1500.0, 2000.0), None),
        ((1000.0, 1000.4, 1000.8), None),
        ((1000.0, 1000.0, 500.0), None),
        ((1000.0, 1500.0, 1500.0), None),
        ((1000.0, 1500.0), None),
        ((None, 1500.0, 1000.0), None),
        ((1000.0, None, 1000.0), None),
        ((1000.0, 1500.0, None), None),
        ((None, 1000.0, 1500.0, 1000.0), 500.0),
    ],
)
def test_a_swing_is_a_step_back_of_like_size(
    powers_w: tuple[float | None, ...], swing_w: float | None
) -> None:
    one = stepped(*powers_w, before=Hunting(swings_w=(300.0,)))
    assert one.swings_w == ((300.0, swing_w) if swing_w is not None else ())


def test_what_the_device_did_may_swing_more_than_what_it_was_told() -> None:
    one = stepped(1000.0, 1500.0, 1000.0, before=Hunting(), found_w=(400.0, 1300.0))
    assert one.swings_w == (900.0,)
    one = stepped(1000.0, 1500.0, 1000.0, before=Hunting(), found_w=(-400.0, 400.0))
    assert one.swings_w == (800.0,)


@pytest.mark.parametrize(
    ("after_s", "window_s", "period_s", "is_swing"),
    [
        (11.0, 5.0, 1.0, True),
        (11.1, 5.0, 1.0, False),
        (20.0, 5.0, 10.0, True),
        (20.1, 5.0, 10.0, False),
    ],
)
def test_a_swing_follows_as_soon_as_the_step_before_showed(
    after_s: float, window_s: float, period_s: float, *, is_swing: bool
) -> None:
    one = stepped(
        1000.0, 1500.0, 1000.0, before=Hunting(), after_s=after_s, window_s=window_s, period_s=period_s
    )
    assert bool(one.swings_w) is is_swing


def test_two_swings_are_not_hunting_yet() -> None:
    one = stepped(1000.0, 1500.0, 1000.0, before=Hunting(swings_w=(500.0,)))
    assert (one.swings_w, hunting.is_slowed(one)) == ((500.0, 500.0), False)


@pytest.mark.parametrize(("swing_w", "band_w"), [(500.0, 325.0), (700.0, 455.0), (900.0, 585.0)])
def test_three_of_a_device_in_steps_widen_what_is_worth_a_write(swing_w: float, band_w: float) -> None:
    one = stepped(2000.0, 2000.0 + swing_w, 2000.0)
    assert one == Hunting(swings_w=(), band_w=near(band_w), until_s=3700.0)


@pytest.mark.parametrize(("before", "slower"), [(1.0, 1.6), (2.0, 3.2), (3.0, 4.0), (4.0, 4.0)])
def test_three_larger_ones_lengthen_the_window(before: float, slower: float) -> None:
    swung = Hunting(swings_w=(500.0, 901.0), slower=before)
    one = stepped(2000.0, 2500.0, 2000.0, before=swung)
    assert one == Hunting(swings_w=(), slower=near(slower), until_s=700.0)


@pytest.mark.parametrize(
    ("slowed", "calmed"),
    [
        # An hour, or ten minutes, have not passed.
        (Hunting(band_w=300.0, slower=2.0, until_s=100.1), Hunting(band_w=300.0, slower=2.0, until_s=100.1)),
        (Hunting(band_w=300.0, until_s=100.0), Hunting(until_s=700.0)),
        (Hunting(slower=4.0, until_s=100.0), Hunting(slower=2.5, until_s=700.0)),
        (Hunting(slower=1.6, until_s=100.0), Hunting(slower=1.0, until_s=700.0)),
        (Hunting(slower=1.2, until_s=100.0), Hunting(slower=1.0, until_s=700.0)),
        (Hunting(until_s=50.0), Hunting(until_s=50.0)),
    ],
)
def test_calm_takes_the_slowing_back_a_step_at_a_time(slowed: Hunting, calmed: Hunting) -> None:
    assert hunting.calmed(slowed, 100.0) == calmed


@pytest.mark.parametrize(
    ("state", "is_slowed"),
    [(Hunting(), False), (Hunting(band_w=0.1), True), (Hunting(slower=1.1), True)],
)
def test_who_is_slowed_is_told(state: Hunting, *, is_slowed: bool) -> None:
    assert hunting.is_slowed(state) is is_slowed
