"""The band of comfort that is wished of what heats."""

from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.policy import Surplus
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds.water_heater import WaterHeaterReading
from custom_components.home_flex.core.model import BatteryReading, DeviceKind
from custom_components.home_flex.core.wishes import (
    LoadMode,
    WishError,
    Wishes,
    comfortable,
    set_comfort,
    steered,
    with_device,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TANK = WaterHeaterReading(
    time=NOON, power_w=0.0, rated_power_w=2000.0, min_c=45.0, max_c=65.0, temperature_c=50.0
)


@pytest.mark.parametrize(
    ("wished", "band"),
    [
        ({}, (45.0, 65.0)),
        ({"min_c": 50.0}, (50.0, 65.0)),
        ({"min_c": 40.0, "max_c": 55.0}, (40.0, 55.0)),
        # What the device allows at most stays the most, and a band is left below it.
        ({"max_c": 80.0}, (45.0, 65.0)),
        ({"min_c": 70.0, "max_c": 80.0}, (63.0, 65.0)),
        ({"max_c": 40.0}, (38.0, 40.0)),
    ],
)
def test_heat_is_kept_as_wished_and_never_beyond_what_the_device_allows(
    wished: dict[str, float], band: tuple[float, float]
) -> None:
    wishes = set_comfort(Wishes(), "tank", **wished)
    state = DeviceState(
        device_id="tank", kind=DeviceKind.WATER_HEATER, wired_phases=(), reading=TANK, heard_s=0.0
    )
    wishes = with_device(wishes, "tank", load_mode=LoadMode.SURPLUS)
    after = steered(state, wishes, NOON, UTC, on_reached=lambda *_: None)
    assert isinstance(after.reading, WaterHeaterReading)
    assert (after.reading.min_c, after.reading.max_c) == band
    assert after.policy == Surplus()


@pytest.mark.parametrize(
    ("first", "then", "reason"),
    [
        ({"min_c": 50.0}, {"max_c": 51.0}, "comfort_crossed"),
        ({"max_c": 40.0}, {"min_c": 45.0}, "comfort_crossed"),
        ({}, {"min_c": 4.0}, "out_of_range"),
        ({}, {"max_c": float("nan")}, "out_of_range"),
    ],
)
def test_a_band_that_cannot_be_kept_is_refused(
    first: dict[str, float], then: dict[str, float], reason: str
) -> None:
    wishes = set_comfort(Wishes(), "tank", **first)
    with pytest.raises(WishError) as refused:
        set_comfort(wishes, "tank", **then)
    assert refused.value.reason == reason


def test_what_does_not_heat_has_no_band() -> None:
    battery = BatteryReading(
        time=NOON,
        power_w=0.0,
        state_of_charge=0.5,
        capacity_wh=10_000.0,
        max_charge_w=3000.0,
        max_discharge_w=3000.0,
        power_setpoint_w=None,
    )
    assert comfortable(battery, set_comfort(Wishes(), "tank", min_c=50.0).device("tank")) is battery
