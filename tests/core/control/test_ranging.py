"""What a device's own readings show of its range, and between which powers the meter may have seen it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.home_flex.core.control.hull import possible_w
from custom_components.home_flex.core.control.judging import is_settled
from custom_components.home_flex.core.control.memory import DeviceMemory, Order, Sample
from custom_components.home_flex.core.control.ranging import ranged
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
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
