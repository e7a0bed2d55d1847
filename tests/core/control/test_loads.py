"""Loads in a house: what they do when nobody asks, how they give and take, and in which order."""

import pytest

from custom_components.home_flex.core.control.loads import DEBT_WH, START_AFTER_S
from custom_components.home_flex.core.control.policy import Comfort, Off, StartWithin, Surplus
from custom_components.home_flex.core.model import DeviceKind, Owner

from .load_house import LoadHouse, SimulatedLoad, limit

IMPORT_1KW = limit(Owner.AGGREGATOR, high_w=1000.0)


def pump(**changes: object) -> SimulatedLoad:
    return SimulatedLoad(kind=DeviceKind.SWITCHED_LOAD, temperature_c=None, **changes)  # type: ignore[arg-type] # a short hand


def held_by(house: LoadHouse, key: str) -> tuple[Owner | None, str]:
    memory = house.memory.devices[key]
    return memory.taken, memory.reason


def test_a_load_that_is_left_alone_is_not_written_to_whatever_the_sun_gives() -> None:
    house = LoadHouse(loads={"pump": pump(own=True), "idle": pump()}, base_w=-5000.0)
    house.run(600)
    assert house.loads["pump"].switches == house.loads["idle"].switches == []


def test_a_limit_switches_a_load_off_that_runs_and_its_end_gives_it_back() -> None:
    house = LoadHouse(loads={"pump": pump(own=True)})
    house.run(100)
    house.run(100, IMPORT_1KW)
    assert house.grid_w == 500.0
    assert held_by(house, "pump") == (Owner.AGGREGATOR, "limit")
    house.run(100)
    assert house.grid_w == 2500.0
    assert [value for _, value in house.loads["pump"].switches] == [0.0, None]


def test_an_event_shorter_than_a_minimum_time_gives_back_when_that_is_over() -> None:
    house = LoadHouse(loads={"pump": pump(own=True)})
    house.run(100)
    house.run(20, IMPORT_1KW)
    house.run(20)
    assert held_by(house, "pump") == (Owner.DEVICE_SAFETY, "minimum_times")
    house.run(60)
    (off_s, _), (back_s, value) = house.loads["pump"].switches
    assert value is None
    assert 60.0 <= back_s - off_s <= 64.0


def test_no_limit_of_export_switches_on_what_is_left_alone_but_what_waits_for_sun() -> None:
    demand = limit(Owner.AGGREGATOR, low_w=-1500.0)
    alone = LoadHouse(loads={"pump": pump()}, base_w=-2500.0)
    alone.run(200, demand)
    assert alone.loads["pump"].power_w == 0.0
    waiting = LoadHouse(loads={"pump": pump(policy=Surplus(), rated_w=3500.0)}, base_w=-2500.0)
    waiting.run(200, demand)
    assert waiting.loads["pump"].power_w == 3500.0
    assert held_by(waiting, "pump") == (Owner.AGGREGATOR, "limit")


def test_surplus_starts_a_load_late_and_an_energy_debt_stops_it() -> None:
    house = LoadHouse(loads={"pump": pump(policy=Surplus())})
    house.run(200)
    house.base_w, begun_s = -3000.0, house.time_s
    house.run(200)
    (_, off), (started_s, on) = house.loads["pump"].switches
    assert (off, on) == (0.0, 1.0)
    assert started_s - begun_s == pytest.approx(START_AFTER_S, abs=2 * house.tick_s)
    assert held_by(house, "pump") == (Owner.PLAN, "surplus_used")
    house.base_w, short_s = 0.0, house.time_s
    house.run(600)
    stopped_s, value = house.loads["pump"].switches[-1]
    assert value == 0.0
    assert stopped_s - short_s == pytest.approx(DEBT_WH / 2000.0 * 3600.0, abs=3 * house.tick_s)
    assert held_by(house, "pump") == (Owner.PLAN, "no_surplus")


