"""What each tick remembers of a charger, and what it makes of goals, modes and long pauses."""

import math
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import (
    ChargeGoal,
    ChargeIntent,
    ChargeMode,
    ChargerMemory,
    ChargingMemory,
    Reason,
    Room,
    Sun,
    Supply,
    decide,
)
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.phases import PhaseMemory
from custom_components.home_flex.core.control.charging.surplus import SunMemory
from custom_components.home_flex.core.control.charging.turns import Turns
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence

from .chargers import DARK, charger

NOW_S = 10_000.0
KNOWN = Vehicle(phases=PhaseEvidence(used=(0, 1, 2), of=3), drew=True, drew_now=True, most_w=11_040.0)
CHARGES = ChargerMemory(
    mode=ChargeMode.FAST,
    contactor=Contactor(on=True, since_s=9000.0, closings=(9000.0,)),
    vehicle=KNOWN,
)
DRAWS = {"power_w": 11_040.0, "current_limit_a": 16.0, "mode": ChargeMode.FAST}


def tick(
    known: ChargerMemory | None = CHARGES,
    supply: Supply = DARK,
    *,
    at_s: float | None = NOW_S - 1.0,
    asked_since_s: float | None = None,
    **told: Any,
) -> tuple[ChargeIntent, ChargerMemory, ChargingMemory]:
    before = ChargingMemory(
        chargers={} if known is None else {"car": known}, at_s=at_s, asked_since_s=asked_since_s
    )
    box = charger(**{**DRAWS, **told})
    intents, memory = decide([box], supply, before, NOW_S)
    return intents["car"], memory.chargers["car"], memory


def goal(left_wh: float, deadline_s: float, tapered_wh: float = 0.0) -> ChargeGoal:
    return ChargeGoal(left_wh=left_wh, tapered_left_wh=tapered_wh, deadline_s=deadline_s)


@pytest.mark.parametrize(
    ("told", "lacks_wh"),
    [
        ({}, 0.0),
        ({"goals": (goal(3000.0, 60.0),)}, 0.0),
        ({"goals": (goal(3000.0, 0.0),)}, 0.0),
        ({"goals": (goal(3000.0, -1.0),)}, 3000.0),
        ({"goals": (goal(3000.0, -1.0), goal(5000.0, -60.0), goal(9000.0, 60.0))}, 5000.0),
        ({"goals": (goal(math.inf, -1.0),)}, None),
        ({"goals": (goal(3000.0, -1.0),), "connected": False}, 0.0),
        ({"goals": (goal(3000.0, -1.0),), "mode": ChargeMode.OFF}, 0.0),
    ],
)
def test_what_a_vehicle_lacks_of_what_was_due_is_told(told: dict[str, Any], lacks_wh: float | None) -> None:
    assert tick(**told)[0].lacks_wh == lacks_wh


IDLE: dict[ChargeMode, float | None] = {
    ChargeMode.OFF: 0.0,
    ChargeMode.SURPLUS: 0.0,
    ChargeMode.MINIMUM_SURPLUS: 7.0,
    ChargeMode.FAST: None,
}


@pytest.mark.parametrize(("mode", "current_a"), IDLE.items())
def test_a_charger_without_a_vehicle_is_told_what_a_guest_would_get(
    mode: ChargeMode, current_a: float | None
) -> None:
    told, _, _ = tick(mode=mode, connected=False, min_current_a=7.0)
    assert (told.current_a, told.reason) == (current_a, Reason.NOT_CONNECTED)


