"""A house: connection, loads, meter and devices, stepped together."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from .battery import Battery, BatterySpec
from .breaker import Breaker
from .charger import Charger, ChargerSpec
from .exchange import VOLTAGE_V, DeviceFacts, Order, Report, SiteFacts
from .load import Load
from .meter import Heard, Meter, MeterSpec
from .pv import Pv, PvSpec

STEP_S = 0.25
# Devices are not read all at once.
_READ_APART_S = 0.25

type DeviceSpec = BatterySpec | PvSpec | ChargerSpec
type Device = Battery | Pv | Charger


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseSpec:
    """A house as it is before anything happens; everything random in it follows from ``seed``."""

    load: Load
    devices: tuple[DeviceSpec, ...]
    meter: MeterSpec = field(default_factory=MeterSpec)
    site: SiteFacts = field(default_factory=lambda: SiteFacts(phases=3, fuse_a=25.0))
    seed: int = 1
    step_s: float = STEP_S


class House:
    """A house at one moment. ``heard`` is the last telegram, ``reports`` the last of each device."""

    def __init__(self, spec: HouseSpec) -> None:
        """Stand at second 0 with nothing heard yet."""
        self.spec = spec
        self.now_s = 0.0
        self.heard: Heard | None = None
        self.reports: dict[str, Report] = {}
        self.rest_w = 0.0
        self.phase_w: tuple[float, ...] = (0.0,) * spec.site.phases
        self.breakers = tuple(Breaker(spec.site.fuse_a) for _ in range(spec.site.phases))
        self.devices: Mapping[str, Device] = {
            one.device_id: _built(one, _chance(spec, one.device_id), _READ_APART_S * (3 - number % 4))
            for number, one in enumerate(spec.devices)
        }
        self._meter = Meter(spec.meter, _chance(spec, "meter"))
        self._chance = _chance(spec, "load")
        self._noise_w = 0.0

    @property
    def facts(self) -> tuple[DeviceFacts, ...]:
        """What its owner knows of the devices."""
        return tuple(device.facts for device in self.devices.values())

    @property
    def grid_w(self) -> float:
        """The true power at the connection."""
        return sum(self.phase_w)

    @property
    def phase_a(self) -> tuple[float, ...]:
        """The true currents at the connection."""
        return tuple(power_w / VOLTAGE_V for power_w in self.phase_w)

    def order(self, order: Order) -> None:
        """Write an order to its device."""
        self.devices[order.device_id].order(order, self.now_s)

    def step(self) -> bool:
        """Go on by one step; return whether a telegram was heard."""
        seconds = self.spec.step_s
        self.now_s += seconds
        if self.spec.load.noise_w and self.now_s % 1.0 < seconds - 1e-9:
            self._noise_w = self._chance.gauss(0.0, self.spec.load.noise_w)
        phases = self.spec.site.phases
        drawn = [power_w + self._noise_w / phases for power_w in self.spec.load.at(self.now_s)]
        self.rest_w = sum(drawn)
        # A battery's own sensor shows what it has not answered yet.
        seen_w = self.rest_w + sum(device.power_w for device in self.devices.values())
        for device in self.devices.values():
            device.step(self.now_s, seconds, seen_w)
            for phase, power_w in enumerate(device.phase_w(phases)):
                drawn[phase] += power_w
        self.phase_w = tuple(drawn)
        for breaker, current_a in zip(self.breakers, self.phase_a, strict=True):
            breaker.step(current_a, seconds)
        return self._listen()

    def _listen(self) -> bool:
        for device_id, device in self.devices.items():
            report = device.report(self.now_s)
            if report is not None:
                self.reports[device_id] = report
        heard = self._meter.step(self.now_s, self.phase_w, self.rest_w)
        self.heard = heard or self.heard
        return heard is not None


def _chance(spec: HouseSpec, part: str) -> random.Random:
    return random.Random(f"{spec.seed} {part}")  # noqa: S311 # a repeatable house, no secret


def _built(spec: DeviceSpec, chance: random.Random, first_report_s: float) -> Device:
    match spec:
        case BatterySpec():
            return Battery(spec, chance, first_report_s)
        case PvSpec():
            return Pv(spec, chance, first_report_s)
        case ChargerSpec():
            return Charger(spec, chance, first_report_s)
