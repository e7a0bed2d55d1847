"""A resident's "never export" in a home whose battery covers the house by itself, closed over the arbiter."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import SITE, Demand, Envelope
from custom_components.home_flex.core.control.memory import Shown
from custom_components.home_flex.core.control.shown import ended, limit_w
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.model import (
    BatteryReading,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Setpoint,
)

from .house import SITE as HOME

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUSE_W = 800.0
NEVER_EXPORT = Demand(
    owner=Owner.RESIDENT, scope=SITE, asks=Envelope(low_w=0.0), reason="export", standing=True
)
type Sun = Callable[[int], float]


def clouds(second: int) -> float:
    """Return 4 kW of sun and 1 kW in turn, twenty seconds each."""
    return 4000.0 if second // 20 % 2 == 0 else 1000.0


def steady(_second: int) -> float:
    return 4000.0


@dataclass(kw_only=True)
class Home:
    """A house, an inverter that follows at once, a battery that goes ``part`` of the way to zero itself."""

    sun: Sun = clouds
    most_w: float = 5000.0
    part: float = 0.4
    noise_w: float = 0.0
    has_battery: bool = True
    state_of_charge: float = 0.5
    second: int = 0
    battery_w: float = 0.0
    cap_w: float = 8000.0
    memory: ControlMemory = field(default_factory=ControlMemory)
    written: dict[str, Setpoint] = field(default_factory=dict)
    changed_s: dict[str, float] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    exported_ws: float = 0.0
    imported_ws: float = 0.0

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.step()
            self.second += 1

    def step(self) -> None:
        now_s = float(self.second)
        pv_w = -min(self.sun(self.second), self.cap_w)
        flicker_w = self.noise_w if self.second % 2 else -self.noise_w
        grid_w = HOUSE_W + flicker_w + pv_w + self.battery_w
        self.exported_ws += max(0.0, -grid_w)
        self.imported_ws += max(0.0, grid_w)
        if self.has_battery and "battery" not in self.written:
            self.battery_w = min(max(self.battery_w - self.part * grid_w, -self.most_w), self.most_w)
        battery = BatteryReading(
            time=NOW,
            power_w=self.battery_w,
            state_of_charge=self.state_of_charge,
            capacity_wh=10000.0,
            max_charge_w=5000.0,
            max_discharge_w=5000.0,
        )
        pv = PvReading(time=NOW, power_w=pv_w, rated_power_w=8000.0)
        state = SiteState(
            site=HOME,
            meter=MeterReading(time=NOW, power_w=grid_w),
            meter_heard_s=now_s,
            devices=(
                self._device("pv", DeviceKind.PV, pv, now_s),
                *((self._device("battery", DeviceKind.BATTERY, battery, now_s),) if self.has_battery else ()),
            ),
        )
        decision, self.memory = arbitrate(state, (NEVER_EXPORT,), self.memory, now_s)
        for one in decision.setpoints:
            before = self.written.get(one.device_id)
            if before is None or before.value != one.value:
                self.changes.append(one.device_id)
                self.changed_s[one.device_id] = now_s
            self.written[one.device_id] = one
            if one.device_id == "pv":
                self.cap_w = 8000.0 if one.value is None else one.value

    def _device(
        self, device_id: str, kind: DeviceKind, reading: BatteryReading | PvReading, now_s: float
    ) -> DeviceState:
        return DeviceState(
            device_id=device_id,
            kind=kind,
            wired_phases=(),
            reading=reading,
            heard_s=now_s,
            written=self.written.get(device_id),
            written_s=self.changed_s.get(device_id),
            changed_s=self.changed_s.get(device_id),
        )


@pytest.mark.parametrize("part", [0.9, 0.4, 0.2])
@pytest.mark.parametrize(("most_w", "sun"), [(5000.0, clouds), (1000.0, clouds), (1000.0, steady)])
def test_a_battery_that_covers_the_house_is_never_written(part: float, most_w: float, sun: Sun) -> None:
    home = Home(part=part, most_w=most_w, sun=sun)
    home.run(300)
    assert "battery" not in home.changes
    assert home.memory.devices["battery"].covers is not False


def test_a_battery_at_its_end_leaves_the_rest_to_the_inverter() -> None:
    home = Home(most_w=1000.0, sun=steady)
    home.run(300)
    assert home.battery_w == 1000.0
    # The last seconds, whatever the first cost: the house, the battery, and what it is tried for.
    home.exported_ws = 0.0
    home.run(60)
    assert home.exported_ws / 60.0 < 300.0


def test_what_only_flickers_costs_neither_writes_nor_import() -> None:
    home = Home(has_battery=False, sun=steady, noise_w=60.0)
    home.run(60)
    home.changes.clear()
    home.exported_ws = home.imported_ws = 0.0
    home.run(300)
    assert home.changes == []
    assert home.imported_ws / 300.0 < 150.0


def test_a_battery_that_is_idle_under_the_sun_is_told_to_charge() -> None:
    home = Home(part=0.0, sun=steady)
    home.run(30)
    assert "battery" in home.changes


def test_an_end_that_was_tried_in_vain_is_tried_again_after_twice_the_time() -> None:
    first = ended(Shown(), 1000.0, 0.0)
    assert limit_w(first, 5000.0, 59.0) == pytest.approx(1090.0)
    assert limit_w(first, 5000.0, 60.0) == pytest.approx(1299.0)
    second = ended(first, 1000.0, 63.0)
    assert limit_w(second, 5000.0, 64.0) == pytest.approx(1090.0)
    assert limit_w(second, 5000.0, 63.0 + 119.0) == pytest.approx(1090.0)
    assert limit_w(second, 5000.0, 63.0 + 120.0) == pytest.approx(1299.0)
    assert ended(replace(first, probe_s=None), 1000.0, 63.0) == replace(first, probe_s=None)


@pytest.mark.parametrize("state_of_charge", [1.0, 0.97])
def test_a_full_battery_that_rests_is_left_alone_and_the_sun_is_limited(state_of_charge: float) -> None:
    home = Home(sun=steady, most_w=0.0, state_of_charge=state_of_charge)
    home.run(120)
    assert "battery" not in home.changes
    assert home.memory.devices["battery"].covers is not False
    home.exported_ws = 0.0
    home.run(60)
    assert home.exported_ws / 60.0 < 300.0