def test_two_loads_share_the_sun_and_the_second_runs_with_what_the_first_leaves() -> None:
    house = LoadHouse(loads={"a": pump(policy=Surplus()), "b": pump(policy=Surplus())}, base_w=-3000.0)
    house.run(300)
    assert [load.power_w for load in house.loads.values()] == [2000.0, 0.0]
    house.base_w = -4500.0
    house.run(300)
    assert [load.power_w for load in house.loads.values()] == [2000.0, 2000.0]


def test_a_heater_that_modulates_takes_all_the_sun_and_no_more() -> None:
    heater = SimulatedLoad(kind=DeviceKind.WATER_HEATER, policy=Surplus(), step_w=100.0)
    house = LoadHouse(loads={"heater": heater}, base_w=-1250.0)
    house.run(300)
    assert heater.power_w == 1200.0
    house.base_w = -1750.0
    house.run(60)
    assert heater.power_w == 1700.0


def test_loads_give_before_heat_and_heat_that_comfort_calls_for_does_not() -> None:
    boiler = SimulatedLoad(
        kind=DeviceKind.WATER_HEATER, policy=Comfort(min_c=50.0, max_c=60.0), temperature_c=50.0
    )
    house = LoadHouse(loads={"boiler": boiler, "pump": pump(own=True)})
    house.run(100)
    assert held_by(house, "boiler") == (Owner.RESIDENT, "comfort")
    house.run(200, limit(Owner.AGGREGATOR, high_w=3000.0))
    assert [load.power_w for load in house.loads.values()] == [2000.0, 0.0]
    house.run(200, IMPORT_1KW)
    assert boiler.power_w == 2000.0
    assert house.decision is not None
    assert house.decision.bent == ("unreachable:limit",)
    house.run(4, limit(Owner.GRID_OPERATOR, high_w=1000.0))
    assert boiler.power_w == 0.0


def test_what_is_wanted_off_stays_off() -> None:
    house = LoadHouse(loads={"pump": pump(own=True, policy=Off())}, base_w=-5000.0)
    house.run(300)
    assert house.loads["pump"].power_w == 0.0
    assert held_by(house, "pump") == (Owner.RESIDENT, "load_off")


def test_a_heat_pump_is_advised_with_the_sun_and_then_as_it_likes() -> None:
    heat_pump = SimulatedLoad(
        kind=DeviceKind.HEAT_PUMP,
        policy=Surplus(),
        rated_w=3000.0,
        own=True,
        temperature_c=21.0,
        wh_per_k=9000.0,
        offsets_k=(-2.0, 3.0),
    )
    house = LoadHouse(loads={"heat_pump": heat_pump}, base_w=-4000.0)
    house.run(200)
    assert (heat_pump.value, heat_pump.power_w) == (3.0, 3000.0)
    house.base_w = 0.0
    house.run(2000)
    assert (heat_pump.value, heat_pump.power_w) == (None, 1200.0)


def test_a_programme_waits_for_the_sun_and_is_not_interrupted_by_any_limit() -> None:
    washer = SimulatedLoad(
        kind=DeviceKind.APPLIANCE,
        policy=StartWithin(earliest_s=1100.0, latest_s=9000.0),
        temperature_c=None,
    )
    house = LoadHouse(loads={"washer": washer}, base_w=-3000.0)
    house.run(90)
    assert washer.started_s is None
    house.run(60)
    assert washer.started_s is not None
    house.base_w = 500.0
    house.run(300, limit(Owner.GRID_OPERATOR, high_w=1000.0))
    assert washer.power_w == 2000.0
    assert [value for _, value in washer.switches if value == 0.0] == [0.0]


def test_a_wish_of_no_power_at_all_is_met_by_loads_as_far_as_their_times_let_them() -> None:
    house = LoadHouse(loads={"pump": pump(own=True)})
    house.run(20)
    house.run(20, limit(Owner.RESIDENT, high_w=0.0))
    assert house.loads["pump"].power_w == 2000.0
    house.run(60, limit(Owner.RESIDENT, high_w=0.0))
    assert house.loads["pump"].power_w == 0.0
