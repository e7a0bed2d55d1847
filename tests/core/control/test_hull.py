"""Between which powers a device may have been when the meter was read."""

from typing import Any

import pytest

from custom_components.home_flex.core.control.hull import possible_w
from custom_components.home_flex.core.control.memory import (
    DeviceMemory,
    Judgement,
    Lapses,
    Response,
    Step,
)
from custom_components.home_flex.core.kinds.battery import Battery
from custom_components.home_flex.core.kinds.charger import Charger
from custom_components.home_flex.core.kinds.pv import Pv

from .sights import PER_A, battery, charger, inverter, order, reports

# The meter was read at 100 s, and shows an order within 10 s.
METER_S, PERIOD_S = 100.0, 1.0


def of_battery(power_w: float, memory: DeviceMemory, **changes: Any) -> tuple[float, float]:
    return possible_w(battery(power_w, memory, **changes), Battery(), METER_S, PERIOD_S)


def sent(*orders: tuple[float, float | None], **changes: Any) -> DeviceMemory:
    return DeviceMemory(orders=tuple(order(at_s, value) for at_s, value in orders), **changes)


def first(value: float, before_w: float) -> DeviceMemory:
    """Return the memory of a battery that was free and did ``before_w`` until it was told ``value``."""
    orders = (order(95.0, value, found_w=before_w),)
    return DeviceMemory(orders=orders, reports=reports((90.0, before_w)), own_w=before_w)


@pytest.mark.parametrize(
    ("memory", "low_w", "high_w"),
    [
        # Never told, or told long ago that it is free: what it reports.
        (sent(), 700.0, 700.0),
        (sent((50.0, None)), 700.0, 700.0),
        # One order stands: a driven device is reckoned with it.
        (sent((50.0, 2000.0)), 2000.0, 2000.0),
        (sent((90.0, 2000.0)), 2000.0, 2000.0),
        # A new one may be visible or not.
        (sent((50.0, 2000.0), (90.1, -1000.0)), -1000.0, 2000.0),
        (sent((50.0, -1000.0), (100.0, 2000.0)), -1000.0, 2000.0),
        (sent((50.0, -1000.0), (100.1, 2000.0)), -1000.0, -1000.0),
        (sent((50.0, -1000.0), (90.0, 2000.0)), 2000.0, 2000.0),
        (sent((50.0, 0.0), (92.0, 2000.0), (96.0, -500.0)), -500.0, 2000.0),
        # The first: from what it had told before it.
        (first(2000.0, 300.0), 300.0, 2000.0),
        (first(2000.0, -900.0), -900.0, 2000.0),
        (first(500.0, 600.0), 500.0, 700.0),
        # Freed: nobody knows what it does by itself, and it may be idle.
        (sent((50.0, 2000.0), (95.0, None), own_w=-300.0), -300.0, 2000.0),
        (sent((50.0, 2000.0), (95.0, None), own_w=1500.0), 0.0, 2000.0),
        (sent((50.0, None), (95.0, 2000.0), own_w=1500.0), 0.0, 2000.0),
        # Its orders have ended by themselves: this one may, too.
        (sent((50.0, 2000.0), lapses=Lapses(count=1)), 0.0, 2000.0),
        (sent((50.0, -2000.0), lapses=Lapses(count=1)), -2000.0, 700.0),
        (sent((50.0, 1000.0), (95.0, 2000.0), lapses=Lapses(count=1)), 0.0, 2000.0),
        # One that does as it likes is where it says that it is.
        (sent((95.0, 2000.0), judgement=Judgement.NOT_FOLLOWED), 700.0, 700.0),
        (sent((95.0, 2000.0), judgement=Judgement.SATURATED, own_w=0.0), 0.0, 2000.0),
        (sent((95.0, 2000.0), response=Response(against=2)), 700.0, 700.0),
        (sent((95.0, 2000.0), response=Response(against=1)), 0.0, 2000.0),
    ],
)
def test_a_battery_may_have_been_where_its_orders_put_it(
    memory: DeviceMemory, low_w: float, high_w: float
) -> None:
    assert of_battery(700.0, memory) == (low_w, high_w)


def test_one_whose_orders_end_by_themselves_may_do_what_it_reports_or_nothing() -> None:
    memory = sent((50.0, -2000.0), lapses=Lapses(count=1))
    assert of_battery(-3000.0, memory) == (-3000.0, 0.0)


