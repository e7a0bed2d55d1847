"""Which devices fell behind the plan, so that a new one is made."""

from datetime import timedelta

import pytest

from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode, ChargeWish
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.model import ChargerReading, ChargerStatus
from custom_components.home_flex.core.planner.plan import Intent, IntentKind
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.behind import behind_of
from custom_components.home_flex.runtime.planning.made import MadePlan
from custom_components.home_flex.runtime.planning.outlook import Outlook

from .plans import GRID, NOON, SITE, battery_reading, device, plan_of, signals

# The plan has the car take 11 040 W; it is made five minutes into its first step, and looked at 30 min later.
TAKE = Intent(kind=IntentKind.TAKE, power_w=11_040.0)
MADE = NOON + timedelta(minutes=5)
LATER = MADE + timedelta(minutes=30)
PLANNED_WH = 5520.0
UNKNOWN = float("inf")


def made(
    *devices: DeviceState, intent: Intent = TAKE, stored_wh: tuple[float, ...] | None = None
) -> MadePlan:
    home = Home(site=SITE, network=None, devices=devices, asked_in=lambda _step: ())
    outlook = Outlook(signals=signals())
    return MadePlan(
        plan=plan_of({one.device_id: intent for one in devices}, stored_wh=stored_wh),
        problem=problem_of(home, GRID, outlook, MADE),
        home=home,
        outlook=outlook,
        made_at=MADE,
        stretches={},
    )


def car(
    left_wh: float | None, counted_wh: float | None, status: ChargerStatus = ChargerStatus.CHARGING
) -> DeviceState:
    goals = () if left_wh is None else (ChargeGoal(left_wh=left_wh, deadline_s=7200.0),)
    reading = ChargerReading(
        time=NOON,
        power_w=0.0,
        status=status,
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
        session_energy_wh=counted_wh,
    )
    return device("car", charge=ChargeWish(mode=ChargeMode.SURPLUS, goals=goals), reading=reading)


CARS = {
    "as planned": (car(9000.0, None), car(9000.0 - PLANNED_WH, None), False),
    "more than planned": (car(9000.0, None), car(500.0, None), False),
    "its target is reached": (car(5000.0, None), car(None, None), False),
    "a trifle less": (car(9000.0, None), car(9000.0 - PLANNED_WH + 950.0, None), False),
    "a good deal less": (car(9000.0, None), car(9000.0 - PLANNED_WH + 1050.0, None), True),
    "nothing": (car(9000.0, None), car(9000.0, None), True),
    "the charger's count is what counts": (car(9000.0, 300.0), car(9000.0, 300.0 + PLANNED_WH), False),
    "the charger counted a good deal less": (car(9000.0, 300.0), car(3000.0, 4000.0), True),
    "the charger counts anew": (car(9000.0, 8000.0), car(3000.0, PLANNED_WH), False),
    "nobody knows": (car(UNKNOWN, None), car(UNKNOWN, None), False),
    "counted, though nobody knows what it lacks": (car(UNKNOWN, 0.0), car(UNKNOWN, 0.0), True),
    "it left": (car(9000.0, None), car(9000.0, None, ChargerStatus.AVAILABLE), False),
}


@pytest.mark.parametrize(("then", "now", "is_behind"), CARS.values(), ids=CARS)
def test_a_car_that_took_much_less_than_planned_is_behind(
    then: DeviceState, now: DeviceState, is_behind: bool
) -> None:
    assert behind_of(made(then), [now], LATER) == (frozenset({"car"}) if is_behind else frozenset())


def test_a_car_that_waits_as_planned_is_not_behind() -> None:
    waits = made(car(9000.0, None), intent=Intent(kind=IntentKind.OFF))

    assert behind_of(waits, [car(9000.0, None)], LATER) == frozenset()


def test_a_car_that_came_after_the_plan_is_not_behind_it() -> None:
    assert behind_of(made(), [car(9000.0, None)], LATER) == frozenset()


@pytest.mark.parametrize(("soc", "is_behind"), [(0.5, False), (0.59, False), (0.61, True), (0.39, True)])
def test_a_battery_that_holds_much_more_or_less_than_planned_is_behind(soc: float, is_behind: bool) -> None:
    holds = made(device("battery"), intent=Intent(kind=IntentKind.HOLD), stored_wh=(5000.0,) * len(GRID))

    found = behind_of(holds, [device("battery", reading=battery_reading(soc))], LATER)

    assert found == (frozenset({"battery"}) if is_behind else frozenset())
