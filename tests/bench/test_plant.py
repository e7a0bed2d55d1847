"""The plant of the control bench: its devices, meter and breaker are as slow and as wrong as they say."""

import math
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.home_stack import control_bench
from scripts.home_stack.control_bench.battery import BatterySpec, Taper
from scripts.home_stack.control_bench.breaker import Breaker, trips_after_s
from scripts.home_stack.control_bench.channel import Channel, Rhythm
from scripts.home_stack.control_bench.charger import SWITCHING_S, CarSpec, Charger, ChargerSpec
from scripts.home_stack.control_bench.clouds import Sun, sky
from scripts.home_stack.control_bench.exchange import Order
from scripts.home_stack.control_bench.house import STEP_S, DeviceSpec, House, HouseSpec
from scripts.home_stack.control_bench.load import even, household, levels, wave
from scripts.home_stack.control_bench.meter import MeterSpec
from scripts.home_stack.control_bench.pv import PvSpec
from scripts.home_stack.control_bench.references import perfect_charge_w, unavoidable_ws
from scripts.home_stack.control_bench.response import Response

QUIET_METER = MeterSpec(noise_w=0.0)


def house(*devices: DeviceSpec, base_w: float = 1000.0, meter: MeterSpec = QUIET_METER) -> House:
    return House(HouseSpec(load=levels([base_w], each_s=1e9, phases=3), devices=devices, meter=meter))


def run(house: House, seconds: float) -> list[float]:
    """Run on; return the power of the first device after each step."""
    device = next(iter(house.devices.values()))
    powers = []
    for _ in range(round(seconds / STEP_S)):
        house.step()
        powers.append(device.power_w)
    return powers


def told(device: DeviceSpec, value: float | None, seconds: float = 30.0) -> list[float]:
    """Return the power of a device after each step, told a value at the start."""
    one = house(device)
    one.order(Order(device_id=device.device_id, value=value))
    return run(one, seconds)


def test_only_the_adapter_knows_the_product() -> None:
    folder = Path(control_bench.__file__).parent
    knowing = {path.name for path in folder.glob("*.py") if re.search(r"custom_components", path.read_text())}
    assert knowing == {"product.py"}


@pytest.mark.parametrize("dead_s", [0.5, 2.0, 5.0, 60.0])
def test_an_order_shows_after_its_dead_time(dead_s: float) -> None:
    powers = told(BatterySpec(response=Response(dead_s=dead_s, ramp_w_per_s=1e6)), -2000.0, dead_s + 1.0)
    assert powers.index(-2000.0) == round(dead_s / STEP_S) - 1
    assert set(powers[: powers.index(-2000.0)]) <= {0.0}


def test_power_moves_at_its_ramp() -> None:
    powers = told(BatterySpec(response=Response(dead_s=0.0, ramp_w_per_s=500.0)), 2000.0, 5.0)
    assert powers[:3] == [125.0, 250.0, 375.0]
    assert powers[-1] == 2000.0


def test_a_lag_covers_63_percent_of_the_way_in_its_time() -> None:
    powers = told(BatterySpec(response=Response(dead_s=0.0, lag_s=4.0, ramp_w_per_s=1e6)), 1000.0, 4.0)
    assert powers[-1] == pytest.approx(1000.0 * (1.0 - math.exp(-1.0)))


