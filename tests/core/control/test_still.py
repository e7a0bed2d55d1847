"""A meter that goes on speaking and repeats what it told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.state import ControlMemory, Decision, DeviceState, SiteState
from custom_components.home_flex.core.control.watched import Blind
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
)

from .house import SITE

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
METER = MeterReading(time=START, power_w=1500.0, phase_power_w=(500.0, 500.0, 500.0), energy_import_wh=1000.0)


class Home:
    """A car, a battery and a meter that speaks each second."""

    def __init__(self) -> None:
        self.second = 0
        self.memory = ControlMemory()
        self.decision: Decision | None = None

    def run(self, seconds: int, meter: MeterReading, *, car_w: float = 0.0, battery_w: float = 0.0) -> None:
        for _ in range(seconds):
            time, now_s = START + timedelta(seconds=self.second), float(self.second)
            car = ChargerReading(
                time=time,
                power_w=car_w,
                status=ChargerStatus.CHARGING,
                phases=3,
                min_current_a=6.0,
                max_current_a=16.0,
                current_limit_a=None,
                phase_current_a=(),
                session_energy_wh=0.0,
            )
            battery = BatteryReading(
                time=time,
                power_w=battery_w,
                state_of_charge=0.5,
                capacity_wh=10000.0,
                max_charge_w=5000.0,
                max_discharge_w=5000.0,
            )
            state = SiteState(
                site=SITE,
                meter=replace(meter, time=time),
                meter_heard_s=now_s,
                devices=tuple(
                    DeviceState(device_id=key, kind=kind, wired_phases=(), reading=reading, heard_s=now_s)
                    for key, kind, reading in (
                        ("car", DeviceKind.EV_CHARGER, car),
                        ("battery", DeviceKind.BATTERY, battery),
                    )
                ),
            )
            self.decision, self.memory = arbitrate(state, (), self.memory, now_s)
            self.second += 1

    @property
    def stands_still(self) -> bool:
        assert self.decision is not None
        return Blind.METER_STANDS_STILL in {one.why for one in self.decision.unwatched}


def test_a_meter_that_shows_nothing_of_a_car_that_began_to_charge_is_taken_for_silent() -> None:
    home = Home()
    home.run(40, METER)
    home.run(10, METER, car_w=3000.0)
    assert not home.stands_still
    home.run(20, METER, car_w=3000.0)
    assert home.stands_still
    assert home.decision is not None
    assert {one.reason for one in home.decision.wanted if one.device_id == "car"} == {"meter_lost"}


@pytest.mark.parametrize(
    "moved",
    [
        replace(METER, power_w=1501.0),
        replace(METER, phase_power_w=(501.0, 500.0, 499.0)),
        replace(METER, energy_import_wh=1001.0),
    ],
)
def test_it_counts_again_with_the_first_value_that_moves(moved: MeterReading) -> None:
    home = Home()
    home.run(40, METER)
    home.run(40, METER, car_w=3000.0)
    home.run(1, moved, car_w=3000.0)
    assert not home.stands_still


def test_a_house_in_which_nothing_moves_has_a_meter_that_does_not_either() -> None:
    home = Home()
    home.run(600, METER)
    assert not home.stands_still


def test_a_battery_that_keeps_the_meter_at_zero_explains_why_it_stands() -> None:
    home = Home()
    zero = MeterReading(time=START, power_w=0.0)
    home.run(60, zero, battery_w=-500.0)
    home.run(200, zero, battery_w=-900.0)
    home.run(200, zero, car_w=3000.0, battery_w=-3900.0)
    assert not home.stands_still


def test_what_devices_tell_late_of_the_time_before_is_no_sign() -> None:
    home = Home()
    home.run(20, METER)
    home.run(200, METER, car_w=3000.0)
    assert not home.stands_still
