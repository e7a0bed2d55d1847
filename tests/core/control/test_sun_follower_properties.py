"""What PV that may not export leaves to the grid while a car follows the sun, closed over the arbiter."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish
from custom_components.home_flex.core.control.demand import SITE, Demand, Envelope
from custom_components.home_flex.core.control.memory import DeviceMemory, Response
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.model import (
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Setpoint,
)

from .house import SITE as HOME

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUSE_W, RATED_W, PER_A = 400.0, 8000.0, 690.0
NEVER_EXPORT = Demand(
    owner=Owner.RESIDENT, scope=SITE, asks=Envelope(low_w=0.0), reason="export", standing=True
)
# A step of the car's current, and what is taken for noise.
EXPORTED_W = PER_A + 200.0
# Meter, tick, and inverter each take their second, and the car is told one step and the next.
LATE_S = 6


@dataclass(kw_only=True)
class Home:
    """A house, PV of 8 kW whose limit holds a second later, and a car that obeys ``dead_s`` later.

    ``most_a``: it draws no more, whatever it is told.
    """

    dead_s: int
    most_a: float = 16.0
    second: int = 0
    car_w: float = 6 * PER_A
    cap_w: float = 5000.0
    grid_w: float = 0.0
    written: dict[str, Setpoint] = field(default_factory=dict)
    changed_s: dict[str, float] = field(default_factory=dict)
    pending: deque[tuple[int, str, float]] = field(default_factory=deque)
    exported_w: list[float] = field(default_factory=list)
    produced_w: list[float] = field(default_factory=list)
    memory: ControlMemory = field(default_factory=ControlMemory)

    def __post_init__(self) -> None:
        prompt = DeviceMemory(response=Response(report_s=(self.dead_s + 1.0,)))
        self.memory = ControlMemory(devices={"car": prompt})

    def run(self, sun_w: float, seconds: int) -> None:
        for _ in range(seconds):
            self.step(sun_w)
            self.second += 1

    def step(self, sun_w: float) -> None:
        while self.pending and self.pending[0][0] <= self.second:
            _, key, value = self.pending.popleft()
            if key == "pv":
                self.cap_w = value
            else:
                self.car_w = min(value, self.most_a) * PER_A if value >= 6.0 else 0.0
        pv_w = -min(sun_w, self.cap_w)
        meter_w, self.grid_w = self.grid_w, HOUSE_W + self.car_w + pv_w
        self.exported_w.append(-self.grid_w)
        self.produced_w.append(-pv_w)
        car = ChargerReading(
            time=NOW,
            power_w=self.car_w,
            status=ChargerStatus.CHARGING,
            phases=3,
            min_current_a=6.0,
            max_current_a=16.0,
            phase_current_a=(self.car_w / PER_A,) * 3,
        )
        pv = PvReading(time=NOW, power_w=pv_w, rated_power_w=RATED_W)
        now_s = float(self.second)
        state = SiteState(
            site=HOME,
            meter=MeterReading(time=NOW, power_w=meter_w),
            meter_heard_s=now_s,
            devices=(
                self._device("pv", DeviceKind.PV, pv),
                replace(
                    self._device("car", DeviceKind.EV_CHARGER, car),
                    charge=ChargeWish(mode=ChargeMode.SURPLUS),
                ),
            ),
        )
        decision, self.memory = arbitrate(state, (NEVER_EXPORT,), self.memory, now_s)
        for one in decision.setpoints:
            key, before = one.device_id, self.written.get(one.device_id)
            if before is None or before.value != one.value:
                self.changed_s[key] = now_s
            self.written[key] = one
            free = RATED_W if key == "pv" else 16.0
            late_s = 1 if key == "pv" else self.dead_s
            self.pending.append((self.second + late_s, key, free if one.value is None else one.value))
        self.pending = deque(sorted(self.pending))

    def _device(self, key: str, kind: DeviceKind, reading: ChargerReading | PvReading) -> DeviceState:
        return DeviceState(
            device_id=key,
            kind=kind,
            wired_phases=(),
            reading=reading,
            heard_s=float(self.second),
            written=self.written.get(key),
            written_s=self.changed_s.get(key),
            changed_s=self.changed_s.get(key),
        )

    def longest_export_s(self) -> int:
        """Return for how long at most more was exported in one piece than a step of the car, in s."""
        runs = groupby(self.exported_w, key=lambda exported_w: exported_w > EXPORTED_W)
        return max((len([*run]) for exports, run in runs if exports), default=0)


SKIES = st.lists(st.tuples(st.floats(0.0, RATED_W), st.integers(10, 40)), min_size=2, max_size=5)


@settings(max_examples=25)
@given(sky=SKIES, dead_s=st.integers(1, 5), most_a=st.sampled_from([16.0, 10.0, 7.0]))
def test_no_longer_is_sun_left_to_the_grid_than_until_the_car_has_answered(
    sky: list[tuple[float, int]], dead_s: int, most_a: float
) -> None:
    home = Home(dead_s=dead_s, most_a=most_a)
    for sun_w, seconds in sky:
        home.run(sun_w, seconds)
    assert home.longest_export_s() <= dead_s + LATE_S


def test_a_cloud_costs_the_inverter_no_write() -> None:
    home = Home(dead_s=2)
    home.run(7000.0, 100)
    limited_s = home.changed_s["pv"]
    for _ in range(2):
        home.run(3000.0, 40)
        assert home.produced_w[-1] == 3000.0
        home.run(7000.0, 30)
        assert home.produced_w[-1] == HOUSE_W + 9 * PER_A
    assert home.changed_s["pv"] == limited_s
