"""What was steered is re-run, what was not is as it was measured."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.settlement.baselines import Baseline, Missing
from custom_components.home_flex.core.settlement.baselines.as_dispatched import (
    Dispatched,
    NotMetered,
    Tried,
    as_dispatched,
)
from custom_components.home_flex.core.settlement.heat import HeatDay, heat_use_wh
from custom_components.home_flex.core.settlement.rerun import Battery, Car, Cover, Rest, Set, batteries_run

QUARTER_MS = 900_000
BATTERY = Battery(
    stored_wh=5000,
    lowest_wh=1000,
    highest_wh=10000,
    most_in_w=5000,
    most_out_w=5000,
    charging_per_mille=950,
    discharging_per_mille=950,
)


def _net(**parts: object) -> tuple[int, ...] | Missing | NotMetered:
    known: dict[str, object] = {
        "lengths_ms": (QUARTER_MS, QUARTER_MS),
        "rest_wh": (500, 500),
        "sun_wh": (0, 0),
        "most_w": 17_248,
        **parts,
    }
    answer = as_dispatched(Dispatched(**known))  # type: ignore[arg-type] # a table of parts
    return answer.use_wh if isinstance(answer, Baseline) else answer


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, (500, 500)),
        ({"sun_wh": (-300, -800)}, (200, -300)),
        ({"cars": (Car(plugged=(True, True), allowed_wh=(2750, 2750), need_wh=3000),)}, (3250, 750)),
        ({"cars": (Car(plugged=(False, True), allowed_wh=(2750, 2750), need_wh=9000),)}, (500, 3250)),
        ({"heat_wh": ((400, 300),)}, (900, 800)),
        ({"batteries": ((BATTERY, (Cover(), Cover())),)}, (0, 0)),
        ({"batteries": ((BATTERY, (Rest(), Set(energy_wh=1000))),)}, (500, 1500)),
        ({"rest_wh": (9000, -9000)}, (4312, -4312)),
        ({"rest_wh": (500, None)}, Missing.NOT_MEASURED_AFTER),
        ({"sun_wh": (None, 0)}, Missing.NOT_MEASURED_AFTER),
        ({"unknown": NotMetered.LIMITED_SUN}, NotMetered.LIMITED_SUN),
    ],
    ids=str,
)
def test_what_the_connection_would_have_taken(parts: dict[str, object], expected: object) -> None:
    assert _net(**parts) == expected


def _width(batteries: object, *off_wh: int) -> int | None:
    told = Dispatched(
        lengths_ms=(QUARTER_MS,) * 4,
        rest_wh=(500,) * 4,
        sun_wh=(0,) * 4,
        batteries=batteries,  # type: ignore[arg-type] # a table of parts
        most_w=17_248,
        tried=tuple(Tried(date=date(2026, 11, 1), used_wh=each, said_wh=0) for each in off_wh),
        tried_ms=4 * QUARTER_MS,
    )
    answer = as_dispatched(told)
    assert isinstance(answer, Baseline)
    return answer.half_width_wh


# Eight figures in whole Wh: 1.645 times the root of 8 / 12 is 1.3. A battery that is nearly empty: half a per
# cent of 10,000 Wh is 50 Wh in the store and 48 Wh at the meter; 1.645 times the root of (2 x 48)² / 12, and
# of 1 / 12 of each of twelve figures, is 45.6.
@pytest.mark.parametrize(
    ("stored_wh", "off_wh", "expected"),
    [
        (None, [0] * 8, None),
        (None, [0] * 9, 2),
        (None, [100] * 9, 101),
        (None, [-30] * 20, 31),
        (5000, [0] * 9, 2),
        (1100, [0] * 9, 46),
        (1000, [0] * 9, 45),
        (1100, [100] * 9, 110),
    ],
    ids=str,
)
def test_what_is_told_in_steps_leaves_something_open(
    stored_wh: int | None, off_wh: list[int], expected: int | None
) -> None:
    batteries = () if stored_wh is None else ((replace(BATTERY, stored_wh=stored_wh), (Cover(),) * 4),)
    assert _width(batteries, *off_wh) == expected


CAR = Car(plugged=(True, True), allowed_wh=(2000, 2000), need_wh=9000)


@pytest.mark.parametrize(("with_cars", "expected"), [(False, (2000, 2000)), (True, (1250, 1250))])
def test_a_battery_covers_the_car_only_by_its_rule(*, with_cars: bool, expected: tuple[int, int]) -> None:
    rule = Cover(with_cars=with_cars)
    assert _net(cars=(CAR,), batteries=((BATTERY, (rule, rule)),)) == expected


# 1,000 Wh out of 950 per mille are 1,053 in the store; 1,000 Wh into it are 950.
def test_a_battery_loses_on_the_way_in_and_out() -> None:
    after, done_wh = BATTERY.stepped(-1000, QUARTER_MS)
    assert (after.stored_wh, done_wh) == (3947, -1000)
    after, done_wh = BATTERY.stepped(1000, QUARTER_MS)
    assert (after.stored_wh, done_wh) == (5950, 1000)


def test_the_second_battery_sees_what_the_first_left() -> None:
    rows = batteries_run(
        ((BATTERY, (Cover(),)), (BATTERY, (Cover(),))),
        lengths_ms=(QUARTER_MS,),
        house_wh=(2000,),
        cars_wh=(0,),
    )
    assert rows == ((-1250,), (-750,))


@given(st.lists(st.integers(-3000, 3000), max_size=50), st.integers(700, 1000), st.integers(700, 1000))
def test_no_energy_is_made(wanted: list[int], charging: int, discharging: int) -> None:
    battery = Battery(
        stored_wh=0,
        lowest_wh=0,
        highest_wh=5000,
        most_in_w=10_000,
        most_out_w=10_000,
        charging_per_mille=charging,
        discharging_per_mille=discharging,
    )
    meter_wh = 0
    for wish_wh in wanted:
        battery, done_wh = battery.stepped(wish_wh, QUARTER_MS)
        meter_wh += done_wh
        assert 0 <= battery.stored_wh <= 5000
        assert meter_wh >= battery.stored_wh


def _heat(days: int, outdoor_dk: int, before_wh: int | None) -> tuple[int, ...] | Missing:
    usual = HeatDay(window_wh=(600, 400), before_wh=1000, outdoor_dk=50)
    return heat_use_wh([usual] * days, outdoor_dk=outdoor_dk, before_wh=before_wh)


@pytest.mark.parametrize(
    ("before_wh", "expected"),
    [(1000, (600, 400)), (1500, (900, 600)), (9000, (1200, 800)), (0, (300, 200)), (None, (600, 400))],
    ids=str,
)
def test_heat_follows_how_hard_it_worked_before(before_wh: int | None, expected: tuple[int, ...]) -> None:
    assert _heat(10, 50, before_wh) == expected


def test_heat_needs_five_days() -> None:
    assert _heat(4, 50, 1000) is Missing.TOO_FEW_DAYS


# Eleven days from 0 to 10 degrees, 100 Wh less for each: the ridge leaves 110 / 130 of the slope.
def test_a_colder_window_needs_more_heat() -> None:
    days = [
        HeatDay(window_wh=(2000 - 100 * degree,), before_wh=1500, outdoor_dk=10 * degree)
        for degree in range(11)
    ]
    assert heat_use_wh(days, outdoor_dk=0, before_wh=1500) == (1500 + round(500 * 110 / 130),)
