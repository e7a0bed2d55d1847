"""What a car is counted on to take before and after it has shown what it takes."""

import math
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging.car import ChargerMemory
from custom_components.home_flex.core.control.charging.taking import full_power_w, tries_w, with_session
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence

from .chargers import charger
from .plant import Car, on_fuse

ONE = PhaseEvidence(used=(0,), of=3)
TWO = PhaseEvidence(used=(0, 1), of=3)
THREE = PhaseEvidence(used=(0, 1, 2), of=3)


@pytest.mark.parametrize(
    ("charger_told", "vehicle", "full_w"),
    [
        # Before it has drawn: the slowest usual car.
        ({}, Vehicle(), 3680.0),
        ({"max_current_a": 32.0}, Vehicle(), 3680.0),
        ({"max_current_a": 10.0}, Vehicle(), 2300.0),
        ({"offered_phases": (1,)}, Vehicle(), 3680.0),
        # What it draws, also after it was paused or slowed.
        ({"max_current_a": 32.0}, Vehicle(drew=True, phases=THREE, most_w=4140.0), 11040.0),
        ({"max_current_a": 32.0}, Vehicle(drew=True, phases=THREE, most_w=22080.0), 22080.0),
        ({"max_current_a": 32.0}, Vehicle(drew=True, phases=TWO, most_w=7360.0), 7360.0),
        ({"max_current_a": 32.0}, Vehicle(drew=True, phases=ONE, most_w=3680.0, shown_a=16.0), 3680.0),
        ({"max_current_a": 32.0}, Vehicle(drew=True, phases=TWO, shown_a=16.0), 7360.0),
        ({"max_current_a": 10.0}, Vehicle(drew=True, phases=THREE, most_w=11040.0), 6900.0),
        # One that tells no currents is known by its power only.
        ({}, Vehicle(drew=True, most_w=11040.0), 11040.0),
        ({}, Vehicle(drew=True, most_w=1380.0), 3680.0),
        # One phase now, three once they are wanted.
        (
            {"offered_phases": (1, 3)},
            Vehicle(drew=True, phases=PhaseEvidence(used=(0,), of=1), phases_of_three=3, most_w=3680.0),
            11040.0,
        ),
        ({"offered_phases": (1, 3)}, Vehicle(drew=True, phases=PhaseEvidence(used=(0,), of=1)), 3680.0),
    ],
)
def test_what_a_car_is_counted_on_to_take(
    charger_told: dict[str, Any], vehicle: Vehicle, full_w: float
) -> None:
    assert full_power_w(charger(**charger_told), ChargerMemory(vehicle=vehicle)) == full_w


def test_the_slowest_of_the_last_cars_is_counted_on_until_this_one_draws() -> None:
    memory = ChargerMemory(sessions_w=(22080.0, 7360.0, 11040.0))

    assert full_power_w(charger(max_current_a=32.0), memory) == 7360.0
    assert full_power_w(charger(max_current_a=8.0), memory) == 5520.0


def test_a_session_that_ends_is_remembered_by_the_most_that_was_taken() -> None:
    nearly_full = Vehicle(drew=True, phases=THREE, most_w=7000.0, shown_a=3.0)
    slowed = Vehicle(drew=True, phases=THREE, most_w=4140.0)
    before = ChargerMemory(sessions_w=(1.0, 2.0, 3.0, 4.0))

    assert with_session(replace(before, vehicle=nearly_full), Vehicle(), charger())[-2:] == (4.0, 7000.0)
    assert with_session(replace(before, vehicle=slowed), Vehicle(), charger()) == (2.0, 3.0, 4.0, 11040.0)
    assert with_session(replace(before, vehicle=slowed), slowed, charger()) == before.sessions_w
    assert with_session(before, Vehicle(), charger()) == before.sessions_w


@pytest.mark.parametrize(
    ("charger_told", "memory", "tries"),
    [
        # Nobody has seen it: on the sun that carries its smallest current on one phase.
        ({}, ChargerMemory(), 1380.0),
        ({"min_current_a": 8.0, "voltage_v": 240.0}, ChargerMemory(), 1920.0),
        # Two phases are more than one; with one there is nothing to find out.
        ({"offered_phases": (2,), "wired_phases": (1, 2)}, ChargerMemory(), 1380.0),
        ({"offered_phases": (1,), "wired_phases": (1,)}, ChargerMemory(), math.inf),
        # It has drawn, or has shown its phases.
        ({}, ChargerMemory(vehicle=Vehicle(drew=True)), math.inf),
        ({}, ChargerMemory(vehicle=Vehicle(phases=ONE)), math.inf),
        # One of the last cars took no more than one phase carries, to the watt, or all took more.
        ({}, ChargerMemory(sessions_w=(11040.0, 3680.0)), 1380.0),
        ({}, ChargerMemory(sessions_w=(11040.0, 3681.0)), math.inf),
    ],
)
def test_on_how_much_sun_a_car_is_let_in_that_nobody_has_seen_charge(
    charger_told: dict[str, Any], memory: ChargerMemory, tries: float
) -> None:
    assert tries_w(charger(**charger_told), memory) == tries


@pytest.mark.parametrize(
    ("phases", "takes_a", "largest_a"), [(1, 16.0, 16.0), (2, 16.0, 32.0), (1, 16.0, 32.0), (3, 32.0, 32.0)]
)
def test_ready_by_is_kept_by_a_car_that_takes_less_than_its_charger_gives(
    phases: int, takes_a: float, largest_a: float
) -> None:
    car = Car(phases=phases, takes_a=takes_a, largest_a=largest_a, need_wh=15_000.0, deadline_s=6 * 3600.0)

    on_fuse([car], 35.0, hours=6.0)

    assert car.missing_wh <= 0
    assert len(car.closings) <= 2
