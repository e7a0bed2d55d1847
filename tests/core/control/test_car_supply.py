"""What there is for cars: the sun that house and batteries leave them, and what the lines do."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.asked import Lines
from custom_components.home_flex.core.control.car_supply import claim_w, rooms, surplus_w
from custom_components.home_flex.core.control.charging import Room
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import DeviceMemory
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.model import Owner

from .charging.chargers import charger
from .parts import ALL, ON_L1, PER_A, battery, car, held, joint, lines, sun

COVERS = DeviceMemory(covers=True)
CARS = frozenset({"car"})


def left_w(*devices: Flexibility, rest_w: float = 500.0, asked: Lines | None = None) -> float:
    return surplus_w(devices, CARS, asked or lines(devices), rest_w)


def test_cars_get_what_the_sun_gives_beyond_the_house() -> None:
    assert left_w(car(), sun(given_w=-4000.0)) == 3500.0
    assert left_w(car()) == -500.0
    assert left_w(car(), car("other", 3000.0, high_w=3000.0), sun(given_w=-4000.0)) == 500.0


@pytest.mark.parametrize(
    ("store", "left"),
    [
        # A battery that covers the house takes what it can first, and gives what is missing.
        (battery(memory=COVERS), 0.0),
        (battery(memory=COVERS, high_w=2000.0), 1500.0),
        (battery(memory=DeviceMemory(taken=Owner.AGGREGATOR)), 0.0),
        # From where it holds enough for the house on it takes what cars leave.
        (battery(memory=COVERS, soc=0.8), 3500.0),
        # What a battery takes by itself that does not cover the house.
        (battery(power_w=1200.0), 2300.0),
        (battery(power_w=-1200.0), 3500.0),
        # One that does not follow goes on as it does; what it gives is not for cars.
        (battery(power_w=-1200.0, stuck=True), 3500.0),
        (battery(power_w=1200.0, soc=0.9, stuck=True), 2300.0),
    ],
)
def test_batteries_come_first_until_they_hold_enough_for_the_house(store: Flexibility, left: float) -> None:
    assert left_w(car(), sun(given_w=-4000.0), store) == pytest.approx(left)


def test_what_a_battery_must_take_is_not_the_cars_and_what_it_must_give_neither() -> None:
    devices = (car(), sun(given_w=-4000.0), battery(soc=0.9))
    charges = lines(devices, restrictions=(held("battery", low_w=1000.0),))
    assert left_w(*devices, asked=charges) == 2500.0
    gives = lines(devices, restrictions=(held("battery", high_w=-1000.0, low_w=-1000.0),))
    assert left_w(*devices, asked=gives) == 3500.0
    devices = (car(), sun(given_w=-4000.0), battery(memory=COVERS))
    assert left_w(*devices, asked=lines(devices, restrictions=(held("battery", high_w=700.0),))) == 2800.0


def test_without_sun_no_battery_gives_for_cars() -> None:
    assert left_w(car(), battery(memory=COVERS), rest_w=800.0) == -800.0


@pytest.mark.parametrize(
    ("store", "claims"),
    [
        (battery(memory=COVERS), 900.0),
        (battery(memory=COVERS, soc=0.79), 900.0),
        (battery(memory=COVERS, soc=0.8), 0.0),
        (battery(memory=DeviceMemory(covers=False), power_w=300.0), 300.0),
        (battery(memory=DeviceMemory(covers=False, taken=Owner.PLAN), power_w=300.0), 900.0),
        (battery(power_w=-300.0), 0.0),
        (battery(power_w=-300.0, stuck=True), -300.0),
    ],
)
def test_what_a_battery_takes_before_cars(store: Flexibility, claims: float) -> None:
    assert claim_w(store, 900.0, 5000.0) == claims
    assert claim_w(store, 900.0, 400.0) == (400.0 if claims == 900.0 else claims)


def room(
    *joints: Joint,
    others: tuple[Flexibility, ...] = (),
    cars: tuple[Flexibility, ...] = (),
    rest_w: float = 0.0,
    phase_of: dict[int, int] | None = None,
    asked: Lines | None = None,
) -> tuple[Room, ...]:
    cars = cars or (car(),)
    devices = (*cars, *others)
    chargers = [charger(device_id=one.device_id) for one in cars]
    return rooms(devices, chargers, asked or lines(devices, *joints), rest_w, phase_of or {})


def test_a_limit_leaves_cars_what_it_allows() -> None:
    assert room(joint(high_w=5000.0)) == (Room(members=CARS, power_w=5000.0, owner=Owner.AGGREGATOR),)
    assert room(joint(high_w=-100.0))[0].power_w == 0.0
    assert room(joint(low_w=-100.0)) == ()
    assert room() == ()


def test_others_draw_from_it_what_they_would_by_themselves() -> None:
    assert room(joint(high_w=5000.0), others=(sun(given_w=-1000.0),))[0].power_w == 6000.0
    other = replace(car("other", 2000.0), wish_w=2000.0)
    found = rooms((car(), other), [charger()], lines((car(), other), joint(high_w=5000.0)), 0.0, {})
    assert found[0].power_w == 3000.0


def test_under_a_limit_batteries_help_with_all_they_may_give() -> None:
    assert room(joint(high_w=5000.0), others=(battery(),))[0].power_w == 10_000.0
    devices = (car(), battery())
    bound = lines(devices, joint(high_w=5000.0), restrictions=(held("battery", low_w=-800.0),))
    assert room(others=(battery(),), asked=bound)[0].power_w == 5800.0
    charges = lines(devices, joint(high_w=5000.0), restrictions=(held("battery", low_w=700.0),))
    assert room(others=(battery(),), asked=charges)[0].power_w == 4300.0


def test_under_a_fuse_only_as_far_as_the_smallest_currents_need_it() -> None:
    fuse = joint(high_w=3000.0, owner=Owner.FUSE)
    assert room(fuse, others=(battery(),))[0].power_w == 6 * PER_A
    assert room(fuse, others=(battery(low_w=-500.0),))[0].power_w == 3500.0
    assert room(replace(fuse, high_w=9000.0), others=(battery(),))[0].power_w == 9000.0
    two = (car(), replace(car("other"), is_ready=False))
    assert room(fuse, others=(battery(),), cars=two)[0].power_w == 6 * PER_A
    two = (car(), car("other"))
    assert room(fuse, others=(battery(),), cars=two)[0].power_w == pytest.approx(8000.0)


def test_the_headroom_of_a_fuse_is_the_cars_alone_to_keep() -> None:
    headroom = replace(joint(high_w=3000.0, owner=Owner.FUSE), is_headroom=True)
    assert room(headroom, others=(battery(),))[0].power_w == 3000.0
    assert room(headroom, others=(battery(power_w=500.0),))[0].power_w == 2500.0


def test_only_those_count_that_hang_there_and_may_be_steered() -> None:
    cars = (car(share=ON_L1), car("other", share=(1.0, 0.0, 1.0, 0.0)))
    assert room(joint(high_w=5000.0, node=1), cars=cars)[0].members == CARS
    assert room(joint(high_w=5000.0, node=3), cars=cars) == ()
    spared = replace(car("other"), device=replace(car("other").device, is_spared=True))
    assert room(joint(high_w=5000.0), cars=(car(), spared))[0].members == CARS
    assert room(joint(high_w=5000.0, owner=Owner.FUSE), cars=(car(), spared))[0].members == {"car", "other"}


def test_of_a_phase_the_current_is_told_and_of_a_sum_the_power() -> None:
    fuse = joint(high_w=2300.0, node=2, owner=Owner.FUSE)
    (found,) = room(fuse, phase_of={2: 2})
    assert found == Room(members=CARS, phase_a=(math.inf, 10.0, math.inf), owner=Owner.FUSE)
    (found,) = room(joint(high_w=2300.0, node=1), phase_of={2: 2})
    assert found.power_w == pytest.approx(6900.0)
    (found,) = room(joint(high_w=2300.0, node=1), cars=(car(share=ALL), car("other", share=ON_L1)))
    assert found.power_w == pytest.approx(2300.0)
