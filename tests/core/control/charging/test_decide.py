"""What a charger gets in each situation, and why."""

import math
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import (
    ChargeGoal,
    ChargeMode,
    ChargerInput,
    Reason,
    Room,
    Sun,
    Supply,
)
from custom_components.home_flex.core.model import Owner

from .chargers import DARK, charger, follows, lived, once

FUSE = Room(members=frozenset({"car"}), phase_a=(10.0, 20.0, 20.0))
AGGREGATOR = Room(members=frozenset({"car"}), power_w=3000.0, owner=Owner.AGGREGATOR)
GRID_OPERATOR = Room(members=frozenset({"car"}), power_w=4200.0, owner=Owner.GRID_OPERATOR)
LATE: dict[str, Any] = {"goals": (ChargeGoal(left_wh=10_000.0, deadline_s=3600.0),)}


@pytest.mark.parametrize(
    ("told", "supply", "current_a", "reason"),
    [
        pytest.param({"connected": False}, DARK, 0.0, Reason.NOT_CONNECTED, id="nobody there"),
        pytest.param(
            {"connected": False, "mode": ChargeMode.FAST},
            DARK,
            None,
            Reason.NOT_CONNECTED,
            id="free for a guest",
        ),
        pytest.param({"mode": ChargeMode.OFF}, Supply(surplus_w=9e3), 0.0, Reason.OFF, id="off"),
        pytest.param({"mode": ChargeMode.OFF, **LATE}, DARK, 0.0, Reason.OFF, id="off in spite of a promise"),
        pytest.param(
            {"mode": ChargeMode.FAST, "session_left_wh": 0.0},
            DARK,
            0.0,
            Reason.SESSION_LIMIT,
            id="session limit",
        ),
        pytest.param({"mode": ChargeMode.FAST}, DARK, None, Reason.FAST, id="fast is nobody's business"),
        pytest.param({"mode": ChargeMode.MINIMUM_SURPLUS}, DARK, 6.0, Reason.MINIMUM, id="minimum at night"),
        pytest.param(
            {"mode": ChargeMode.MINIMUM_SURPLUS},
            Supply(surplus_w=7000.0),
            10.0,
            Reason.SURPLUS,
            id="and the sun",
        ),
        pytest.param({}, DARK, 0.0, Reason.WAITS_FOR_SUN, id="sun only at night"),
        pytest.param({}, Supply(surplus_w=math.nan), 0.0, Reason.WAITS_FOR_SUN, id="unknown sun is none"),
        pytest.param(LATE, DARK, 16.0, Reason.READY_BY, id="past the latest start"),
        pytest.param(
            {"goals": (ChargeGoal(left_wh=0.0, deadline_s=3600.0),)},
            DARK,
            0.0,
            Reason.WAITS_FOR_SUN,
            id="target met",
        ),
        pytest.param({"below_minimum_soc": True}, DARK, 16.0, Reason.MINIMUM_SOC, id="nearly empty"),
        pytest.param(
            {"mode": ChargeMode.FAST},
            Supply(surplus_w=0.0, rooms=(FUSE,)),
            10.0,
            Reason.FAST,
            id="tightest phase",
        ),
        pytest.param(
            {"mode": ChargeMode.FAST, "offered_phases": (1,), "wired_phases": (2,)},
            Supply(surplus_w=0.0, rooms=(FUSE,)),
            None,
            Reason.FAST,
            id="another phase is none of its business",
        ),
        pytest.param(
            {"mode": ChargeMode.FAST},
            Supply(surplus_w=0.0, rooms=(GRID_OPERATOR,)),
            6.0,
            Reason.FAST,
            id="six amperes fit into 4.2 kW",
        ),
        pytest.param(
            {"mode": ChargeMode.FAST},
            Supply(surplus_w=0.0, rooms=(AGGREGATOR,)),
            0.0,
            Reason.WAITS_FOR_ROOM,
            id="may slow",
        ),
        pytest.param(
            {"mode": ChargeMode.FAST, "may_slow": False},
            Supply(surplus_w=0.0, rooms=(AGGREGATOR,)),
            None,
            Reason.FAST,
            id="may not slow",
        ),
        pytest.param(
            LATE,
            Supply(surplus_w=0.0, rooms=(AGGREGATOR,)),
            16.0,
            Reason.READY_BY,
            id="a promise above an event",
        ),
        pytest.param(
            {**LATE, "may_slow": False},
            Supply(
                surplus_w=0.0, rooms=(Room(members=frozenset({"car"}), power_w=2000.0, owner=Owner.FUSE),)
            ),
            0.0,
            Reason.WAITS_FOR_ROOM,
            id="but below the fuse",
        ),
        pytest.param(
            {"mode": ChargeMode.FAST},
            Supply(surplus_w=0.0, rooms=(Room(members=frozenset({"car"}), phase_a=(20.0,)),)),
            0.0,
            Reason.WAITS_FOR_ROOM,
            id="a phase not told has no room",
        ),
        pytest.param(
            {"mode": ChargeMode.FAST, "offered_phases": (1, 3)},
            Supply(surplus_w=0.0, rooms=(Room(members=frozenset({"car"}), phase_a=(9.0, 3.0, 20.0)),)),
            9.0,
            Reason.FAST,
            id="one phase where three do not fit",
        ),
    ],
)
def test_what_a_car_gets(
    told: dict[str, Any], supply: Supply, current_a: float | None, reason: Reason
) -> None:
    intent = once(charger(**told), supply)

    assert (intent.current_a, intent.reason) == (current_a, reason)


