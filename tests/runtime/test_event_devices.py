"""Which devices an event moves: what would have been without it is only asked of those."""

import pytest

from custom_components.home_flex.core.model import (
    DeviceKind,
    Owner,
    PvReading,
    Quantity,
    Setpoint,
)
from custom_components.home_flex.core.wishes import Wishes
from custom_components.home_flex.runtime.event_devices import devices_now

from .service_home import START
from .slots import quiet_slot


@pytest.mark.parametrize(
    ("power_w", "limit_w", "moved_by"),
    [
        pytest.param(0.0, 1000.0, None, id="at night any limit is far above"),
        pytest.param(-2000.0, 6000.0, None, id="it gives all there is"),
        pytest.param(-2000.0, 2000.0, "event", id="it stands at its limit"),
        pytest.param(-1960.0, 2000.0, "event", id="it stands near it"),
        pytest.param(-4000.0, 2000.0, "event", id="it has not come down yet"),
        pytest.param(0.0, 0.0, "event", id="it may give nothing: nobody knows what it would"),
        pytest.param(-4000.0, None, None, id="it runs by itself again"),
    ],
)
def test_an_inverter_is_moved_while_its_limit_may_hold_it_back(
    power_w: float, limit_w: float | None, moved_by: str | None
) -> None:
    slot = quiet_slot(DeviceKind.PV, device_id="roof")
    slot.link_reason = None
    slot.reading = PvReading(time=START, power_w=power_w, rated_power_w=6000.0)
    slot.written = Setpoint(
        device_id="roof",
        quantity=Quantity.PRODUCTION_LIMIT_W,
        value=limit_w,
        owner=Owner.AGGREGATOR,
        reason="dispatch_setpoint",
        life_s=60.0,
        source_id="event",
    )
    (found,) = devices_now([slot], Wishes(), voltage_v=230.0)
    assert found.moved_by == moved_by
