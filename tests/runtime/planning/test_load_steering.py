"""What a plan asks of loads, and what control makes of it."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.demand import Demand, Envelope
from custom_components.home_flex.core.control.demand import device as of_device
from custom_components.home_flex.core.control.policy import StartWithin, Surplus
from custom_components.home_flex.core.model import DeviceKind, Owner
from custom_components.home_flex.core.planner.plan import Intent, IntentKind, PlanStatus
from custom_components.home_flex.runtime.planning.load_steering import load_demands
from tests.core.control.load_house import LoadHouse, SimulatedLoad, limit

from .plans import GRID, NOON, READINGS, device, plan_of

RUN = Envelope(low_w=math.inf)
ASKED = {
    "a boiler runs where it takes half of its power or more": ("boiler", IntentKind.TAKE, 1000.0, RUN),
    "and rests where it takes less": ("boiler", IntentKind.TAKE, 900.0, None),
    "a boiler rests by itself": ("boiler", IntentKind.OFF, 0.0, None),
    "a heat pump is advised to run": ("heat pump", IntentKind.TAKE, 3000.0, RUN),
    "a heat pump is locked": ("heat pump", IntentKind.OFF, 0.0, Envelope(high_w=0.0)),
    "a load is switched on": ("pump", IntentKind.TAKE, 1000.0, RUN),
    "a load is off by itself": ("pump", IntentKind.OFF, 0.0, None),
    "a programme is started": ("washer", IntentKind.START, 2000.0, RUN),
    "and left alone": ("washer", IntentKind.RUN, 2000.0, None),
}


@pytest.mark.parametrize(("device_id", "kind", "power_w", "asks"), ASKED.values(), ids=ASKED)
def test_loads_are_asked_for_the_level_next_to_what_is_planned(
    device_id: str, kind: IntentKind, power_w: float, asks: Envelope | None
) -> None:
    plan = plan_of({device_id: Intent(kind=kind, power_w=power_w)})

    demands = load_demands(plan, NOON, [device(device_id)])

    assert [each.asks for each in demands] == ([] if asks is None else [asks])
    assert all(each.owner is Owner.PLAN for each in demands)


def test_a_boiler_that_modulates_takes_what_is_planned() -> None:
    plan = plan_of({"boiler": Intent(kind=IntentKind.TAKE, power_w=700.0)})
    boiler = device("boiler", reading=replace(READINGS["boiler"], step_w=100.0))

    (demand,) = load_demands(plan, NOON, [boiler])

    assert demand.asks == Envelope(low_w=700.0)


def test_outside_a_plan_and_by_the_safe_rule_nothing_is_asked() -> None:
    intents = {"boiler": Intent(kind=IntentKind.TAKE, power_w=2000.0)}

    assert load_demands(plan_of(intents), GRID.end, [device("boiler")]) == ()
    assert load_demands(plan_of(intents, status=PlanStatus.SAFE_RULE), NOON, [device("boiler")]) == ()


def asked(key: str, asks: Envelope) -> Demand:
    return Demand(
        owner=Owner.PLAN,
        scope=of_device(key),
        asks=asks,
        reason="plan_cheap",
        source_id="plan",
        standing=asks.high_w > 0.0,
    )


@pytest.mark.parametrize("kind", [DeviceKind.WATER_HEATER, DeviceKind.SWITCHED_LOAD])
def test_control_runs_a_load_for_the_plan_and_lets_it_rest_after(kind: DeviceKind) -> None:
    load = SimulatedLoad(
        kind=kind, policy=Surplus(), temperature_c=52.0 if kind is DeviceKind.WATER_HEATER else None
    )
    house = LoadHouse(loads={"load": load})

    house.run(400, asked("load", RUN))
    assert load.power_w == 2000.0
    assert house.memory.devices["load"].reason == "plan_cheap"
    house.run(700)
    assert load.power_w == 0.0


def test_a_fuse_comes_before_what_the_plan_runs() -> None:
    load = SimulatedLoad(kind=DeviceKind.SWITCHED_LOAD, policy=Surplus(), temperature_c=None)
    house = LoadHouse(loads={"load": load})

    house.run(200, asked("load", RUN), limit(Owner.GRID_OPERATOR, high_w=1000.0))

    assert load.power_w == 0.0


def test_a_heat_pump_is_locked_for_the_plan_until_comfort_calls() -> None:
    heat_pump = SimulatedLoad(
        kind=DeviceKind.HEAT_PUMP,
        policy=Surplus(),
        rated_w=3000.0,
        own=True,
        temperature_c=21.0,
        wh_per_k=3000.0,
        losses_w=750.0,
        offsets_k=(-2.0, 3.0),
    )
    house = LoadHouse(loads={"load": heat_pump})

    house.run(2400, asked("load", Envelope(high_w=0.0)))
    assert heat_pump.power_w == 0.0
    heat_pump.temperature_c = 19.2
    house.run(1000, asked("load", Envelope(high_w=0.0)))
    assert heat_pump.power_w > 0.0


def test_a_programme_is_started_by_the_plan_within_its_time() -> None:
    washer = SimulatedLoad(
        kind=DeviceKind.APPLIANCE, policy=StartWithin(earliest_s=0.0, latest_s=90_000.0), temperature_c=None
    )
    house = LoadHouse(loads={"load": washer})

    house.run(60)
    assert washer.started_s is None
    house.run(60, asked("load", RUN))
    assert washer.started_s is not None


def test_what_the_plan_locks_holds_no_other_device_that_an_event_has_left() -> None:
    heat_pump = SimulatedLoad(
        kind=DeviceKind.HEAT_PUMP, policy=Surplus(), rated_w=3000.0, temperature_c=21.0, offsets_k=(-2.0, 3.0)
    )
    pump = SimulatedLoad(kind=DeviceKind.SWITCHED_LOAD, own=True, temperature_c=None)
    house = LoadHouse(loads={"heat": heat_pump, "pump": pump})
    lock = asked("heat", Envelope(high_w=0.0))

    house.run(200, lock, limit(Owner.AGGREGATOR, high_w=500.0))
    assert pump.power_w == 0.0
    house.run(200, lock)

    assert pump.power_w == 2000.0