@pytest.mark.parametrize(
    ("spec", "value", "power_w"),
    [
        (BatterySpec(response=Response(gain=0.5)), -3000.0, -1500.0),
        (BatterySpec(clip_w=2000.0), -5000.0, -2000.0),
        (BatterySpec(clip_w=2000.0), 5000.0, 2000.0),
        (BatterySpec(response=Response(step_w=500.0)), 1300.0, 1500.0),
        (BatterySpec(response=Response(step_w=500.0)), -1200.0, -1000.0),
        (BatterySpec(response=Response(turned=True)), -1200.0, 1200.0),
        (BatterySpec(soc=0.0), -1200.0, 0.0),
        (BatterySpec(soc=1.0), 1200.0, 0.0),
        (PvSpec(sun=Sun(3000.0)), 1200.0, -1200.0),
        (PvSpec(sun=Sun(3000.0)), 5000.0, -3000.0),
        (PvSpec(sun=Sun(3000.0), response=Response(step_w=400.0)), 1100.0, -1200.0),
        (ChargerSpec(), 10.9, 10.0 * 690.0),
        (ChargerSpec(), 5.9, 0.0),
        (ChargerSpec(car=CarSpec(max_a=10.0)), 16.0, 6900.0),
        (ChargerSpec(car=CarSpec(phases=1)), 16.0, 3680.0),
        (ChargerSpec(car=CarSpec(least_a=8.0)), 7.0, 0.0),
    ],
)
def test_what_a_device_makes_of_an_order(spec: DeviceSpec, value: float, power_w: float) -> None:
    assert told(spec, value)[-1] == pytest.approx(power_w)


def test_a_taper_takes_power_away_second_by_second() -> None:
    powers = told(BatterySpec(taper=Taper(start_s=10.0, w_per_s=100.0, least_w=3500.0)), 5000.0, 40.0)
    assert powers[round(10.0 / STEP_S) - 1] == 5000.0
    assert powers[round(20.0 / STEP_S) - 1] == pytest.approx(4000.0)
    assert powers[-1] == 3500.0


def test_each_fifth_order_is_swallowed() -> None:
    one = house(BatterySpec(response=Response(dead_s=0.0, ramp_w_per_s=1e6, ignores_every=5)))
    followed = []
    for number in range(1, 11):
        one.order(Order(device_id="battery", value=100.0 * number))
        followed.append(run(one, STEP_S)[-1] == 100.0 * number)
    assert followed == [True, True, True, True, False] * 2


def test_an_order_that_is_not_renewed_ends() -> None:
    one = house(BatterySpec(response=Response(dead_s=1.0)))
    one.order(Order(device_id="battery", value=-2000.0, expires_in_s=10.0))
    powers = run(one, 20.0)
    assert powers[round(10.5 / STEP_S)] == -2000.0
    assert powers[-1] == 0.0


