"""A meter that reads zero for all that is fed in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import SITE as HERE
from custom_components.home_flex.core.control.demand import Demand, Envelope, Target
from custom_components.home_flex.core.control.import_only import counted, less
from custom_components.home_flex.core.control.memory import MeterMemory
from custom_components.home_flex.core.control.state import ControlMemory, Decision, DeviceState, SiteState
from custom_components.home_flex.core.control.watched import Blind
from custom_components.home_flex.core.model import (
    BatteryReading,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Setpoint,
)

from .house import SITE

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEVER_EXPORT = Demand(
    owner=Owner.RESIDENT, scope=HERE, asks=Envelope(low_w=0.0), reason="export", source_id="e", standing=True
)
TWENTY_W = Demand(
    owner=Owner.AGGREGATOR,
    scope=HERE,
    asks=Target(power_w=20.0),
    reason="target",
    source_id="t",
    standing=False,
)


class Home:
    """A house of 400 W with PV, or a battery, behind a meter that may know one way only."""

    def __init__(self, kind: DeviceKind, *, shows_export: bool = False) -> None:
        self.kind, self.shows_export = kind, shows_export
        self.load_w, self.sun_w = 400.0, 3000.0
        self.power_w = -self.sun_w if kind is DeviceKind.PV else 0.0
        self.written: Setpoint | None = None
        self.changed_s: float | None = None
        self.memory, self.second = ControlMemory(), 0
        self.decision: Decision | None = None

    @property
    def grid_w(self) -> float:
        return self.load_w + self.power_w

    def run(self, seconds: int, *demands: Demand) -> None:
        for _ in range(seconds):
            time, now_s = START + timedelta(seconds=self.second), float(self.second)
            shown_w = self.grid_w if self.shows_export else max(0.0, self.grid_w)
            state = SiteState(
                site=SITE,
                meter=MeterReading(time=time, power_w=shown_w),
                meter_heard_s=now_s,
                devices=(
                    DeviceState(
                        device_id="one",
                        kind=self.kind,
                        wired_phases=(),
                        reading=self._reading(time),
                        heard_s=now_s,
                        written=self.written,
                        written_s=self.changed_s,
                        changed_s=self.changed_s,
                    ),
                ),
            )
            self.decision, self.memory = arbitrate(state, demands, self.memory, now_s)
            for setpoint in self.decision.setpoints:
                self.written, self.changed_s = setpoint, now_s
            self._follow()
            self.second += 1

    def _reading(self, time: datetime) -> PvReading | BatteryReading:
        told_w = None if self.written is None else self.written.value
        if self.kind is DeviceKind.PV:
            return PvReading(time=time, power_w=self.power_w, rated_power_w=5000.0, production_limit_w=told_w)
        return BatteryReading(
            time=time,
            power_w=self.power_w,
            state_of_charge=0.5,
            capacity_wh=10000.0,
            max_charge_w=5000.0,
            max_discharge_w=5000.0,
            power_setpoint_w=told_w,
        )

    def _follow(self) -> None:
        told_w = None if self.written is None else self.written.value
        if self.kind is DeviceKind.PV:
            self.power_w = -self.sun_w if told_w is None else -min(self.sun_w, told_w)
        else:
            self.power_w = told_w or 0.0

    @property
    def is_blind(self) -> bool:
        assert self.decision is not None
        return Blind.FEED_IN_NOT_SHOWN in {one.why for one in self.decision.unwatched}


def test_what_pv_feeds_in_unseen_is_taken_back_until_the_meter_shows_what_is_drawn() -> None:
    home = Home(DeviceKind.PV)
    home.run(15, NEVER_EXPORT)
    assert home.grid_w == pytest.approx(-2600.0, abs=100.0)

    home.run(285, NEVER_EXPORT)

    assert 0.0 <= home.grid_w <= 400.0


def test_a_battery_under_a_target_gives_no_more_than_a_smaller_load_takes() -> None:
    home = Home(DeviceKind.BATTERY)
    home.run(60, TWENTY_W)
    assert home.grid_w == pytest.approx(20.0, abs=60.0)

    home.load_w = 150.0
    home.run(120, TWENTY_W)

    assert home.grid_w == pytest.approx(20.0, abs=130.0)
    assert home.power_w >= -160.0


def test_it_is_told_and_the_balance_goes_on() -> None:
    home = Home(DeviceKind.PV)
    home.run(19, NEVER_EXPORT)
    assert not home.is_blind

    home.run(1, NEVER_EXPORT)

    assert home.is_blind
    assert home.decision is not None
    assert home.decision.balance is not None


def test_one_that_ever_read_less_than_zero_shows_it() -> None:
    home = Home(DeviceKind.PV, shows_export=True)
    home.run(5, NEVER_EXPORT)
    home.shows_export = False

    home.run(60, NEVER_EXPORT)

    assert not home.is_blind


def test_where_nothing_is_given_or_a_free_battery_covers_the_house_zero_is_zero() -> None:
    idle = Home(DeviceKind.PV)
    idle.load_w = idle.sun_w = idle.power_w = 0.0
    idle.run(60)
    covering = Home(DeviceKind.BATTERY)
    covering.power_w = -400.0
    for _ in range(60):
        covering.power_w = -400.0
        covering.run(1)

    assert not idle.is_blind
    assert not covering.is_blind


@pytest.mark.parametrize(
    ("readings_w", "zeros", "shows_export"),
    [((0.0, 0.0), 2, False), ((0.0, 1.0), 0, False), ((0.0, -1.0, 0.0), 1, True)],
)
def test_zeros_in_a_row_are_counted(readings_w: tuple[float, ...], zeros: int, *, shows_export: bool) -> None:
    memory = MeterMemory()
    for power_w in readings_w:
        memory = counted(memory, power_w)

    assert (memory.zeros, memory.shows_export) == (zeros, shows_export)


def test_what_is_not_shown_is_spread_over_the_phases_that_are_told() -> None:
    meter = MeterReading(time=START, power_w=0.0, phase_power_w=(10.0, 0.0, -10.0))

    assert less(meter, 300.0) == replace(meter, power_w=-300.0, phase_power_w=(-90.0, -100.0, -110.0))