@pytest.mark.parametrize(
    ("before", "mode", "on", "pressed"),
    [
        # The resident has just chosen it.
        (ChargeMode.SURPLUS, ChargeMode.FAST, False, True),
        (ChargeMode.OFF, ChargeMode.MINIMUM_SURPLUS, False, True),
        (ChargeMode.FAST, ChargeMode.FAST, False, False),
        (ChargeMode.FAST, ChargeMode.SURPLUS, False, False),
        (ChargeMode.FAST, ChargeMode.OFF, False, False),
        # It charges already, or nobody knows what it was before.
        (ChargeMode.SURPLUS, ChargeMode.FAST, True, False),
        (None, ChargeMode.FAST, False, False),
    ],
)
def test_a_mode_that_was_just_chosen_may_break_a_rest(
    before: ChargeMode | None, mode: ChargeMode, *, on: bool, pressed: bool
) -> None:
    rests = Contactor(on=on, since_s=NOW_S - 5.0, closings=(9000.0,))
    told, memory, _ = tick(
        replace(CHARGES, mode=before, contactor=rests, vehicle=replace(KNOWN, drew_now=False)),
        mode=mode,
        power_w=0.0,
    )
    assert memory.mode is mode
    assert memory.pressed is pressed
    if not on and mode in {ChargeMode.FAST, ChargeMode.MINIMUM_SURPLUS}:
        assert (told.reason is Reason.RESTS) is not pressed
    kept = replace(CHARGES, mode=mode, contactor=rests, pressed=True)
    assert tick(kept, mode=mode, power_w=0.0)[1].pressed is (
        mode in {ChargeMode.FAST, ChargeMode.MINIMUM_SURPLUS} and not on
    )


@pytest.mark.parametrize(
    ("known", "told", "adopted"),
    [
        (None, {}, True),
        (None, {"power_w": 500.0}, True),
        (None, {"power_w": 499.0}, False),
        (None, {"power_w": None}, False),
        (None, {"connected": False}, False),
        (replace(CHARGES, contactor=Contactor()), {"mode": ChargeMode.SURPLUS}, False),
    ],
)
def test_a_vehicle_that_charges_when_it_is_first_seen_goes_on(
    known: ChargerMemory | None, told: dict[str, Any], *, adopted: bool
) -> None:
    _, memory, _ = tick(known, **{"mode": ChargeMode.SURPLUS, **told})
    assert memory.sun.on is adopted
    assert memory.contactor == (
        Contactor(on=True, since_s=NOW_S) if adopted else Contactor(since_s=memory.contactor.since_s)
    )


def room(power_w: float, **changes: Any) -> Room:
    return Room(**{"members": frozenset({"car"}), "power_w": power_w, **changes})


@pytest.mark.parametrize(
    ("before_w", "power_w", "at_s", "mean_w"),
    [
        # A slow mean of ten minutes.
        (6000.0, 9000.0, NOW_S - 1.0, 6004.995834),
        (6000.0, 9000.0, NOW_S - 60.0, 6285.487746),
        # A longer gap says nothing of what happened in it.
        (6000.0, 9000.0, NOW_S - 600.0, 6285.487746),
        (6000.0, 9000.0, NOW_S + 5.0, 6000.0),
        (6000.0, 9000.0, None, 6000.0),
        (None, 9000.0, NOW_S - 1.0, 9000.0),
        (math.inf, 9000.0, NOW_S - 1.0, 9000.0),
        (6000.0, math.inf, NOW_S - 1.0, math.inf),
    ],
)
def test_its_room_is_remembered_as_a_slow_mean(
    before_w: float | None, power_w: float, at_s: float | None, mean_w: float
) -> None:
    supply = Supply(surplus_w=0.0, rooms=(room(power_w), room(1.0, members=frozenset({"other"}))))
    _, memory, whole = tick(replace(CHARGES, room_w=before_w), supply, at_s=at_s)
    assert memory.room_w == pytest.approx(mean_w)
    assert whole.at_s == NOW_S


@pytest.mark.parametrize(
    ("deadline_s", "must"),
    [
        # 11 kWh at 11.04 kW take an hour; 4000 s with the yield, and a quarter of an hour's margin.
        (4885.0, True),
        (4886.0, False),
    ],
)
def test_a_promise_begins_at_its_latest_start(deadline_s: float, *, must: bool) -> None:
    goals = (goal(11_000.0, deadline_s),)
    told, memory, _ = tick(mode=ChargeMode.SURPLUS, goals=goals)
    assert (told.must, told.reason is Reason.READY_BY, memory.must) == (must, must, must)
    assert told.latest_start_s == pytest.approx(deadline_s - 4885.5, abs=1.0)
    assert memory.latest_start_at_s == pytest.approx(NOW_S + deadline_s - 4885.5, abs=1.0)


