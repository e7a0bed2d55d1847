"""A day of a story lived through: plans made anew at each step, carried out by the real control on a plant.

A step rests within itself, so that seconds may pass faster than energy: of each so many ticks are lived.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode, ChargeWish
from custom_components.home_flex.core.control.demand import SITE, Demand, Envelope
from custom_components.home_flex.core.control.policy import LeaveAlone
from custom_components.home_flex.core.control.reserve import ReserveWish
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.model import (
    DeviceKind,
    Owner,
    Quantity,
    Reading,
    Setpoint,
    Site,
    TimeGrid,
)
from custom_components.home_flex.core.planner import LimitOwner, Plan, Problem
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.runtime.planning.steering import planned_demands, steered

from .plant import PHASES, VOLTAGE, Plant, Truth

TICK_S = 5.0
TICKS = 20
_SITE = Site(
    name="Home",
    currency="EUR",
    phases=PHASES,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.30"),
    export_price_per_kwh=Decimal("0.08"),
)
_OWNERS = {LimitOwner.GRID_OPERATOR: Owner.GRID_OPERATOR, LimitOwner.EVENT: Owner.AGGREGATOR}


@dataclass(kw_only=True)
class Day:
    """What came of a day: energies at the meter by step, what it cost, and what was stored by each step."""

    net_wh: list[float] = field(default_factory=list)
    most_w: list[float] = field(default_factory=list)
    car_wh: list[float] = field(default_factory=list)
    stored_wh: list[float] = field(default_factory=list)
    starts: int = 0
    cost: float = 0.0


@dataclass(kw_only=True)
class Living:
    """Lives through a day. ``follows`` False: nobody plans, and every device goes by its rules."""

    problem: Problem
    truth: Truth
    follows: bool = True
    planner: Planner = field(default_factory=lambda: Planner(limit_s=20.0))
    memory: ControlMemory = field(default_factory=ControlMemory)
    written: dict[str, tuple[Setpoint, float, float]] = field(default_factory=dict)
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.plant = Plant(problem=self.problem, truth=self.truth)

    def day(self) -> Day:
        """Live from the first step to the last."""
        day, plan = Day(), None
        for step, length_s in enumerate(self.problem.grid.lengths_s):
            if self.follows:
                plan = self.planner.plan(_from(self.problem, step, self.plant), plan)
            net_wh, most_w = 0.0, -math.inf
            for tick in range(TICKS):
                seconds = length_s / TICKS
                now = self.problem.grid.bounds()[step] + timedelta(seconds=tick * seconds)
                was_charging = self.plant.car_w > 0.0
                self.plant.run(step, seconds)
                self._control(plan, step, now)
                day.starts += self.plant.car_w > 0.0 and not was_charging
                net_wh += self.plant.grid_w * seconds / 3600
                # Until the first orders are carried out a step is still as the one before.
                if tick > 1:
                    most_w = max(most_w, self.plant.grid_w)
                day.cost += self._cost(step, seconds)
            day.net_wh.append(net_wh)
            day.most_w.append(most_w)
            day.car_wh.append(self.plant.car_wh)
            day.stored_wh.append(self.plant.stored_wh)
        return day

    def _cost(self, step: int, seconds: float) -> float:
        signals = self.problem.signals
        prices = signals.import_per_kwh if self.plant.grid_w > 0.0 else signals.export_per_kwh
        price = prices[step] if math.isfinite(prices[step]) else 0.0
        return price * self.plant.grid_w * seconds / 3_600_000

    def _control(self, plan: Plan | None, step: int, now: datetime) -> None:
        self.now_s += TICK_S
        devices = tuple(
            one if plan is None else steered(one, plan, now, voltage_v=VOLTAGE)
            for one in self._devices(step, now)
        )
        state = SiteState(
            site=_SITE, meter=self.plant.meter_reading(), meter_heard_s=self.now_s, devices=devices
        )
        demands = (*_limits(self.problem, step), *(() if plan is None else planned_demands(plan, now)))
        decision, self.memory = arbitrate(state, demands, self.memory, self.now_s)
        for setpoint in decision.setpoints:
            self._write(setpoint)

    def _write(self, setpoint: Setpoint) -> None:
        known = self.written.get(setpoint.device_id)
        changed_s = known[2] if known is not None and known[0].value == setpoint.value else self.now_s
        self.written[setpoint.device_id] = setpoint, self.now_s, changed_s
        match setpoint.quantity:
            case Quantity.POWER_W:
                self.plant.battery_told_w = setpoint.value
            case Quantity.CURRENT_LIMIT_A:
                self.plant.car_told_a = setpoint.value
            case Quantity.PRODUCTION_LIMIT_W:
                self.plant.sun_told_w = setpoint.value

    def _devices(self, step: int, now: datetime) -> Iterator[DeviceState]:
        if (battery := self.plant.battery) is not None:
            state = self._state(battery.device_id, DeviceKind.BATTERY, self.plant.battery_reading(battery))
            yield replace(state, reserve=ReserveWish(reserve=battery.reserve_wh / battery.capacity_wh))
        if (car := self.plant.car) is not None:
            state = self._state(car.device_id, DeviceKind.EV_CHARGER, self.plant.car_reading(car))
            left_wh = car.need_wh - self.plant.car_wh
            ready = self.problem.grid.bounds()[car.ready_step]
            goal = ChargeGoal(left_wh=left_wh, deadline_s=(ready - now).total_seconds())
            goals = (goal,) if left_wh > 0.0 and step < car.ready_step else ()
            mode = ChargeMode.SURPLUS if self.follows else ChargeMode.FAST
            yield replace(state, charge=ChargeWish(mode=mode, goals=goals))
        for pv in self.problem.pv:
            yield self._state(pv.device_id, DeviceKind.PV, self.plant.sun_reading())

    def _state(self, device_id: str, kind: DeviceKind, reading: Reading) -> DeviceState:
        written, written_s, changed_s = self.written.get(device_id, (None, None, None))
        return DeviceState(
            device_id=device_id,
            kind=kind,
            wired_phases=(1, 2, 3),
            reading=reading,
            heard_s=self.now_s,
            written=written,
            written_s=written_s,
            changed_s=changed_s,
            policy=LeaveAlone(),
        )


def _limits(problem: Problem, step: int) -> Iterator[Demand]:
    for limit in problem.meter_limits:
        if (owner := _OWNERS.get(limit.owner)) is not None:
            asks = Envelope(low_w=-limit.export_w[step], high_w=limit.import_w[step])
            yield Demand(owner=owner, scope=SITE, asks=asks, reason="limit", source_id=limit.limit_id)


def _from(problem: Problem, step: int, plant: Plant) -> Problem:
    """Return what is left of a story from a step on, with what the plant holds by then."""
    signals, grid = problem.signals, problem.grid
    carbon = signals.carbon_g_per_kwh
    return replace(
        problem,
        grid=TimeGrid(start=grid.bounds()[step], lengths_s=grid.lengths_s[step:]),
        signals=replace(
            signals,
            import_per_kwh=signals.import_per_kwh[step:],
            export_per_kwh=signals.export_per_kwh[step:],
            carbon_g_per_kwh=None if carbon is None else carbon[step:],
        ),
        load_w=problem.load_w[step:],
        meter_limits=tuple(
            replace(one, import_w=one.import_w[step:], export_w=one.export_w[step:])
            for one in problem.meter_limits
        ),
        pv=tuple(replace(one, available_w=one.available_w[step:]) for one in problem.pv),
        batteries=tuple(replace(one, stored_wh=plant.stored_wh) for one in problem.batteries),
        consumers=tuple(
            replace(
                one,
                available=one.available[step:],
                need_wh=max(0.0, one.need_wh - plant.car_wh) if step < one.ready_step else 0.0,
                room_wh=max(0.0, one.room_wh - plant.car_wh),
                ready_step=max(1, one.ready_step - step),
                power_w=plant.car_w,
            )
            for one in problem.consumers
        ),
    )
