"""The one judgement of a device: followed, saturated, not followed, unknown."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.judging import has_swallowed, is_settled, judged
from custom_components.home_flex.core.control.memory import (
    Actuator,
    DeviceMemory,
    Judgement,
    Lapses,
    Order,
    Response,
    Shown,
    Step,
)
from custom_components.home_flex.core.kinds.battery import Battery
from custom_components.home_flex.core.kinds.charger import Charger
from custom_components.home_flex.core.kinds.kind import Kind, Seen
from custom_components.home_flex.core.kinds.pv import Pv

from .sights import PER_A, battery, charger, inverter, order, reports, steady

FOLLOWED, SATURATED = Judgement.FOLLOWED, Judgement.SATURATED
NOT_FOLLOWED, UNKNOWN = Judgement.NOT_FOLLOWED, Judgement.UNKNOWN


def told(*orders: tuple[float, float | None], **changes: Any) -> DeviceMemory:
    """Return the memory of a battery that was sent these values, each as (when, W)."""
    return DeviceMemory(orders=tuple(order(sent_s, value) for sent_s, value in orders), **changes)


def judge(power_w: float, memory: DeviceMemory) -> Judgement:
    memory = replace(memory, reports=memory.reports or steady(power_w))
    return judged(battery(power_w, memory), Battery())


@pytest.mark.parametrize("orders", [[], [(50.0, None)], [(50.0, 1000.0), (60.0, None)]])
def test_of_a_device_that_is_told_nothing_nothing_is_known(orders: list[tuple[float, float | None]]) -> None:
    assert judge(1000.0, told(*orders)) is UNKNOWN


@pytest.mark.parametrize(
    ("value", "power_w", "is_followed"),
    [
        # Within 100 W, or 6 % of a large order.
        (1000.0, 900.0, True),
        (1000.0, 899.0, False),
        (1000.0, 1100.0, True),
        (1000.0, 1101.0, False),
        (4000.0, 3760.0, True),
        (4000.0, 3759.0, False),
        (4000.0, 4240.0, True),
        (4000.0, 4241.0, False),
        (-4000.0, -4240.0, True),
        (-4000.0, -4241.0, False),
    ],
)
def test_a_battery_follows_when_it_does_what_it_was_told(
    value: float, power_w: float, is_followed: bool
) -> None:
    assert (judge(power_w, told((50.0, value))) is FOLLOWED) is is_followed


@pytest.mark.parametrize(
    ("sent_s", "power_w", "is_followed"),
    [
        # Heard at 100 s, and its reading shows an order within 6 s: any power on the way is right.
        (95.0, 1000.0, True),
        (95.0, 2000.0, True),
        (95.0, 3060.0, True),
        (95.0, 899.0, False),
        (95.0, 3181.0, False),
        (94.1, 1000.0, True),
        # Its time is over: the order before does not count any more.
        (94.0, 1000.0, False),
        (94.0, 3000.0, True),
    ],
)
def test_the_way_from_the_order_before_is_right_until_the_new_one_must_show(
    sent_s: float, power_w: float, is_followed: bool
) -> None:
    memory = told((50.0, 1000.0), (sent_s, 3000.0), judgement=FOLLOWED)
    memory = replace(memory, orders=tuple(replace(each, found_w=1000.0) for each in memory.orders))
    assert (judge(power_w, memory) is FOLLOWED) is is_followed


@pytest.mark.parametrize("earlier", [[], [(50.0, None)]])
@pytest.mark.parametrize(
    ("value", "power_w", "is_followed"),
    [
        # A fifth of the way from where it was found, and 80 W at least, is seen to be on the way.
        (1000.0, -200.0, True),
        (1000.0, -201.0, False),
        (1000.0, 700.0, True),
        (-2000.0, -800.0, True),
        (-2000.0, -799.0, False),
        (-750.0, -580.0, True),
        (-750.0, -579.0, False),
        # What stays where it was, or goes the other way, has shown nothing.
        (1000.0, -500.0, False),
        (1000.0, -700.0, False),
        (-2000.0, -300.0, False),
    ],
)
def test_a_free_device_follows_its_first_order_once_it_is_seen_to_move(
    earlier: list[tuple[float, float | None]], value: float, power_w: float, is_followed: bool
) -> None:
    memory = told(*earlier, (95.0, value), reports=reports((90.0, -500.0)), own_w=-500.0)
    memory = replace(memory, orders=tuple(replace(each, found_w=-500.0) for each in memory.orders))
    assert judge(power_w, memory) is (FOLLOWED if is_followed else UNKNOWN)


@pytest.mark.parametrize("before", [UNKNOWN, FOLLOWED, SATURATED, NOT_FOLLOWED])
@pytest.mark.parametrize("sent_s", [100.0, 100.1])
def test_what_was_told_before_an_order_says_nothing_of_it(sent_s: float, before: Judgement) -> None:
    memory = told((50.0, 2000.0), (sent_s, 1000.0), judgement=before)
    assert judge(1000.0, memory) is before


@pytest.mark.parametrize(
    ("orders", "power_w", "before", "judgement"),
    [
        # It follows, and has not heard the next order yet.
        (((50.0, 2000.0), (97.0, 3000.0)), 2000.0, FOLLOWED, FOLLOWED),
        (((50.0, 2000.0), (97.0, 3000.0)), 2000.0, UNKNOWN, UNKNOWN),
        (((50.0, 2000.0), (97.0, 3000.0)), 2000.0, SATURATED, UNKNOWN),
        (((50.0, 2000.0), (97.0, 3000.0)), 2000.0, NOT_FOLLOWED, NOT_FOLLOWED),
        (((50.0, 2000.0), (95.0, -2000.0), (97.0, 1000.0)), -101.0, FOLLOWED, FOLLOWED),
        # What rests may be dead: an order of nothing, or one between two, was no proof.
        (((50.0, 0.0), (97.0, 3000.0)), 0.0, FOLLOWED, UNKNOWN),
        (((50.0, 0.0), (97.0, 3000.0)), 100.0, FOLLOWED, UNKNOWN),
        (((50.0, 2000.0), (95.0, -2000.0), (97.0, 1000.0)), 0.0, FOLLOWED, UNKNOWN),
        (((50.0, 2000.0), (95.0, -2000.0), (97.0, 1000.0)), -100.0, FOLLOWED, UNKNOWN),
    ],
)
def test_who_followed_is_given_the_time_of_the_next_order(
    orders: tuple[tuple[float, float], ...], power_w: float, before: Judgement, judgement: Judgement
) -> None:
    sent = tuple(order(sent_s, value, found_w=power_w) for sent_s, value in orders)
    memory = DeviceMemory(orders=sent, reports=steady(power_w, (90.0, 99.0, 100.0)), judgement=before)
    assert judged(battery(power_w, memory), Battery()) is judgement


@pytest.mark.parametrize(
    ("orders", "found_w", "power_w", "before", "judgement"),
    [
        # Its first limit: drawing as before proves nothing, less does.
        (((97.0, 6.0),), 11_040.0, 11_040.0, UNKNOWN, UNKNOWN),
        (((97.0, 6.0),), 11_040.0, 9661.0, UNKNOWN, UNKNOWN),
        (((97.0, 6.0),), 11_040.0, 9660.0, UNKNOWN, FOLLOWED),
        (((97.0, 6.0),), 11_040.0, 4140.0, UNKNOWN, FOLLOWED),
        # It kept the limit before, and has not heard of this one yet.
        (((50.0, 10.0), (97.0, 6.0)), 6900.0, 6900.0, FOLLOWED, FOLLOWED),
        (((50.0, 10.0), (97.0, 6.0)), 6900.0, 6486.0, FOLLOWED, FOLLOWED),
        (((50.0, 10.0), (97.0, 6.0)), 6900.0, 6900.0, UNKNOWN, UNKNOWN),
        # The limit before was far above what it drew.
        (((50.0, 32.0), (97.0, 6.0)), 11_040.0, 11_040.0, FOLLOWED, UNKNOWN),
        (((50.0, 10.0), (97.0, 6.0)), 6485.0, 6485.0, FOLLOWED, UNKNOWN),
    ],
)
def test_a_charger_that_draws_as_before_has_not_shown_that_it_keeps_a_new_limit(
    orders: tuple[tuple[float, float], ...],
    found_w: float,
    power_w: float,
    before: Judgement,
    judgement: Judgement,
) -> None:
    sent = tuple(order(sent_s, value_a, value_a * PER_A, found_w=found_w) for sent_s, value_a in orders)
    memory = DeviceMemory(orders=sent, reports=steady(power_w, (90.0, 99.0, 100.0)), judgement=before)
    assert judged(charger(power_w, memory), Charger()) is judgement


@pytest.mark.parametrize(
    ("power_w", "judgement"), [(-8000.0, UNKNOWN), (-6801.0, UNKNOWN), (-6800.0, FOLLOWED), (0.0, FOLLOWED)]
)
def test_an_inverter_that_gives_as_before_has_not_shown_that_it_keeps_its_first_limit(
    power_w: float, judgement: Judgement
) -> None:
    sent = (order(97.0, 2000.0, -2000.0, found_w=-8000.0),)
    memory = DeviceMemory(orders=sent, reports=steady(power_w, (90.0, 99.0, 100.0)))
    assert judged(inverter(power_w, memory), Pv()) is judgement


@pytest.mark.parametrize(
    ("value_a", "power_w", "is_followed"),
    [
        # A limit: less is right, more is not.
        (10.0, 0.0, True),
        (10.0, 10 * PER_A, True),
        (10.0, 7314.0, True),
        (10.0, 7315.0, False),
        (0.0, 0.0, True),
        (0.0, 100.0, True),
        (0.0, 101.0, False),
        (0.0, 4140.0, False),
    ],
)
def test_a_charger_follows_when_its_car_draws_no_more(
    value_a: float, power_w: float, is_followed: bool
) -> None:
    orders = (order(50.0, value_a, value_a * PER_A),)
    memory = DeviceMemory(orders=orders, reports=steady(power_w))
    assert (judged(charger(power_w, memory), Charger()) is FOLLOWED) is is_followed


@pytest.mark.parametrize(
    ("limit_w", "power_w", "is_followed"),
    [
        (2000.0, 0.0, True),
        (2000.0, 5.0, True),
        (2000.0, -2000.0, True),
        (2000.0, -2120.0, True),
        (2000.0, -2130.0, False),
        (0.0, 0.0, True),
        (0.0, 5.0, True),
        (0.0, -100.0, True),
        (0.0, -101.0, False),
    ],
)
def test_an_inverter_follows_when_it_gives_no_more(limit_w: float, power_w: float, is_followed: bool) -> None:
    memory = DeviceMemory(orders=(order(50.0, limit_w, -limit_w),), reports=steady(power_w))
    assert (judged(inverter(power_w, memory), Pv()) is FOLLOWED) is is_followed


@pytest.mark.parametrize(
    ("seen", "kind", "sent", "shows"),
    [
        (battery, Battery(), order(0.0, 3000.0, found_w=0.0), "power_setpoint_w"),
        (charger, Charger(), order(0.0, 6.0, 4140.0, found_w=11_040.0), "current_limit_a"),
        (inverter, Pv(), order(0.0, 5000.0, -5000.0, found_w=-8000.0), "production_limit_w"),
    ],
    ids=["battery", "charger", "inverter"],
)
@pytest.mark.parametrize("after_s", [1.0, 5.9, 40.0])
@pytest.mark.parametrize(
    ("part", "soon", "at_last"),
    [(0.0, UNKNOWN, UNKNOWN), (0.1, UNKNOWN, UNKNOWN), (0.5, FOLLOWED, UNKNOWN), (1.0, FOLLOWED, FOLLOWED)],
)
def test_a_setpoint_that_a_device_shows_is_written_and_what_is_measured_is_followed(
    seen: Callable[..., Seen[Any]],
    kind: Kind[Any],
    sent: Order,
    shows: str,
    after_s: float,
    part: float,
    soon: Judgement,
    at_last: Judgement,
) -> None:
    """Entities, registers and chargers say at once what they were told; ``part`` of it they have done."""
    power_w = sent.found_w + part * (sent.power_w - sent.found_w)
    memory = DeviceMemory(orders=(replace(sent, sent_s=100.0 - after_s),), reports=steady(power_w))
    device = seen(power_w, memory)
    device = replace(device, reading=replace(device.reading, **{shows: sent.value}))
    assert judged(device, kind) is (soon if after_s < device.report_window_s else at_last)


def test_orders_that_end_by_themselves_one_after_the_other_are_not_followed() -> None:
    assert judge(1000.0, told((50.0, 1000.0), lapses=Lapses(count=2))) is FOLLOWED
    assert judge(1000.0, told((50.0, 1000.0), lapses=Lapses(count=3))) is NOT_FOLLOWED


@pytest.mark.parametrize(
    ("value", "power_w", "sides", "judgement"),
    [
        (4000.0, 2000.0, {"high": Shown(bound_w=2000.0)}, SATURATED),
        (-4000.0, -2000.0, {"low": Shown(bound_w=2000.0)}, SATURATED),
        # The other side says nothing.
        (4000.0, 2000.0, {"low": Shown(bound_w=2000.0)}, UNKNOWN),
        (-4000.0, -2000.0, {"high": Shown(bound_w=2000.0)}, UNKNOWN),
        # An order well within what it has shown is no order beyond its end; 60 W are.
        (2500.0, 2000.0, {"high": Shown(bound_w=2560.0)}, SATURATED),
        (2500.0, 2000.0, {"high": Shown(bound_w=2561.0)}, UNKNOWN),
        # More than it was asked for, or the other way, is no end.
        (2000.0, 4000.0, {"high": Shown(bound_w=1000.0)}, UNKNOWN),
        (4000.0, -2000.0, {"high": Shown(bound_w=2000.0)}, UNKNOWN),
        (4000.0, 0.0, {"high": Shown(bound_w=0.0)}, SATURATED),
    ],
)
def test_a_battery_at_the_end_of_what_it_has_shown_is_saturated(
    value: float, power_w: float, sides: dict[str, Shown], judgement: Judgement
) -> None:
    assert judge(power_w, told((50.0, value), reports=steady(power_w), **sides)) is judgement


@pytest.mark.parametrize("before", [UNKNOWN, FOLLOWED, NOT_FOLLOWED])
def test_while_power_moves_a_judgement_waits_and_a_bad_one_stays(before: Judgement) -> None:
    moving = reports((97.0, 0.0), (98.5, 500.0), (100.0, 2000.0))
    end = Shown(bound_w=2000.0)
    memory = told((50.0, 4000.0), reports=moving, high=end, judgement=before)
    assert judge(2000.0, memory) is (NOT_FOLLOWED if before is NOT_FOLLOWED else UNKNOWN)


@pytest.mark.parametrize(
    ("resent", "before", "judgement"),
    [
        (0, UNKNOWN, UNKNOWN),
        (1, UNKNOWN, UNKNOWN),
        (2, UNKNOWN, NOT_FOLLOWED),
        (3, FOLLOWED, NOT_FOLLOWED),
        (1, NOT_FOLLOWED, NOT_FOLLOWED),
        (1, SATURATED, UNKNOWN),
    ],
)
def test_an_order_that_was_repeated_twice_in_vain_is_not_followed(
    resent: int, before: Judgement, judgement: Judgement
) -> None:
    memory = told(
        (50.0, 3000.0),
        reports=(*reports((49.0, 0.0)), *steady(0.0)),
        actuator=Actuator(resent=resent, resent_s=70.0 if resent else None),
        judgement=before,
    )
    assert judge(0.0, memory) is judgement


SWALLOWED = told((50.0, 3000.0), reports=(*reports((49.0, 0.0)), *steady(0.0)))


@pytest.mark.parametrize(
    ("changes", "is_swallowed"),
    [
        ({}, True),
        ({"orders": ()}, False),
        ({"orders": (order(50.0, None),)}, False),
        # Its reading has the wrong sign: it proves nothing.
        ({"response": Response(mirrored=1)}, False),
        # Its time is not over, or not since it was repeated.
        ({"orders": (order(94.0, 3000.0),)}, True),
        ({"orders": (order(94.1, 3000.0),)}, False),
        ({"actuator": Actuator(resent=1, resent_s=94.0)}, True),
        ({"actuator": Actuator(resent=1, resent_s=94.1)}, False),
        # The change was too small to tell.
        ({"orders": (order(50.0, 200.0),)}, True),
        ({"orders": (order(50.0, 199.0),)}, False),
        ({"orders": (order(40.0, 2801.0), order(50.0, 3000.0, found_w=300.0))}, False),
        ({"orders": (order(40.0, 2800.0), order(50.0, 3000.0, found_w=301.0))}, True),
        ({"orders": (order(40.0, None), order(50.0, 3000.0))}, True),
        # The meter has seen it move.
        ({"step": Step(sent_s=50.0, delta_w=3000.0, meter_w=0.0, report_w=0.0)}, True),
        (
            {"step": Step(sent_s=50.0, delta_w=3000.0, meter_w=0.0, report_w=0.0, seen=((2.0, 0.31),) * 6)},
            False,
        ),
        (
            {"step": Step(sent_s=50.0, delta_w=3000.0, meter_w=0.0, report_w=0.0, seen=((2.0, 0.3),) * 6)},
            True,
        ),
        # An order that is met is heard, also one that was met before.
        ({"orders": (order(50.0, 300.0), order(60.0, 100.0, found_w=300.0))}, False),
        # It is at its end, and does what it can.
        ({"high": Shown(bound_w=0.0)}, False),
        ({"low": Shown(bound_w=0.0)}, True),
    ],
)
def test_an_order_is_swallowed_when_nothing_moved_with_it_in_its_time(
    changes: dict[str, Any], is_swallowed: bool
) -> None:
    assert has_swallowed(battery(0.0, replace(SWALLOWED, **changes)), Battery()) is is_swallowed


@pytest.mark.parametrize(
    ("value", "before_w", "power_w", "is_swallowed"),
    [
        # A fifth of the way is a move, and so is what arrives.
        (3000.0, 0.0, 599.0, True),
        (3000.0, 0.0, 600.0, False),
        (-3000.0, 0.0, -599.0, True),
        (-3000.0, 0.0, -600.0, False),
        (-3000.0, 0.0, 600.0, True),
        # At least 80 W, however small the order.
        (300.0, 0.0, 79.0, True),
        (300.0, 0.0, 80.0, False),
        (300.0, 100.0, 179.0, True),
        (300.0, 100.0, 180.0, False),
        (300.0, 100.0, 20.0, True),
        (-300.0, -100.0, -179.0, True),
        (-300.0, 100.0, 21.0, True),
        (-300.0, 100.0, 20.0, False),
        # It shows the opposite of its order: it has heard it.
        (2000.0, 0.0, -2000.0, False),
        (300.0, 0.0, 200.0, False),
        (400.0, 100.0, -100.0, False),
        (400.0, 100.0, -99.0, True),
    ],
)
def test_a_battery_that_moved_some_of_the_way_has_heard_its_order(
    value: float, before_w: float, power_w: float, is_swallowed: bool
) -> None:
    memory = DeviceMemory(
        orders=(order(50.0, value, found_w=before_w),),
        reports=(*reports((49.0, before_w)), *steady(power_w)),
    )
    assert has_swallowed(battery(power_w, memory), Battery()) is is_swallowed


@pytest.mark.parametrize(
    ("orders", "power_w", "is_swallowed"),
    [
        # The time of orders that only grow runs from the first that was in vain.
        (((60.0, 1000.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, True),
        (((60.0, 1000.0, 0.0), (97.0, 2000.0, 80.0)), 0.0, True),
        (((60.0, -1000.0, 0.0), (97.0, -2000.0, 0.0)), 0.0, True),
        # The power moved between them, or the new one asks for less, or the other way.
        (((60.0, 1000.0, 0.0), (97.0, 2000.0, 81.0)), 0.0, False),
        (((60.0, 2000.0, 0.0), (97.0, 1000.0, 0.0)), 0.0, False),
        (((60.0, -1000.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, False),
        (((60.0, None, 0.0), (97.0, 2000.0, 0.0)), 0.0, False),
        (((60.0, 0.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, False),
        (((60.0, 2000.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, False),
        (((50.0, 500.0, 0.0), (60.0, 1000.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, True),
        (((60.0, 500.0, 0.0), (96.0, 1000.0, 300.0), (97.0, 2000.0, 300.0)), 0.0, False),
        (((60.0, 1000.0, 300.0), (97.0, 2000.0, 300.0)), 0.0, True),
        (((50.0, 3000.0, 0.0), (60.0, 1000.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, True),
        # What it did already is met, however little moved since.
        (((40.0, 700.0, 300.0), (50.0, 1000.0, 1000.0)), 900.0, False),
        (((40.0, 700.0, 300.0), (50.0, 1000.0, 1000.0)), 899.0, True),
        # What is a hundred seconds old is remembered, and not longer.
        (((0.0, 1000.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, True),
        (((-0.1, 1000.0, 0.0), (97.0, 2000.0, 0.0)), 0.0, False),
    ],
)
def test_an_order_that_asks_for_more_of_the_same_gives_no_new_time(
    orders: tuple[tuple[float, float | None, float], ...], power_w: float, is_swallowed: bool
) -> None:
    sent = tuple(order(at_s, value, found_w=found_w) for at_s, value, found_w in orders)
    memory = DeviceMemory(orders=sent, reports=(*reports((50.0, 0.0)), *steady(power_w)))
    assert has_swallowed(battery(power_w, memory), Battery()) is is_swallowed


@pytest.mark.parametrize(
    ("value_a", "power_w", "is_swallowed"),
    [
        (10.0, 7314.0, False),
        (10.0, 7315.0, True),
        (10.0, 0.0, False),
        (0.0, 100.0, False),
        (0.0, 101.0, True),
    ],
)
def test_a_charger_swallows_a_limit_when_its_car_draws_more(
    value_a: float, power_w: float, is_swallowed: bool
) -> None:
    memory = DeviceMemory(orders=(order(50.0, value_a, value_a * PER_A),))
    assert has_swallowed(charger(power_w, memory), Charger()) is is_swallowed


@pytest.mark.parametrize(("power_w", "is_swallowed"), [(-2120.0, False), (-2121.0, True), (0.0, False)])
def test_an_inverter_swallows_a_limit_when_it_gives_more(power_w: float, is_swallowed: bool) -> None:
    memory = DeviceMemory(orders=(order(50.0, 2000.0, -2000.0),))
    assert has_swallowed(inverter(power_w, memory), Pv()) is is_swallowed


@pytest.mark.parametrize(
    ("told_w", "orders", "is_at_rest"),
    [
        # Its time is over, and three readings agree within 100 W.
        (((98.0, 0.0), (99.0, 0.0), (100.0, 0.0)), ((94.0, 3000.0),), True),
        (((98.0, 0.0), (99.0, 0.0), (100.0, 100.0)), ((94.0, 3000.0),), True),
        (((98.0, 0.0), (99.0, 0.0), (100.0, 101.0)), ((94.0, 3000.0),), False),
        (((97.0, 900.0), (98.0, 0.0), (99.0, 0.0), (100.0, 0.0)), ((94.0, 3000.0),), True),
        # Before that: it moved, a fifth of the way at least, and has rested for three seconds.
        (((93.0, 0.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 3000.0),), True),
        (((93.0, 0.0), (97.0, 599.0), (98.5, 599.0), (100.0, 599.0)), ((94.5, 3000.0),), False),
        (((93.0, 0.0), (97.1, 600.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 3000.0),), False),
        (((93.0, 0.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 3000.0),), False),
        # A longer rest is one too, whatever came before; what moved within the last three seconds is none.
        (
            ((93.0, 0.0), (95.0, 200.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)),
            ((94.5, 3000.0),),
            True,
        ),
        (
            ((93.0, 0.0), (96.0, 0.0), (97.2, 0.0), (98.5, 600.0), (99.0, 600.0), (100.0, 600.0)),
            ((94.5, 3000.0),),
            False,
        ),
        (
            ((93.0, 0.0), (96.0, 200.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)),
            ((94.5, 3000.0),),
            True,
        ),
        (
            ((93.0, 0.0), (97.0, 0.0), (98.0, 600.0), (99.0, 600.0), (100.0, 600.0)),
            ((94.5, 3000.0),),
            False,
        ),
        # Three readings since the order are needed, one at its moment is the first; the last says how far.
        (((93.0, 0.0), (94.5, 600.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 3000.0),), True),
        (((97.0, 0.0), (98.5, 0.0), (100.0, 0.0)), ((98.0, 3000.0),), False),
        (((93.0, 0.0), (97.0, 550.0), (98.5, 550.0), (100.0, 600.0)), ((94.5, 3000.0),), True),
        # The change asked for was too small to tell.
        (((93.0, 400.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 599.0),), False),
        (((93.0, 400.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 600.0),), True),
        # From what it did before: half of the way down is a move, whatever is left.
        (((93.0, 900.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 300.0),), True),
        (((93.0, -900.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)), ((94.5, 9000.0),), False),
        # What is told may still be of an order shortly before.
        (
            ((93.0, 0.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)),
            ((88.6, 900.0), (94.5, 3000.0)),
            False,
        ),
        (
            ((93.0, 0.0), (97.0, 600.0), (98.5, 600.0), (100.0, 600.0)),
            ((88.5, 900.0), (94.5, 3000.0)),
            True,
        ),
    ],
)
def test_an_order_has_had_its_effect_when_power_rests(
    told_w: tuple[tuple[float, float], ...],
    orders: tuple[tuple[float, float], ...],
    is_at_rest: bool,
) -> None:
    sent = tuple(order(at_s, value, found_w=told_w[0][1]) for at_s, value in orders)
    memory = DeviceMemory(orders=sent, reports=reports(*told_w))
    assert is_settled(battery(told_w[-1][1], memory), memory.orders[-1]) is is_at_rest
