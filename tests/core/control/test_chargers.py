"""A car is paused, started and woken with care, and the resident's wish stands above the aggregator's."""

import pytest

from custom_components.home_flex.core.events.model import PayloadType, Source
from custom_components.home_flex.core.model import Owner

from .house import House, command

LIMIT = command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000)


def test_a_car_that_does_not_fit_is_paused() -> None:
    house = House(car_max_a=16)
    house.battery.reserve = 0.9
    house.run(10, LIMIT)
    assert house.charger.value == 0.0
    assert house.grid_w < 600


def test_a_paused_car_rests_for_a_minute_before_it_starts_again() -> None:
    house = House(car_max_a=16)
    house.battery.reserve = 0.9
    house.run(20, LIMIT)
    house.battery.reserve = 0.1
    house.run(38, LIMIT)
    assert house.charger.value == 0.0
    house.run(10, LIMIT)
    assert house.charger.value == pytest.approx(9.2, abs=0.3)


def test_current_is_written_in_tenths_and_never_between_zero_and_the_smallest() -> None:
    house = House(car_max_a=16, noise_w=60)
    house.run(2, LIMIT)
    seen = set()
    for base in (500, 1500, 2500, 3500, 500):
        house.base_w = base
        for _ in range(15):
            house.run(1, LIMIT)
            assert house.charger.value is not None
            seen.add(house.charger.value)
    assert all(value == 0 or 6 <= value <= 16 for value in seen)
    assert all(round(value, 1) == value for value in seen)


def test_a_car_that_draws_less_than_it_may_is_counted_as_measured() -> None:
    house = House(car_max_a=7)
    house.run(15)
    house.run(20, command(PayloadType.IMPORT_CAPACITY_LIMIT, 3000))
    assert house.charger.power_w == pytest.approx(7 * 690)
    assert house.battery.power_w == pytest.approx(3000 - 60 - 500 - 4830, abs=120)


def test_a_sleeping_car_that_wakes_does_not_break_the_limit() -> None:
    house = House(car_max_a=0.01)
    house.run(20)
    house.run(30, LIMIT)
    house.car_max_a = 16
    house.run(3, LIMIT)
    assert max(house.run(90, LIMIT)) <= 2000
    assert house.charger.power_w > 4000


def test_a_charger_without_a_car_is_limited_while_an_event_is_in_force() -> None:
    house = House()
    house.run(10, LIMIT)
    assert house.charger.value is not None
    assert house.charger.value <= 6.0


def test_charge_now_leaves_the_car_alone_and_the_battery_does_what_it_can() -> None:
    house = House(car_max_a=16)
    house.charger.charge_now = True
    house.run(10, LIMIT)
    assert house.charger.power_w == pytest.approx(11040)
    assert house.charger.writes == 0
    assert house.battery.power_w == pytest.approx(-5000, abs=5)
    assert house.decision is not None
    assert house.decision.shortfall_w == pytest.approx(4540, abs=100)


def test_charge_now_gives_way_to_the_grid_operator() -> None:
    house = House(car_max_a=16)
    house.charger.charge_now = True
    house.run(10, command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000, source=Source.GRID_OPERATOR))
    assert house.grid_w <= 2000
    assert house.decision is not None
    assert "charge_now:charger" in house.decision.bent
    assert house.decision.limit_owner is Owner.GRID_OPERATOR


def test_an_aggregator_never_takes_a_battery_below_its_reserve() -> None:
    house = House(base_w=4000, soc=0.503, capacity_wh=2000)
    house.battery.reserve = 0.5
    house.run(300, LIMIT)
    assert house.soc >= 0.4999


def test_the_grid_operator_draws_on_the_reserve_and_says_so() -> None:
    house = House(base_w=4000, soc=0.4)
    house.battery.reserve = 0.5
    house.run(10, command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000, source=Source.GRID_OPERATOR))
    assert house.grid_w <= 2000
    assert house.decision is not None
    assert "reserve:battery" in house.decision.bent


@pytest.mark.parametrize(("level", "current_a"), [(1, 8.0), (2, 6.0)])
def test_simple_levels_slow_the_car_down(level: int, current_a: float) -> None:
    house = House(car_max_a=16)
    house.run(10, command(PayloadType.SIMPLE, level))
    assert house.charger.value == current_a


def test_simple_level_two_stops_the_battery_charging() -> None:
    house = House(battery_own_w=3000)
    house.run(10, command(PayloadType.SIMPLE, 2))
    assert house.battery.power_w == 0


def test_simple_level_three_ends_import_as_far_as_reachable() -> None:
    house = House(car_max_a=16)
    house.run(10, command(PayloadType.SIMPLE, 3))
    assert house.grid_w <= 0


def test_simple_level_zero_moves_nothing() -> None:
    house = House(car_max_a=16, battery_own_w=2000)
    house.run(10, command(PayloadType.SIMPLE, 0))
    assert [device.writes for device in house.devices.values()] == [0, 0, 0]


@pytest.mark.parametrize(("value", "is_energy"), [(0.6, False), (6000.0, True)])
def test_a_state_of_charge_is_reached_at_constant_power_by_the_end(value: float, is_energy: bool) -> None:
    house = House(soc=0.5)
    asked = command(PayloadType.CHARGE_STATE_SETPOINT, value, lasts_s=900, is_energy=is_energy)
    house.run(5, asked)
    power_w = house.battery.power_w
    assert power_w == pytest.approx(4000, rel=0.02)
    house.run(800, asked)
    assert house.battery.power_w == pytest.approx(power_w, rel=0.05)
    house.run(94, asked)
    assert house.soc == pytest.approx(0.6, abs=0.003)


def test_an_import_limit_caps_charging_towards_a_state_of_charge() -> None:
    house = House(soc=0.5)
    charge = command(PayloadType.CHARGE_STATE_SETPOINT, 0.9, lasts_s=900, priority=0)
    house.run(5, charge, LIMIT)
    assert 1700 < house.grid_w <= 2000


@pytest.mark.parametrize("over_a", [1.0, 2.0, 3.0])
def test_a_car_that_draws_more_than_it_may_is_told_less_until_the_limit_is_kept(over_a: float) -> None:
    house = House(base_w=2500, car_max_a=16, car_over_a=over_a)
    house.battery.lost = True
    limit = command(PayloadType.IMPORT_CAPACITY_LIMIT, 9000)
    house.run(300, limit)
    powers = house.run(300, limit)
    assert max(powers) <= 9000
    assert min(powers) > 7500


def test_a_car_that_draws_too_much_at_its_smallest_current_is_paused() -> None:
    house = House(base_w=2500, car_max_a=16, car_over_a=3.0)
    house.battery.lost = True
    powers = house.run(300, command(PayloadType.IMPORT_CAPACITY_LIMIT, 7000))
    assert min(powers) < 2600


def test_one_that_draws_too_much_is_left_at_what_is_right_where_the_battery_makes_up_for_it() -> None:
    house = House(base_w=2500, car_max_a=16, car_over_a=2.0)
    powers = house.run(600, command(PayloadType.IMPORT_CAPACITY_LIMIT, 9000))
    assert max(powers[300:]) <= 9000
    assert house.charger.power_w > 6000
