"""What limits, rests and other cars do to a charge, second by second."""

from itertools import pairwise

import pytest

from custom_components.home_flex.core.control.charging import (
    ChargeGoal,
    ChargeMode,
    ChargerInput,
    ChargingMemory,
    Reason,
    Room,
    Supply,
    decide,
)
from custom_components.home_flex.core.model import ChargerStatus, Owner

from .chargers import DARK, charger, follows, lived, once

AGGREGATOR = Room(members=frozenset({"car"}), power_w=3000.0, owner=Owner.AGGREGATOR)


def test_a_one_phase_car_at_a_charger_that_tells_power_only_keeps_charging_under_a_limit() -> None:
    limit = Room(members=frozenset({"car"}), power_w=3400.0, owner=Owner.GRID_OPERATOR)

    def one_phase(second: float, limit_a: float | None) -> ChargerInput:
        allowed_a = 32.0 if limit_a is None else limit_a
        return follows(
            second, limit_a, mode=ChargeMode.FAST, max_current_a=32.0, power_w=230.0 * min(16.0, allowed_a)
        )

    intents, _ = lived(
        one_phase, lambda second: Supply(surplus_w=0.0, rooms=(limit,) if second > 10 else ()), 120
    )

    assert intents[-1].active_phases == (1,)
    assert intents[-1].current_a == 14.0


def test_a_three_phase_car_is_paused_once_its_phases_have_shown() -> None:
    limit = Room(members=frozenset({"car"}), power_w=3400.0, owner=Owner.GRID_OPERATOR)

    intents, _ = lived(
        lambda second, limit_a: follows(second, limit_a, mode=ChargeMode.FAST),
        lambda second: Supply(surplus_w=0.0, rooms=(limit,) if second > 4 else ()),
        120,
    )

    assert intents[9].current_a == 6.0
    assert intents[40].current_a == 0.0
    assert intents[40].reason is Reason.WAITS_FOR_ROOM


def test_a_full_car_is_offered_its_minimum_whatever_a_limit_does() -> None:
    def full(second: float, limit_a: float | None) -> ChargerInput:
        power_w = 11_040.0 if second < 60 else 10.0
        return follows(second, limit_a, mode=ChargeMode.MINIMUM_SURPLUS, power_w=power_w)

    def swinging(second: float) -> Supply:
        room_w = 20_000.0 if second < 300 or second % 90 < 45 else 1000.0
        return Supply(
            surplus_w=0.0, rooms=(Room(members=frozenset({"car"}), power_w=room_w, owner=Owner.AGGREGATOR),)
        )

    intents, _ = lived(full, swinging, 1200)

    assert {(intent.current_a, intent.reason) for intent in intents[300:]} == {(6.0, Reason.FULL)}


def test_a_limit_that_comes_and_goes_does_not_click_the_contactor() -> None:
    def swinging(second: float) -> Supply:
        room_w = 5000.0 if second % 90 < 45 else 1000.0
        return Supply(
            surplus_w=0.0,
            rooms=(Room(members=frozenset({"car"}), power_w=room_w, owner=Owner.GRID_OPERATOR),),
        )

    intents, _ = lived(lambda second, limit_a: follows(second, limit_a, mode=ChargeMode.FAST), swinging, 3600)

    runs = [intent.current_a != 0.0 for intent in intents]
    assert sum(later and not earlier for earlier, later in pairwise([False, *runs])) <= 4


def test_an_aggregator_does_not_open_a_contactor_that_has_just_closed() -> None:
    def event(second: float) -> Supply:
        return Supply(surplus_w=9000.0, rooms=(AGGREGATOR,) if second >= 90 else ())

    intents, _ = lived(follows, event, 600)
    started = next(second for second, intent in enumerate(intents) if intent.current_a)

    assert all(intents[second].current_a == 6.0 for second in range(91, started + 300))
    assert intents[started + 302].current_a == 0.0


def test_the_hours_closings_spent_the_car_rests_but_what_the_resident_asks_for_starts() -> None:
    spent = ChargingMemory()
    _, spent = lived(
        follows,
        lambda second: Supply(surplus_w=6000.0 if second % 500 < 60 else -9000.0),
        3000,
    )
    told = charger(mode=ChargeMode.SURPLUS)
    closings = spent.chargers["car"].contactor.closings
    assert len(closings) == 4
    memory = spent
    for second in range(3000, 3100):
        intents, memory = decide([told], Supply(surplus_w=6000.0), memory, float(second))
    assert intents["car"].current_a == 0.0

    fast, _ = decide([charger(mode=ChargeMode.FAST)], DARK, memory, 3100.0)

    assert fast["car"].current_a is None


def test_the_second_car_waits_for_its_turn() -> None:
    cars = [charger(device_id=name, mode=ChargeMode.FAST) for name in ("a", "b")]
    room = Room(members=frozenset({"a", "b"}), phase_a=(10.0, 10.0, 10.0))

    intents, _ = decide(cars, Supply(surplus_w=0.0, rooms=(room,)), ChargingMemory(), 0.0)

    assert (intents["a"].current_a, intents["a"].reason) == (10.0, Reason.TURN)
    assert (intents["b"].current_a, intents["b"].reason) == (0.0, Reason.WAITS_ITS_TURN)


