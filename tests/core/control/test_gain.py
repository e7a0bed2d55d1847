"""What share of its orders a battery gives: learned from its own readings, and believed with the meter's."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.gain import LEAST, MOST, learned, rebooked_w
from custom_components.home_flex.core.control.memory import DeviceMemory, Order, Response, Shown, Step
from custom_components.home_flex.core.control.shown import share_of
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.model import DeviceKind

from .test_ranging import battery

type Pairs = Sequence[tuple[float, float]]
KIND = control_of(DeviceKind.BATTERY)
HALF = ((2300.0, 1150.0), (1320.0, 660.0))


def after(
    pairs: Pairs, by_meter: float | None, *, share: float = 1.0, bound_w: float | None = None
) -> DeviceMemory:
    """Return what is remembered of a battery that gave ``pairs`` at rest while it discharged."""
    order = Order(sent_s=0.0, value=-2000.0, power_w=-2000.0 * share)
    seen = battery([order], [-1000.0], 40.0)
    memory = replace(
        seen.memory,
        low=Shown(settled=tuple(pairs), share=share, bound_w=bound_w),
        response=Response(share=by_meter),
    )
    return learned(replace(seen, memory=memory), KIND)


def test_a_battery_that_gives_half_of_each_order_is_known_to_be_weak() -> None:
    memory = after(HALF, 0.5)
    assert memory.low == Shown(share=0.5)
    assert memory.high == Shown()
    assert memory.orders[-1].power_w == -1000.0


@pytest.mark.parametrize(
    ("gave_w", "share"),
    [
        # What looked like half was the ramp to an order: it gives all of it, and is told so much no longer.
        (2000.0, 1.0),
        (1500.0, 0.75),
        (9000.0, 1.0),
        # As reckoned, and nearly so.
        (1000.0, 0.5),
        (1090.0, 0.5),
        (400.0, 0.5),
    ],
)
def test_a_weak_battery_that_gives_more_than_is_reckoned_is_less_weak(gave_w: float, share: float) -> None:
    assert after(((1000.0, gave_w),), None, share=0.5).low.share == pytest.approx(share)


def test_more_than_a_whole_one_is_told_changes_nothing() -> None:
    assert after(((1000.0, 1500.0),), None).low == Shown(settled=((1000.0, 1500.0),))


@pytest.mark.parametrize(
    ("pairs", "by_meter", "before", "share"),
    [
        # Newest first, those near to each other are passed over.
        (((2300.0, 1150.0), (1320.0, 660.0), (1300.0, 650.0)), 0.5, 1.0, 0.5),
        (((1250.0, 625.0), (1000.0, 500.0)), 0.5, 1.0, 0.5),
        (HALF, 0.59, 1.0, 0.5),
        # Of one that is known to be weak it is the share of what was reckoned.
        (((2000.0, 1500.0), (1000.0, 750.0)), 0.75, 0.8, 0.6),
        (((2000.0, 1900.0), (1000.0, 950.0)), 0.95, 0.5, 0.5),
    ],
)
def test_the_share_is_that_of_two_orders_far_apart(
    pairs: Pairs, by_meter: float, before: float, share: float
) -> None:
    assert after(pairs, by_meter, share=before).low.share == pytest.approx(share)


def test_what_a_battery_takes_is_learned_apart_from_what_it_gives() -> None:
    seen = battery([Order(sent_s=0.0, value=2000.0, power_w=2000.0)], [1000.0], 40.0)
    memory = replace(
        seen.memory,
        high=Shown(settled=HALF),
        response=Response(share=0.5),
        step=Step(sent_s=0.0, delta_w=2000.0, meter_w=0.0, report_w=0.0),
    )
    found = learned(replace(seen, memory=memory), KIND)
    assert (found.high, found.low) == (Shown(share=0.5), Shown())
    assert found.orders[-1].power_w == 1000.0
    # What was to show of the order was reckoned by the share before.
    assert (found.step, found.response.share) == (None, None)


@pytest.mark.parametrize(
    ("pairs", "by_meter"),
    [
        # Its reading tells half, and the meter shows all: told twice as much it would swing for ever.
        (HALF, 1.0),
        (HALF, 0.62),
        (HALF, 0.38),
        # The meter has shown nothing of an order yet.
        (HALF, None),
        # More asked brought no more: it is at its end.
        (((2300.0, 1150.0), (3000.0, 1150.0)), 0.5),
        (((2300.0, 1150.0), (1320.0, 450.0)), 0.46),
        # One order alone tells a share from a bound as little as two alike.
        (((2300.0, 1150.0),), 0.5),
        (((2300.0, 1150.0), (2200.0, 1100.0)), 0.5),
        # Nearly all.
        (((2300.0, 2150.0), (1320.0, 1240.0)), 0.93),
    ],
)
def test_what_is_not_sure_leaves_it_reckoned_in_full(pairs: Pairs, by_meter: float | None) -> None:
    assert after(pairs, by_meter).low.share == 1.0


def test_a_battery_at_its_end_is_not_taken_for_a_weak_one() -> None:
    assert after(HALF, 0.5, bound_w=1200.0).low.share == 1.0


def test_a_battery_that_has_become_stronger_is_reckoned_stronger_again() -> None:
    assert after(((1150.0, 2300.0), (660.0, 1320.0)), 2.0, share=0.5).low.share == 1.0


@pytest.mark.parametrize(("part", "share"), [(0.1, LEAST), (1.5, MOST)])
def test_a_share_stays_within_what_a_device_may_have(part: float, share: float) -> None:
    pairs = ((2000.0, 2000.0 * part), (1000.0, 1000.0 * part))
    assert after(pairs, part).low.share == share


@given(part=st.floats(0.4, 0.85), order_w=st.floats(1000.0, 4000.0))
def test_where_the_meter_comes_to_rest_is_reckoned_as_before(part: float, order_w: float) -> None:
    before = after((), None)
    now = after(((order_w, part * order_w), (order_w / 2, part * order_w / 2)), part)
    moved_w = rebooked_w(before, now)
    # The load rises by what the order no longer counts: their sum is what the meter shows.
    assert moved_w + now.orders[-1].power_w == pytest.approx(before.orders[-1].power_w)


def test_what_a_weaker_order_no_longer_counts_is_load() -> None:
    before = DeviceMemory(low=Shown(share=0.8))
    after_it = DeviceMemory(low=Shown(share=0.6), orders=(Order(sent_s=0.0, value=-2000.0, power_w=-1200.0),))
    assert rebooked_w(before, after_it) == pytest.approx(-400.0)


@pytest.mark.parametrize("orders", [(), (Order(sent_s=0.0, value=None, power_w=-700.0),)])
def test_a_battery_that_is_told_nothing_makes_no_load(orders: tuple[Order, ...]) -> None:
    before, after_it = (DeviceMemory(low=Shown(share=share), orders=orders) for share in (0.8, 0.6))
    assert rebooked_w(before, after_it) == 0.0


def test_what_a_battery_did_by_itself_is_not_reckoned_anew() -> None:
    freed = Order(sent_s=0.0, value=None, power_w=-700.0)
    seen = battery([freed], [-1000.0], 40.0)
    memory = replace(seen.memory, low=Shown(settled=HALF), response=Response(share=0.5))
    found = learned(replace(seen, memory=memory), KIND)
    assert (found.low, found.orders) == (Shown(share=0.5), (freed,))


@pytest.mark.parametrize("missing_w", [-1500.0, -300.0, 300.0])
def test_a_weak_battery_is_told_what_brings_all_that_is_missing(missing_w: float) -> None:
    memory = after(HALF, 0.5)
    seen = replace(battery(memory.orders, [-1000.0], 40.0), memory=memory)
    told_w = -2000.0 + missing_w / share_of(memory, -2000.0)
    assert KIND.ordered_w(told_w, seen) == pytest.approx(-1000.0 + missing_w)


def test_the_range_of_a_weak_battery_is_what_it_gives() -> None:
    memory = after(HALF, 0.5)
    able = KIND.flexibility(replace(battery(memory.orders, [-1000.0], 40.0), memory=memory), stuck=False)
    assert (able.low_w, able.high_w) == (-2500.0, 5000.0)
