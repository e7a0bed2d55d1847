"""What if: another wish, another tariff, a device that is not there. The plan again, and the difference."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from ...core.model import DeviceKind, Goal
from ...core.planner.plan import Plan
from ...core.planner.preferences import preferences_for
from ...core.planner.problem import Consumer, Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class WhatIf:
    """What is other than it is; None and empty: as it is.

    ``without``: devices that are not there. Prices are per kWh, the same in each step. ``reserve``: the state
    of charge (0 to 1) that batteries keep. ``car_need_wh`` is what cars need by ``car_ready_by``.
    """

    without: frozenset[str] = field(default_factory=frozenset)
    import_price_per_kwh: float | None = None
    export_price_per_kwh: float | None = None
    reserve: float | None = None
    car_need_wh: float | None = None
    car_ready_by: datetime | None = None
    goal: Goal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The plan as it is and as it would be."""

    before: Plan
    after: Plan

    @property
    def money(self) -> float:
        """What the horizon costs more, less where negative."""
        return self.after.money.total - self.before.money.total

    @property
    def carbon_g(self) -> float | None:
        """What is emitted more; None where nobody knows."""
        if self.after.carbon_g is None or self.before.carbon_g is None:
            return None
        return self.after.carbon_g - self.before.carbon_g


def changed(problem: Problem, what: WhatIf) -> Problem:
    """Return the problem of what might be. What a device that is not there draws is nobody's."""
    signals = problem.signals
    steps = len(problem.grid)
    if what.import_price_per_kwh is not None:
        signals = replace(signals, import_per_kwh=(what.import_price_per_kwh,) * steps)
    if what.export_price_per_kwh is not None:
        signals = replace(signals, export_per_kwh=(what.export_price_per_kwh,) * steps)
    # A car that is charged at once has no hour: with one it waits for it.
    waits = what.car_need_wh is not None or what.car_ready_by is not None
    fast = _there(problem.fast_charges, what) if waits else ()
    waiting = [one.waiting for one in fast if one.waiting is not None]
    batteries = problem.batteries
    if what.reserve is not None:
        batteries = tuple(replace(one, reserve_wh=what.reserve * one.capacity_wh) for one in batteries)
    return replace(
        problem,
        signals=signals,
        pv=_there(problem.pv, what),
        batteries=_there(batteries, what),
        consumers=tuple(_car(one, problem, what) for one in (*_there(problem.consumers, what), *waiting)),
        fast_charges=() if waits else _there(problem.fast_charges, what),
        appliances=_there(problem.appliances, what),
        thermal_stores=_there(problem.thermal_stores, what),
        preferences=(
            problem.preferences
            if what.goal is None
            else preferences_for(what.goal).scaled(problem.preferences.level)
        ),
    )


def refused(problem: Problem, what: WhatIf) -> str | None:
    """Return why something cannot be tried, as a slug: no such hour or device; None where it can."""
    cars = [
        *(one.device_id for one in problem.consumers if one.kind is DeviceKind.EV_CHARGER),
        *(one.device_id for one in problem.fast_charges if one.waiting is not None),
    ]
    asks_car = what.car_need_wh is not None or what.car_ready_by is not None
    mistakes = {
        "ready_by_past": what.car_ready_by is not None and what.car_ready_by <= problem.grid.start,
        "no_car_planned": asks_car and not set(cars) - what.without,
        "no_battery_planned": what.reserve is not None
        and not {one.device_id for one in problem.batteries} - what.without,
        "device_not_planned": not what.without <= {one.device_id for one in _devices(problem)},
    }
    return next((mistake for mistake, is_made in mistakes.items() if is_made), None)


def _devices(problem: Problem) -> tuple[_Named, ...]:
    return (
        *problem.pv,
        *problem.batteries,
        *problem.consumers,
        *problem.fast_charges,
        *problem.appliances,
        *problem.thermal_stores,
    )


class _Named(Protocol):
    @property
    def device_id(self) -> str: ...


def _there[Device: _Named](devices: Iterable[Device], what: WhatIf) -> tuple[Device, ...]:
    return tuple(one for one in devices if one.device_id not in what.without)


def _car(one: Consumer, problem: Problem, what: WhatIf) -> Consumer:
    if one.kind is not DeviceKind.EV_CHARGER:
        return one
    if what.car_need_wh is not None:
        room_wh = max(one.room_wh, what.car_need_wh)
        one = replace(one, need_wh=what.car_need_wh, room_wh=room_wh, is_assumed=False, by_sun=False)
    if (ready_by := what.car_ready_by) is not None:
        starts = problem.grid.bounds()[:-1]
        ready_step = sum(start < ready_by for start in starts)
        # A car that is to be ready later is there for longer.
        available = tuple(may or start < ready_by for may, start in zip(one.available, starts, strict=True))
        one = replace(one, ready_step=ready_step, available=available)
    return one