def test_of_several_each_counts_on_its_part_of_the_room() -> None:
    goals = (goal(5000.0, 7200.0),)
    cars = [
        charger(**DRAWS | {"device_id": name, "mode": ChargeMode.SURPLUS, "goals": goals})
        for name in ("car", "other")
    ]
    memory = ChargingMemory(chargers={"car": replace(CHARGES, room_w=7360.0), "other": CHARGES}, at_s=NOW_S)
    supply = Supply(surplus_w=0.0, rooms=(room(7360.0, members=frozenset({"car", "other"})),))
    alone, _ = decide([cars[0], replace(cars[1], goals=())], supply, memory, NOW_S)
    both, _ = decide(cars, supply, memory, NOW_S)
    gone, _ = decide([cars[0], replace(cars[1], connected=False)], supply, memory, NOW_S)
    met, _ = decide([cars[0], replace(cars[1], goals=(goal(0.0, 7200.0),))], supply, memory, NOW_S)
    starts = [one["car"].latest_start_s for one in (alone, both, gone, met)]
    assert starts[0] == starts[2] == starts[3]
    assert starts[0] is not None
    assert starts[1] is not None
    assert starts[1] < starts[0]


BEGUN = replace(CHARGES, mode=ChargeMode.SURPLUS, must=True)


@pytest.mark.parametrize(
    ("known", "must"),
    [
        # Once begun it goes on unless there is half an hour more all at once.
        (replace(BEGUN, latest_start_at_s=NOW_S + 600.0), True),
        (replace(BEGUN, latest_start_at_s=NOW_S + 200.0), False),
        (replace(BEGUN, latest_start_at_s=None), False),
        (replace(BEGUN, must=False, latest_start_at_s=NOW_S + 600.0), False),
    ],
)
def test_a_promise_once_begun_goes_on(known: ChargerMemory, *, must: bool) -> None:
    told, _, _ = tick(known, mode=ChargeMode.SURPLUS, goals=(goal(11_000.0, 4885.5 + 2100.0),))
    assert told.must is must


def test_what_must_be_for_another_reason_is_no_promise_to_remember() -> None:
    told, memory, _ = tick(below_minimum_soc=True)
    assert (told.must, told.reason, memory.must) == (True, Reason.MINIMUM_SOC, False)


@pytest.mark.parametrize(
    ("sun", "asked_since_s", "after_s", "is_seen"),
    [
        (Sun.ASKED, None, NOW_S, False),
        (Sun.ASKED, NOW_S - 89.0, NOW_S - 89.0, False),
        # PV that is not raised for so long is not waited for.
        (Sun.ASKED, NOW_S - 90.0, NOW_S - 90.0, True),
        (Sun.SHOWN, NOW_S - 5.0, None, True),
        (Sun.HIDDEN, NOW_S - 5.0, None, False),
    ],
)
def test_how_long_pv_has_been_asked_for_more_is_remembered(
    sun: Sun, asked_since_s: float | None, after_s: float | None, *, is_seen: bool
) -> None:
    known = replace(CHARGES, mode=ChargeMode.SURPLUS, sun=SunMemory(on=True), hidden_s=7.0)
    _, memory, whole = tick(
        known,
        Supply(surplus_w=9000.0, sun=sun),
        asked_since_s=asked_since_s,
        mode=ChargeMode.SURPLUS,
    )
    assert whole.asked_since_s == after_s
    assert (memory.hidden_s == 7.0) is is_seen


def test_a_change_of_phases_opens_the_contactor_for_a_while_and_needs_no_rest() -> None:
    switching = replace(
        CHARGES, phases=PhaseMemory(count=1, switching_since_s=NOW_S - 5.0, switched_s=NOW_S - 5.0)
    )
    told, memory, _ = tick(switching, offered_phases=(1, 3), phases_in_force=3)
    assert (told.current_a, told.reason, told.phases) == (0.0, Reason.SWITCHES_PHASES, 1)
    assert not memory.contactor.on
    for ago_s, starts in [(119.0, True), (120.0, False)]:
        switched = replace(
            CHARGES,
            phases=PhaseMemory(count=1, switched_s=NOW_S - ago_s),
            contactor=Contactor(since_s=NOW_S - 5.0, closings=(9000.0,)),
        )
        told, memory, _ = tick(
            switched,
            Supply(surplus_w=0.0, rooms=(room(3000.0),)),
            offered_phases=(1, 3),
            phases_in_force=1,
            power_w=0.0,
            current_limit_a=0.0,
        )
        assert (told.reason is not Reason.RESTS) is starts


