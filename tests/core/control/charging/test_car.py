"""One charger in one tick: its powers, what binds it, and what rooms leave."""

from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging.car import (
    Car,
    ChargerMemory,
    Claim,
    at_phases,
    phase_room_a,
    power_room_w,
    room_alone_w,
)
from custom_components.home_flex.core.control.charging.free import Free
from custom_components.home_flex.core.control.charging.model import Reason, Room
from custom_components.home_flex.core.control.charging.phases import PhaseMemory
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence
from custom_components.home_flex.core.model import Owner

from .chargers import charger

ALL = (1, 2, 3)


def car(
    car_id: str = "car", used: tuple[int, ...] = ALL, *, told: dict[str, Any] | None = None, **changes: Any
) -> Car:
    """Return a car of 6 to 16 A."""
    return Car(
        **{
            "charger": charger(device_id=car_id, **(told or {})),
            "memory": ChargerMemory(),
            "claim": Claim.ALL,
            "reason": Reason.FAST,
            "used": used,
            "least_a": 6.0,
            "most_a": 16.0,
            **changes,
        }
    )


def shown(**vehicle: Any) -> ChargerMemory:
    return ChargerMemory(vehicle=Vehicle(**vehicle))


@pytest.mark.parametrize(("used", "per_a", "least_w"), [(ALL, 690.0, 4140.0), ((2,), 230.0, 1380.0)])
def test_an_ampere_means_as_much_on_each_phase_that_is_used(
    used: tuple[int, ...], per_a: float, least_w: float
) -> None:
    assert (car(used=used).watts_per_a, car(used=used).least_w) == (per_a, least_w)
    low = car(used=used, told={"voltage_v": 220.0})
    assert low.watts_per_a == 220.0 * len(used)


@pytest.mark.parametrize(
    ("shown_a", "most_a"),
    [(None, 16.0), (9.0, 10.0), (9.2, 11.0), (15.5, 16.0), (2.0, 6.0), (5.0, 6.0), (5.5, 7.0)],
)
def test_a_car_counts_with_what_it_has_shown_and_an_ampere_to_grow(
    shown_a: float | None, most_a: float
) -> None:
    assert car(memory=shown(shown_a=shown_a)).shown_a == most_a


@pytest.mark.parametrize(("full", "asleep"), [(False, False), (True, False), (False, True), (True, True)])
def test_a_car_rests_that_is_full_or_asleep(full: bool, asleep: bool) -> None:
    assert car(memory=shown(full=full, asleep=asleep)).rests is (full or asleep)


@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize(
    ("changes", "may_slow", "is_promised"),
    [
        ({}, True, False),
        ({"must": True}, True, True),
        ({}, False, True),
        # Only a fast charge has the resident's word on it.
        ({"claim": Claim.SUN}, False, False),
        ({"claim": Claim.MINIMUM}, False, False),
        ({"claim": Claim.SUN, "must": True}, False, True),
    ],
)
def test_the_residents_word_stands_above_those_that_come_after_it(
    owner: Owner, changes: dict[str, Any], may_slow: bool, is_promised: bool
) -> None:
    bound = car(told={"may_slow": may_slow}, **changes).bound_by(owner)
    assert bound is (not is_promised or owner in {Owner.FUSE, Owner.GRID_OPERATOR, Owner.RESIDENT})


@pytest.mark.parametrize(
    ("told", "memory", "used"),
    [
        ({}, ChargerMemory(), ALL),
        ({"offered_phases": (1, 3)}, ChargerMemory(phases=PhaseMemory(count=1)), (1,)),
        ({"offered_phases": (1, 3)}, ChargerMemory(), ALL),
        ({}, shown(phases=PhaseEvidence(used=(0,), of=3)), (1,)),
    ],
)
def test_a_car_uses_of_the_phases_that_are_wanted_those_it_has_shown(
    told: dict[str, Any], memory: ChargerMemory, used: tuple[int, ...]
) -> None:
    assert at_phases(charger(**told), memory) == used


def room(*phase_a: float, power_w: float = inf, owner: Owner = Owner.FUSE, members: str = "car") -> Room:
    return Room(members=frozenset(members.split()), phase_a=phase_a, power_w=power_w, owner=owner)


