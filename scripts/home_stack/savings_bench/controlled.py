"""The house under the real control, which follows a plan that is made anew each half-hour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode, ChargeWish
from custom_components.home_flex.core.control.policy import LeaveAlone
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.forecast import (
    History,
    LookAhead,
    When,
    back_at,
    load_ahead,
    production_ahead,
)
from custom_components.home_flex.core.model import (
    DeviceKind,
    Quantity,
    Setpoint,
    Site,
    TimeGrid,
    tiers,
)
from custom_components.home_flex.core.planner.plan import Plan
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Signals
from custom_components.home_flex.core.signals import Signal, SignalKind, Slot, with_guess
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.outlook import Outlook
from custom_components.home_flex.runtime.planning.prices import planned_signals
from custom_components.home_flex.runtime.planning.steering import planned_demands, steered

from ..home_series import PLACE, ZONE
from .house import CAR_LEAVES_H, CAR_NEED_WH, House
from .rules import car_is_there, money
from .season import STEP_S, Season, export_price, import_price, known_until

TICK_S: Final = 5.0
_TICKS: Final = round(STEP_S / TICK_S)
_SITE: Final = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.25"),
    export_price_per_kwh=Decimal("0.05"),
)
_KINDS: Final = {
    "battery": DeviceKind.BATTERY,
    "roof": DeviceKind.PV,
    "car": DeviceKind.EV_CHARGER,
}
_PAST: Final = timedelta(days=21)


@dataclass(kw_only=True)
class Outcome:
    """What came of some days: the cost of each step, and how the plan and the car fared."""

    costs: list[float] = field(default_factory=list)
    stored_wh: float = 0.0
    short_wh: float = 0.0
    starts: int = 0
    writes: int = 0
    not_solved: int = 0


@dataclass(kw_only=True)
class Controlled:
    """A season under control."""

    season: Season
    house: House
    planner: Planner = field(default_factory=Planner)
    outcome: Outcome = field(default_factory=Outcome)
    memory: ControlMemory = field(default_factory=ControlMemory)
    plan: Plan | None = None
    load_ahead: LookAhead | None = None
    sun_ahead: LookAhead | None = None
    now_s: float = 0.0
    written: dict[str, tuple[Setpoint, float, float]] = field(default_factory=dict)

    def run(self, on_step: Callable[[int], None] = lambda _: None) -> Outcome:
        """Live through the season."""
        for step in range(self.season.steps):
            self._half_hour(step)
            on_step(step)
        self.outcome.stored_wh = self.house.stored_wh
        return self.outcome

    def _half_hour(self, step: int) -> None:
        time = self.season.time(step)
        self.outcome.short_wh += self.house.plug(there=car_is_there(time))
        plan = self._make_plan(step, time)
        cost = 0.0
        for tick in range(_TICKS):
            now = time + timedelta(seconds=TICK_S * tick)
            self.now_s += TICK_S
            was_charging = self.house.car_w > 0
            self.house.run(self.season.load_w(step), self.season.sun_w(step), TICK_S)
            self.outcome.starts += self.house.car_w > 0 and not was_charging
            cost += money(time, self.house, TICK_S)
            self._control(plan, now)
        self.outcome.costs.append(cost)

    def _make_plan(self, step: int, now: datetime) -> Plan:
        grid = tiers(now)
        load, sun = self.season.seen(step)
        when = When(now=now, grid=grid)
        self.load_ahead = load_ahead(load, ZONE, {}, when, self.load_ahead)
        self.sun_ahead = production_ahead(sun, PLACE, None, when, self.sun_ahead)
        outlook = Outlook(
            signals=signals_at(now, grid),
            load=self.load_ahead.forecast,
            production={} if self.sun_ahead.forecast is None else {"roof": self.sun_ahead.forecast},
            back_at={} if (back := back_at(_car_seen(now), ZONE, {}, now)) is None else {"car": back},
        )
        home = Home(site=_SITE, network=None, devices=self._devices(now), asked_in=lambda _: ())
        before = self.plan
        self.plan = self.planner.plan(problem_of(home, grid, outlook, now), before)
        self.outcome.not_solved += self.plan.status.value != "solved"
        return self.plan

    def _control(self, plan: Plan, now: datetime) -> None:
        readings = self._devices(now)
        state = SiteState(
            site=_SITE,
            meter=self.house.meter(now),
            meter_heard_s=self.now_s,
            devices=tuple(steered(one, plan, now, voltage_v=230.0) for one in readings),
        )
        decision, self.memory = arbitrate(state, planned_demands(plan, now), self.memory, self.now_s)
        for setpoint in decision.setpoints:
            self._write(setpoint)

    def _write(self, setpoint: Setpoint) -> None:
        known = self.written.get(setpoint.device_id)
        is_new = known is None or known[0].value != setpoint.value
        changed_s = self.now_s if is_new or known is None else known[2]
        self.written[setpoint.device_id] = setpoint, self.now_s, changed_s
        self.outcome.writes += is_new
        match setpoint.quantity:
            case Quantity.POWER_W:
                self.house.battery_told_w = setpoint.value
            case Quantity.CURRENT_LIMIT_A:
                self.house.car_told_a = setpoint.value
            case Quantity.PRODUCTION_LIMIT_W:
                self.house.sun_limit_w = setpoint.value

    def _devices(self, now: datetime) -> Sequence[DeviceState]:
        readings = {
            "battery": self.house.battery(now),
            "roof": self.house.roof(now),
            "car": self.house.charger(now),
        }
        return [self._state(device_id, now, reading=reading) for device_id, reading in readings.items()]

    def _state(self, device_id: str, now: datetime, *, reading: object) -> DeviceState:
        written, written_s, changed_s = self.written.get(device_id, (None, None, None))
        state = DeviceState(
            device_id=device_id,
            kind=_KINDS[device_id],
            wired_phases=(1, 2, 3),
            reading=reading,  # type: ignore[arg-type] # one of the three
            heard_s=self.now_s,
            written=written,
            written_s=written_s,
            changed_s=changed_s,
            policy=LeaveAlone(),
        )
        return replace(state, charge=self._wish(now)) if device_id == "car" else state

    def _wish(self, now: datetime) -> ChargeWish:
        left_wh = CAR_NEED_WH - (self.house.car_wh if self.house.car_there else 0.0)
        if left_wh <= 0.0:
            return ChargeWish(mode=ChargeMode.SURPLUS)
        goal = ChargeGoal(left_wh=left_wh, deadline_s=(leaves_at(now) - now).total_seconds())
        return ChargeWish(mode=ChargeMode.SURPLUS, goals=(goal,))


def _car_seen(now: datetime) -> History:
    """Return whether the car was there in each half-hour of the last weeks."""
    steps = int(_PAST.total_seconds()) // STEP_S
    there = [float(car_is_there(now - timedelta(seconds=STEP_S * back))) for back in range(steps, 0, -1)]
    return History(start=now - _PAST, step_s=STEP_S, values_w=np.array(there))


def leaves_at(now: datetime) -> datetime:
    """Return when the car leaves next."""
    local = now.astimezone(ZONE)
    at = local.replace(hour=CAR_LEAVES_H, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def signals_at(now: datetime, grid: TimeGrid) -> Signals:
    """Return the prices as they are known at a moment, and guessed beyond that."""
    until = known_until(now)
    signals = []
    for kind, price in ((SignalKind.IMPORT_PRICE, import_price), (SignalKind.EXPORT_PRICE, export_price)):
        slots = []
        at = (now - _PAST).replace(minute=0)
        while at < until:
            end = at + timedelta(hours=1)
            value = Decimal(str(round(price(at), 6)))
            slots.append(Slot(start=at, end=end, value=value, known_at=at, source="day-ahead"))
            at = end
        signal = Signal(kind=kind, unit="EUR/kWh", slots=tuple(slots))
        signals.append(with_guess(signal, signal, now, grid.end, ZONE))
    return planned_signals(grid, *signals)


def changed_wh(before: Plan, after: Plan) -> float:
    """Return how much energy the new plan has elsewhere in the steps that both have."""
    total = 0.0
    for index, step in enumerate(after.grid):
        old = before.grid.index_at(step.start)
        if old is None:
            continue
        for device_id, device in after.devices.items():
            if device.kind is not DeviceKind.PV and (other := before.devices.get(device_id)) is not None:
                hours = after.grid.lengths_h[index]
                total += abs(device.power_w[index] - other.power_w[old]) * hours / 2
    return total
