"""A house with loads: each draws what it was told, or what it likes, and heat follows from power.

It shares nothing with the arbiter but the model's types and the kinds' readings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import SITE as METER
from custom_components.home_flex.core.control.demand import Demand, Envelope
from custom_components.home_flex.core.control.policy import LeaveAlone, Policy
from custom_components.home_flex.core.control.state import ControlMemory, Decision, DeviceState, SiteState
from custom_components.home_flex.core.kinds.appliance import ApplianceReading, ApplianceStatus
from custom_components.home_flex.core.kinds.heat_pump import HeatPumpReading
from custom_components.home_flex.core.kinds.switched_load import SwitchedLoadReading
from custom_components.home_flex.core.kinds.water_heater import WaterHeaterReading
from custom_components.home_flex.core.model import DeviceKind, MeterReading, Owner, Reading, Setpoint

from .house import SITE

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def limit(owner: Owner, *, high_w: float = float("inf"), low_w: float = float("-inf")) -> Demand:
    return Demand(
        owner=owner, scope=METER, asks=Envelope(low_w=low_w, high_w=high_w), reason="limit", source_id="e"
    )


@dataclass(kw_only=True)
class SimulatedLoad:
    """A load that does at once what it is told; ``own`` is whether it would run by itself."""

    kind: DeviceKind
    policy: Policy = field(default_factory=LeaveAlone)
    rated_w: float = 2000.0
    own: bool = False
    temperature_c: float | None = 55.0
    wh_per_k: float = 200.0
    losses_w: float = 100.0
    step_w: float = 0.0
    offsets_k: tuple[float, float] = (0.0, 0.0)
    programme_s: float = 600.0
    started_s: float | None = None
    value: float | None = None
    power_w: float = 0.0
    written: Setpoint | None = None
    written_s: float | None = None
    changed_s: float | None = None
    switches: list[tuple[float, float | None]] = field(default_factory=list)

    def write(self, setpoint: Setpoint, now_s: float) -> None:
        if self.written is None or self.written.value != setpoint.value:
            self.changed_s = now_s
            self.switches.append((now_s, setpoint.value))
        self.written, self.written_s, self.value = setpoint, now_s, setpoint.value
        if self.kind is DeviceKind.APPLIANCE and self.value == 1.0 and self.started_s is None:
            self.started_s = now_s

    def step(self, now_s: float, seconds: float) -> None:
        self.power_w = _DRAWS[self.kind](self, now_s)
        if self.temperature_c is not None:
            heat_w = self.power_w - self.losses_w
            self.temperature_c += heat_w * seconds / 3600 / self.wh_per_k

    def reading(self, time: datetime, now_s: float) -> Reading:
        return _READS[self.kind](self, time, now_s)


def _switched_w(load: SimulatedLoad, _now_s: float) -> float:
    is_on = load.own if load.value is None else load.value > 0.5
    return load.rated_w if is_on else 0.0


def _heats_w(load: SimulatedLoad, _now_s: float) -> float:
    return (load.rated_w if load.own else 0.0) if load.value is None else min(load.rated_w, load.value)


def _pumps_w(load: SimulatedLoad, _now_s: float) -> float:
    least, most = load.offsets_k if load.offsets_k[1] else (1.0, 3.0)
    if load.value == least:
        return 0.0
    return load.rated_w if load.value == most else (0.4 * load.rated_w if load.own else 0.0)


def _runs_w(load: SimulatedLoad, now_s: float) -> float:
    runs = load.started_s is not None and now_s - load.started_s < load.programme_s
    return load.rated_w if runs else 0.0


_DRAWS: Mapping[DeviceKind, Callable[[SimulatedLoad, float], float]] = {
    DeviceKind.SWITCHED_LOAD: _switched_w,
    DeviceKind.WATER_HEATER: _heats_w,
    DeviceKind.HEAT_PUMP: _pumps_w,
    DeviceKind.APPLIANCE: _runs_w,
}


def _switched(load: SimulatedLoad, time: datetime, _now_s: float) -> Reading:
    return SwitchedLoadReading(
        time=time,
        power_w=load.power_w,
        is_on=load.power_w > 0,
        rated_power_w=load.rated_w,
        switched=None if load.value is None else load.value > 0.5,
    )


def _heater(load: SimulatedLoad, time: datetime, _now_s: float) -> Reading:
    return WaterHeaterReading(
        time=time,
        power_w=load.power_w,
        rated_power_w=load.rated_w,
        min_c=45.0,
        max_c=65.0,
        temperature_c=load.temperature_c,
        wh_per_k=load.wh_per_k,
        losses_w=load.losses_w,
        step_w=load.step_w,
        power_setpoint_w=load.value,
    )


def _pump(load: SimulatedLoad, time: datetime, _now_s: float) -> Reading:
    return HeatPumpReading(
        time=time,
        power_w=load.power_w,
        rated_power_w=load.rated_w,
        min_c=19.0,
        max_c=23.0,
        temperature_c=load.temperature_c,
        least_offset_k=load.offsets_k[0],
        most_offset_k=load.offsets_k[1],
        told=load.value,
    )


def _programme(load: SimulatedLoad, time: datetime, now_s: float) -> Reading:
    status = ApplianceStatus.READY
    if load.started_s is not None:
        is_over = now_s - load.started_s >= load.programme_s
        status = ApplianceStatus.FINISHED if is_over else ApplianceStatus.RUNNING
    return ApplianceReading(time=time, power_w=load.power_w, status=status, programme_power_w=load.rated_w)


_READS: Mapping[DeviceKind, Callable[[SimulatedLoad, datetime, float], Reading]] = {
    DeviceKind.SWITCHED_LOAD: _switched,
    DeviceKind.WATER_HEATER: _heater,
    DeviceKind.HEAT_PUMP: _pump,
    DeviceKind.APPLIANCE: _programme,
}


@dataclass(kw_only=True)
class LoadHouse:
    """A base load, negative where the sun shines, and loads; ``run`` steps it and lets the arbiter act."""

    loads: dict[str, SimulatedLoad]
    base_w: float = 500.0
    tick_s: float = 2.0
    time_s: float = 1000.0
    memory: ControlMemory = field(default_factory=ControlMemory)
    decision: Decision | None = None
    grid_w: float = 0.0

    def run(self, seconds: float, *demands: Demand, look: Callable[[], None] = lambda: None) -> None:
        """Run on with ``demands`` in force; ``look`` is called after each tick."""
        end_s = self.time_s + seconds
        while self.time_s < end_s:
            self.time_s += self.tick_s
            for load in self.loads.values():
                load.step(self.time_s, self.tick_s)
            self.grid_w = self.base_w + sum(load.power_w for load in self.loads.values())
            self._decide(demands)
            look()

    def _decide(self, demands: tuple[Demand, ...]) -> None:
        time = START + timedelta(seconds=self.time_s)
        state = SiteState(
            site=replace(SITE, main_fuse_a=35.0),
            meter=MeterReading(time=time, power_w=self.grid_w),
            meter_heard_s=self.time_s,
            devices=tuple(
                DeviceState(
                    device_id=key,
                    kind=load.kind,
                    wired_phases=(1, 2, 3),
                    reading=load.reading(time, self.time_s),
                    heard_s=self.time_s,
                    written=load.written,
                    written_s=load.written_s,
                    changed_s=load.changed_s,
                    policy=load.policy,
                )
                for key, load in self.loads.items()
            ),
        )
        self.decision, self.memory = arbitrate(state, demands, self.memory, self.time_s)
        for setpoint in self.decision.setpoints:
            self.loads[setpoint.device_id].write(setpoint, self.time_s)
