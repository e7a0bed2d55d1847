"""Orders that end by themselves: heard, repeated ever more seldom, told, and made up for by others."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control import lapsing
from custom_components.home_flex.core.control.memory import Actuator, DeviceMemory, Judgement, Lapses, Step
from custom_components.home_flex.core.events.model import PayloadType
from custom_components.home_flex.core.kinds.battery import Battery
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import Owner, Quantity, Setpoint

from .house import House, command
from .sights import battery, order

IMPORT_2KW = command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000)


def forgetful(lasts_s: float, *, period_s: float = 1.0, car_max_a: float = 0.0) -> House:
    """Return a house of 4.5 kW whose battery goes back to doing nothing ``lasts_s`` after each order."""
    house = House(base_w=4500, capacity_wh=1e6, car_max_a=car_max_a)
    house.battery.lasts_s, house.battery.tells, house.battery.period_s = lasts_s, True, period_s
    return house


@pytest.mark.parametrize("lasts_s", [5.0, 10.0])
@pytest.mark.parametrize("period_s", [1.0, 5.0])
def test_who_goes_back_to_its_own_ways_is_told_seldom_and_never_twice_as_much(
    lasts_s: float, period_s: float
) -> None:
    house = forgetful(lasts_s, period_s=period_s)
    house.run(10)
    house.run(300, IMPORT_2KW)
    writes = house.battery.writes
    powers = house.run(900, IMPORT_2KW)
    assert min(powers) > 1000
    assert house.battery.writes - writes <= 10


def test_one_order_after_the_other_that_ends_by_itself_is_not_followed_and_said() -> None:
    house = forgetful(5.0)
    house.run(10)
    house.run(300, IMPORT_2KW)
    assert house.memory.devices["battery"].judgement is Judgement.NOT_FOLLOWED
    assert house.decision is not None
    assert "not_following:battery" in house.decision.bent


def test_others_make_up_for_an_order_that_is_over() -> None:
    house = forgetful(5.0, car_max_a=16.0)
    house.base_w = 500
    house.run(10)
    # The car is not paused before it has charged for a while.
    house.run(600, IMPORT_2KW)
    powers = house.run(600, IMPORT_2KW)
    assert sum(power <= 2100 for power in powers) >= 0.97 * len(powers)


def test_an_order_that_is_renewed_before_it_ends_is_in_force() -> None:
    house = forgetful(25.0)
    house.run(10)
    powers = house.run(300, IMPORT_2KW)[10:]
    assert sum(power <= 2100 for power in powers) >= 0.97 * len(powers)
    assert house.memory.devices["battery"].judgement is Judgement.FOLLOWED


def test_a_device_that_keeps_its_orders_again_is_believed_again() -> None:
    house = forgetful(5.0)
    house.run(10)
    house.run(300, IMPORT_2KW)
    house.battery.lasts_s = float("inf")
    house.run(600, IMPORT_2KW)
    powers = house.run(300, IMPORT_2KW)
    assert house.memory.devices["battery"].judgement is Judgement.FOLLOWED
    assert sum(power <= 2100 for power in powers) >= 0.97 * len(powers)


def test_a_hand_back_is_no_lapse() -> None:
    house = forgetful(float("inf"))
    house.run(10)
    house.run(60, IMPORT_2KW)
    house.run(60)
    house.run(30, IMPORT_2KW)
    assert house.memory.devices["battery"].lapses.count == 0
    assert max(house.run(60, IMPORT_2KW)) < 2100


def told(
    value: float | None, memory: DeviceMemory, *, says: float | None = None, **changes: Any
) -> Seen[Any]:
    """Return a battery that was told ``value``, draws 300 W, and ``says`` what it is set to."""
    written = Setpoint(
        device_id="device",
        quantity=Quantity.POWER_W,
        value=value,
        owner=Owner.PLAN,
        reason="plan",
        life_s=60.0,
    )
    seen = battery(300.0, memory, written=written, **changes)
    return replace(seen, reading=replace(seen.reading, power_setpoint_w=says))


ORDERED = DeviceMemory(
    orders=(order(50.0, 2000.0),),
    step=Step(sent_s=50.0, delta_w=1700.0, meter_w=0.0, report_w=300.0),
    lapses=Lapses(count=2, lapsed_s=40.0, set_s=60.0),
    actuator=Actuator(tells=True),
)


def heard(seen: Seen[Any]) -> DeviceMemory:
    return lapsing.heard(seen, Battery())


def test_of_a_device_that_is_not_told_anything_no_order_lapses() -> None:
    for seen in (told(None, ORDERED), battery(300.0, ORDERED), told(2000.0, replace(ORDERED, orders=()))):
        assert heard(seen) == replace(seen.memory, lapses=Lapses())
    fresh = replace(ORDERED, lapses=Lapses())
    assert heard(told(None, fresh)) is fresh


@pytest.mark.parametrize(
    ("set_s", "lapses"),
    [
        (None, Lapses(count=2, lapsed_s=40.0, set_s=100.0)),
        (90.0, Lapses(count=2, lapsed_s=40.0, set_s=90.0)),
        (40.1, Lapses(count=2, lapsed_s=40.0, set_s=40.1)),
        # An order that has stood for a minute lasts.
        (40.0, Lapses(count=0, lapsed_s=40.0, set_s=40.0)),
    ],
)
def test_a_device_that_says_it_is_set_keeps_its_order(set_s: float | None, lapses: Lapses) -> None:
    memory = replace(ORDERED, lapses=replace(ORDERED.lapses, set_s=set_s))
    assert heard(told(2000.0, memory, says=2000.0)) == replace(memory, lapses=lapses)


def test_one_that_says_so_after_all_is_under_its_order_again() -> None:
    memory = replace(ORDERED, orders=(order(50.0, 2000.0), order(95.0, None, 300.0)))
    found = heard(told(2000.0, memory, says=2000.0))
    assert found.orders == (*memory.orders, order(100.0, 2000.0, found_w=300.0))
    assert (found.step, found.lapses) == (None, ORDERED.lapses)


LAPSED = (order(50.0, 2000.0), order(100.0, None, 300.0, found_w=300.0))


@pytest.mark.parametrize(
    ("orders", "tells", "set_s", "has_lapsed"),
    [
        # It said that it was set, and does so no more.
        (((50.0, 2000.0),), True, 60.0, True),
        (((50.0, 2000.0),), True, None, True),
        # One that never says so may do as told all the same.
        (((50.0, 2000.0),), False, 60.0, False),
        # While an order may not have reached it, only one that was set can have ended.
        (((94.1, 2000.0),), False, 95.0, True),
        (((94.1, 2000.0),), True, None, False),
        (((94.0, 2000.0),), False, 95.0, False),
        (((94.0, 2000.0),), True, None, True),
        # What it says may be of when it was free.
        (((50.0, None), (95.0, 2000.0)), True, 96.0, True),
        (((94.0, None), (95.0, 2000.0)), True, 96.0, True),
        (((94.1, None), (95.0, 2000.0)), True, 96.0, False),
        # The time runs from the first order since it was free.
        (((50.0, None), (94.0, 1000.0), (99.0, 2000.0)), True, None, True),
        (((50.0, None), (94.1, 1000.0), (99.0, 2000.0)), True, None, False),
        (((50.0, 2000.0), (60.0, None)), True, 60.0, False),
    ],
)
def test_an_order_is_over_when_the_device_says_so_of_it(
    orders: tuple[tuple[float, float | None], ...], tells: bool, set_s: float | None, has_lapsed: bool
) -> None:
    memory = replace(
        ORDERED,
        orders=tuple(order(sent_s, value) for sent_s, value in orders),
        lapses=Lapses(count=2, lapsed_s=40.0, set_s=set_s),
        actuator=Actuator(tells=tells),
    )
    found = heard(told(2000.0, memory))
    if has_lapsed:
        assert found.orders == (*memory.orders, LAPSED[-1])
        assert (found.step, found.lapses) == (None, Lapses(count=3, lapsed_s=100.0))
    else:
        assert found is memory


@pytest.mark.parametrize(
    ("value", "count", "orders", "is_over"),
    [
        (2000.0, 1, LAPSED, True),
        (2000.0, 0, LAPSED, False),
        (2000.0, 1, LAPSED[:1], False),
        (2000.0, 1, (), False),
        (None, 1, LAPSED, False),
    ],
)
def test_what_was_written_last_is_over_once_its_order_is(
    value: float | None, count: int, orders: tuple[Any, ...], is_over: bool
) -> None:
    memory = DeviceMemory(orders=orders, lapses=Lapses(count=count))
    assert lapsing.is_over(told(value, memory)) is is_over
    assert not lapsing.is_over(battery(0.0, memory))


@pytest.mark.parametrize(("count", "is_in_vain"), [(0, False), (2, False), (3, True), (9, True)])
def test_the_third_in_a_row_is_in_vain(count: int, is_in_vain: bool) -> None:
    assert lapsing.is_in_vain(DeviceMemory(lapses=Lapses(count=count))) is is_in_vain


@pytest.mark.parametrize(
    ("count", "window_s", "pause_s"),
    [
        (1, 5.0, 15.0),
        (2, 5.0, 30.0),
        (3, 5.0, 60.0),
        (6, 5.0, 480.0),
        (7, 5.0, 600.0),
        (2000, 5.0, 600.0),
        # The meter must have shown the lapse before.
        (1, 20.0, 25.0),
        (2, 40.0, 45.0),
    ],
)
def test_an_order_that_is_over_is_repeated_ever_more_seldom(
    count: int, window_s: float, pause_s: float
) -> None:
    memory = DeviceMemory(lapses=Lapses(count=count, lapsed_s=100.0))
    for later_s, is_repeated in [(pause_s - 0.1, False), (pause_s, True)]:
        seen = told(2000.0, memory, window_s=window_s, now_s=100.0 + later_s)
        assert lapsing.is_repeated(seen) is is_repeated


def test_what_never_lapsed_is_not_repeated() -> None:
    assert not lapsing.is_repeated(told(2000.0, DeviceMemory(), now_s=9999.0))