def test_one_that_cannot_switch_is_told_no_phases() -> None:
    assert tick()[0].phases is None


def test_what_a_vehicle_needs_or_is_tried_with_is_its_least() -> None:
    for vehicle, least_a in [
        (KNOWN, 6.0),
        (replace(KNOWN, least_a=8.0), 8.0),
        (replace(KNOWN, least_a=8.0, try_a=10.0), 10.0),
        (replace(KNOWN, try_a=32.0), 16.0),
    ]:
        known = replace(CHARGES, mode=ChargeMode.MINIMUM_SURPLUS, vehicle=vehicle)
        told, _, _ = tick(known, mode=ChargeMode.MINIMUM_SURPLUS, power_w=0.0)
        assert told.current_a == least_a


REASONS: dict[str, tuple[dict[str, Any], Reason]] = {
    "it charges": ({}, Reason.FAST),
    "it is full": ({"full": True, "drew_now": False}, Reason.FULL),
    "it sleeps": ({"asleep": True, "drew_now": False, "drew": False}, Reason.ASLEEP),
}


@pytest.mark.parametrize(("vehicle", "reason"), REASONS.values(), ids=REASONS)
def test_why_it_gets_what_it_gets_is_told(vehicle: dict[str, Any], reason: Reason) -> None:
    known = replace(CHARGES, vehicle=replace(KNOWN, **vehicle))
    power_w = 11_040.0 if reason is Reason.FAST else 0.0
    assert tick(known, power_w=power_w)[0].reason is reason


def test_who_runs_while_others_wait_has_its_turn() -> None:
    memory = ChargingMemory(
        chargers={"car": CHARGES, "other": CHARGES}, places=Turns(places={"car": 9000.0}), at_s=NOW_S
    )
    cars = [charger(**DRAWS), charger(**DRAWS | {"device_id": "other"})]
    fuse = Room(members=frozenset({"car", "other"}), phase_a=(10.0, 10.0, 10.0))
    intents, _ = decide(cars, Supply(surplus_w=0.0, rooms=(fuse,)), memory, NOW_S)
    assert [one.reason for one in intents.values()] == [Reason.TURN, Reason.WAITS_ITS_TURN]
    sunny = [replace(one, mode=ChargeMode.MINIMUM_SURPLUS) for one in cars]
    intents, _ = decide(sunny, Supply(surplus_w=0.0, rooms=(fuse,)), memory, NOW_S)
    assert intents["car"].reason is Reason.MINIMUM


@pytest.mark.parametrize(
    ("planned_a", "least_a", "told_a"),
    [(10.0, 6.0, 10.0), (4.0, 6.0, 6.0), (40.0, 6.0, 16.0), (0.0, 8.0, 8.0)],
)
def test_a_plan_gives_no_less_than_the_smallest_and_no_more_than_all(
    planned_a: float, least_a: float, told_a: float
) -> None:
    told, _, _ = tick(mode=ChargeMode.SURPLUS, planned_a=planned_a, min_current_a=least_a)
    assert (told.current_a, told.reason) == (told_a, Reason.PLANNED)
    for mode in (ChargeMode.FAST, ChargeMode.OFF):
        assert tick(mode=mode, planned_a=planned_a)[0].reason is not Reason.PLANNED


def test_numbers_that_are_none_are_taken_to_be_the_worst() -> None:
    told, memory, _ = tick(power_w=math.inf, current_limit_a=math.nan, phase_current_a=(math.nan, 1.0, 1.0))
    assert told.current_a is None
    assert memory.vehicle.limit_a == KNOWN.limit_a
    assert tick(phase_current_a=(16.0, 0.0, 0.0))[1].vehicle.phases.narrow == (0,)


@pytest.mark.parametrize(("left_wh", "is_spent"), [(None, False), (0.1, False), (0.0, True), (-1.0, True)])
def test_a_session_ends_at_its_limit(left_wh: float | None, *, is_spent: bool) -> None:
    told, memory, _ = tick(session_left_wh=left_wh)
    assert (told.reason is Reason.SESSION_LIMIT) is is_spent
    assert memory.contactor.on is not is_spent
