"""Who runs on what fuses and limits leave, in which order, and with how much."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging.car import Car, ChargerMemory
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.model import Reason, Room
from custom_components.home_flex.core.control.charging.phases import PhaseMemory
from custom_components.home_flex.core.control.charging.places import Places, is_showing_phases, shared
from custom_components.home_flex.core.control.charging.ready_by import Promise
from custom_components.home_flex.core.control.charging.turns import Turns
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence
from custom_components.home_flex.core.model import Owner

from .test_car import car, room

NOW_S = 1000.0
KNOWN = Vehicle(phases=PhaseEvidence(used=(0, 1, 2), of=3))
RUNS = ChargerMemory(contactor=Contactor(on=True, since_s=0.0, closings=(0.0,)), vehicle=KNOWN)
STANDS = ChargerMemory(vehicle=KNOWN)


def wanting(name: str = "a", *, told: dict[str, Any] | None = None, **changes: Any) -> Car:
    """Return a car of known phases that runs and wants all."""
    return car(name, told={"power_w": 0.0, **(told or {})}, **{"memory": RUNS, "want_a": 16.0, **changes})


def fuse(current_a: float, **changes: Any) -> Room:
    return room(current_a, current_a, current_a, members="a b c", **changes)


def places(*cars: Car, rooms: tuple[Room, ...] = (), turns: Turns | None = None) -> Places:
    return shared(cars, rooms, turns or Turns(), NOW_S)


def given(*cars: Car, rooms: tuple[Room, ...] = (), turns: Turns | None = None) -> dict[str, float]:
    return dict(places(*cars, rooms=rooms, turns=turns).current_a)


STARTS = [
    ({"memory": RUNS}, True),
    ({"memory": STANDS}, False),
    ({"memory": STANDS, "may_start": True}, True),
    ({"memory": replace(STANDS, phases=PhaseMemory(switching_since_s=990.0))}, True),
    ({"memory": RUNS, "want_a": 0.0}, False),
]


@pytest.mark.parametrize(("changes", "has_place"), STARTS)
def test_a_car_has_a_place_that_wants_one_and_may_start(changes: dict[str, Any], *, has_place: bool) -> None:
    assert given(wanting(**changes)) == ({"a": 16.0} if has_place else {})


FULL = replace(RUNS, vehicle=replace(KNOWN, full=True))
ASLEEP = replace(RUNS, vehicle=replace(KNOWN, asleep=True))
DUE = Promise(slack_s=60.0, needed_w=5000.0)
LATER = Promise(slack_s=90.0, needed_w=5000.0)
FIRST: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "by name": ({}, {}, "a"),
    "one that would draw before one that rests": ({"memory": ASLEEP}, {}, "b"),
    "who must": ({}, {"must": True, "promise": DUE}, "b"),
    "of those who must the one with less time": (
        {"must": True, "promise": LATER},
        {"must": True, "promise": DUE},
        "b",
    ),
    "who must before a better priority": (
        {"told": {"priority": 1}},
        {"must": True, "promise": DUE, "told": {"priority": 9}},
        "b",
    ),
    "the time left of those alone who must": ({"promise": LATER}, {"promise": DUE}, "a"),
    "the better priority": ({"told": {"priority": 5}}, {"told": {"priority": 4}}, "b"),
}


@pytest.mark.parametrize(("one", "other", "first"), FIRST.values(), ids=FIRST)
def test_where_there_is_room_for_one_the_first_in_order_has_it(
    one: dict[str, Any], other: dict[str, Any], first: str
) -> None:
    for order in (1, -1):
        cars = (wanting("a", **one), wanting("b", **other))[::order]
        assert set(given(*cars, rooms=(fuse(8.0),))) == {first}


@pytest.mark.parametrize(
    ("turns", "first"),
    [
        (Turns(places={"b": 900.0}), "b"),
        (Turns(places={"b": 900.0}, waits={"a": 0.0}), "b"),
        (Turns(places={"a": 900.0, "b": 800.0}), "b"),
        (Turns(waits={"a": 900.0, "b": 800.0}), "b"),
        (Turns(waits={"b": 800.0}), "b"),
    ],
)
def test_among_equals_places_are_kept_and_waiting_counts(turns: Turns, first: str) -> None:
    assert set(given(wanting("a"), wanting("b"), rooms=(fuse(8.0),), turns=turns)) == {first}


def test_a_better_priority_stands_above_turns() -> None:
    cars = (wanting("a", told={"priority": 1}), wanting("b"))
    assert set(given(*cars, rooms=(fuse(8.0),), turns=Turns(places={"b": 0.0}))) == {"a"}


SHOWN = replace(RUNS, vehicle=replace(KNOWN, shown_a=7.0))
FILLS: dict[str, tuple[dict[str, Any], dict[str, Any], float, dict[str, float]]] = {
    "equally": ({}, {}, 20.0, {"a": 10.0, "b": 10.0}),
    "the odd ampere by name": ({}, {}, 21.0, {"a": 11.0, "b": 10.0}),
    "what is no whole ampere is left over": ({}, {}, 20.9, {"a": 10.0, "b": 10.0}),
    "up to what each wants": ({"want_a": 9.0}, {}, 26.0, {"a": 9.0, "b": 16.0}),
    "also a part of an ampere": ({"want_a": 9.5}, {}, 26.0, {"a": 9.5, "b": 16.0}),
    "first what they have shown": ({"memory": SHOWN}, {}, 22.0, {"a": 8.0, "b": 14.0}),
    "then what they might": ({"memory": SHOWN}, {}, 26.0, {"a": 10.0, "b": 16.0}),
    "the better priority": ({}, {"told": {"priority": 4}}, 20.0, {"a": 6.0, "b": 14.0}),
    "who must": ({}, {"must": True, "promise": DUE}, 20.0, {"a": 6.0, "b": 14.0}),
    "who must, whatever the priority": (
        {"told": {"priority": 1}},
        {"must": True, "promise": DUE, "told": {"priority": 9}},
        20.0,
        {"a": 6.0, "b": 14.0},
    ),
    "who needs more of those who must": (
        {"must": True, "promise": Promise(needed_w=690.0)},
        {"must": True, "promise": Promise(needed_w=3 * 690.0)},
        20.0,
        {"a": 9.0, "b": 11.0},
    ),
    "without end where the hour is past": (
        {"must": True, "promise": Promise(needed_w=inf)},
        {"must": True, "promise": Promise(needed_w=inf)},
        20.0,
        {"a": 10.0, "b": 10.0},
    ),
    "whose answer is not known": ({}, {"told": {"answers": False}}, 20.0, {"a": 6.0, "b": 14.0}),
    "who rests takes what is left": ({"memory": ASLEEP}, {}, 22.0, {"a": 6.0, "b": 16.0}),
    "and only all that it wants, or nothing more": ({"memory": ASLEEP}, {}, 31.0, {"a": 6.0, "b": 16.0}),
    "where there is enough": ({"memory": ASLEEP}, {}, 32.0, {"a": 16.0, "b": 16.0}),
}


@pytest.mark.parametrize(("one", "other", "fuse_a", "amperes"), FILLS.values(), ids=FILLS)
def test_what_is_left_is_shared_ampere_by_ampere(
    one: dict[str, Any], other: dict[str, Any], fuse_a: float, amperes: dict[str, float]
) -> None:
    assert given(wanting("a", **one), wanting("b", **other), rooms=(fuse(fuse_a),)) == amperes


LIMIT = room(power_w=2000.0, members="a", owner=Owner.AGGREGATOR)
OPERATOR = replace(LIMIT, owner=Owner.GRID_OPERATOR)
UNKNOWN = Vehicle(in_force_since_s=NOW_S)
CLOSED = Contactor(on=True, since_s=800.0, closings=(800.0,))
SETTLED = Contactor(on=True, since_s=700.0, closings=(700.0,))
HELD: dict[str, tuple[ChargerMemory, Room, bool]] = {
    "it has just begun": (ChargerMemory(contactor=CLOSED, vehicle=KNOWN), LIMIT, True),
    "but not against the grid operator": (ChargerMemory(contactor=CLOSED, vehicle=KNOWN), OPERATOR, False),
    "it has charged for five minutes": (ChargerMemory(contactor=SETTLED, vehicle=KNOWN), LIMIT, False),
    "nobody let it in": (
        ChargerMemory(contactor=Contactor(on=True, since_s=800.0), vehicle=KNOWN),
        LIMIT,
        False,
    ),
    "it is full": (replace(FULL, contactor=SETTLED), LIMIT, True),
    "full, against the grid operator": (replace(FULL, contactor=SETTLED), OPERATOR, True),
    "full, and stands": (replace(STANDS, vehicle=replace(KNOWN, full=True)), OPERATOR, True),
    "its phases are not known": (ChargerMemory(contactor=SETTLED, vehicle=UNKNOWN), OPERATOR, True),
    "it shows them": (
        ChargerMemory(contactor=SETTLED, vehicle=UNKNOWN, lowered_since_s=981.0),
        OPERATOR,
        True,
    ),
    "it has had its time to show them": (
        ChargerMemory(contactor=SETTLED, vehicle=Vehicle(in_force_since_s=0.0), lowered_since_s=980.0),
        OPERATOR,
        False,
    ),
}


@pytest.mark.parametrize(("memory", "limit", "keeps"), HELD.values(), ids=HELD)
def test_a_car_keeps_its_smallest_current_against_limits_for_a_while(
    memory: ChargerMemory, limit: Room, *, keeps: bool
) -> None:
    one = wanting(memory=memory, may_start=True)
    assert given(one, rooms=(limit,)) == ({"a": 6.0} if keeps else {})
    assert given(one, rooms=(replace(limit, owner=Owner.FUSE),)) == {}


def test_one_on_a_single_phase_has_no_phases_to_show() -> None:
    one = wanting(memory=ChargerMemory(contactor=SETTLED, vehicle=UNKNOWN), used=(1,))
    assert given(one, rooms=(replace(OPERATOR, power_w=1000.0),)) == {}


def noted(one: Car, limit: Room) -> ChargerMemory:
    return places(one, rooms=(limit,)).cars[0].memory


def test_since_when_it_was_lowered_is_noted_while_it_is() -> None:
    lowered = ChargerMemory(contactor=SETTLED, vehicle=UNKNOWN)
    assert noted(wanting(memory=lowered), OPERATOR).lowered_since_s == NOW_S
    assert noted(wanting(memory=replace(lowered, lowered_since_s=990.0)), OPERATOR).lowered_since_s == 990.0
    assert noted(wanting(memory=lowered), replace(OPERATOR, power_w=inf)).lowered_since_s is None
    # While it shows its phases it stays there, whatever room there is.
    showing = wanting(memory=replace(lowered, lowered_since_s=990.0))
    assert noted(showing, replace(OPERATOR, power_w=inf)).lowered_since_s == 990.0
    assert given(showing) == {"a": 6.0}
    assert noted(wanting(), replace(LIMIT, power_w=inf)).lowered_since_s is None


def test_and_since_when_its_smallest_current_fits() -> None:
    wide = replace(OPERATOR, power_w=inf)
    assert noted(wanting(), wide).fits_since_s == NOW_S
    assert noted(wanting(memory=replace(RUNS, fits_since_s=900.0)), wide).fits_since_s == 900.0
    assert noted(wanting(memory=replace(RUNS, fits_since_s=900.0)), OPERATOR).fits_since_s is None


CAME = replace(STANDS, contactor=Contactor(closings=(100.0,)))


@pytest.mark.parametrize(
    ("memory", "turns", "enters"),
    [
        (replace(CAME, fits_since_s=940.1), Turns(), False),
        (replace(CAME, fits_since_s=940.0), Turns(), True),
        (CAME, Turns(), False),
        # One that has a place, one that runs, and one that never ran need not wait.
        (CAME, Turns(places={"a": 0.0}), True),
        (STANDS, Turns(), True),
        (replace(RUNS, fits_since_s=990.0), Turns(), True),
    ],
)
def test_after_a_pause_for_lack_of_room_it_must_have_fitted_for_a_minute(
    memory: ChargerMemory, turns: Turns, *, enters: bool
) -> None:
    assert bool(given(wanting(memory=memory, may_start=True), turns=turns)) is enters


@pytest.mark.parametrize(
    ("lowered_s", "in_force_s", "shows"),
    [
        (None, None, False),
        (None, 999.0, False),
        (0.0, None, True),
        (980.1, 0.0, True),
        (980.0, 0.0, False),
        (0.0, 980.1, True),
        (0.0, 980.0, False),
    ],
)
def test_it_has_twenty_seconds_to_show_its_phases_once_the_limit_is_in_force(
    lowered_s: float | None, in_force_s: float | None, *, shows: bool
) -> None:
    memory = ChargerMemory(lowered_since_s=lowered_s, vehicle=Vehicle(in_force_since_s=in_force_s))
    assert is_showing_phases(memory, NOW_S) is shows


@pytest.mark.parametrize(
    ("drawn_w", "is_coming"), [(16 * 690.0, True), (8.1 * 690.0, True), (8 * 690.0, False), (0.0, False)]
)
def test_a_newcomer_comes_when_the_other_has_stepped_down(drawn_w: float, *, is_coming: bool) -> None:
    runs = wanting("a", told={"power_w": drawn_w})
    comes = wanting("b", memory=STANDS, may_start=True)
    found = places(runs, comes, rooms=(fuse(16.0),))
    assert found.current_a == {"a": 8.0, "b": 8.0}
    assert found.coming == ({"b"} if is_coming else set())


def test_one_that_runs_and_one_that_stands_beside_it_take_no_room_from_it() -> None:
    cars = (wanting("a", told={"power_w": 16 * 690.0}), wanting("b"))
    assert places(*cars, rooms=(fuse(16.0),)).coming == set()
    stands = wanting("a", memory=STANDS, may_start=True, told={"power_w": 16 * 690.0})
    other = wanting("b", memory=STANDS, may_start=True)
    assert places(stands, other, rooms=(fuse(16.0),)).coming == set()


TOLD: dict[str, tuple[dict[str, Any], float, Reason]] = {
    "it has a place": ({}, 8.0, Reason.FAST),
    "it does not want one": ({"want_a": 0.0, "reason": Reason.OFF}, 8.0, Reason.OFF),
    "not even alone": ({}, 5.0, Reason.WAITS_FOR_ROOM),
    "it is full": ({"memory": FULL}, 5.0, Reason.FULL),
    "it may not start yet": ({"memory": STANDS}, 8.0, Reason.RESTS),
    "it sleeps": ({"memory": replace(ASLEEP, contactor=Contactor())}, 8.0, Reason.WAITS_FOR_ROOM),
}


@pytest.mark.parametrize(("changes", "fuse_a", "reason"), TOLD.values(), ids=TOLD)
def test_who_has_no_place_is_told_why(changes: dict[str, Any], fuse_a: float, reason: Reason) -> None:
    assert places(wanting(**changes), rooms=(fuse(fuse_a),)).cars[0].reason is reason


def test_who_waits_for_its_turn_is_told_and_remembered() -> None:
    found = places(wanting("a"), wanting("b"), wanting("c", memory=STANDS), rooms=(fuse(8.0),))
    assert [one.reason for one in found.cars] == [Reason.FAST, Reason.WAITS_ITS_TURN, Reason.RESTS]
    assert found.turns == Turns(places={"a": NOW_S}, waits={"b": NOW_S, "c": NOW_S}, contested_s=NOW_S)
    rests = places(wanting("a"), wanting("b", memory=ASLEEP), rooms=(fuse(8.0),))
    assert rests.turns == Turns(places={"a": NOW_S})
    sleeps = places(wanting("a", memory=ASLEEP), rooms=(fuse(8.0),))
    assert (set(sleeps.current_a), sleeps.turns.places) == ({"a"}, {})


TURNS = Turns(places={"a": 0.0}, waits={"b": 0.0}, contested_s=0.0)
# The swap is due 840 s after somebody began to wait.
SWAPS: dict[str, tuple[dict[str, Any], dict[str, Any], float, set[str]]] = {
    "equals": ({}, {}, 0.0, {"b"}),
    "not yet": ({}, {}, 160.1, {"a"}),
    "who must goes on": ({"must": True, "promise": DUE}, {}, 0.0, {"a"}),
    "another priority": ({"told": {"priority": 4}}, {}, 0.0, {"a"}),
    "it has just begun": ({"memory": replace(RUNS, contactor=CLOSED)}, {}, 0.0, {"a"}),
    "who comes does not fit": ({}, {"least_a": 9.0}, 0.0, {"a"}),
}


@pytest.mark.parametrize(("one", "other", "since_s", "runs"), SWAPS.values(), ids=SWAPS)
def test_a_turn_goes_to_an_equal_when_it_is_due(
    one: dict[str, Any], other: dict[str, Any], since_s: float, runs: set[str]
) -> None:
    cars = (wanting("a", **one), wanting("b", **{"memory": STANDS, "may_start": True, **other}))
    turns = replace(TURNS, contested_s=since_s)
    assert set(given(*cars, rooms=(fuse(8.0),), turns=turns)) == runs


def test_whoever_leaves_enough_beside_the_others_makes_room() -> None:
    turns = Turns(places={"a": 0.0, "c": 10.0}, waits={"b": 0.0}, contested_s=-1000.0)
    for c_least_a, runs in [(6.0, {"b", "c"}), (7.0, {"a", "b"}), (8.0, {"a", "b"})]:
        cars = (
            wanting("a", least_a=5.0, told={"min_current_a": 5.0}),
            wanting("b", memory=STANDS, may_start=True),
            wanting("c", least_a=c_least_a),
        )
        assert set(given(*cars, rooms=(fuse(12.0),), turns=turns)) == runs
