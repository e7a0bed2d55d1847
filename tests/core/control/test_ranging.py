"""What a device's own readings show of its range, and between which powers the meter may have seen it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.home_flex.core.control.hull import possible_w
from custom_components.home_flex.core.control.judging import has_swallowed, is_settled
from custom_components.home_flex.core.control.memory import (
    DeviceMemory,
    Order,
    Response,
    Sample,
    Shown,
    Step,
)
from custom_components.home_flex.core.control.ranging import ranged
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    PvReading,
    Reading,
)

TIME = datetime(2026, 6, 1, 12, tzinfo=UTC)


def seen(
    kind: DeviceKind, reading: Reading, orders: Sequence[Order], powers_w: Sequence[float], now_s: float
) -> Seen[Any]:
    """Return a device that told ``powers_w``, one each second until ``now_s``; it answers within 6 s."""
    first_s = now_s - len(powers_w) + 1.0
    reports = tuple(
        Sample(heard_s=first_s + number, power_w=power_w) for number, power_w in enumerate(powers_w)
    )
    return Seen(
        device=DeviceState(
            device_id="one", kind=kind, wired_phases=(1, 2, 3), reading=reading, heard_s=now_s
        ),
        memory=DeviceMemory(orders=tuple(orders), reports=reports),
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=6.0,
        now_s=now_s,
    )


def battery(orders: Sequence[Order], powers_w: Sequence[float], now_s: float) -> Seen[Any]:
    """Return a battery of 5 kW."""
    reading = BatteryReading(
        time=TIME,
        power_w=powers_w[-1],
        state_of_charge=0.5,
        capacity_wh=10000.0,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )
    return seen(DeviceKind.BATTERY, reading, orders, powers_w, now_s)


def order(sent_s: float, power_w: float) -> Order:
    """Return an order of a power."""
    return Order(sent_s=sent_s, value=power_w, power_w=power_w)


FULL = [order(0.0, 4800.0)]
FADING = [4200.0 - 15.0 * second for second in range(30)]
NOISY = [4200.0 + (200.0 if second % 2 else -200.0) for second in range(30)]


@pytest.mark.parametrize(
    ("orders", "powers_w", "is_bounded"),
    [
        (FULL, FADING, True),
        (FULL, [4200.0] * 30, False),
        (FULL, NOISY, False),
        ([order(0.0, 4800.0), order(22.0, 1000.0)], FADING, False),
        ([order(0.0, 2400.0), order(13.0, 1300.0)], [1200.0] * 15 + [650.0] * 15, False),
    ],
    ids=["fades", "weak", "noisy", "asked for less than it gives", "weak and asked for less"],
)
def test_power_that_falls_under_an_order_that_stands_is_the_range(
    orders: Sequence[Order], powers_w: Sequence[float], is_bounded: bool
) -> None:
    assert (ranged(battery(orders, powers_w, 30.0)).high.bound_w is not None) is is_bounded


@pytest.mark.parametrize(
    ("orders", "settles"),
    [
        ([order(20.0, 2000.0)], True),
        ([order(17.0, 1000.0), order(20.0, 2000.0)], False),
    ],
    ids=["the only order", "it may still answer the one before"],
)
def test_an_order_settles_early_when_power_has_come_to_rest(orders: Sequence[Order], settles: bool) -> None:
    one = battery(orders, [0.0] * 8 + [1000.0] * 4, 25.0)
    assert is_settled(one, orders[-1]) is settles


@pytest.mark.parametrize(
    ("age_s", "possible"),
    [(5.0, (4830.0, 8280.0)), (7.0, (4830.0, 4830.0))],
    ids=["its reading may be old", "its reading has had its time"],
)
def test_a_raised_limit_may_show_at_the_meter_before_the_device_tells_it(
    age_s: float, possible: tuple[float, float]
) -> None:
    reading = ChargerReading(
        time=TIME,
        power_w=4830.0,
        status=ChargerStatus.CHARGING,
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
    )
    orders = [Order(sent_s=0.0, value=7.0, power_w=4830.0), Order(sent_s=100.0, value=12.0, power_w=8280.0)]
    one = seen(DeviceKind.EV_CHARGER, reading, orders, [4830.0] * 8, 100.0 + age_s)
    assert possible_w(one, control_of(DeviceKind.EV_CHARGER), 100.0 + age_s, 1.0) == pytest.approx(possible)


def test_power_that_fades_across_two_orders_is_foreseen_by_what_it_did_under_both() -> None:
    orders = [order(0.0, 4800.0), order(22.0, 4400.0)]
    one = battery(orders, FADING, 29.0)
    known = Shown(bound_w=4400.0, probe_s=999.0)
    one = replace(one, memory=replace(one.memory, high=known, response=Response(report_s=(10.0,))))
    falls_w = 15.0 * 10.0
    # The mean of the last three readings, each a second older.
    power_w = FADING[-2]
    bound_w = ranged(one).high.bound_w
    assert bound_w is not None
    assert bound_w == pytest.approx(1.03 * (power_w - falls_w) + 60.0, abs=1.0)


@pytest.mark.parametrize(
    ("told_w", "by_meter", "possible"),
    [
        (0.0, 0.0, (0.0, 2000.0)),
        (0.0, 0.5, (2000.0, 2000.0)),
        (1000.0, 0.0, (2000.0, 2000.0)),
        (-2000.0, 0.0, (2000.0, 2000.0)),
    ],
    ids=["nobody shows it", "the meter shows it", "its reading shows it", "a turned reading shows it"],
)
def test_an_order_is_under_way_until_meter_or_device_shows_it(
    told_w: float, by_meter: float, possible: tuple[float, float]
) -> None:
    one = battery([order(0.0, 2000.0)], [told_w] * 3, 5.0)
    step = Step(sent_s=0.0, delta_w=2000.0, meter_w=0.0, report_w=0.0, seen=((4.0, by_meter),))
    one = replace(one, memory=replace(one.memory, step=step))
    assert possible_w(one, control_of(DeviceKind.BATTERY), 5.0, 1.0) == possible


def test_the_first_of_orders_that_nobody_shows_is_still_under_way() -> None:
    one = battery([order(0.0, 2000.0), order(4.0, 2500.0)], [0.0] * 3, 8.0)
    assert possible_w(one, control_of(DeviceKind.BATTERY), 8.0, 1.0) == (0.0, 2500.0)


def test_no_order_is_waited_for_without_end() -> None:
    one = battery([order(0.0, 2000.0)], [0.0] * 3, 13.0)
    assert possible_w(one, control_of(DeviceKind.BATTERY), 13.0, 1.0) == (2000.0, 2000.0)


@pytest.mark.parametrize(
    ("power_w", "age_s", "possible"),
    [
        (-1200.0, 25.0, (-2800.0, -1200.0)),
        (-1200.0, 27.0, (-1200.0, -1200.0)),
        (-1900.0, 25.0, (-1900.0, -1900.0)),
    ],
    ids=["the limit before is held", "it was renewed in vain", "the sun gives no more"],
)
def test_an_inverter_that_holds_the_limit_before_may_have_swallowed_the_new_one(
    power_w: float, age_s: float, possible: tuple[float, float]
) -> None:
    reading = PvReading(time=TIME, power_w=power_w, rated_power_w=8000.0)
    orders = [
        Order(sent_s=0.0, value=1200.0, power_w=-1200.0),
        Order(sent_s=100.0, value=2800.0, power_w=-2800.0, found_w=-1200.0),
    ]
    one = seen(DeviceKind.PV, reading, orders, [power_w] * 4, 100.0 + age_s)
    assert possible_w(one, control_of(DeviceKind.PV), 100.0 + age_s, 1.0) == pytest.approx(possible)


def test_an_order_whose_predecessors_are_forgotten_accuses_nobody() -> None:
    # Weak: each order brought half; what the old one asked for more than those before is not known any more.
    orders = [
        Order(sent_s=0.0, value=4573.0, power_w=4573.0, found_w=2230.0),
        Order(sent_s=150.0, value=5000.0, power_w=5000.0, found_w=2286.0),
    ]
    assert not has_swallowed(battery(orders, [2500.0] * 8, 170.0), control_of(DeviceKind.BATTERY))


@pytest.mark.parametrize(("power_w", "is_swallowed"), [(0.0, True), (-2000.0, False), (-1000.0, True)])
def test_a_reading_that_shows_the_opposite_of_an_order_proves_that_it_arrived(
    power_w: float, is_swallowed: bool
) -> None:
    one = battery([order(0.0, 2000.0)], [power_w] * 8, 20.0)
    assert has_swallowed(one, control_of(DeviceKind.BATTERY)) is is_swallowed


def test_a_limit_that_changes_nothing_is_not_waited_for() -> None:
    reading = PvReading(time=TIME, power_w=-500.0, rated_power_w=8000.0)
    orders = [
        Order(sent_s=0.0, value=1200.0, power_w=-1200.0, found_w=-500.0),
        Order(sent_s=100.0, value=2800.0, power_w=-2800.0, found_w=-500.0),
    ]
    one = seen(DeviceKind.PV, reading, orders, [-500.0] * 4, 107.0)
    assert possible_w(one, control_of(DeviceKind.PV), 107.0, 1.0) == (-500.0, -500.0)
