"""Orders that all go one way, before any of them shows, teach whether the device goes the other way."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.memory import DeviceMemory, MeterMemory, Sample
from custom_components.home_flex.core.control.response import is_turned
from custom_components.home_flex.core.control.stepping import ordered, stepped
from custom_components.home_flex.core.kinds.battery import Battery
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import BatteryReading, Owner, Quantity, Setpoint

from .parts import battery

_LENGTH_S = 40


def _told(memory: DeviceMemory, value: float, at_s: float) -> Seen[BatteryReading]:
    """Return a battery that was told a power at ``at_s``, now."""
    device = battery().device
    assert isinstance(device.reading, BatteryReading)
    written = Setpoint(
        device_id="battery",
        quantity=Quantity.POWER_W,
        value=value,
        owner=Owner.AGGREGATOR,
        reason="limit",
        source_id=None,
        life_s=60.0,
    )
    return Seen(
        device=replace(device, heard_s=at_s, written=written, written_s=at_s, changed_s=at_s),
        memory=memory,
        reading=device.reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=6.0,
        now_s=at_s,
    )


def _after(
    orders: dict[int, float], *, meter: float, own: float, others_s: float | None = None
) -> DeviceMemory:
    """Return the memory after orders at some seconds, of which meter and own reading show shares at once."""
    memory, told_w = DeviceMemory(), 0.0
    for second in range(_LENGTH_S):
        telegrams = MeterMemory(samples=(Sample(heard_s=float(second), power_w=3800.0 + meter * told_w),))
        memory = replace(memory, reports=(Sample(heard_s=float(second), power_w=own * told_w),))
        memory = stepped(memory, telegrams, others_s, float(second))
        if second in orders:
            told_w = orders[second]
            # The meter is read before the order is sent; of one that is not, nothing shows yet.
            open_w = 0.0 if second == min(orders) else 5000.0
            memory = ordered(
                _told(memory, told_w, float(second)), Battery(), replace(telegrams, open_w=open_w)
            )
    return memory


ORDERS = {1: -2300.0, 2: -3600.0, 3: -5000.0}


@pytest.mark.parametrize(
    ("meter", "own", "turned"),
    [(-1.0, -1.0, True), (1.0, 1.0, False), (-1.0, 1.0, False), (1.0, -1.0, False), (-0.2, -1.0, False)],
    ids=["both go against", "both follow", "the load rises", "the reading is turned", "the meter rests"],
)
def test_who_goes_against_orders_at_the_meter_and_by_itself_is_turned(
    meter: float, own: float, *, turned: bool
) -> None:
    assert is_turned(_after(ORDERS, meter=meter, own=own).response) is turned


def test_orders_that_go_back_and_forth_teach_nothing_together() -> None:
    memory = _after({1: -2300.0, 2: -1000.0}, meter=-1.0, own=-1.0)
    assert not is_turned(memory.response)


def test_what_another_device_was_told_meanwhile_is_not_taken_for_an_answer() -> None:
    assert not is_turned(_after(ORDERS, meter=-1.0, own=-1.0, others_s=2.0).response)


def test_orders_that_went_one_way_teach_no_delay() -> None:
    response = _after(ORDERS, meter=1.0, own=1.0).response
    assert (response.full_s, response.share) == ((), None)
