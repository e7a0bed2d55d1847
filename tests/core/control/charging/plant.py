"""Sun, a house, and cars at their chargers, to close the loop with; it shares only the model's types.

Sign: positive = consumption. The meter is late, limits go out as a driver would send them, vehicles need a
while to start, and a charger that changes its phases keeps its contactor open meanwhile.
"""

import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from custom_components.home_flex.core.control.charging import (
    ChargeGoal,
    ChargeIntent,
    ChargeMode,
    ChargerInput,
    ChargingMemory,
    Room,
    Supply,
    decide,
)
from custom_components.home_flex.core.model import ChargerStatus

STEP_S = 5
VOLTS = 230.0


def clouds(seed: int, mean_s: float | None, peak_w: float, hours: float = 8.0) -> list[float]:
    """Return what is left of the sun for cars, W per step: clear or clouded, less a house that cooks."""
    rng = random.Random(seed)  # noqa: S311 # a cloud needs no secrecy
    steps = int(hours * 3600 / STEP_S)
    surplus, clear, level, change_s = [], True, 1.0, 0.0
    kettle_until = oven_until = -1.0
    for step in range(steps):
        at_s = step * STEP_S
        if mean_s is not None and at_s >= change_s:
            clear = not clear
            level = 1.0 if clear else rng.uniform(0.1, 0.5)
            change_s = at_s + rng.expovariate(1.0 / mean_s)
        if rng.random() < STEP_S / 2400:
            kettle_until = at_s + 180
        if rng.random() < STEP_S / 7200:
            oven_until = at_s + 1800
        house_w = 300.0 + 2000.0 * (at_s < kettle_until) + 2000.0 * (at_s < oven_until and at_s % 300 < 100)
        sun_w = peak_w * math.sin(math.pi * (0.1 + 0.8 * step / steps)) * level
        surplus.append(sun_w - house_w)
    return surplus


@dataclass(kw_only=True)
class Car:
    """A car at a charger: how it starts, what it takes, and what has happened to it."""

    id: str = "car"
    mode: ChargeMode = ChargeMode.SURPLUS
    phases: int = 3
    offered: tuple[int, ...] = (3,)
    wired: tuple[int, ...] = (1, 2, 3)
    largest_a: float = 16.0
    takes_a: float = 16.0
    least_a: float = 6.0
    start_s: float = 20.0
    need_wh: float = math.inf
    arrives_s: float = 0.0
    tells_currents: bool = True
    priority: int = 5
    deadline_s: float | None = None
    asleep_until_s: float = 0.0
    limit_a: float | None = None
    connects: int = 0
    open_until_s: float = 0.0
    allowed_s: float | None = None
    current_a: float = 0.0
    closings: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    waits_s: float = 0.0
    longest_wait_s: float = 0.0
    charged_wh: float = 0.0

    def __post_init__(self) -> None:
        self.connects = self.connects or max(self.offered)

    @property
    def used(self) -> tuple[int, ...]:
        return self.wired[: min(self.phases, self.connects)]

    @property
    def power_w(self) -> float:
        return self.current_a * VOLTS * len(self.used)

    @property
    def missing_wh(self) -> float:
        return self.need_wh - self.charged_wh

    def move(self, at_s: float) -> None:
        limit_a = self.largest_a if self.limit_a is None else self.limit_a
        allowed = at_s >= self.arrives_s and limit_a >= self.least_a and at_s >= self.open_until_s
        self.allowed_s = None if not allowed else at_s if self.allowed_s is None else self.allowed_s
        awake = (
            self.allowed_s is not None
            and at_s - self.allowed_s >= self.start_s
            and at_s >= self.asleep_until_s
            and self.missing_wh > 0
        )
        before_a = self.current_a
        self.current_a = min(limit_a, self.takes_a) if awake else 0.0
        if self.current_a > 0 and before_a == 0:
            self.closings.append(at_s)
        self.charged_wh += self.power_w * STEP_S / 3600
        waiting = at_s >= self.arrives_s and self.missing_wh > 0 and self.current_a == 0
        self.waits_s = self.waits_s + STEP_S if waiting else 0.0
        self.longest_wait_s = max(self.longest_wait_s, self.waits_s)

    def obey(self, intent: ChargeIntent, at_s: float) -> None:
        """Write as a driver would: lower at once, raise seldom; change phases with the contactor open."""
        if intent.phases not in {None, self.connects} and self.current_a == 0:
            self.connects, self.open_until_s = intent.phases or 0, at_s + 45
        wanted_a = self.largest_a if intent.current_a is None else intent.current_a
        present_a = self.largest_a if self.limit_a is None else self.limit_a
        last_s = self.writes[-1] if self.writes else -math.inf
        raises = wanted_a >= present_a + 1
        starts = present_a == 0 and wanted_a > 0
        if wanted_a < present_a or (raises and at_s - last_s >= 30) or starts:
            self.limit_a = math.floor(wanted_a)
            self.writes.append(at_s)

    def told(self, at_s: float) -> ChargerInput:
        connected = at_s >= self.arrives_s
        drawing = self.current_a > 0
        currents = tuple(self.current_a if index < len(self.used) else 0.0 for index in range(3))
        return ChargerInput(
            device_id=self.id,
            connected=connected,
            status=ChargerStatus.CHARGING
            if drawing
            else ChargerStatus.PREPARING
            if connected
            else ChargerStatus.AVAILABLE,
            power_w=self.power_w,
            phase_current_a=currents if self.tells_currents else (),
            current_limit_a=self.limit_a,
            phases_in_force=self.connects if len(self.offered) > 1 else None,
            min_current_a=6.0,
            max_current_a=self.largest_a,
            offered_phases=self.offered,
            wired_phases=self.wired,
            mode=self.mode,
            priority=self.priority,
            goals=()
            if self.deadline_s is None
            else (ChargeGoal(left_wh=max(0.0, self.missing_wh), deadline_s=self.deadline_s - at_s),),
        )