@pytest.mark.parametrize(
    ("given", "phase", "left_a"),
    [
        ((), 1, inf),
        ((10.0, 20.0, 30.0), 1, 10.0),
        ((10.0, 20.0, 30.0), 3, 30.0),
        ((10.0,), 1, 10.0),
        ((10.0,), 2, 0.0),
        ((-5.0, 1.0), 1, 0.0),
        ((nan, 1.0), 1, 0.0),
    ],
)
def test_a_phase_that_is_not_told_has_no_room(given: tuple[float, ...], phase: int, left_a: float) -> None:
    assert phase_room_a(room(*given), phase) == left_a


@pytest.mark.parametrize(("power_w", "left_w"), [(inf, inf), (500.0, 500.0), (-1.0, 0.0), (nan, 0.0)])
def test_a_power_that_is_no_number_leaves_nothing(power_w: float, left_w: float) -> None:
    assert power_room_w(room(power_w=power_w)) == left_w


@pytest.mark.parametrize(
    ("rooms", "phases", "left_w"),
    [
        ((), ALL, inf),
        ((room(10.0, 20.0, 30.0),), ALL, 6900.0),
        ((room(10.0, 20.0, 30.0),), (2,), 4600.0),
        ((room(10.0, 20.0, 30.0), room(power_w=3000.0)), ALL, 3000.0),
        ((room(10.0, 20.0, 30.0), room(power_w=9000.0)), ALL, 6900.0),
    ],
)
def test_alone_a_car_has_what_the_tightest_room_leaves(
    rooms: tuple[Room, ...], phases: tuple[int, ...], left_w: float
) -> None:
    assert room_alone_w(charger(), phases, rooms) == left_w


def test_what_is_given_is_taken_off_the_rooms_of_the_car_on_its_phases() -> None:
    free = Free([room(16.0, 16.0, 16.0, power_w=9000.0, members="car other")])
    one, other = car(used=(1,)), car("other", used=(1, 2))
    free.give(one, 10.0)
    assert free.given_a(one) == 10.0
    assert free.given_a(other) == 0.0
    # L1 has 6 A left, and 9000 less 2300 W.
    assert free.fits(other, 6.0)
    assert not free.fits(other, 6.1)
    assert free.fits(car("other", used=(2,)), 16.0)
    assert free.fits(car("other", used=(2, 3)), 14.5)
    assert not free.fits(car("other", used=(2, 3)), 14.6)
    # What it has already counts as its own.
    assert free.fits(one, 16.0)
    assert not free.fits(one, 16.1)
    free.give(one, 4.0)
    assert free.fits(other, 12.0)
    assert not free.fits(other, 12.1)


def test_a_room_binds_its_members_and_those_whom_its_owner_binds() -> None:
    tight = room(1.0, 1.0, 1.0, owner=Owner.AGGREGATOR)
    assert not Free([tight]).fits(car(), 6.0)
    assert Free([tight]).fits(car("other"), 6.0)
    assert Free([tight]).fits(car(must=True), 6.0)
    assert not Free([replace(tight, owner=Owner.FUSE)]).fits(car(must=True), 6.0)
    free = Free([tight])
    free.give(car("other"), 16.0)
    assert free.fits(car(), 1.0)


@pytest.mark.parametrize(
    ("held", "owner", "current_a", "fits"),
    [
        (None, Owner.AGGREGATOR, 6.0, False),
        (Owner.AGGREGATOR, Owner.AGGREGATOR, 6.0, True),
        (Owner.AGGREGATOR, Owner.AGGREGATOR, 6.1, False),
        (Owner.GRID_OPERATOR, Owner.AGGREGATOR, 6.0, True),
        (Owner.AGGREGATOR, Owner.GRID_OPERATOR, 6.0, False),
        (Owner.GRID_OPERATOR, Owner.FUSE, 6.0, False),
    ],
)
def test_a_car_that_is_held_keeps_its_smallest_current_against_limits_of_power(
    held: Owner | None, owner: Owner, current_a: float, fits: bool
) -> None:
    free = Free([room(power_w=3000.0, owner=owner)], {} if held is None else {"car": held})
    assert free.fits(car(), current_a) is fits


def test_and_against_no_limit_of_current() -> None:
    free = Free([room(5.0, 5.0, 5.0, owner=Owner.AGGREGATOR)], {"car": Owner.AGGREGATOR})
    assert not free.fits(car(), 6.0)
