"""A new order is remembered with what the device drew then, and watched as a step where it can teach."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.memory import (
    DeviceMemory,
    Hunting,
    Lapses,
    MeterMemory,
    Order,
    Response,
    Rhythm,
    Run,
    Step,
)
from custom_components.home_flex.core.control.stepping import ordered, stepped
from custom_components.home_flex.core.kinds.battery import Battery
from custom_components.home_flex.core.kinds.charger import Charger
from custom_components.home_flex.core.kinds.pv import Pv

from .sights import PER_A, battery, charger, inverter, order, reports, written

METER = MeterMemory(
    rhythm=Rhythm(gaps_s=(1.0,) * 3, heard_s=100.0),
    samples=reports((97.0, 5000.0), (98.0, 4000.0), (99.0, 3000.0)),
)


def told(
    value: float | None, memory: DeviceMemory, *, meter: MeterMemory = METER, at_s: float = 98.5, **state: Any
) -> DeviceMemory:
    """Return the memory of a battery that was told ``value`` at ``at_s``."""
    known: dict[str, Any] = {"written": written(value), "written_s": at_s, "changed_s": at_s}
    return ordered(battery(700.0, memory, **known | state), Battery(), meter)


def test_without_an_order_nothing_is_remembered() -> None:
    memory = DeviceMemory(own_w=5.0)
    assert told(1000.0, memory, written=None) is memory
    assert told(1000.0, memory, changed_s=None) is memory


@pytest.mark.parametrize(("at_s", "is_new"), [(89.0, False), (90.0, False), (90.1, True)])
def test_an_order_is_new_when_it_was_sent_after_the_last(at_s: float, *, is_new: bool) -> None:
    memory = DeviceMemory(orders=(order(90.0, 1000.0),))
    found = told(2000.0, memory, at_s=at_s)
    assert len(found.orders) == (2 if is_new else 1)
    assert (found is memory) is not is_new


def test_one_that_ended_by_itself_is_an_order_anew_when_it_is_repeated() -> None:
    orders = (order(50.0, 1000.0), order(90.0, None, 300.0))
    lapsed = DeviceMemory(orders=orders, lapses=Lapses(count=1))
    repeated: dict[str, Any] = {"changed_s": 50.0, "written_s": 95.0}
    assert [one.sent_s for one in told(1000.0, lapsed, **repeated).orders] == [50.0, 90.0, 95.0]
    assert told(1000.0, lapsed, changed_s=50.0, written_s=90.0) is lapsed
    assert told(1000.0, lapsed, changed_s=50.0, written_s=None) is lapsed
    assert told(1000.0, replace(lapsed, lapses=Lapses()), **repeated).orders == orders


@pytest.mark.parametrize(
    ("told_before", "found_w"),
    [(((90.0, 100.0), (98.5, 200.0), (98.6, 300.0)), 200.0), (((98.6, 300.0),), 50.0), ((), 50.0)],
)
def test_it_is_remembered_with_what_the_device_drew_then(
    told_before: tuple[tuple[float, float], ...], found_w: float
) -> None:
    memory = DeviceMemory(reports=reports(*told_before), own_w=50.0)
    assert told(-1000.0, memory).orders == (
        Order(sent_s=98.5, value=-1000.0, power_w=-1000.0, found_w=found_w),
    )
    # Let go it does what it did before.
    assert told(None, memory).orders == (Order(sent_s=98.5, value=None, power_w=50.0, found_w=found_w),)


def test_orders_are_remembered_for_a_while_and_the_one_in_force_then() -> None:
    memory = DeviceMemory(orders=(order(1.0, 1.0), order(2.0, 2.0), order(50.0, 3.0)))
    assert [one.sent_s for one in told(4.0, memory, now_s=101.9).orders] == [1.0, 2.0, 50.0, 98.5]
    assert [one.sent_s for one in told(4.0, memory, now_s=102.0).orders] == [1.0, 2.0, 50.0, 98.5]
    assert [one.sent_s for one in told(4.0, memory, now_s=102.1).orders] == [2.0, 50.0, 98.5]
    assert [one.sent_s for one in told(4.0, memory, now_s=160.0).orders] == [50.0, 98.5]


def test_what_the_order_before_had_brought_of_a_driven_device_is_remembered() -> None:
    memory = DeviceMemory(orders=(order(90.0, 2000.0),), reports=reports((98.0, 1900.0)))
    assert told(3000.0, memory).high.run == Run(order_w=2000.0, power_w=1900.0, sent_s=90.0)
    limited = inverter(-1900.0, memory, written=written(3000.0), written_s=98.5, changed_s=98.5)
    assert ordered(limited, Pv(), METER).high.run is None


def test_swings_are_counted_with_each_order() -> None:
    memory = DeviceMemory(orders=(order(80.0, 1000.0), order(90.0, 2000.0)), hunting=Hunting())
    assert told(1000.0, memory).hunting.swings_w == (1000.0,)


def test_what_the_step_before_taught_is_learned_when_it_is_replaced() -> None:
    step = Step(sent_s=90.0, delta_w=1000.0, meter_w=0.0, report_w=0.0, seen=((1.0, 0.9), (2.0, 1.0)))
    assert told(3000.0, DeviceMemory(orders=(order(90.0, 1000.0),), step=step)).response.share == 0.95
    known = Response(share=0.7)
    assert told(3000.0, DeviceMemory(response=known)).response is known


def test_a_large_order_of_a_driven_device_is_a_step() -> None:
    memory = DeviceMemory(reports=reports((98.0, 200.0)))
    step = Step(sent_s=98.5, delta_w=1800.0, meter_w=4000.0, report_w=200.0)
    found = told(2000.0, memory)
    assert (found.step, found.onwards) == (step, step)
    assert told(400.0, memory).step is None
    assert told(2000.0, memory, meter=MeterMemory()).step == replace(step, meter_w=0.0)
    at_once = told(2000.0, memory, at_s=98.0)
    assert at_once.step == replace(step, sent_s=98.0)


def test_where_much_else_is_under_way_it_is_none() -> None:
    memory = DeviceMemory(reports=reports((98.0, 200.0)))
    found = told(2000.0, memory, meter=replace(METER, open_w=541.0))
    assert (found.step, found.onwards) == (None, None)
    assert told(2000.0, memory, meter=replace(METER, open_w=540.0)).step is not None


@pytest.mark.parametrize(
    ("before_s", "tells"), [(92.6, False), (92.5, True)], ids=["may still show", "would have shown"]
)
def test_its_own_reading_tells_of_it_when_the_order_before_would_have_shown(
    before_s: float, *, tells: bool
) -> None:
    memory = DeviceMemory(orders=(order(before_s, 200.0),), reports=reports((98.0, 200.0)))
    found = told(2000.0, memory)
    assert found.step is not None
    assert (found.step.tells, found.step.is_limit) == (tells, False)
    assert (found.onwards is not None) is tells


ONWARDS = Step(sent_s=90.0, delta_w=1000.0, meter_w=1.0, report_w=2.0, seen=((1.0, 1.0),), told=((1.0, 1.0),))


@pytest.mark.parametrize(
    ("value", "delta_w"), [(3000.0, 2000.0), (2000.0, 1000.0), (1990.0, None), (-500.0, None), (None, None)]
)
def test_orders_that_go_one_way_are_one_step_until_one_goes_back(
    value: float | None, delta_w: float | None
) -> None:
    memory = DeviceMemory(orders=(order(98.0, 2000.0),), onwards=ONWARDS, reports=reports((98.0, 1990.0)))
    expected = None if delta_w is None else replace(ONWARDS, delta_w=delta_w, seen=(), told=())
    assert told(value, memory).onwards == expected


def limited(
    value: float, memory: DeviceMemory, *, power_w: float = 6900.0, report_window_s: float = 6.0
) -> DeviceMemory:
    """Return the memory of a charger that was told ``value`` A at 98.5 s, when it drew ``power_w``."""
    memory = replace(memory, reports=reports((98.0, power_w)))
    seen = charger(
        power_w,
        memory,
        written=written(value),
        written_s=98.5,
        changed_s=98.5,
        report_window_s=report_window_s,
    )
    return ordered(seen, Charger(), METER)


def of_a(sent_s: float, current_a: float | None) -> Order:
    return Order(sent_s=sent_s, value=current_a, power_w=(16.0 if current_a is None else current_a) * PER_A)


MUST_SHOW: dict[str, tuple[tuple[Order, ...], float, float, bool]] = {
    "the first, below what it draws": ((), 6900.0, 9.5, True),
    "the first, by too little": ((), 6900.0, 9.6, False),
    "the first, by just enough": ((), 6510.0, 9.0, True),
    "the first, by just not enough": ((), 6509.0, 9.0, False),
    "the first, above what it draws": ((), 6900.0, 16.0, False),
    "after its own ways": ((of_a(50.0, None),), 6900.0, 9.5, True),
    "after its own ways, above what it draws": ((of_a(50.0, None),), 6900.0, 16.0, False),
    "the one before held it": ((of_a(50.0, 10.0),), 6900.0, 16.0, True),
    "nearly": ((of_a(50.0, 10.0),), 6900.0 + 414.0, 16.0, True),
    "the one before did not": ((of_a(50.0, 10.0),), 6900.0 + 415.0, 16.0, False),
    "it rests": ((of_a(50.0, 0.0),), 100.0, 16.0, False),
}


@pytest.mark.parametrize(("orders", "power_w", "value", "is_step"), MUST_SHOW.values(), ids=MUST_SHOW)
def test_a_limit_is_a_step_where_it_must_show(
    orders: tuple[Order, ...], power_w: float, value: float, *, is_step: bool
) -> None:
    step = limited(value, DeviceMemory(orders=orders), power_w=power_w).step
    assert (step is not None) is is_step
    assert step is None or (step.is_limit, step.tells) == (True, True)


def test_a_limit_is_a_step_whatever_else_is_under_way_and_never_one_of_several() -> None:
    memory = DeviceMemory(orders=(of_a(50.0, 10.0),), reports=reports((98.0, 6900.0)))
    seen = charger(6900.0, memory, written=written(16.0), written_s=98.5, changed_s=98.5)
    found = ordered(seen, Charger(), replace(METER, open_w=9000.0))
    assert found.step is not None
    assert not found.step.is_alone
    assert found.onwards is None


def watching(
    step: Step | None,
    *,
    onwards: Step | None = None,
    now_s: float = 101.0,
    others_s: float | None = None,
    meter: MeterMemory = METER,
    told_s: float = 99.0,
) -> DeviceMemory:
    memory = DeviceMemory(step=step, onwards=onwards, reports=reports((told_s, 900.0)))
    return stepped(memory, meter, others_s, now_s)


SENT = Step(sent_s=98.5, delta_w=1000.0, meter_w=2500.0, report_w=400.0)


def test_the_newest_readings_of_meter_and_device_show_a_step() -> None:
    found = watching(SENT, onwards=replace(SENT, delta_w=2000.0))
    assert found.step == replace(SENT, seen=((0.5, 0.5),), told=((0.5, 0.5),))
    assert found.onwards == replace(SENT, delta_w=2000.0, seen=((0.5, 0.25),), told=((0.5, 0.25),))


def test_each_telegram_counts_once() -> None:
    once = replace(SENT, seen=((0.5, 0.5),), told=((0.5, 0.5),))
    assert watching(once).step == once
    assert watching(SENT, meter=MeterMemory()).step == replace(SENT, told=((0.5, 0.5),))


@pytest.mark.parametrize(("others_s", "is_seen"), [(None, True), (98.4, True), (98.5, False), (99.0, False)])
def test_another_order_since_disturbs_what_the_meter_shows_and_not_the_own_reading(
    others_s: float | None, *, is_seen: bool
) -> None:
    step = watching(SENT, others_s=others_s).step
    assert step is not None
    assert (bool(step.seen), bool(step.told)) == (is_seen, True)


def test_a_step_that_was_not_alone_is_not_looked_for_at_the_meter() -> None:
    step = watching(replace(SENT, is_alone=False)).step
    assert step is not None
    assert (step.seen, step.told) == ((), ((0.5, 0.5),))


OVER_S = 98.5 + 25.1


def test_when_it_is_over_it_has_taught_what_it_did() -> None:
    shown = replace(SENT, seen=tuple((float(second), 1.0) for second in range(1, 6)))
    found = watching(shown, now_s=OVER_S)
    assert (found.step, found.response.full_s, found.response.share) == (None, (1.0,), 1.0)
    assert watching(shown, now_s=OVER_S - 0.2).step is not None
    down = replace(SENT, delta_w=-1000.0, told=((20.0, 0.0),))
    assert watching(down, now_s=OVER_S, others_s=99.0).response.vain == 1


def test_orders_that_went_one_way_teach_whether_it_went_the_other() -> None:
    shares = tuple((float(second), -1.0) for second in range(1, 6))
    found = watching(None, onwards=replace(SENT, seen=shares, told=shares), now_s=OVER_S)
    assert (found.onwards, found.response.against) == (None, 2)
    assert watching(None, onwards=replace(SENT, seen=shares, told=shares)).onwards is not None
