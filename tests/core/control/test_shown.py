"""How far a device has shown that it goes: what proves an end, what does not, and what releases it."""

import pytest

from custom_components.home_flex.core.control.memory import Run, Shown
from custom_components.home_flex.core.control.shown import Found, faded, limit_w, replaced, settled

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


def test_power_that_falls_is_no_recovery_while_it_is_above_where_it_will_be() -> None:
    shown = settled(BOUND, found(2120.0, 2300.0, soon_w=2060.0, resting=False), 40.0)
    assert shown.bound_w == BOUND.bound_w


def test_a_probe_in_vain_gives_a_bound_that_was_foreseen_too_low_its_room_back() -> None:
    probed = settled(Shown(bound_w=1000.0, probe_s=100.0), found(1200.0, 1000.0), 110.0)
    assert (probed.bound_w, probed.wait_s, probed.probe_s) == (1090.0, 120.0, 230.0)
