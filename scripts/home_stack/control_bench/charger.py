"""A charger and the car on it: whole amperes from 6 A, a car that may sleep, want less, or use one phase."""

import math
import random
from dataclasses import dataclass, field

from .channel import Channel, Rhythm
from .exchange import VOLTAGE_V, DeviceFacts, Kind, Order, Report
from .response import Inbox, Response

SMALLEST_A = 6.0
STEP_A = 1.0
# A contactor stays open this long when the number of phases changes.
SWITCHING_S = 45.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CarSpec:
    """A car that takes up to ``max_a`` on ``phases`` until it holds ``needs_wh`` more.

    It comes at ``arrives_s`` and begins ``wakes_s`` after it may; it does not begin below ``least_a``.
    """

    phases: int = 3
    max_a: float = 16.0
    needs_wh: float = math.inf
    arrives_s: float = 0.0
    wakes_s: float = 0.0
    least_a: float = SMALLEST_A


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerSpec:
    """A charger with its car; ``tells_phases``: it reports current per phase."""

    device_id: str = "charger"
    wired: tuple[int, ...] = (1, 2, 3)
    max_a: float = 16.0
    car: CarSpec = field(default_factory=CarSpec)
    response: Response = field(default_factory=Response)
    rhythm: Rhythm = field(default_factory=lambda: Rhythm(period_s=3.0))
    tells_phases: bool = True
    switches_phases: bool = False
    charging: bool = True


class Charger:
    """A charger at one moment; ``starts_s`` is when its contactor closed."""

    def __init__(self, spec: ChargerSpec, chance: random.Random, first_report_s: float) -> None:
        """Start as the spec says: charging at full current, or not yet."""
        self.spec = spec
        self.phases = len(spec.wired)
        self.amperes = 0.0
        self.charged_wh = 0.0
        self.starts_s: list[float] = []
        self._may_a = 0.0
        self._value: float | None = None
        self.told: float | None = None
        self._inbox = Inbox(spec.response)
        self._awake_s = -math.inf if spec.charging and spec.car.arrives_s <= 0.0 else math.inf
        self._open_until_s = -math.inf
        self._reports = Channel[Report](spec.rhythm, chance, first_report_s)
        self._now_s = 0.0
        self.power_w = self._aim_a(0.0) * VOLTAGE_V * self.used_phases
        self.amperes = self.power_w / VOLTAGE_V / self.used_phases

    @property
    def facts(self) -> DeviceFacts:
        """What its owner knows."""
        return DeviceFacts(
            device_id=self.spec.device_id,
            kind=Kind.CHARGER,
            wired=self.spec.wired,
            rated=self.spec.max_a,
            smallest_a=SMALLEST_A,
            switches_phases=self.spec.switches_phases,
        )

    @property
    def step_w(self) -> float:
        """The coarsest change it makes."""
        return STEP_A * VOLTAGE_V * self.used_phases

    @property
    def used_phases(self) -> int:
        """On how many phases the car charges."""
        return min(self.spec.car.phases, self.phases)

    @property
    def hungry(self) -> bool:
        """Whether a car is there and not full."""
        return self._now_s >= self.spec.car.arrives_s and self.charged_wh < self.spec.car.needs_wh

    @property
    def most_a(self) -> float:
        """What the car would draw per phase if it were let."""
        return min(self.spec.car.max_a, self.spec.max_a)

    def beyond(self, value: float) -> bool:  # noqa: ARG002 # a limit above what the car takes binds nothing
        """No limit asks more than it gives."""
        return False

    def order(self, order: Order, now_s: float) -> None:
        """Accept a current, and a number of phases, for which the contactor opens."""
        self.told = order.value
        self._inbox.write(order.value, now_s, order.expires_in_s)
        if self.spec.switches_phases and order.phases is not None and order.phases != self.phases:
            self.phases = order.phases
            self._open_until_s = now_s + SWITCHING_S

    def step(self, now_s: float, seconds: float, grid_w: float) -> None:  # noqa: ARG002 # it has no sensor at the meter
        """Go on for ``seconds``."""
        self._now_s = now_s
        before_w = self.power_w
        aim_w = self._aim_a(now_s) * VOLTAGE_V * self.used_phases
        moved_w = self.spec.response.moved(self.power_w, aim_w, seconds)
        self.power_w = 0.0 if aim_w == 0.0 and abs(moved_w) < SMALLEST_A * VOLTAGE_V else moved_w
        if self.power_w > 0.0 and before_w <= 0.0:
            self.starts_s.append(now_s)
        self.amperes = self.power_w / VOLTAGE_V / self.used_phases
        self.charged_wh += self.power_w * seconds / 3600.0

    def report(self, now_s: float) -> Report | None:
        """Return what is delivered now."""
        return self._reports.step(now_s, lambda: self._sample(now_s))

    def phase_w(self, phases: int) -> list[float]:
        """Return its power per phase of the site."""
        on = [phase for phase in self.spec.wired if phase <= phases][: self.used_phases]
        return [self.power_w / len(on) if phase in on else 0.0 for phase in range(1, phases + 1)]

    def _aim_a(self, now_s: float) -> float:
        """Return the current the car aims at now."""
        car = self.spec.car
        self._value = self._inbox.value(now_s)
        told_a = self.spec.max_a if self._value is None else _whole_a(self._value)
        self._may_a = min(told_a, self.spec.max_a) if told_a >= SMALLEST_A - 1e-6 else 0.0
        if not self.hungry or self._may_a < car.least_a or now_s < self._open_until_s:
            self._awake_s = math.inf
            return 0.0
        if math.isinf(self._awake_s) and self._awake_s > 0.0:
            self._awake_s = now_s + car.wakes_s
        return min(self._may_a, car.max_a) if now_s >= self._awake_s else 0.0

    def _sample(self, now_s: float) -> Report:
        amperes = round(self.amperes, 1)
        return Report(
            heard_s=now_s + self.spec.rhythm.age_s,
            power_w=float(round(self.power_w)),
            value=self._value,
            status=self._status(),
            phases=self.phases,
            phase_a=tuple(
                amperes if number < self.used_phases else 0.0 for number in range(len(self.spec.wired))
            )
            if self.spec.tells_phases
            else (),
            session_wh=self.charged_wh,
        )

    def _status(self) -> str:
        if self._now_s < self.spec.car.arrives_s:
            return "Available"
        if self.power_w > 0.0:
            return "Charging"
        return "SuspendedEVSE" if self._may_a < SMALLEST_A else "SuspendedEV"


def _whole_a(current_a: float) -> float:
    """Return what a charger makes of a current: whole steps, never more than it was told."""
    return math.floor(current_a / STEP_A + 1e-6) * STEP_A