def step(share: float | None, *, sent_s: float = 85.0, report_w: float = 0.0) -> Step:
    seen = () if share is None else ((3.0, share),)
    return Step(sent_s=sent_s, delta_w=2000.0, meter_w=0.0, report_w=report_w, seen=seen)


@pytest.mark.parametrize(
    ("power_w", "window", "is_open"),
    [
        # Neither meter nor device shows it although its window is over: it is still on its way.
        (0.0, {"step": step(None)}, True),
        (0.0, {"step": step(0.29)}, True),
        (0.0, {"step": step(0.3)}, False),
        (599.0, {"step": step(0.0)}, True),
        (600.0, {"step": step(0.0)}, False),
        (500.0, {"step": step(0.0, report_w=500.0)}, True),
    ],
)
def test_a_window_stays_open_while_nobody_shows_the_order(
    power_w: float, window: dict[str, Any], is_open: bool
) -> None:
    memory = sent((30.0, 900.0), (50.0, 0.0), (85.0, 2000.0), **window)
    assert of_battery(power_w, memory) == ((0.0, 2000.0) if is_open else (2000.0, 2000.0))


def test_so_does_that_of_the_first_order_since_it_was_free() -> None:
    memory = sent((50.0, None), (85.0, 2000.0), step=step(0.0))
    assert of_battery(0.0, memory) == (0.0, 2000.0)
    assert of_battery(0.0, sent((50.0, 2000.0), (85.0, None), step=step(0.0))) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("sent_s", "windows", "is_open"),
    [
        (70.1, {}, True),
        (69.9, {}, False),
        # At most three windows, or the reading's and six seconds, or a minute and a half.
        (64.1, {"report_window_s": 30.0}, True),
        (63.9, {"report_window_s": 30.0}, False),
        (11.0, {"window_s": 40.0}, True),
        (9.9, {"window_s": 40.0}, False),
    ],
)
def test_and_not_for_ever(sent_s: float, windows: dict[str, float], is_open: bool) -> None:
    memory = sent((5.0, 0.0), (sent_s, 2000.0), step=step(None, sent_s=sent_s))
    assert of_battery(0.0, memory, **windows) == ((0.0, 2000.0) if is_open else (2000.0, 2000.0))


def amperes(*orders: tuple[float, float | None], **changes: Any) -> DeviceMemory:
    sent_orders = tuple(
        order(at_s, value, (16.0 if value is None else value) * PER_A) for at_s, value in orders
    )
    return DeviceMemory(orders=sent_orders, **changes)


def of_charger(power_w: float, memory: DeviceMemory) -> tuple[float, float]:
    return possible_w(charger(power_w, memory), Charger(), METER_S, PERIOD_S)


@pytest.mark.parametrize(
    ("power_w", "memory", "low_w", "high_w"),
    [
        # At its limit, within 6 %.
        (6900.0, amperes((50.0, 10.0)), 6900.0, 6900.0),
        (6486.0, amperes((50.0, 10.0)), 6900.0, 6900.0),
        (7314.0, amperes((50.0, 10.0)), 6900.0, 6900.0),
        # Below it: it may go up at any time, unless it is known what the car draws.
        (3000.0, amperes((50.0, 10.0)), 3000.0, 3000.0),
        (8000.0, amperes((50.0, 10.0)), 6900.0, 8000.0),
        (8000.0, amperes((50.0, 10.0), draws_max_w=3000.0), 8000.0, 8000.0),
        (3000.0, amperes((50.0, None)), 3000.0, 3000.0),
        (3000.0, amperes(), 3000.0, 3000.0),
        (0.0, amperes((50.0, 10.0)), 0.0, 0.0),
        (3000.0, amperes((50.0, 0.0)), 0.0, 3000.0),
        # A new limit may be visible or not, and less may be drawn than it lets.
        (3000.0, amperes((50.0, 16.0), (95.0, 10.0)), 3000.0, 11040.0),
        (9000.0, amperes((50.0, 6.0), (95.0, 10.0)), 4140.0, 9000.0),
        (6900.0, amperes((50.0, 16.0), (95.0, None)), 0.0, 11040.0),
    ],
)
def test_a_charger_may_have_been_below_its_limits(
    power_w: float, memory: DeviceMemory, low_w: float, high_w: float
) -> None:
    assert of_charger(power_w, memory) == pytest.approx((low_w, high_w))


