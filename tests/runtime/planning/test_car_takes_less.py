"""A car that takes a tenth less than it told, charged by plans that are made anew each quarter of an hour."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.home_flex.core.control.charging import (
    ChargeGoal,
    ChargeMode,
    ChargerMemory,
    ChargeWish,
    ChargingMemory,
    Reason,
    Supply,
    decide,
)
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.model import TimeGrid, quarter_hours
from custom_components.home_flex.core.planner.plan import Plan
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Signals
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.outlook import Outlook
from custom_components.home_flex.runtime.planning.steering import steered

from ...core.control.charging.plant import STEP_S, Car
from .plans import NOON, SITE, charger_reading, device

HOURS = 6
READY_S = HOURS * 3600 - 600
QUARTER_S = 900


def grid_from(at_s: int) -> TimeGrid:
    return quarter_hours(NOON + timedelta(seconds=at_s), HOURS * 4 - at_s // QUARTER_S)


def outlook(grid: TimeGrid) -> Outlook:
    """Return prices that are the lower the later it is: every plan waits as long as it may."""
    hours = [(step.start - NOON).total_seconds() / 3600 for step in grid]
    prices = tuple(0.5 - 0.05 * hour for hour in hours)
    return Outlook(signals=Signals(import_per_kwh=prices, export_per_kwh=(0.05,) * len(grid)))


def planned(planner: Planner, car: Car, at_s: int, last: Plan | None) -> Plan:
    now, grid = NOON + timedelta(seconds=at_s), grid_from(at_s)
    home = Home(site=SITE, network=None, devices=(state_of(car, at_s),), asked_in=lambda _step: ())
    return planner.plan(problem_of(home, grid, outlook(grid), now), last)


def state_of(car: Car, at_s: int) -> DeviceState:
    goal = ChargeGoal(left_wh=max(0.0, car.missing_wh), deadline_s=HOURS * 3600.0 - at_s)
    goals = (goal,) if goal.left_wh > 0.0 else ()
    return device("car", charge=ChargeWish(mode=ChargeMode.SURPLUS, goals=goals), reading=charger_reading())


@pytest.mark.parametrize("takes_a", [16.0, 14.4])
def test_it_begins_by_the_plan_before_its_latest_start_and_is_ready_in_time(
    takes_a: float,
) -> None:
    car = Car(takes_a=takes_a, need_wh=30_000.0, deadline_s=HOURS * 3600.0)
    memory = ChargingMemory(chargers={"car": ChargerMemory(sessions_w=(11_040.0,))})
    planner, begun_by = Planner(limit_s=20.0), None
    plan: Plan | None = None
    for at_s in range(0, READY_S, STEP_S):
        if at_s % QUARTER_S == 0:
            plan = planned(planner, car, at_s, plan)
        assert plan is not None
        car.move(float(at_s))
        wish = steered(state_of(car, at_s), plan, NOON + timedelta(seconds=at_s), voltage_v=230.0).charge
        told = replace(car.told(float(at_s)), planned_a=wish.planned_a)
        intents, memory = decide([told], Supply(surplus_w=-500.0), memory, float(at_s))
        car.obey(intents["car"], float(at_s))
        if begun_by is None and car.current_a > 0.0:
            begun_by = intents["car"].reason

    assert car.missing_wh <= 0
    assert begun_by is Reason.PLANNED
    assert car.closings[0] > 2 * 3600.0
    assert len(car.closings) == 1
