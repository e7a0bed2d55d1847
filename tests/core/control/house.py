"""A small house to close the loop with: delays, ramps and noise, read and written as the real one is.

It shares nothing with the arbiter but the model's types.
"""

import math
import random
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.commands import demands
from custom_components.home_flex.core.control.demand import Demand, Envelope
from custom_components.home_flex.core.control.demand import device as scope_of
from custom_components.home_flex.core.control.memory import DeviceMemory, Response
from custom_components.home_flex.core.control.pace import Pace
from custom_components.home_flex.core.control.state import (
    ControlMemory,
    Decision,
    DeviceState,
    SiteState,
)
from custom_components.home_flex.core.events.model import Command, PayloadType, Source
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Reading,
    Setpoint,
    Site,
)

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
STEP_S = 0.25
SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.30"),
    export_price_per_kwh=Decimal("0.08"),
)


def command(
    kind: PayloadType,
    value: float,
    *,
    source: Source = Source.AGGREGATOR,
    event_id: str = "event",
    priority: int | None = 1,
    lasts_s: float = 3600,
    is_energy: bool = False,
    baseline_w: float | None = None,
) -> Command:
    return Command(
        event_id=event_id,
        source=source,
        priority=priority,
        type=kind,
        value=value,
        is_energy=is_energy,
        baseline_w=baseline_w,
        interval_end=START + timedelta(seconds=lasts_s),
    )


def insisting(device_id: str) -> Demand:
    """Let the resident want a device's full power."""
    return Demand(
        owner=Owner.RESIDENT,
        scope=scope_of(device_id),
        asks=Envelope(low_w=math.inf),
        reason="charge_now",
        standing=True,
    )


def keeping(device_id: str) -> Demand:
    """Let the resident keep what is left in a battery."""
    return Demand(
        owner=Owner.RESIDENT,
        scope=scope_of(device_id),
        asks=Envelope(low_w=0.0),
        reason="reserve",
        standing=True,
    )


@dataclass(kw_only=True)
class Actuator:
    """Power that follows a value after a delay, at a ramp; its reading is taken every ``period_s``.

    What it was told ends by itself ``lasts_s`` after it was written; ``tells`` whether it is set at all.
    """

    kind: DeviceKind
    wired: tuple[int, ...]
    delay_s: float
    ramp_w_per_s: float
    period_s: float
    power_w: float = 0.0
    deaf: bool = False
    refuses: bool = False
    refusals: int = 0
    refused_s: float | None = None
    lost: bool = False
    lasts_s: float = math.inf
    tells: bool = False
    value: float | None = None
    value_s: float = -math.inf
    written: Setpoint | None = None
    written_s: float | None = None
    changed_s: float | None = None
    heard_s: float = -1.0
    reading: Reading | None = None
    writes: int = 0
    reserve: float = 0.0
    charge_now: bool = False
    pace: Pace | None = None
    queue: deque[tuple[float, float | None]] = field(default_factory=deque)

    def write(self, setpoint: Setpoint, time_s: float) -> None:
        if self.refuses:
            self.refusals, self.refused_s = self.refusals + 1, time_s
            return
        self.refusals, self.refused_s = 0, None
        if self.written is None or self.written.value != setpoint.value:
            self.changed_s = time_s
            self.writes += 1
        self.written, self.written_s = setpoint, time_s
        self.queue.append((time_s + self.delay_s, setpoint.value))

    def step(self, time_s: float, target_w: float) -> None:
        while self.queue and self.queue[0][0] <= time_s:
            value = self.queue.popleft()[1]
            if not self.deaf:
                self.value, self.value_s = value, time_s
        if time_s - self.value_s >= self.lasts_s:
            self.value = None
        reach = self.ramp_w_per_s * STEP_S
        self.power_w += min(max(target_w - self.power_w, -reach), reach)


# The charger has shown how soon it answers; a new one is let in more carefully.
_KNOWN = ControlMemory(devices={"charger": DeviceMemory(response=Response(full_s=(2.0,)))})