@pytest.mark.parametrize(
    ("sent_s", "low_w", "high_w"),
    [(93.9, 3000.0, 3000.0), (94.0, 3000.0, 6900.0), (89.9, 3000.0, 3000.0)],
)
def test_a_limit_that_the_meter_may_show_before_the_charger_tells_it(
    sent_s: float, low_w: float, high_w: float
) -> None:
    seen = charger(3000.0, amperes((sent_s, 10.0)), window_s=0.0)
    assert possible_w(seen, Charger(), METER_S, PERIOD_S) == pytest.approx((low_w, high_w))


@pytest.mark.parametrize(
    ("told", "is_shown"),
    [
        # It said that it keeps the limit: the meter shows it six seconds and a period later.
        (((93.0, 4140.0),), True),
        (((93.1, 4140.0),), False),
        (((92.0, 4500.0), (93.0, 4380.0)), True),
        (((92.0, 4500.0), (93.0, 4389.0)), False),
        # What it told when the limit was sent is of before it.
        (((91.0, 4140.0), (99.0, 11040.0)), False),
        ((), False),
    ],
)
def test_a_limit_that_the_charger_said_it_keeps_must_show_at_the_meter(
    told: tuple[tuple[float, float], ...], is_shown: bool
) -> None:
    memory = amperes((50.0, 16.0), (91.0, 6.0), reports=reports(*told))
    found = of_charger(4140.0, memory)
    assert found == pytest.approx((4140.0, 4140.0) if is_shown else (4140.0, 11040.0))


@pytest.mark.parametrize(
    ("orders", "told", "is_shown"),
    [
        # Until six seconds before it had kept the same limit: what it tells may be of then.
        (((50.0, 6.0), (86.5, 16.0), (91.0, 6.0)), (92.4, 4140.0), False),
        (((50.0, 6.0), (86.5, 16.0), (91.0, 6.0)), (92.6, 4140.0), True),
        # Near to both limits, or to the new one alone.
        (((50.0, 10.0), (91.0, 9.0)), (92.0, 6550.0), False),
        (((50.0, 10.0), (91.0, 9.0)), (92.0, 6210.0), True),
        # Free before: what it drew then is told too.
        (((50.0, None), (91.0, 6.0)), (92.0, 4140.0), True),
    ],
)
def test_what_a_charger_tells_is_of_the_newest_limit_only_where_no_other_explains_it(
    orders: tuple[tuple[float, float | None], ...], told: tuple[float, float], *, is_shown: bool
) -> None:
    memory = amperes(*orders, reports=reports(told))
    low_w, high_w = of_charger(told[1], memory)
    assert (low_w == pytest.approx(high_w)) is is_shown


def test_nor_where_it_drew_as_much_by_itself() -> None:
    orders = (order(50.0, None, 11040.0), order(91.0, 6.0, 4140.0, found_w=4140.0))
    memory = DeviceMemory(orders=orders, reports=reports((92.0, 4140.0)))
    assert of_charger(4140.0, memory) == pytest.approx((0.0, 11040.0))


def test_a_charger_that_is_freed_has_said_nothing_of_a_limit() -> None:
    memory = amperes((50.0, 10.0), (91.0, None), reports=reports((92.0, 11040.0)))
    assert of_charger(11040.0, memory) == pytest.approx((0.0, 11040.0))


@pytest.mark.parametrize(
    ("power_w", "low_w", "high_w"),
    [
        (-2000.0, -2000.0, -2000.0),
        # Less sun than the limit lets through: the limit says nothing.
        (-1000.0, -1000.0, -1000.0),
        # More: it goes down to its limit at any moment.
        (-3000.0, -3000.0, -2000.0),
        (0.0, 0.0, 0.0),
    ],
)
def test_an_inverter_gives_what_it_says_below_its_limit(power_w: float, low_w: float, high_w: float) -> None:
    memory = DeviceMemory(orders=(order(50.0, 2000.0, -2000.0),))
    assert possible_w(inverter(power_w, memory), Pv(), METER_S, PERIOD_S) == (low_w, high_w)