@dataclass(kw_only=True)
class Run:
    """What came of it: energies in Wh, and the cars."""

    cars: Sequence[Car]
    solar_wh: float = 0.0
    grid_wh: float = 0.0
    used_share: list[float] = field(default_factory=list)
    intents: list[dict[str, ChargeIntent]] = field(default_factory=list)

    @property
    def grid_share(self) -> float:
        return self.grid_wh / max(1.0, self.grid_wh + self.solar_wh)

    @property
    def closings_in_worst_hour(self) -> int:
        return max(worst_hour(car.closings) for car in self.cars)


def worst_hour(times_s: Sequence[float]) -> int:
    return max((sum(1 for t in times_s if start <= t < start + 3600) for start in times_s), default=0)


def on_sun(
    cars: Sequence[Car], surplus: Sequence[float], *, late_s: int = 5, memory: ChargingMemory | None = None
) -> Run:
    """Charge on ``surplus``, seen ``late_s`` late."""
    run = Run(cars=cars)
    memory = memory or ChargingMemory()
    seen: deque[float] = deque([surplus[0]] * (late_s // STEP_S + 1), maxlen=late_s // STEP_S + 1)
    for step, surplus_w in enumerate(surplus):
        at_s = float(step * STEP_S)
        for car in cars:
            car.move(at_s)
        drawn_w = sum(car.power_w for car in cars)
        solar_w = min(drawn_w, max(0.0, surplus_w))
        run.solar_wh += solar_w * STEP_S / 3600
        run.grid_wh += (drawn_w - solar_w) * STEP_S / 3600
        seen.append(surplus_w)
        intents, memory = decide([car.told(at_s) for car in cars], Supply(surplus_w=seen[0]), memory, at_s)
        for car in cars:
            car.obey(intents[car.id], at_s)
        run.intents.append(dict(intents))
    return run


def on_fuse(
    cars: Sequence[Car],
    fuse_a: float,
    *,
    hours: float,
    house_a: Callable[[float], tuple[float, float, float]] = lambda _: (0.9, 0.9, 0.9),
    memory: ChargingMemory | None = None,
) -> Run:
    """Charge behind a fuse of ``fuse_a`` per phase, of which 2 % are kept."""
    run = Run(cars=cars)
    memory = memory or ChargingMemory()
    for step in range(int(hours * 3600 / STEP_S)):
        at_s = float(step * STEP_S)
        for car in cars:
            car.move(at_s)
        house = house_a(at_s)
        room = Room(
            members=frozenset(car.id for car in cars),
            phase_a=tuple(0.98 * fuse_a - house[phase] for phase in range(3)),
        )
        told = [car.told(at_s) for car in cars]
        intents, memory = decide(told, Supply(surplus_w=0.0, rooms=(room,)), memory, at_s)
        for car in cars:
            car.obey(intents[car.id], at_s)
        run.intents.append(dict(intents))
        if _contested(cars, at_s):
            phase_a = [house[p] + sum(c.current_a for c in cars if p + 1 in c.used) for p in range(3)]
            run.used_share.append(max(phase_a) / fuse_a)
    return run


def _contested(cars: Sequence[Car], at_s: float) -> bool:
    """Return whether somebody who wants more than he gets has been there for a while."""
    hungry = [car for car in cars if at_s >= car.arrives_s and car.missing_wh > 0]
    return any(car.current_a < car.takes_a for car in hungry)


def follower_wh(surplus: Sequence[float], phases: int, largest_a: float = 16.0) -> float:
    """Return the solar energy of a car that follows at once and continuously."""
    return sum(
        min(w, largest_a * VOLTS * phases) * STEP_S / 3600 for w in surplus if w >= 6.0 * VOLTS * phases
    )


def best_fixed_wh(surplus: Sequence[float]) -> float:
    """Return the follower's solar energy with the better fixed count of phases in each hour."""
    hour = 3600 // STEP_S
    hours = [surplus[start : start + hour] for start in range(0, len(surplus), hour)]
    return sum(max(follower_wh(part, 1), follower_wh(part, 3)) for part in hours)


def fresh(car: Car, **changes: object) -> Car:
    """Return a car like ``car`` that has lived through nothing yet."""
    return replace(car, closings=[], writes=[], **changes)  # type: ignore[arg-type] # fields by name
