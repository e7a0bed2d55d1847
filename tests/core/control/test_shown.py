"""How far a device has shown that it goes: what proves an end, what does not, and what releases it."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.memory import Run, Shown
from custom_components.home_flex.core.control.shown import (
    Found,
    ended,
    faded,
    limit_w,
    replaced,
    settled,
    tolerance_w,
)

DECLARED_W = 5000.0
BOUND = Shown(bound_w=2120.0, probe_s=160.0)


def found(
    order_w: float, power_w: float, *, soon_w: float | None = None, resting: bool = True, due: bool = True
) -> Found:
    """Return what an order brought."""
    return Found(
        order_w=order_w,
        power_w=power_w,
        soon_w=power_w if soon_w is None else soon_w,
        is_resting=resting,
        is_due=due,
    )


@pytest.mark.parametrize(
    ("first", "second", "bound_w"),
    [
        ((2300.0, 2000.0), (2600.0, 2000.0), 2120.0),
        ((2300.0, 1150.0), (3450.0, 1725.0), None),
        ((2300.0, 1840.0), (2760.0, 2208.0), None),
    ],
    ids=["clips", "gives half", "gives four fifths"],
)
def test_only_more_order_without_more_power_is_an_end(
    first: tuple[float, float], second: tuple[float, float], bound_w: float | None
) -> None:
    shown = settled(settled(Shown(), found(*first), 10.0), found(*second), 40.0)
    assert shown.bound_w == bound_w


@pytest.mark.parametrize(
    ("due", "run", "tests"),
    [(True, None, True), (False, None, False), (True, Run(order_w=1000.0, power_w=500.0, sent_s=0.0), False)],
    ids=["nothing larger was sent", "a larger order may follow", "the order grew before"],
)
def test_a_short_order_is_tested_inwards_only_when_nothing_else_tells(
    due: bool, run: Run | None, tests: bool
) -> None:
    shown = settled(Shown(run=run), found(4500.0, 2250.0, due=due), 40.0)
    assert (shown.tested_w is not None) is tests


def test_a_bound_follows_a_power_that_rests_closely_and_one_that_falls_coarsely() -> None:
    assert settled(BOUND, found(2120.0, 1900.0), 100.0).bound_w == pytest.approx(2017.0)
    assert settled(BOUND, found(2120.0, 1900.0, resting=False), 100.0).bound_w == 2120.0
    falling = found(2120.0, 1800.0, soon_w=1700.0, resting=False)
    assert settled(BOUND, falling, 100.0).bound_w == pytest.approx(1811.0)


def test_power_beyond_the_bound_releases_it() -> None:
    assert settled(BOUND, found(2432.0, 2400.0), 170.0) == Shown()


def test_a_bound_that_is_met_at_rest_is_probed_at_once() -> None:
    assert limit_w(BOUND, DECLARED_W, 100.0) == 2120.0
    met = settled(BOUND, found(2120.0, 2110.0), 100.0)
    assert limit_w(met, DECLARED_W, 100.0) == pytest.approx(2432.0)
    assert settled(BOUND, found(2120.0, 2110.0, resting=False), 100.0) == Shown(
        bound_w=2120.0, probe_s=160.0, settled=((2120.0, 2110.0),)
    )


def test_a_vain_probe_doubles_the_wait_once_however_often_it_is_read() -> None:
    once = settled(BOUND, found(2432.0, 2000.0), 170.0)
    again = settled(once, found(2432.0, 2000.0), 171.0)
    assert (once.wait_s, once.probe_s) == (again.wait_s, again.probe_s) == (120.0, 290.0)


@pytest.mark.parametrize(
    ("base", "order", "bound_w"),
    [
        (Run(order_w=2300.0, power_w=2000.0, sent_s=0.0), (2900.0, 2000.0), 2120.0),
        (Run(order_w=2090.0, power_w=2500.0, sent_s=0.0), (2409.0, 2500.0), None),
    ],
    ids=["short", "a device in steps gives more than it is told"],
)
def test_orders_that_grow_prove_an_end_only_of_a_device_that_falls_short(
    base: Run, order: tuple[float, float], bound_w: float | None
) -> None:
    grown = Run(order_w=order[0], power_w=order[1], sent_s=20.0)
    assert replaced(Shown(run=base), grown, 60.0, 12.0).bound_w == bound_w


def test_what_still_falls_to_a_smaller_order_is_no_beginning_of_growth() -> None:
    falling = Run(order_w=2094.0, power_w=2750.0, sent_s=60.0)
    assert replaced(Shown(), falling, 61.0, 2.5).run is None


def test_a_device_that_fades_is_bounded_where_it_will_be() -> None:
    assert faded(Shown(), 3000.0, 100.0).bound_w == pytest.approx(3150.0)
    assert faded(BOUND, 1000.0, 100.0) is BOUND


def near(value: float) -> Any:
    return pytest.approx(value)


def bounded(power_w: float, now_s: float, *, wait_s: float = 60.0) -> Shown:
    """Return the bound of a device that gives ``power_w`` at most, 3 % and 60 W beyond it."""
    return Shown(bound_w=near(1.03 * power_w + 60.0), wait_s=wait_s, probe_s=now_s + wait_s)


@pytest.mark.parametrize(
    ("power_w", "off_w"), [(0.0, 100.0), (1600.0, 100.0), (2000.0, 120.0), (-2000.0, 120.0)]
)
def test_power_lies_within_a_hundred_watts_or_six_percent(power_w: float, off_w: float) -> None:
    assert tolerance_w(power_w) == pytest.approx(off_w)


@pytest.mark.parametrize(
    ("shown", "declared_w", "now_s", "most_w"),
    [
        (Shown(), 5000.0, 100.0, 5000.0),
        (Shown(bound_w=2000.0), 5000.0, 100.0, 2000.0),
        (Shown(bound_w=2000.0, probe_s=101.0), 5000.0, 100.0, 2000.0),
        (Shown(bound_w=2000.0, probe_s=100.0), 5000.0, 100.0, 2300.0),
        (Shown(bound_w=2000.0, probe_s=100.0), 2200.0, 100.0, 2200.0),
        (Shown(bound_w=2000.0), 1500.0, 100.0, 1500.0),
        (Shown(tested_w=1000.0), 5000.0, 100.0, 1000.0),
        (Shown(bound_w=2000.0, tested_w=1000.0), 800.0, 100.0, 800.0),
    ],
)
def test_a_device_is_ordered_as_far_as_it_has_shown_and_from_time_to_time_a_little_further(
    shown: Shown, declared_w: float, now_s: float, most_w: float
) -> None:
    assert limit_w(shown, declared_w, now_s) == pytest.approx(most_w)


def test_a_device_that_gives_nothing_shows_no_bound() -> None:
    assert settled(BOUND, found(3000.0, 79.0), 100.0) is BOUND
    assert settled(Shown(), found(300.0, 80.0), 100.0).settled == ((300.0, 80.0),)


def test_what_orders_brought_is_remembered_once_each_and_the_last_eight() -> None:
    shown = Shown()
    for number in range(1, 11):
        shown = settled(shown, found(100.0 * number, 100.0 * number), 10.0)
    assert shown.settled == tuple((100.0 * number, 100.0 * number) for number in range(3, 11))
    again = settled(shown, found(501.0, 480.0), 10.0)
    assert again.settled[-1] == (501.0, 480.0)
    assert (500.0, 500.0) not in again.settled
    other = settled(shown, found(501.1, 480.0), 10.0)
    assert (500.0, 500.0) in other.settled


@pytest.mark.parametrize(
    ("first", "second", "bound_w"),
    [
        # Orders must lie 250 W, or a tenth, apart.
        ((1500.0, 1200.0), (1749.0, 1200.0), None),
        ((1500.0, 1200.0), (1750.0, 1200.0), 1296.0),
        ((4600.0, 4000.0), (5100.0, 4000.0), None),
        ((4600.0, 4000.0), (5112.0, 4000.0), 4180.0),
        # A quarter of what was asked more must have come.
        ((2300.0, 2000.0), (2700.0, 2100.0), None),
        ((2300.0, 2000.0), (2700.0, 2099.0), 2221.97),
        # One order of the two must lie beyond what the device gives.
        ((1700.0, 2000.0), (2119.0, 2000.0), None),
        ((1700.0, 2000.0), (2120.0, 2000.0), 2120.0),
        # Also of a smaller order after a larger one.
        ((2700.0, 2000.0), (2300.0, 2000.0), 2120.0),
        ((2700.0, 2099.0), (2300.0, 2000.0), 2221.97),
        ((2700.0, 2100.0), (2300.0, 2000.0), None),
        # More order and less power is an end, too.
        ((2300.0, 2100.0), (2700.0, 2000.0), 2120.0),
    ],
)
def test_two_orders_at_rest_show_an_end_where_more_brought_no_more(
    first: tuple[float, float], second: tuple[float, float], bound_w: float | None
) -> None:
    shown = settled(Shown(settled=(first,), wait_s=30.0), found(*second), 40.0)
    if bound_w is None:
        assert shown == Shown(settled=(first, second), wait_s=30.0)
    else:
        expected = Shown(bound_w=near(bound_w), wait_s=60.0, probe_s=100.0)
        assert shown == replace(expected, settled=(first, second))


def test_any_two_of_the_orders_show_it_and_a_falling_power_counts_as_it_will_be() -> None:
    before = Shown(settled=((2300.0, 2000.0), (2500.0, 2000.0)), tested_w=900.0)
    shown = settled(before, found(2560.0, 2000.0, soon_w=1800.0), 40.0)
    assert (shown.bound_w, shown.tested_w) == (near(1914.0), None)


@pytest.mark.parametrize(
    ("order_w", "power_w", "tested_w"),
    [
        (2000.0, 1499.0, 1.1 * 1499.0 + 60.0),
        (2000.0, 1500.0, None),
        (501.0, 100.0, 170.0),
        (500.0, 100.0, None),
    ],
)
def test_a_first_order_that_falls_short_by_a_quarter_is_tested_a_little_beyond_what_it_gave(
    order_w: float, power_w: float, tested_w: float | None
) -> None:
    shown = settled(Shown(), found(order_w, power_w), 40.0)
    assert shown.tested_w == (None if tested_w is None else pytest.approx(tested_w))


def test_a_test_ends_with_the_second_order_that_rests() -> None:
    testing = Shown(settled=((4500.0, 2250.0),), tested_w=2500.0)
    assert settled(testing, found(4500.0, 2250.0), 40.0) == testing
    assert settled(testing, found(2500.0, 1250.0), 40.0).tested_w is None
    assert settled(replace(testing, settled=()), found(4500.0, 2250.0), 40.0).tested_w == 2500.0


@pytest.mark.parametrize(
    ("brought", "after"),
    [
        # Beyond it by more than 30 W: there is none.
        (found(2400.0, 2151.0), Shown()),
        # At it: the next order may go a step further, once power rests.
        (found(2120.0, 2150.0), replace(BOUND, wait_s=60.0, probe_s=100.0)),
        (found(2120.0, 2091.0), replace(BOUND, wait_s=60.0, probe_s=100.0)),
        (found(2120.0, 2091.0, resting=False), BOUND),
        # Below it by a larger order: a probe in vain, if it was one.
        (found(2400.0, 2090.0), BOUND),
        (found(2122.0, 2000.0), BOUND),
        # Below it by an order as large: the bound follows what rests, from 60 W on.
        (found(2121.0, 2000.0), BOUND),
        (found(2120.0, 1942.0), BOUND),
        (found(2120.0, 1941.0), bounded(1941.0, 100.0)),
        (found(2061.0, 1900.0), bounded(1900.0, 100.0)),
        (found(2060.0, 1900.0), BOUND),
        # What falls counts as it will be, from 212 W or a tenth on.
        (found(2120.0, 1990.0, soon_w=1788.1, resting=False), BOUND),
        (found(2120.0, 1990.0, soon_w=1787.9, resting=False), bounded(1787.9, 100.0)),
    ],
)
def test_what_an_order_brings_moves_or_releases_the_bound(brought: Found, after: Shown) -> None:
    shown = settled(replace(BOUND, wait_s=60.0), brought, 100.0)
    pairs = ((brought.order_w, brought.power_w),) if after != Shown() else ()
    assert shown == replace(after, settled=pairs)


def test_a_small_bound_follows_a_fall_of_at_least_so_many_watts() -> None:
    small = Shown(bound_w=1090.0, probe_s=160.0)
    for soon_w, is_moved in [(850.1, False), (849.9, True)]:
        shown = settled(small, found(1090.0, 1000.0, soon_w=soon_w, resting=False), 100.0)
        assert (shown.bound_w != 1090.0) is is_moved


@pytest.mark.parametrize(
    ("probe_s", "wait_s", "after_wait_s"),
    [(None, 60.0, 120.0), (100.0, 60.0, 120.0), (90.0, 500.0, 900.0), (100.1, 60.0, None)],
)
def test_a_probe_in_vain_doubles_the_wait_up_to_a_quarter_of_an_hour(
    probe_s: float | None, wait_s: float, after_wait_s: float | None
) -> None:
    before = Shown(bound_w=2120.0, probe_s=probe_s, wait_s=wait_s)
    after = settled(before, found(2400.0, 2000.0), 100.0)
    if after_wait_s is None:
        assert after == replace(before, settled=((2400.0, 2000.0),))
    else:
        assert (after.wait_s, after.probe_s, after.bound_w) == (after_wait_s, 100.0 + after_wait_s, 2120.0)


@pytest.mark.parametrize(
    ("shown", "power_w", "after"),
    [
        (Shown(), 2000.0, bounded(2000.0, 100.0)),
        (Shown(wait_s=240.0), 2000.0, bounded(2000.0, 100.0, wait_s=240.0)),
        # It rests where it was known to: the wait doubles when it was probed.
        (BOUND, 2000.0, BOUND),
        (BOUND, 2057.0, BOUND),
        (BOUND, 1943.0, BOUND),
        (replace(BOUND, probe_s=100.0), 2000.0, replace(BOUND, wait_s=120.0, probe_s=220.0)),
        (replace(BOUND, probe_s=None), 2000.0, replace(BOUND, probe_s=None)),
        (BOUND, 2059.0, bounded(2059.0, 100.0)),
        (BOUND, 1941.0, bounded(1941.0, 100.0)),
    ],
)
def test_a_device_that_goes_no_further_by_itself_has_its_end_there(
    shown: Shown, power_w: float, after: Shown
) -> None:
    assert ended(shown, power_w, 100.0) == after


@pytest.mark.parametrize(("soon_w", "is_bounded"), [(79.0, False), (80.0, True)])
def test_one_that_fades_to_nothing_has_no_bound(soon_w: float, is_bounded: bool) -> None:
    assert faded(Shown(), soon_w, 100.0) == (bounded(80.0, 100.0) if is_bounded else Shown())


BASE = Run(order_w=2300.0, power_w=2000.0, sent_s=0.0)
SMALL = Run(order_w=1500.0, power_w=1200.0, sent_s=0.0)


def grown(order_w: float, power_w: float) -> Run:
    return Run(order_w=order_w, power_w=power_w, sent_s=20.0)


@pytest.mark.parametrize(
    ("run", "order", "at_s", "after"),
    [
        # Nothing came, or a bound is known: nothing begins.
        (BASE, grown(2900.0, 79.0), 60.0, Shown()),
        # The first, or one no larger, begins anew, unless it falls.
        (None, grown(2900.0, 2000.0), 60.0, Shown(run=grown(2900.0, 2000.0))),
        (BASE, grown(2300.0, 2000.0), 60.0, Shown(run=grown(2300.0, 2000.0))),
        (None, grown(2000.0, 2120.0), 60.0, Shown(run=grown(2000.0, 2120.0))),
        (None, grown(2000.0, 2121.0), 60.0, Shown()),
        (BASE, grown(2000.0, 2121.0), 60.0, Shown()),
        # Hardly larger: it goes on.
        (BASE, grown(2555.0, 2000.0), 60.0, Shown(run=BASE)),
        (SMALL, grown(1749.0, 1200.0), 60.0, Shown(run=SMALL)),
        # Larger, but there was no time to see it.
        (BASE, grown(2556.0, 2000.0), 31.9, Shown(run=replace(BASE, larger_s=20.0))),
        (replace(BASE, larger_s=10.0), grown(2556.0, 2000.0), 21.9, Shown(run=replace(BASE, larger_s=10.0))),
        # It had its time, and brought nothing, or less than a quarter of what was asked more.
        (BASE, grown(2556.0, 2000.0), 32.0, bounded(2000.0, 32.0)),
        (SMALL, grown(1750.0, 1200.0), 32.0, bounded(1200.0, 32.0)),
        (replace(BASE, larger_s=10.0), grown(2556.0, 2000.0), 22.0, bounded(2000.0, 22.0)),
        (BASE, grown(2700.0, 2099.0), 60.0, bounded(2099.0, 60.0)),
        (BASE, grown(2700.0, 2100.0), 60.0, Shown(run=grown(2700.0, 2100.0))),
        # A device that gives about what it is told is at no end.
        (replace(BASE, order_w=1800.0), grown(2120.0, 2000.0), 60.0, Shown(run=grown(2120.0, 2000.0))),
        (replace(BASE, order_w=1800.0), grown(2121.0, 2000.0), 60.0, bounded(2000.0, 60.0)),
        # A tenth of a large order is as little as 250 W of a small one.
        (
            replace(BASE, order_w=4600.0),
            grown(5100.0, 2000.0),
            60.0,
            Shown(run=replace(BASE, order_w=4600.0)),
        ),
    ],
)
def test_orders_that_grow_in_vain_for_longer_than_one_needs_to_show_are_an_end(
    run: Run | None, order: Run, at_s: float, after: Shown
) -> None:
    assert replaced(Shown(run=run), order, at_s, 12.0) == after


def test_where_an_end_is_known_no_growth_is_watched() -> None:
    assert replaced(replace(BOUND, run=BASE), grown(2900.0, 2000.0), 60.0, 12.0) == BOUND


def test_power_that_falls_is_no_recovery_while_it_is_above_where_it_will_be() -> None:
    shown = settled(BOUND, found(2120.0, 2300.0, soon_w=2060.0, resting=False), 40.0)
    assert shown.bound_w == BOUND.bound_w


def test_a_probe_in_vain_gives_a_bound_that_was_foreseen_too_low_its_room_back() -> None:
    probed = settled(Shown(bound_w=1000.0, probe_s=100.0), found(1200.0, 1000.0), 110.0)
    assert (probed.bound_w, probed.wait_s, probed.probe_s) == (1090.0, 120.0, 230.0)