@pytest.mark.parametrize(("told", "must"), [({}, False), (LATE, True), ({"below_minimum_soc": True}, True)])
def test_a_promise_is_marked_as_the_residents(told: dict[str, Any], must: bool) -> None:
    assert once(charger(**told)).must is must


def test_sun_behind_a_limited_inverter_is_asked_for_ampere_by_ampere() -> None:
    def sun(second: float) -> Supply:
        return Supply(surplus_w=0.0, sun=Sun.HIDDEN if second < 300 else Sun.SHOWN)

    intents, _ = lived(follows, sun, 600)

    assert intents[35].reason is Reason.PROBE
    assert intents[35].current_a >= 6.0  # type: ignore[operator] # a number while it probes
    assert max(intent.current_a or 0.0 for intent in intents) > 12.0
    assert intents[-1].current_a == 0.0


def test_sun_that_is_hidden_makes_good_what_was_bought() -> None:
    def flickering(second: float) -> Supply:
        clouded = second % 60.0 >= 40.0
        return Supply(surplus_w=0.0 if clouded else 4140.0, sun=Sun.SHOWN if clouded else Sun.HIDDEN)

    _, memory = lived(follows, flickering, 600)
    owing = memory.chargers["car"].sun
    _, after = lived(follows, lambda _: Supply(surplus_w=4140.0, sun=Sun.HIDDEN), 10, memory)

    assert (owing.on, owing.debt_wh > 20.0) == (True, True)
    assert after.chargers["car"].sun.debt_wh == 0.0


def test_after_the_hour_a_charge_goes_on_to_its_target_and_what_it_wins_does_not_stop_it() -> None:
    def late(second: float, limit_a: float | None) -> ChargerInput:
        left_wh = max(0.0, 10_000.0 - 3.0 * second)
        return follows(second, limit_a, goals=(ChargeGoal(left_wh=left_wh, deadline_s=3600.0 - second),))

    intents, _ = lived(late, lambda _: DARK, 4500)

    reached = next(second for second, intent in enumerate(intents) if not intent.must)
    assert reached == pytest.approx(10_000 / 3, abs=2)


def test_a_later_hour_lets_a_charge_wait_again() -> None:
    def postponed(second: float, limit_a: float | None) -> ChargerInput:
        deadline_s = 3600.0 if second < 60 else 36_000.0
        return follows(second, limit_a, goals=(ChargeGoal(left_wh=10_000.0, deadline_s=deadline_s),))

    intents, _ = lived(postponed, lambda _: DARK, 62)

    assert [intents[59].must, intents[61].must] == [True, False]


def test_a_car_that_charges_when_memory_begins_is_not_interrupted() -> None:
    charging = charger(power_w=4140.0, current_limit_a=6.0)

    assert once(charging, Supply(surplus_w=3000.0)).current_a == 6.0


@pytest.mark.parametrize(
    "told",
    [
        {"power_w": math.nan, "current_limit_a": math.nan},
        {"phase_current_a": (math.nan, 1.0, 1.0)},
        {"max_current_a": 5.0},
        {"max_current_a": math.nan},
    ],
)
def test_what_is_no_number_or_no_range_gives_no_current_out_of_range(told: dict[str, Any]) -> None:
    intent = once(charger(**{"mode": ChargeMode.MINIMUM_SURPLUS, **told}))

    assert intent.current_a in {0.0, 6.0}


@pytest.mark.parametrize(
    ("told", "tells"),
    [
        ({}, True),
        ({"mode": ChargeMode.OFF}, False),
        ({"session_left_wh": 0.0}, False),
        ({"session_left_wh": 100.0}, True),
        ({"mode": ChargeMode.OFF, "charge_now": True}, True),
    ],
)
def test_what_never_makes_its_hour_is_told_no_latest_start(told: dict[str, Any], *, tells: bool) -> None:
    goals = (ChargeGoal(left_wh=10_000.0, deadline_s=36_000.0),)
    assert (once(charger(goals=goals, **told)).latest_start_s is not None) is tells
