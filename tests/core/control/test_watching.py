"""For which cars room is kept on a fuse: those that draw, and those that may begin to."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.guarding import Drawing
from custom_components.home_flex.core.control.memory import DeviceMemory, MeterMemory, Response
from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.core.control.watching import drawing
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import ChargerReading, ChargerStatus

from .guarded_home import car, full_battery

KNOWN = Response(full_s=(60.0,))
# 1.3 times what it took, half a second, and the period of a meter that speaks each second.
DELAY_S = 79.5


def _seen(current_a: float, status: ChargerStatus, response: Response) -> Seen[Any]:
    device = car(current_a)
    assert isinstance(device.reading, ChargerReading)
    reading = replace(device.reading, status=status)
    return Seen(
        device=replace(device, reading=reading),
        memory=DeviceMemory(response=response),
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=60.0,
        report_window_s=60.0,
        now_s=0.0,
    )


@pytest.mark.parametrize(
    ("current_a", "status", "response", "power_w"),
    [
        (16.0, ChargerStatus.CHARGING, KNOWN, 11040.0),
        (0.0, ChargerStatus.SUSPENDED_EVSE, KNOWN, 4140.0),
        (0.0, ChargerStatus.AVAILABLE, KNOWN, None),
        (16.0, ChargerStatus.CHARGING, Response(), None),
    ],
    ids=["draws", "paused: it may begin", "not plugged in", "not known yet: it comes to rest first"],
)
def test_a_car_counts_with_what_it_draws_or_may_begin_with(
    current_a: float, status: ChargerStatus, response: Response, power_w: float | None
) -> None:
    expected = {} if power_w is None else {"car": Drawing(DELAY_S, power_w)}
    found = drawing({"car": _seen(current_a, status, response)}, ControlMemory(meter=MeterMemory()), 0.0)
    assert found == expected


def test_a_battery_takes_no_room_of_cars() -> None:
    battery = full_battery()
    seen = replace(_seen(0.0, ChargerStatus.AVAILABLE, KNOWN), device=battery, reading=battery.reading)
    assert drawing({"battery": seen}, ControlMemory(), 0.0) == {}
