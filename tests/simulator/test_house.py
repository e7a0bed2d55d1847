"""The physical model: whatever happens, the meter is the sum, and energy is neither made nor lost."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from home_simulator.base_load import fixed_base_load, generated_base_load, recorded_base_load
from home_simulator.battery import Battery, BatteryConfiguration, BatteryMode
from home_simulator.car import Car, CarConfiguration
from home_simulator.house import House, tariff_at
from home_simulator.pv import PvConfiguration, PvInverter
from home_simulator.settings import Settings
from home_simulator.simulator import build_house
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import CORPUS

HOME = ZoneInfo("Europe/Amsterdam")
NOON = datetime(2026, 6, 21, 13, 0, tzinfo=HOME)
SERIES = CORPUS / "series" / "emhass_home_30min.csv"

shares = st.tuples(*[st.floats(0, 1)] * 3).filter(lambda share: sum(share) > 0.1)


@st.composite
def houses(draw: st.DrawFn) -> House:
    battery = BatteryConfiguration(
        phase_shares=draw(shares), efficiency=draw(st.floats(0.8, 1)), mode=draw(st.sampled_from(BatteryMode))
    )
    house = House(
        base_load=fixed_base_load(draw(st.floats(0, 10_000))),
        base_load_shares=draw(shares),
        pv=PvInverter(PvConfiguration(phase_shares=draw(shares))),
        battery=Battery(battery, state_of_charge=draw(st.floats(0.05, 1))),
        car=Car(CarConfiguration(), plugged=draw(st.booleans()), state_of_charge=draw(st.floats(0, 1))),
        cloud=draw(st.floats(0, 1)),
    )
    house.pv.limit_w = draw(st.none() | st.floats(0, 6000))
    house.battery.setpoint_w = draw(st.none() | st.floats(-9000, 9000))
    house.battery.production_limit_w = draw(st.none() | st.floats(0, 5000))
    house.car.offered_current_a = draw(st.floats(0, 32))
    house.car.offered_phases = draw(st.integers(1, 3))
    return house


def run(house: House, seconds: float, start: datetime = NOON, dt_s: float = 0.05) -> None:
    for step in range(round(seconds / dt_s)):
        house.step(start + timedelta(seconds=step * dt_s), dt_s)


@settings(max_examples=60, deadline=None)
@given(house=houses(), hour=st.integers(0, 23))
def test_the_meter_is_the_sum_of_all_devices_on_every_phase(house: House, hour: int) -> None:
    run(house, 2, NOON.replace(hour=hour))
    grid = house.read_grid()
    devices = (
        house.base_load_powers,
        house.pv.phase_powers,
        house.battery.phase_powers,
        house.car.phase_powers,
    )
    for phase in range(3):
        assert grid.phase_powers_w[phase] == pytest.approx(sum(device[phase] for device in devices), abs=1e-6)
    totals = sum(house.base_load_powers) + house.pv.power_w + house.battery.power_w + house.car.power_w
    assert grid.power_w == pytest.approx(totals, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(house=houses())
def test_the_energy_registers_balance(house: House) -> None:
    house.step(NOON, 0.05)
    before = house.read_grid()
    pv, car, battery = house.pv, house.car, house.battery
    meters = [pv.energy_produced_wh, car.energy_wh, battery.energy_charged_wh, battery.energy_discharged_wh]
    load_w = sum(house.base_load_powers)
    run(house, 3)
    after = house.read_grid()
    net = sum(after.energy_import_wh.values()) - sum(before.energy_import_wh.values())
    net -= sum(after.energy_export_wh.values()) - sum(before.energy_export_wh.values())
    produced, charged_car, charged, discharged = (
        now - then
        for now, then in zip(
            [pv.energy_produced_wh, car.energy_wh, battery.energy_charged_wh, battery.energy_discharged_wh],
            meters,
            strict=True,
        )
    )
    assert net == pytest.approx(load_w * 3 / 3600 - produced + charged_car + charged - discharged, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(house=houses())
def test_no_device_leaves_its_limits(house: House) -> None:
    for step in range(40):
        house.step(NOON + timedelta(seconds=step * 0.05), 0.05)
        ratings = house.battery.configuration
        assert -ratings.max_discharge_w <= house.battery.power_w <= ratings.max_charge_w
        assert 0 <= house.battery.state_of_charge <= 1
        assert -house.pv.configuration.rated_power_w <= house.pv.power_w <= 0
        assert 0 <= house.car.power_w <= 3 * 16 * 230
        assert house.car.plugged or house.car.power_w == 0


@given(setpoint=st.floats(-5000, 5000), efficiency=st.floats(0.8, 1))
@settings(deadline=None, max_examples=30)
def test_a_battery_loses_energy_both_ways_and_never_gains(setpoint: float, efficiency: float) -> None:
    battery = Battery(BatteryConfiguration(efficiency=efficiency), state_of_charge=0.5)
    battery.setpoint_w = setpoint
    for _ in range(200):
        battery.step(0.05, 0)
    stored = (battery.state_of_charge - 0.5) * battery.configuration.capacity_wh
    expected = battery.energy_charged_wh * efficiency - battery.energy_discharged_wh / efficiency
    assert stored == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("state_of_charge", "setpoint"), [(1.0, 5000), (0.05, -5000)])
def test_a_full_battery_takes_nothing_and_an_empty_one_gives_nothing(
    state_of_charge: float, setpoint: float
) -> None:
    battery = Battery(BatteryConfiguration(), state_of_charge=state_of_charge)
    battery.setpoint_w = setpoint
    for _ in range(40):
        battery.step(0.05, 0)
    assert battery.power_w == pytest.approx(0, abs=1e-6)


def test_the_battery_follows_its_setpoint_within_half_a_second() -> None:
    battery = Battery(BatteryConfiguration(), state_of_charge=0.5)
    battery.setpoint_w = -5000
    for _ in range(10):
        battery.step(0.05, 0)
    assert battery.power_w == pytest.approx(-5000, rel=0.02)


def test_self_consumption_brings_the_meter_to_zero() -> None:
    house = build_house(
        Settings(base_load_w=600, battery_mode=BatteryMode.SELF_CONSUMPTION, car_plugged=False, cloud=1)
    )
    run(house, 2)
    assert house.read_grid().power_w == pytest.approx(0, abs=1)


def test_a_full_car_stops() -> None:
    car = Car(CarConfiguration(), plugged=True, state_of_charge=1.0)
    car.offered_current_a = 16
    car.step(1)
    assert car.power_w == 0


def test_a_long_pause_of_the_machine_is_stepped_through() -> None:
    house = build_house(Settings(base_load_w=1000, car_plugged=False, cloud=1))
    house.pv.limit_w = 0
    house.step(NOON, 0.05)
    before = sum(house.read_grid().energy_import_wh.values())
    house.step(NOON + timedelta(seconds=36), 36)
    assert sum(house.read_grid().energy_import_wh.values()) - before == pytest.approx(10)


def test_the_same_seed_and_time_give_the_same_house() -> None:
    def meter(seed: int) -> list[float]:
        house = build_house(Settings(seed=seed, battery_mode=BatteryMode.SELF_CONSUMPTION))
        house.battery.production_limit_w = 0  # keeps the base load visible at the meter
        powers = []
        for minute in range(120):
            house.step(NOON.replace(hour=21) + timedelta(minutes=minute), 1)
            powers.append(house.read_grid().power_w)
        return powers

    assert meter(3) == meter(3)
    assert meter(3) != meter(4)


class TestSun:
    def test_noon_in_june_gives_most_and_midnight_nothing(self) -> None:
        house = build_house(Settings(base_load_w=0, cloud=0, car_plugged=False))
        run(house, 2)
        assert 4000 < house.pv.available_w <= 6000
        house.step(NOON.replace(hour=1), 0.05)
        assert house.pv.available_w == 0

    @pytest.mark.parametrize("month", [1, 4, 7, 10])
    def test_cloud_only_takes_away(self, month: int) -> None:
        house = build_house(Settings(base_load_w=0, car_plugged=False))
        available = []
        for cloud in (0, 0.5, 0.9, 1):
            house.cloud = cloud
            house.step(NOON.replace(month=month), 0.05)
            available.append(house.pv.available_w)
        assert available == sorted(available, reverse=True)
        assert available[-1] < 0.5 * available[0]

    def test_a_limit_holds(self) -> None:
        house = build_house(Settings(base_load_w=0, car_plugged=False, cloud=0))
        run(house, 1)
        house.pv.limit_w = 1500
        run(house, 1)
        assert house.pv.power_w == pytest.approx(-1500)


class TestBaseLoad:
    def test_the_same_seed_gives_the_same_day_and_another_seed_another(self) -> None:
        times = [NOON + timedelta(minutes=5 * step) for step in range(288)]
        first, again, other = (generated_base_load(seed, HOME) for seed in (7, 7, 8))
        assert [first(time) for time in times] == [again(time) for time in times]
        assert [first(time) for time in times] != [other(time) for time in times]

    def test_a_generated_household_uses_what_households_use(self) -> None:
        load = generated_base_load(1, HOME)
        minutes = [load(NOON + timedelta(minutes=minute)) for minute in range(7 * 1440)]
        kwh_a_year = sum(minutes) / len(minutes) * 8.76
        assert 2000 < kwh_a_year < 6000
        assert min(minutes) > 100

    def test_a_recorded_home_is_followed_at_the_same_time_of_year(self, tmp_path: Path) -> None:
        path = tmp_path / "series.csv"
        path.write_text(
            "timestamp_utc,load_w\n2024-06-23T10:00:00Z,1000\n2024-06-23T11:00:00Z,\n"
            "2024-06-23T12:00:00Z,3000\n"
        )
        load = recorded_base_load(path, 1)
        year = timedelta(weeks=52)
        time = datetime.fromisoformat("2024-06-23T11:00:00Z")
        for years in range(3):
            assert load(time + years * year) == pytest.approx(2000, rel=0.04)

    def test_an_empty_record_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "series.csv"
        path.write_text("timestamp_utc,load_w\n")
        with pytest.raises(ValueError, match="no series"):
            recorded_base_load(path, 1)

    @pytest.mark.skipif(not SERIES.exists(), reason="the corpus of shared test data is not here")
    def test_the_real_series_gives_a_load_at_any_time(self) -> None:
        load = recorded_base_load(SERIES, 1)
        powers = [load(NOON + timedelta(hours=hour)) for hour in range(0, 24 * 400, 7)]
        assert min(powers) > 0
        assert max(powers) < 20_000


@pytest.mark.parametrize(
    ("time", "tariff"), [("2026-06-22T06:59", 1), ("2026-06-22T07:00", 2), ("2026-06-21T12:00", 1)]
)
def test_the_normal_tariff_runs_on_weekdays_from_seven_to_eleven(time: str, tariff: int) -> None:
    assert tariff_at(datetime.fromisoformat(time)) == tariff