def test_an_order_is_beyond_a_battery_only_by_more_than_a_tolerance() -> None:
    battery = house(BatterySpec(clip_w=2000.0)).devices["battery"]
    assert [battery.beyond(value) for value in (-2000.0, -2200.0, -2300.0, 2300.0)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_battery_left_to_itself_brings_the_meter_to_zero() -> None:
    one = house(BatterySpec(own_lag_s=2.0), base_w=1500.0)
    run(one, 20.0)
    assert abs(one.grid_w) < 25.0


def test_a_battery_counts_its_energy() -> None:
    one = house(BatterySpec(soc=0.5, capacity_wh=10000.0, response=Response(dead_s=0.0, ramp_w_per_s=1e9)))
    one.order(Order(device_id="battery", value=3600.0))
    run(one, 1000.0)
    assert one.reports["battery"].soc == pytest.approx(0.6, abs=1e-3)


@pytest.mark.parametrize("age_s", [0.0, 2.0, 10.0])
def test_a_report_is_as_old_as_it_says(age_s: float) -> None:
    one = house(BatterySpec(rhythm=Rhythm(age_s=age_s), response=Response(dead_s=0.0, ramp_w_per_s=1e9)))
    run(one, 20.0)
    one.order(Order(device_id="battery", value=1000.0))
    seen_s = next(number * STEP_S for number in range(1, 99) if run(one, STEP_S) and _tells(one, 1000.0))
    assert age_s <= seen_s <= age_s + 1.0


def test_a_turned_reading_tells_the_other_sign_of_what_flows() -> None:
    one = house(BatterySpec(reading_turned=True))
    one.order(Order(device_id="battery", value=-1000.0))
    assert run(one, 10.0)[-1] == -1000.0
    assert one.reports["battery"].power_w == 1000.0


def deliveries(rhythm: Rhythm, length_s: float) -> list[float]:
    channel = Channel[float](rhythm, random.Random(1))  # noqa: S311 # repeatable, no secret
    times = (number * STEP_S for number in range(1, round(length_s / STEP_S) + 1))
    return [now_s for now_s in times if channel.step(now_s, lambda: 0.0) is not None]


def test_a_meter_speaks_in_its_rhythm_within_its_jitter() -> None:
    heard_s = deliveries(Rhythm(period_s=10.0, age_s=3.0, jitter_s=1.0), 1000.0)
    assert len(heard_s) == 100
    assert all(3.0 <= at_s - 10.0 * number <= 4.5 for number, at_s in enumerate(heard_s))


def test_a_meter_loses_its_share_of_telegrams() -> None:
    heard_s = deliveries(Rhythm(loss=0.2), 5000.0)
    assert 0.77 < len(heard_s) / 5000.0 < 0.83


def test_a_dead_meter_delivers_only_what_was_under_way() -> None:
    assert deliveries(Rhythm(age_s=2.0, dies_s=10.0), 100.0)[-1] == 11.0


def test_a_telegram_tells_the_past_in_whole_watts_and_phases_only_if_it_may() -> None:
    load = wave(even(1000.4, 3), even(4000.4, 3), half_s=10.0, length_s=30.0)
    for tells in (True, False):
        meter = MeterSpec(rhythm=Rhythm(age_s=5.0), noise_w=0.0, tells_phases=tells)
        one = House(HouseSpec(load=load, devices=(), meter=meter))
        for _ in range(round(14.0 / STEP_S)):
            one.step()
        assert one.heard is not None
        assert one.grid_w == pytest.approx(4000.4)
        assert one.heard.telegram.power_w == 999.0
        assert one.heard.telegram.phase_w == ((333.0,) * 3 if tells else ())


def charger_of(one: House) -> Charger:
    charger = one.devices["charger"]
    assert isinstance(charger, Charger)
    return charger


def test_a_sleepy_car_begins_late_and_its_start_is_counted() -> None:
    one = house(ChargerSpec(car=CarSpec(wakes_s=30.0), charging=False))
    powers = run(one, 60.0)
    assert powers[round(29.0 / STEP_S)] == 0.0
    assert powers[-1] == 11040.0
    assert len(charger_of(one).starts_s) == 1


def test_a_car_stops_when_it_is_full() -> None:
    one = house(ChargerSpec(car=CarSpec(needs_wh=100.0)))
    assert run(one, 60.0)[-1] == 0.0
    assert one.reports["charger"].status == "SuspendedEV"
    assert charger_of(one).charged_wh == pytest.approx(100.0, abs=5.0)


def test_a_one_phase_car_loads_the_first_wired_phase() -> None:
    one = house(ChargerSpec(wired=(2, 3, 1), car=CarSpec(phases=1)), base_w=0.0)
    run(one, 10.0)
    assert one.phase_a == pytest.approx((0.0, 16.0, 0.0))
    assert one.reports["charger"].phase_a == (16.0, 0.0, 0.0)


def test_switching_phases_opens_the_contactor_and_counts_as_a_start() -> None:
    one = house(ChargerSpec(switches_phases=True))
    run(one, 10.0)
    one.order(Order(device_id="charger", value=16.0, phases=1))
    powers = run(one, SWITCHING_S + 20.0)
    assert powers[round((SWITCHING_S - 5.0) / STEP_S)] == 0.0
    assert powers[-1] == 3680.0
    assert len(charger_of(one).starts_s) == 1


# Seconds until a B breaker with a time constant of 30 s trips: preload, then by current over the rated one.
TRIPS_S = {
    0.0: {1.2: 65.0, 1.3: 42.0, 1.45: 28.0, 1.6: 21.0, 1.7: 17.5, 2.0: 11.5},
    0.9: {1.2: 40.0, 1.3: 23.0, 1.45: 13.0, 1.6: 9.3, 1.7: 7.6, 2.0: 4.7},
    1.0: {1.2: 30.0, 1.3: 15.0, 1.45: 8.7, 1.6: 5.9, 1.7: 4.8, 2.0: 2.9},
}


@pytest.mark.parametrize(("before", "current"), [(b, i) for b, row in TRIPS_S.items() for i in row])
def test_a_breaker_trips_when_its_curve_says(before: float, current: float) -> None:
    expected_s = TRIPS_S[before][current]
    assert trips_after_s(current, before) == pytest.approx(expected_s, rel=0.04)
    breaker = Breaker(25.0)
    breaker.step(25.0 * before, STEP_S)
    passed_s = 0.0
    while not breaker.tripped:
        breaker.step(25.0 * current, STEP_S)
        passed_s += STEP_S
    assert passed_s == pytest.approx(expected_s, rel=0.04, abs=STEP_S)


def test_a_breaker_keeps_the_points_of_the_norm() -> None:
    assert trips_after_s(1.13) == math.inf
    assert trips_after_s(1.45, before=1.0) < 3600.0
    assert 1.0 <= trips_after_s(2.55) <= 60.0
    assert trips_after_s(3.0) == 0.0


@given(st.floats(1.14, 2.9), st.floats(0.0, 1.0), st.floats(0.001, 0.1))
def test_more_current_or_more_preload_never_trips_later(current: float, before: float, more: float) -> None:
    assert trips_after_s(current + more, before) <= trips_after_s(current, before)
    assert trips_after_s(current, min(1.0, before + more)) <= trips_after_s(current, before)


@pytest.mark.parametrize(("age_s", "dead_s"), [(0.0, 0.5), (2.0, 2.0), (5.0, 5.0)])
def test_the_floor_is_what_age_sampling_dead_time_and_ramp_make_unavoidable(
    age_s: float, dead_s: float
) -> None:
    # One step of 1,800 W over the limit, half a second before the next measurement.
    load = wave(even(800.0, 3), even(3800.0, 3), half_s=60.0, length_s=110.0, from_s=0.5)
    spec = HouseSpec(
        load=load,
        devices=(BatterySpec(response=Response(dead_s=dead_s)),),
        meter=MeterSpec(rhythm=Rhythm(age_s=age_s)),
    )
    floor_ws = unavoidable_ws(House(spec), limit_w=2000.0, length_s=110.0, from_s=10.0)
    arithmetic_ws = 1800.0 * (0.5 + age_s + dead_s) + 1800.0**2 / (2.0 * 5000.0)
    assert floor_ws == pytest.approx(arithmetic_ws, abs=1800.0 * STEP_S)


@pytest.mark.parametrize(
    ("surplus_w", "phases", "power_w"),
    [(1379.0, 1, 0.0), (1380.0, 1, 1380.0), (9000.0, 1, 3680.0), (4139.0, 3, 0.0), (9000.0, 3, 9000.0)],
)
def test_the_perfect_follower_takes_all_it_may_and_nothing_below_six_amperes(
    surplus_w: float, phases: int, power_w: float
) -> None:
    assert perfect_charge_w(surplus_w, phases, 16.0) == power_w


def test_clouds_take_between_half_and_nine_tenths_and_are_as_long_as_the_sun() -> None:
    sun = sky("c2", peak_w=1000.0, seed=4, length_s=36000.0)
    powers = [sun.power_w(float(second)) for second in range(36000)]
    assert min(powers) >= 100.0
    assert max(powers) == 1000.0
    assert 0.4 < sum(power_w <= 500.0 for power_w in powers) / len(powers) < 0.6


def test_a_household_draws_its_base_and_more_by_turns() -> None:
    load = household(base_w=300.0, phases=3, length_s=7200.0, seed=2)
    totals = [sum(load.at(float(second))) for second in range(0, 7200, 10)]
    assert min(totals) == pytest.approx(300.0)
    assert max(totals) >= 2300.0


def test_the_same_seed_is_the_same_house_and_another_is_not() -> None:
    def heard(seed: int) -> Sequence[float]:
        spec = HouseSpec(load=levels([500.0], each_s=1e9, phases=3), devices=(), seed=seed)
        one = House(spec)
        powers = []
        for _ in range(200):
            one.step()
            assert one.heard is not None
            powers.append(one.heard.telegram.power_w)
        return powers

    assert heard(1) == heard(1)
    assert heard(1) != heard(2)


def _tells(one: House, power_w: float) -> bool:
    return one.reports["battery"].power_w == power_w
