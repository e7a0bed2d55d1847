"""The arbiter in a house that answers late: limits are reached, kept and given back without oscillating."""

from itertools import pairwise

import pytest

from custom_components.home_flex.core.events.model import Command, PayloadType, Source

from .house import House, command

IMPORT_2KW = command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000)
EXPORT_1KW = command(PayloadType.EXPORT_CAPACITY_LIMIT, 1000)


def share_below(powers: list[float], limit_w: float) -> float:
    return sum(power <= limit_w for power in powers) / len(powers)


def travel_w(powers: list[float]) -> float:
    return sum(abs(after - before) for before, after in pairwise(powers))


@pytest.mark.parametrize("tick_s", [0.5, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_an_import_limit_is_reached_within_three_seconds_and_kept(seed: int, tick_s: float) -> None:
    house = House(car_max_a=16, noise_w=25, seed=seed)
    house.run(5, tick_s=tick_s)
    house.run(3, IMPORT_2KW, tick_s=tick_s)
    powers = house.run(300, IMPORT_2KW, tick_s=tick_s)
    assert share_below(powers, 2000) >= 0.97
    assert min(powers) > 1500


@pytest.mark.parametrize(
    ("delay_s", "ramp", "period_s"), [(0.3, 3000, 1.0), (0.8, 8000, 1.0), (0.5, 2500, 2.0)]
)
def test_slow_devices_reach_the_limit_without_pausing_the_car(
    delay_s: float, ramp: float, period_s: float
) -> None:
    house = House(car_max_a=16)
    house.battery.delay_s, house.battery.ramp_w_per_s, house.battery.period_s = delay_s, ramp, period_s
    house.charger.ramp_w_per_s, house.charger.period_s = 2000, 5.0
    house.run(5)
    house.run(8, IMPORT_2KW)
    powers = house.run(120, IMPORT_2KW)
    assert share_below(powers, 2000) >= 0.97
    assert house.charger.power_w > 5500


def test_a_load_step_is_taken_up_within_three_seconds() -> None:
    house = House(car_max_a=16)
    house.run(60, IMPORT_2KW)
    house.base_w = 2500
    house.run(3, IMPORT_2KW)
    assert share_below(house.run(60, IMPORT_2KW), 2000) >= 0.97


def test_noise_does_not_make_the_devices_travel() -> None:
    house = House(car_max_a=16, noise_w=20)
    house.run(20, IMPORT_2KW)
    writes = house.battery.writes + house.charger.writes
    powers = house.run(300, IMPORT_2KW)
    assert house.battery.writes + house.charger.writes - writes < 45
    # The noise itself travels about 23 W a second.
    assert travel_w(powers) < 300 * 60


def test_a_square_wave_load_is_followed_without_overshoot() -> None:
    house = House(base_w=500)
    house.run(10, IMPORT_2KW)
    worst = 0.0
    for _ in range(10):
        for base in (4000, 500):
            house.base_w = base
            house.run(3, IMPORT_2KW)
            worst = max(worst, *house.run(7, IMPORT_2KW))
    assert worst <= 2000
    # At most a few writes per step: out, and back once the room has lasted.
    assert house.battery.writes <= 20 * 3


def test_everything_is_handed_back_soon_once_and_one_after_the_other() -> None:
    house = House(car_max_a=16, sun_w=0)
    house.run(5)
    house.run(60, IMPORT_2KW)
    writes = {name: device.writes for name, device in house.devices.items()}
    powers = house.run(30)
    assert powers[7] == pytest.approx(11540, abs=200)
    for name in ("battery", "charger"):
        assert house.devices[name].value is None
        assert house.devices[name].writes == writes[name] + 1
    assert house.pv.writes == 0


def test_a_battery_with_ample_room_is_left_alone() -> None:
    house = House(base_w=800)
    house.run(60, IMPORT_2KW)
    assert house.battery.writes == 0


def test_export_is_limited_by_charging_first_and_curtailing_then() -> None:
    house = House(base_w=300, sun_w=7000)
    house.run(5)
    house.run(3, EXPORT_1KW)
    powers = house.run(120, EXPORT_1KW)
    assert sum(power >= -1000 for power in powers) / len(powers) >= 0.97
    assert house.battery.power_w == pytest.approx(5000, abs=80)
    assert house.pv.power_w == pytest.approx(-6230, abs=120)


def test_a_full_battery_leaves_the_export_limit_to_the_inverter() -> None:
    house = House(base_w=300, sun_w=7000, soc=1.0)
    house.run(5)
    house.run(3, EXPORT_1KW)
    powers = house.run(120, EXPORT_1KW)
    assert sum(power >= -1000 for power in powers) / len(powers) >= 0.97
    assert -1000 <= min(powers[5:]) <= max(powers[5:]) < -800


def test_the_sun_is_curtailed_too_while_the_grid_operator_empties_the_battery() -> None:
    house = House(sun_w=5000, soc=1.0)
    house.pv.wired = (1,)
    empty = command(
        PayloadType.CHARGE_STATE_SETPOINT, 0.0, source=Source.GRID_OPERATOR, event_id="empty", priority=None
    )
    house.run(30, empty, command(PayloadType.EXPORT_CAPACITY_LIMIT, 0.0))
    assert house.pv.power_w == pytest.approx(0.0, abs=1)
    assert house.battery.power_w == pytest.approx(-5000, abs=60)
    assert max(map(abs, house.phases)) < 25 * 230


def test_curtailed_sun_comes_back_when_the_house_draws_more() -> None:
    house = House(base_w=300, sun_w=7000, soc=1.0)
    house.run(30, EXPORT_1KW)
    house.base_w = 3300
    house.run(15, EXPORT_1KW)
    assert house.pv.power_w == pytest.approx(-4230, abs=150)


def test_production_is_free_again_after_the_event() -> None:
    house = House(base_w=300, sun_w=7000, soc=1.0)
    house.run(30, EXPORT_1KW)
    house.run(5)
    assert house.pv.power_w == -7000


@pytest.mark.parametrize("target", [-2000.0, 0.0, 2500.0, 4000.0])
def test_a_target_is_met_both_ways(target: float) -> None:
    house = House(base_w=800, sun_w=2000)
    house.run(5)
    house.run(3, command(PayloadType.DISPATCH_SETPOINT, target))
    powers = house.run(60, command(PayloadType.DISPATCH_SETPOINT, target))
    assert sum(powers) / len(powers) == pytest.approx(target, abs=60)
    assert max(abs(power - target) for power in powers) < 250


def test_a_relative_setpoint_holds_to_the_power_before_the_event() -> None:
    house = House(base_w=3000)
    house.run(60)
    asked = command(PayloadType.DISPATCH_SETPOINT_RELATIVE, -1500, baseline_w=3000)
    house.run(3, asked)
    assert sum(house.run(30, asked)) / 30 == pytest.approx(1500, abs=60)


def test_a_single_phase_car_counts_only_on_its_phase() -> None:
    house = House(car_max_a=16, car_phases=1, base_w=7500, base_phases=(0.7, 0.15, 0.15), noise_w=5)
    house.run(20)
    house.run(60)
    assert max(house.phases) <= 25 * 230
    assert house.charger.value is not None


@pytest.mark.parametrize("base_w", [9000, 12000, 14000])
def test_the_fuse_is_kept_without_any_event(base_w: float) -> None:
    house = House(car_max_a=16, base_w=base_w, noise_w=30)
    house.run(4)
    powers = house.run(120)
    assert max(powers) <= 3 * 25 * 230


def test_the_car_gets_all_of_the_fuse_back_when_the_house_draws_less() -> None:
    house = House(car_max_a=16, base_w=12000)
    house.run(60)
    house.base_w = 500
    house.run(90)
    assert house.charger.power_w == pytest.approx(11040)
    assert house.charger.value is None


def test_the_fuse_holds_while_an_aggregator_asks_for_more() -> None:
    house = House(car_max_a=16, base_w=9000)
    more = command(PayloadType.DISPATCH_SETPOINT, 40000)
    house.run(5, more)
    assert max(house.run(60, more)) <= 3 * 25 * 230


@pytest.mark.parametrize(
    ("strong", "weak"),
    [(Source.GRID_OPERATOR, Source.AGGREGATOR), (Source.GRID_OPERATOR, Source.RESIDENT)],
)
def test_a_target_never_breaks_the_grid_operators_limit(strong: Source, weak: Source) -> None:
    commands: tuple[Command, ...] = (
        command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000, source=strong, event_id="a", priority=9),
        command(PayloadType.DISPATCH_SETPOINT, 6000, source=weak, event_id="b", priority=0),
    )
    house = House(base_w=800)
    house.run(5, *commands)
    powers = house.run(60, *commands)
    assert share_below(powers, 2000) >= 0.97
    assert min(powers) > 1700


def test_a_fall_of_the_load_is_seen_below_a_limit_of_the_sun_that_does_not_bind() -> None:
    export_0 = command(PayloadType.EXPORT_CAPACITY_LIMIT, 0)
    house = House(car_max_a=0, base_w=3000, sun_w=9000)
    house.run(60, export_0)
    assert house.pv.value is not None
    house.sun_w = 3000
    house.run(120, export_0)
    house.base_w = 600
    house.run(10, export_0)
    assert house.pv.value is not None
    assert min(house.run(60, export_0)) >= -50
