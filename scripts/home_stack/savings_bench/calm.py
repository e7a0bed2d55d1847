"""How calm plans are: at one price all night, made anew each half-hour with 5 % of noise on load and sun.

What each plan does until the next is what happens, so that all that changes is what is expected.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from custom_components.home_flex.core.forecast.resample import on_steps
from custom_components.home_flex.core.model import DeviceKind, TimeGrid, tiers
from custom_components.home_flex.core.planner.plan import Plan
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Battery, Consumer, Problem, Pv, Signals

from .controlled import changed_wh, leaves_at
from .house import (
    BATTERY_W,
    CAPACITY_WH,
    CAR_COMES_H,
    CAR_LEAST_A,
    CAR_LEAVES_H,
    CAR_MOST_A,
    CAR_NEED_WH,
    CAR_PHASES,
    EFFICIENCY,
    VOLTAGE,
)
from .season import STEP_S, Season

_IMPORT, _EXPORT = 0.30, 0.08
_NOISE: Final = 0.05
_PLANS_A_NIGHT: Final = 2 * (24 - CAR_COMES_H + CAR_LEAVES_H)
_ON_W: Final = 20.0
_A_NIGHT: Final = timedelta(seconds=STEP_S * _PLANS_A_NIGHT)
_WATTS_PER_A: Final = VOLTAGE * CAR_PHASES


@dataclass(frozen=True, kw_only=True, slots=True)
class Calm:
    """Mean starts of the car in a night, and how much energy a new plan has elsewhere than the one before."""

    starts_per_night: float
    changed_kwh_per_replan: float


def calm(season: Season, nights: int) -> Calm:
    """Return how calm the plans of the season's first nights are."""
    random = np.random.default_rng(0)
    first = next(step for step in range(48) if leaves_at(season.time(step)) - season.time(step) == _A_NIGHT)
    starts, changed = 0, []
    for night in range(nights):
        stored_wh, left_wh, power_w = CAPACITY_WH / 2, CAR_NEED_WH, 0.0
        planner, before = Planner(), None
        for step in range(first + 48 * night, first + 48 * night + _PLANS_A_NIGHT):
            problem = _problem(season, step, random, stored_wh=stored_wh, left_wh=left_wh, power_w=power_w)
            plan = planner.plan(problem, before)
            if before is not None:
                changed.append(changed_wh(before, plan) / 1000)
            before = plan
            stored_wh, taken_w = _lived(plan, season.time(step + 1))
            on = [power_w > _ON_W, *(each_w > _ON_W for each_w in taken_w)]
            starts += sum(now and not then for then, now in pairwise(on))
            left_wh = max(0.0, left_wh - sum(taken_w) * STEP_S / len(taken_w) / 3600)
            power_w = taken_w[-1]
    return Calm(starts_per_night=starts / nights, changed_kwh_per_replan=float(np.mean(changed)))


def _lived(plan: Plan, until: datetime) -> tuple[float, tuple[float, ...]]:
    """Return what the battery holds at a moment, and what the car took in each step until then."""
    steps = sum(end <= until for end in plan.grid.bounds()[1:])
    stored = plan.devices["battery"].stored_wh
    if stored is None:
        raise ValueError("the plan has no battery")
    return min(max(stored[steps - 1], 0.0), CAPACITY_WH), plan.devices["car"].power_w[:steps]


def _problem(
    season: Season,
    step: int,
    random: np.random.Generator,
    *,
    stored_wh: float,
    left_wh: float,
    power_w: float,
) -> Problem:
    now = season.time(step)
    grid = tiers(now)
    leaves = leaves_at(now)
    there = tuple(each.start < leaves for each in grid)
    return Problem(
        grid=grid,
        signals=Signals(import_per_kwh=(_IMPORT,) * len(grid), export_per_kwh=(_EXPORT,) * len(grid)),
        load_w=_noisy(season, step, grid, random, of_sun=False),
        pv=(Pv(device_id="roof", available_w=_noisy(season, step, grid, random, of_sun=True), most_w=1e5),),
        batteries=(
            Battery(
                device_id="battery",
                capacity_wh=CAPACITY_WH,
                stored_wh=stored_wh,
                charge_w=BATTERY_W,
                discharge_w=BATTERY_W,
                efficiency=EFFICIENCY,
                may_export=False,
            ),
        ),
        consumers=(
            Consumer(
                device_id="car",
                kind=DeviceKind.EV_CHARGER,
                min_w=CAR_LEAST_A * _WATTS_PER_A,
                max_w=CAR_MOST_A * _WATTS_PER_A,
                available=there,
                need_wh=left_wh,
                room_wh=left_wh,
                ready_step=sum(there),
                efficiency=1.0,
                power_w=power_w,
            ),
        ),
    )


def _noisy(
    season: Season, step: int, grid: TimeGrid, random: np.random.Generator, *, of_sun: bool
) -> tuple[float, ...]:
    """Return what is to come, each half-hour of it wrong by some per cent."""
    count = sum(grid.lengths_s) // STEP_S + 2
    steps = range(step, step + count)
    true_w = np.array([season.sun_w(each) if of_sun else season.load_w(each) for each in steps])
    noisy_w = np.maximum(true_w * random.normal(1.0, _NOISE, count), 0.0)
    return tuple(on_steps(noisy_w, season.time(step), STEP_S, grid).tolist())
