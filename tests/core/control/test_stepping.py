"""What an order is reckoned as, once what a limit means has changed, and when its step is looked at."""

from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.memory import DeviceMemory, MeterMemory, Order, Sample
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.control.stepping import ordered, stepped
from custom_components.home_flex.core.kinds.charger import Charger
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import (
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    Owner,
    Quantity,
    Setpoint,
)


def told_10_a(memory: DeviceMemory, *, report_window_s: float = 6.0) -> Seen[ChargerReading]:
    """Return a charger of three phases that was told 10 A at 100 s, now."""
    reading = ChargerReading(
        time=datetime(2026, 6, 1, 12, tzinfo=UTC),
        power_w=3680.0,
        status=ChargerStatus.CHARGING,
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
        current_limit_a=10.0,
    )
    written = Setpoint(
        device_id="car",
        quantity=Quantity.CURRENT_LIMIT_A,
        value=10.0,
        owner=Owner.PLAN,
        reason="surplus",
        life_s=120.0,
    )
    return Seen(
        device=DeviceState(
            device_id="car",
            kind=DeviceKind.EV_CHARGER,
            wired_phases=(),
            reading=reading,
            heard_s=100.0,
            written=written,
            written_s=100.0,
            changed_s=100.0,
        ),
        memory=memory,
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=report_window_s,
        now_s=100.0,
    )


@pytest.mark.parametrize(
    ("earlier_a", "active_phases", "draws_max_w", "reckoned_w"),
    [
        (16.0, None, None, 11040.0),
        # It has shown that it uses one phase, or that it takes less, since it was told.
        (16.0, 1, None, 3680.0),
        (16.0, None, 7000.0, 7000.0),
        # By itself it was bound by nothing that could mean something else now.
        (None, 1, None, 11040.0),
    ],
)
def test_the_order_before_is_reckoned_by_what_is_known_of_the_vehicle_now(
    earlier_a: float | None, active_phases: int | None, draws_max_w: float | None, reckoned_w: float
) -> None:
    memory = DeviceMemory(
        orders=(Order(sent_s=50.0, value=earlier_a, power_w=11040.0),),
        active_phases=active_phases,
        draws_max_w=draws_max_w,
    )

    before, last = ordered(told_10_a(memory), Charger(), MeterMemory()).orders

    assert (before.value, before.power_w) == (earlier_a, reckoned_w)
    assert (last.value, last.sent_s) == (10.0, 100.0)


def sent(at_s: float, power_w: float) -> Order:
    return Order(sent_s=at_s, value=power_w / 690.0, power_w=power_w)


@pytest.mark.parametrize(
    ("earlier", "tells"),
    [
        ([sent(80.0, 11040.0)], True),
        ([sent(50.0, 11040.0), sent(80.0, 11040.0)], True),
        ([sent(40.0, 4140.0), sent(80.0, 11040.0)], False),
        ([sent(20.0, 4140.0), sent(80.0, 11040.0)], True),
    ],
    ids=["nothing before", "the same before", "less may still show", "less would have shown"],
)
def test_a_chargers_own_reading_tells_of_a_step_when_nothing_older_is_left_to_show(
    earlier: list[Order], *, tells: bool
) -> None:
    memory = DeviceMemory(orders=tuple(earlier), reports=(Sample(heard_s=99.0, power_w=11040.0),))
    step = ordered(told_10_a(memory, report_window_s=75.0), Charger(), MeterMemory()).step
    assert step is not None
    assert step.tells is tells


@pytest.mark.parametrize(("open_w", "is_alone"), [(1242.0, True), (1243.0, False)])
def test_a_step_that_much_else_is_under_way_with_is_watched_in_the_own_reading_alone(
    open_w: float, *, is_alone: bool
) -> None:
    memory = DeviceMemory(orders=(sent(80.0, 11040.0),), reports=(Sample(heard_s=99.0, power_w=11040.0),))
    begun = ordered(told_10_a(memory), Charger(), MeterMemory(open_w=open_w))
    told = MeterMemory(samples=(Sample(heard_s=101.0, power_w=6900.0),))
    watched = stepped(begun, told, None, 102.0).step
    assert watched is not None
    assert bool(watched.seen) is is_alone
