"""What an order is reckoned as, once what a limit means has changed."""

from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.memory import DeviceMemory, MeterMemory, Order
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.control.stepping import ordered
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
    seen = Seen(
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
        memory=DeviceMemory(
            orders=(Order(sent_s=50.0, value=earlier_a, power_w=11040.0),),
            active_phases=active_phases,
            draws_max_w=draws_max_w,
        ),
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=6.0,
        now_s=100.0,
    )

    before, last = ordered(seen, Charger(), MeterMemory()).orders

    assert (before.value, before.power_w) == (earlier_a, reckoned_w)
    assert (last.value, last.sent_s) == (10.0, 100.0)