def test_a_newcomer_waits_until_the_other_has_been_seen_to_step_down() -> None:
    room = Room(members=frozenset({"a", "b"}), phase_a=(16.0, 16.0, 16.0))
    runs = charger(device_id="a", mode=ChargeMode.FAST, power_w=11_040.0, current_limit_a=16.0)
    supply = Supply(surplus_w=0.0, rooms=(room,))
    _, memory = decide([runs], supply, ChargingMemory(), 0.0)

    comes = charger(device_id="b", mode=ChargeMode.FAST)
    before, memory = decide([runs, comes], supply, memory, 1.0)
    lower = charger(device_id="a", mode=ChargeMode.FAST, power_w=5520.0, current_limit_a=8.0)
    after, _ = decide([lower, comes], supply, memory, 2.0)

    assert (before["a"].current_a, before["b"].current_a, before["b"].reason) == (8.0, 0.0, Reason.TURN)
    assert (after["a"].current_a, after["b"].current_a) == (8.0, 8.0)


def test_what_a_car_does_not_take_goes_to_the_other() -> None:
    room = Room(members=frozenset({"a", "b"}), phase_a=(26.0, 26.0, 26.0))
    memory = ChargingMemory()
    for second in range(300):
        cars = [
            charger(device_id="a", mode=ChargeMode.FAST, power_w=690.0 * 7, current_limit_a=13.0),
            charger(device_id="b", mode=ChargeMode.FAST, power_w=690.0 * 13, current_limit_a=13.0),
        ]
        intents, memory = decide(cars, Supply(surplus_w=0.0, rooms=(room,)), memory, float(second))

    assert intents["b"].current_a is None
    assert intents["a"].current_a == 10.0


def test_of_equals_one_whose_answer_is_not_known_gets_what_may_be_taken_back() -> None:
    room = Room(members=frozenset({"a", "b"}), phase_a=(14.0, 14.0, 14.0))
    cars = [
        charger(device_id=key, mode=ChargeMode.FAST, current_limit_a=6.0, power_w=4140.0, answers=key != "b")
        for key in ("a", "b")
    ]
    supply = Supply(surplus_w=0.0, rooms=(room,))
    intents, _ = decide(cars, supply, ChargingMemory(), 0.0)
    assert {key: intent.current_a for key, intent in intents.items()} == {"a": 6.0, "b": 8.0}


def test_a_car_that_is_to_show_its_phases_stays_at_its_smallest_current_until_it_has() -> None:
    """A car of one phase that tells no currents; its charger needs 20 s, and the limit flickers meanwhile."""

    def slow(second: float, limit_a: float | None) -> ChargerInput:
        drawn_a = 16.0 if second < 30 else 6.0
        return charger(
            mode=ChargeMode.FAST,
            status=ChargerStatus.CHARGING,
            power_w=230.0 * drawn_a,
            current_limit_a=16.0 if second < 10 else limit_a,
            window_s=75.0,
        )

    def flickering(second: float) -> Supply:
        power_w = 2600.0 if second >= 10 and second % 20 < 15 else 9000.0
        room = Room(members=frozenset({"car"}), power_w=power_w, owner=Owner.AGGREGATOR)
        return Supply(surplus_w=0.0, rooms=(room,))

    intents, memory = lived(slow, flickering, 52)

    # Seen at 30 s, in force at 31; judged 8 s later, and believed after 8 s more.
    assert {intent.current_a for intent in intents[10:47]} == {6.0}
    assert memory.chargers["car"].vehicle.phases.used == (0,)
    assert intents[-1].current_a == 11.0


@pytest.mark.parametrize(
    ("planned_a", "most_a", "given_a"),
    [(16.0, 16.0, 16.0), (9.0, 16.0, 9.0), (16.0, 8.0, 8.0)],
    ids=["all", "less", "the resident allows less"],
)
def test_a_planned_car_takes_what_the_plan_gave_it(planned_a: float, most_a: float, given_a: float) -> None:
    intent = once(charger(planned_a=planned_a, max_current_a=most_a))

    assert (intent.reason, intent.current_a) == (Reason.PLANNED, given_a)


def test_the_plan_does_not_hold_back_a_promise() -> None:
    due = (ChargeGoal(left_wh=10_000.0, deadline_s=3600.0),)

    intent = once(charger(planned_a=6.0, goals=due))

    assert (intent.reason, intent.current_a) == (Reason.READY_BY, 16.0)


def test_what_the_plan_gives_now_does_not_bring_the_latest_start_nearer() -> None:
    due = (ChargeGoal(left_wh=10_000.0, deadline_s=8 * 3600.0),)

    assert (
        once(charger(planned_a=6.0, goals=due)).latest_start_s
        == once(charger(planned_a=16.0, goals=due)).latest_start_s
    )
