"""Whatever is told: no more current than there is room, and none between zero and the smallest."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.control.charging import (
    ChargeGoal,
    ChargeMode,
    ChargerInput,
    ChargingMemory,
    Room,
    Sun,
    Supply,
    decide,
)
from custom_components.home_flex.core.model import ChargerStatus

NAMES = ("a", "b", "c")
WIRINGS = ((1,), (2,), (1, 2, 3), (3, 1, 2))
goals = st.builds(ChargeGoal, left_wh=st.floats(0, 60_000), deadline_s=st.floats(-3600, 36_000))
amperes = st.one_of(st.floats(-5, 60), st.just(float("nan")))


@st.composite
def chargers(draw: st.DrawFn, name: str) -> ChargerInput:
    wired = draw(st.sampled_from(WIRINGS))
    phases = draw(st.sampled_from([(1,), (3,), (1, 3)] if len(wired) == 3 else [(1,)]))
    return ChargerInput(
        device_id=name,
        connected=draw(st.booleans()),
        status=draw(st.sampled_from(ChargerStatus)),
        power_w=draw(st.one_of(st.none(), st.floats(0, 22_000))),
        current_limit_a=draw(st.one_of(st.none(), st.sampled_from([0.0, 6.0, 10.0, 16.0]))),
        min_current_a=draw(st.sampled_from([6.0, 8.0])),
        max_current_a=draw(st.sampled_from([10.0, 16.0, 32.0])),
        offered_phases=phases,
        wired_phases=wired,
        mode=draw(st.sampled_from(ChargeMode)),
        phase_current_a=draw(st.sampled_from([(), (10.0, 0.0, 0.0), (8.0, 8.0, 8.0)])),
        phases_in_force=draw(st.sampled_from([None, *phases])),
        priority=draw(st.integers(1, 9)),
        goals=tuple(draw(st.lists(goals, max_size=3))),
        below_minimum_soc=draw(st.booleans()),
        may_slow=draw(st.booleans()),
        phases_wish=draw(st.sampled_from([None, *phases])),
    )


@st.composite
def ticks(draw: st.DrawFn) -> tuple[list[ChargerInput], Supply, float]:
    rooms = tuple(
        Room(members=frozenset(members), phase_a=draw(st.tuples(amperes, amperes, amperes)))
        for members in draw(st.lists(st.sets(st.sampled_from(NAMES), min_size=1), max_size=3))
    )
    supply = Supply(surplus_w=draw(st.floats(-20_000, 20_000)), rooms=rooms, sun=draw(st.sampled_from(Sun)))
    return [draw(chargers(name)) for name in NAMES], supply, draw(st.floats(0, 2000))


@settings(max_examples=150, deadline=None)
@given(st.lists(ticks(), min_size=1, max_size=6))
def test_currents_fit_the_room_and_are_zero_or_in_range(
    life: list[tuple[list[ChargerInput], Supply, float]],
) -> None:
    memory, now_s = ChargingMemory(), 0.0
    for told, supply, passed_s in life:
        now_s += passed_s
        intents, memory = decide(told, supply, memory, now_s)
        given_a = {}
        for box in told:
            intent = intents[box.device_id]
            current_a = box.max_current_a if intent.current_a is None else intent.current_a
            assert current_a == 0.0 or box.min_current_a <= current_a <= box.max_current_a
            assert set(intent.active_phases) <= set(box.wired_phases)
            given_a[box.device_id] = current_a if box.connected and not intent.is_early else 0.0
        for room in supply.rooms:
            for phase in (1, 2, 3):
                room_a = room.phase_a[phase - 1]
                total_a = sum(
                    given_a[box.device_id]
                    for box in told
                    if box.device_id in room.members and phase in intents[box.device_id].active_phases
                )
                assert total_a <= (0.0 if math.isnan(room_a) else max(0.0, room_a)) + 1e-3