@dataclass(kw_only=True)
class House:
    """Base load on phase 1 to 3, PV, battery and charging car; ``run`` steps it and lets the arbiter act."""

    base_w: float = 500.0
    noise_w: float = 20.0
    sun_w: float = 0.0
    battery_own_w: float = 0.0
    soc: float = 0.6
    capacity_wh: float = 10000.0
    car_max_a: float = 0.0
    car_phases: int = 3
    car_over_a: float = 0.0
    site: Site = SITE
    seed: int = 1
    base_phases: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)
    time_s: float = 0.0
    meter_lost: bool = False
    meter: MeterReading | None = None
    meter_heard_s: float = -1.0
    memory: ControlMemory = field(default_factory=lambda: _KNOWN)
    decision: Decision | None = None
    trace: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 # a repeatable house, no secret
        self.battery = Actuator(
            kind=DeviceKind.BATTERY, wired=(1, 2, 3), delay_s=0.3, ramp_w_per_s=10000, period_s=1.0
        )
        self.pv = Actuator(kind=DeviceKind.PV, wired=(1, 2, 3), delay_s=0.4, ramp_w_per_s=6000, period_s=1.0)
        self.charger = Actuator(
            kind=DeviceKind.EV_CHARGER, wired=(1, 2, 3), delay_s=0.7, ramp_w_per_s=6000, period_s=3.0
        )
        self.pv.power_w = -self.sun_w
        self.battery.power_w = self.battery_own_w
        self.charger.power_w = self.car_a() * 230 * self.car_phases

    @property
    def devices(self) -> dict[str, Actuator]:
        return {"battery": self.battery, "pv": self.pv, "charger": self.charger}

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.time_s)

    def car_a(self) -> float:
        value = 16.0 if self.charger.value is None else self.charger.value
        return min(value + self.car_over_a, self.car_max_a) if value >= 6.0 else 0.0

    def run(self, seconds: float, *commands: Command, tick_s: float = 1.0) -> list[float]:
        """Run on with ``commands`` in force; return the meter's power each second."""
        powers = []
        end = self.time_s + seconds
        while self.time_s < end - 1e-9:
            self._step()
            if self.time_s % tick_s < 1e-9:
                self._decide(commands)
            if self.time_s % 1.0 < 1e-9:
                powers.append(self.grid_w)
        return powers

    def _step(self) -> None:
        self.time_s += STEP_S
        if self.time_s % 1.0 < 1e-9:
            self.noise = self.random.gauss(0, self.noise_w)
        base_w = self.base_w + getattr(self, "noise", 0.0)
        own = self.battery_own_w if self.battery.value is None else self.battery.value
        if (own < 0 and self.soc <= 0) or (own > 0 and self.soc >= 1):
            own = 0.0
        self.battery.step(self.time_s, min(max(own, -5000), 5000))
        limit = 10000.0 if self.pv.value is None else self.pv.value
        self.pv.step(self.time_s, -min(self.sun_w, limit))
        self.charger.step(self.time_s, self.car_a() * 230 * self.car_phases)
        self.soc = min(1.0, max(0.0, self.soc + self.battery.power_w * STEP_S / 3600 / self.capacity_wh))
        phases = [base_w * part for part in self.base_phases]
        for device in self.devices.values():
            wired = device.wired[: self.car_phases] if device is self.charger else device.wired
            for phase in wired:
                phases[phase - 1] += device.power_w / len(wired)
        self.phases = phases
        self.grid_w = sum(phases)
        self._read()
        self.trace.append((self.time_s, self.grid_w))

    def _read(self) -> None:
        if self.time_s % 1.0 < 1e-9 and not self.meter_lost:
            self.meter_heard_s = self.time_s
            self.meter = MeterReading(
                time=self.now, power_w=round(self.grid_w), phase_power_w=tuple(map(round, self.phases))
            )
        for offset, device in enumerate(self.devices.values()):
            if device.lost:
                device.reading = None
            elif (self.time_s + 0.25 * (offset + 1)) % device.period_s < 1e-9 or device.reading is None:
                device.reading, device.heard_s = self._reading(device), self.time_s

    def _reading(self, device: Actuator) -> Reading:
        if device is self.battery:
            return BatteryReading(
                time=self.now,
                power_w=device.power_w,
                state_of_charge=self.soc,
                capacity_wh=self.capacity_wh,
                max_charge_w=5000,
                max_discharge_w=5000,
                power_setpoint_w=device.value if device.tells else None,
            )
        if device is self.pv:
            return PvReading(time=self.now, power_w=device.power_w, rated_power_w=8000)
        current = device.power_w / 230 / self.car_phases
        status = ChargerStatus.CHARGING if self.car_max_a else ChargerStatus.AVAILABLE
        return ChargerReading(
            time=self.now,
            power_w=device.power_w,
            status=status,
            phases=3,
            min_current_a=6,
            max_current_a=16,
            phase_current_a=tuple(current if phase < self.car_phases else 0.0 for phase in range(3)),
        )

    def state(self) -> SiteState:
        return SiteState(
            site=self.site,
            meter=self.meter,
            meter_heard_s=self.meter_heard_s,
            devices=tuple(
                DeviceState(
                    device_id=name,
                    kind=device.kind,
                    wired_phases=device.wired,
                    reading=device.reading,
                    heard_s=device.heard_s,
                    written=device.written,
                    written_s=device.written_s,
                    changed_s=device.changed_s,
                    refusals=device.refusals,
                    refused_s=device.refused_s,
                    pace=device.pace,
                )
                for name, device in self.devices.items()
            ),
        )

    def demands(self, commands: tuple[Command, ...]) -> tuple[Demand, ...]:
        wished = [insisting(name) for name, device in self.devices.items() if device.charge_now]
        if self.soc <= self.battery.reserve + 0.01:
            wished.append(keeping("battery"))
        return (*demands(commands, self.now), *wished)

    def _decide(self, commands: tuple[Command, ...]) -> None:
        self.decision, self.memory = arbitrate(self.state(), self.demands(commands), self.memory, self.time_s)
        for setpoint in self.decision.setpoints:
            self.devices[setpoint.device_id].write(setpoint, self.time_s)
