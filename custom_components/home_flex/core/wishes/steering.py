"""What the wishes mean for each device's state: who may steer it, what a car gets, what a battery keeps."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import takewhile

from ..control.charging import ChargeGoal, ChargeWish
from ..control.policy import Off, Policy, Surplus
from ..control.reserve import ReserveWish
from ..control.state import DeviceState, FeedsCars
from ..kinds import KINDS
from ..model import ChargerReading, DeviceKind
from .comfort import comfortable
from .demands import reach
from .model import BatteryWishes, CarUse, ChargerWishes, LoadMode, PhaseWish, Wishes
from .ready_by import Goal, charge_mode, goals

_PHASES = {PhaseWish.AUTOMATIC: None, PhaseWish.ONE: 1, PhaseWish.THREE: 3}

_POLICIES: Mapping[LoadMode, Policy] = {LoadMode.SURPLUS: Surplus(), LoadMode.OFF: Off()}
# Above this state of charge vehicles charge slowly.
TAPER_FROM = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Car:
    """What is known of the car on a charger: its state of charge 0 to 1, and what its battery holds."""

    state_of_charge: float | None = None
    capacity_wh: float | None = None

    def missing_wh(self, target: float, above: float = 0.0) -> float | None:
        """Return what is missing to ``target``, of it what lies ``above``; None when nobody knows."""
        if self.state_of_charge is None or self.capacity_wh is None:
            return None
        return max(0.0, target - max(self.state_of_charge, above)) * self.capacity_wh


NO_CAR = Car()

type Reached = Callable[[str, datetime], None]


def steered(
    state: DeviceState,
    wishes: Wishes,
    now: datetime,
    zone: tzinfo,
    *,
    on_reached: Reached,
    quiet: bool = False,
    car: Car = NO_CAR,
) -> DeviceState:
    """Return the device's state with what the resident wishes of it at ``now``.

    ``on_reached`` is told a charger and a deadline up to which its car has each target. ``quiet``: the
    device's own times say that it is not to be disturbed. ``car`` is what is known of the one on the charger.
    """
    state = replace(state, reach=reach(wishes, state.device_id, quiet=quiet).last)
    if KINDS[state.kind].has_mode:
        wished = wishes.device(state.device_id)
        reading = None if state.reading is None else comfortable(state.reading, wished)
        return replace(state, reading=reading, policy=_POLICIES.get(wished.load_mode, state.policy))
    if state.kind is DeviceKind.BATTERY:
        asked = wishes.battery(state.device_id)
        reserve = ReserveWish(reserve=asked.reserve, restore=asked.restore_reserve)
        return replace(state, reserve=reserve, feeds_cars=_feeds_cars(asked))
    if state.kind is not DeviceKind.EV_CHARGER:
        return state
    charger = wishes.charger(state.device_id)
    reading = state.reading if isinstance(state.reading, ChargerReading) else None
    charged_wh = reading.session_energy_wh if reading is not None else None
    if reading is not None and not reading.vehicle_connected:
        charged_wh = 0.0
    due = [
        (goal, _missing(goal, charged_wh, car, now))
        for goal in goals(charger, now, zone, away=wishes.site.away)
    ]
    reached = list(takewhile(lambda each: each[0].may_settle and each[1].left_wh <= 0.0, due))
    if reached:
        on_reached(state.device_id, reached[-1][0].at)
    missing = tuple(goal for _, goal in due if goal.left_wh > 0.0)
    wish = _charge_wish(charger, charged_wh, missing, car)
    return replace(state, charge=wish, priority=charger.priority)


def _charge_wish(
    charger: ChargerWishes, charged_wh: float | None, missing: tuple[ChargeGoal, ...], car: Car
) -> ChargeWish:
    soc, least = car.state_of_charge, charger.minimum_soc
    limit_wh = charger.session_limit_wh
    minimum_left_wh = None if least is None else car.missing_wh(least)
    return ChargeWish(
        mode=charge_mode(charger),
        priority=charger.priority,
        min_current_a=charger.min_current_a,
        max_current_a=charger.max_current_a,
        goals=missing,
        below_minimum_soc=soc is not None and least is not None and soc < least,
        minimum_left_wh=math.inf if minimum_left_wh is None else minimum_left_wh,
        session_left_wh=None if limit_wh is None else limit_wh - (charged_wh or 0.0),
        may_slow=charger.may_slow,
        phases=_PHASES[charger.phases],
    )


def _missing(goal: Goal, charged_wh: float | None, car: Car, now: datetime) -> ChargeGoal:
    left_wh, tapered_wh = _left_wh(goal, charged_wh, car)
    return ChargeGoal(left_wh=left_wh, tapered_left_wh=tapered_wh, deadline_s=goal.left_s(now))


def _left_wh(goal: Goal, charged_wh: float | None, car: Car) -> tuple[float, float]:
    """Return what is missing to a goal, and how much of it lies where vehicles charge slowly, in Wh.

    Without a state of charge the energy counts; without an energy, or one that is told, all that the car's
    battery may hold is missing; where nobody knows that either, nobody knows how much: until the car is full.
    """
    if goal.soc is not None:
        missing_wh = car.missing_wh(goal.soc)
        if missing_wh is not None:
            return missing_wh, car.missing_wh(goal.soc, TAPER_FROM) or 0.0
    if goal.energy_wh is not None and charged_wh is not None:
        return max(0.0, goal.energy_wh - charged_wh), 0.0
    if goal.soc is None or car.capacity_wh is None:
        return math.inf, 0.0
    return goal.soc * car.capacity_wh, max(0.0, goal.soc - TAPER_FROM) * car.capacity_wh


def _feeds_cars(asked: BatteryWishes) -> FeedsCars:
    match asked.car:
        case CarUse.DOWN_TO:
            return FeedsCars(down_to=asked.car_floor)
        case CarUse.BRIDGE:
            return FeedsCars(down_to=math.inf, bridge=True)
        case CarUse.NEVER:
            return FeedsCars(down_to=math.inf)
