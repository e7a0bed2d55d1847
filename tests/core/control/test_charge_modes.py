"""What a charger's mode sees of it, and how far a mode lets its range go."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.asked import Cause
from custom_components.home_flex.core.control.charge_modes import (
    charger_input,
    intended,
    mode_cause,
    with_intent,
)
from custom_components.home_flex.core.control.charging import (
    ChargeGoal,
    ChargeIntent,
    ChargeMode,
    ChargerInput,
    ChargerMemory,
    ChargeWish,
    ChargingMemory,
    Reason,
)
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.model import Sun
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.load import RestLoad
from custom_components.home_flex.core.control.memory import DeviceMemory, Response
from custom_components.home_flex.core.model import ChargerReading, ChargerStatus, Owner, Quantity, Setpoint

from .parts import PER_A, car, joint, lines, sun


def current(value: float | None) -> Setpoint:
    return Setpoint(
        device_id="car",
        quantity=Quantity.CURRENT_LIMIT_A,
        value=value,
        owner=Owner.PLAN,
        reason="surplus",
        life_s=120.0,
    )


def device(
    wish: ChargeWish | None = None, *, reading: dict[str, Any] | None = None, **state: Any
) -> Flexibility:
    one = car()
    told = replace(one.reading, **(reading or {}))
    return replace(
        one, reading=told, device=replace(one.device, reading=told, charge=wish or ChargeWish(), **state)
    )


def seen(one: Flexibility, *, insists: bool = False) -> ChargerInput:
    return charger_input(one, (2, 3, 1), 231.0, 6.0, insists=insists, beside_store=False)


GOALS = (ChargeGoal(left_wh=5000.0, deadline_s=3600.0),)
WISH = ChargeWish(
    mode=ChargeMode.SURPLUS,
    priority=3,
    goals=GOALS,
    below_minimum_soc=True,
    session_left_wh=700.0,
    may_slow=False,
    phases=1,
    planned_a=9.0,
)


def test_a_charger_is_seen_as_it_tells_and_as_the_resident_wishes() -> None:
    found = seen(
        device(WISH, reading={"phase_current_a": (16.0, 15.0, 14.0)}, phase_counts=(1, 3)), insists=True
    )
    assert found == ChargerInput(
        device_id="car",
        connected=True,
        status=ChargerStatus.CHARGING,
        power_w=11040.0,
        current_limit_a=None,
        min_current_a=6.0,
        max_current_a=16.0,
        offered_phases=(1, 3),
        wired_phases=(2, 3, 1),
        mode=ChargeMode.SURPLUS,
        phase_current_a=(16.0, 15.0, 14.0),
        phases_in_force=3,
        voltage_v=231.0,
        priority=3,
        goals=GOALS,
        below_minimum_soc=True,
        session_left_wh=700.0,
        charge_now=True,
        may_slow=False,
        phases_wish=1,
        planned_a=9.0,
        answers=False,
        window_s=6.0,
    )


@pytest.mark.parametrize(
    ("told_a", "written", "limit_a"),
    [(9.0, None, 9.0), (9.0, current(12.0), 12.0), (9.0, current(None), None), (None, None, None)],
)
def test_its_limit_is_what_was_written_last_else_what_it_tells(
    told_a: float | None, written: Setpoint | None, limit_a: float | None
) -> None:
    found = seen(device(reading={"current_limit_a": told_a}, written=written))
    assert found.current_limit_a == limit_a


@pytest.mark.parametrize(
    ("least_a", "most_a", "narrowed"),
    [
        (None, None, (6.0, 16.0)),
        (8.0, 10.0, (8.0, 10.0)),
        (4.0, 32.0, (6.0, 16.0)),
        # What lies outside what it can is as near as it can.
        (20.0, 3.0, (16.0, 6.0)),
    ],
)
def test_its_range_is_narrowed_by_the_resident(
    least_a: float | None, most_a: float | None, narrowed: tuple[float, float]
) -> None:
    found = seen(device(ChargeWish(min_current_a=least_a, max_current_a=most_a)))
    assert (found.min_current_a, found.max_current_a) == narrowed


def test_one_that_cannot_switch_has_the_phases_it_has() -> None:
    assert seen(device()).offered_phases == (3,)


def test_whether_it_answers_is_known_once_it_has_shown_how_soon() -> None:
    one = device()
    known = replace(one, memory=DeviceMemory(response=Response(report_s=(2.0,))))
    assert (seen(one).answers, seen(known).answers) == (False, True)


FAST = replace(WISH, mode=ChargeMode.FAST, phases=None, planned_a=None)
REACH: dict[str, tuple[Owner | None, ChargeWish, ChargeWish]] = {
    "a plan may": (Owner.PLAN, WISH, WISH),
    "an event may": (Owner.AGGREGATOR, WISH, FAST),
    "the resident may": (Owner.RESIDENT, WISH, FAST),
    "the grid operator may": (Owner.GRID_OPERATOR, WISH, ChargeWish(priority=3)),
    "nobody may": (None, WISH, ChargeWish(priority=3)),
    "off is the resident's word": (
        Owner.RESIDENT,
        replace(WISH, mode=ChargeMode.OFF),
        replace(WISH, mode=ChargeMode.OFF),
    ),
    "and not the grid operator's": (
        Owner.GRID_OPERATOR,
        replace(WISH, mode=ChargeMode.OFF),
        ChargeWish(priority=3),
    ),
}


@pytest.mark.parametrize(("reach", "wish", "counts"), REACH.values(), ids=REACH)
def test_who_may_not_steer_it_has_no_say_in_its_mode(
    reach: Owner | None, wish: ChargeWish, counts: ChargeWish
) -> None:
    assert seen(device(wish, reach=reach)) == seen(device(counts, reach=Owner.PLAN))


INTENT = ChargeIntent(current_a=10.0, reason=Reason.SURPLUS)


def bounded(
    intent: ChargeIntent = INTENT, *, raised: bool = True, written: Setpoint | None = None, **changes: Any
) -> Flexibility:
    one = device(written=written)
    return with_intent(replace(one, **changes), intent, raised=raised)


def test_its_range_ends_where_its_mode_wants() -> None:
    found = bounded()
    assert found.intent is INTENT
    assert (found.low_w, found.high_w, found.wish_w) == (0.0, 10 * PER_A, 10 * PER_A)
    assert (found.limit_high_w, found.declared_high_w) == (10 * PER_A, 16 * PER_A)


RANGES: dict[str, tuple[dict[str, Any], tuple[float, float, float]]] = {
    "nobody holds it": ({"intent": replace(INTENT, current_a=None)}, (0.0, 11040.0, 11040.0)),
    "the vehicle draws less": ({"high_w": 5000.0}, (0.0, 5000.0, 6900.0)),
    "more than it can": ({"intent": replace(INTENT, current_a=32.0)}, (0.0, 11040.0, 11040.0)),
    "paused": ({"intent": replace(INTENT, current_a=0.0)}, (0.0, 0.0, 0.0)),
    "it must draw more": ({"low_w": 8000.0}, (6900.0, 6900.0, 6900.0)),
    "nobody is there": ({"is_ready": False, "high_w": 100.0}, (0.0, 100.0, 6900.0)),
    "it does as it likes": ({"stuck": True, "low_w": 9000.0, "high_w": 9000.0}, (9000.0, 9000.0, 6900.0)),
    "it may begin early": (
        {"intent": replace(INTENT, is_early=True), "power_w": 300.0},
        (0.0, 300.0, 6900.0),
    ),
    "early, with noise": ({"intent": replace(INTENT, is_early=True), "power_w": -5.0}, (0.0, 0.0, 6900.0)),
}


@pytest.mark.parametrize(("changes", "found"), RANGES.values(), ids=RANGES)
def test_how_far_it_goes_is_up_to_vehicle_mode_and_charger(
    changes: dict[str, Any], found: tuple[float, float, float]
) -> None:
    one = bounded(**changes)
    assert (one.low_w, one.high_w, one.limit_high_w) == found
    assert one.wish_w == one.high_w


FREE = replace(INTENT, current_a=None)
RAISES: dict[str, tuple[ChargeIntent, Setpoint | None, float, bool]] = {
    "not above what it may now": (INTENT, current(8.0), 8.0, False),
    "below": (INTENT, current(12.0), 10.0, False),
    "a free one keeps what it was told": (FREE, current(8.0), 8.0, True),
    "one that was never told": (FREE, None, 16.0, False),
    "one that was let go": (INTENT, current(None), 10.0, False),
    "what the resident was promised": (replace(INTENT, must=True), current(8.0), 10.0, False),
}


@pytest.mark.parametrize(("intent", "written", "limit_a", "is_kept"), RAISES.values(), ids=RAISES)
def test_while_the_meter_is_old_no_mode_raises_it(
    intent: ChargeIntent, written: Setpoint | None, limit_a: float, *, is_kept: bool
) -> None:
    one = bounded(intent, raised=False, written=written)
    assert one.limit_high_w == pytest.approx(limit_a * PER_A)
    assert one.intent is not None
    assert one.intent.is_kept is is_kept
    free = bounded(intent, raised=True, written=written)
    assert free.intent is intent


@pytest.mark.parametrize("reason", Reason)
def test_a_mode_is_a_plan_but_what_the_resident_said_in_so_many_words(reason: Reason) -> None:
    residents = {Reason.OFF, Reason.SESSION_LIMIT, Reason.CHARGE_NOW, Reason.MINIMUM_SOC, Reason.READY_BY}
    assert mode_cause(replace(INTENT, reason=reason)) == Cause(
        owner=Owner.RESIDENT if reason in residents else Owner.PLAN,
        reason=reason.value,
        source_id="charge_mode",
        is_standing=True,
    )


def test_what_a_charger_only_keeps_for_now_does_not_hold_it_for_long() -> None:
    assert not mode_cause(replace(INTENT, is_kept=True)).is_standing


def decided(
    *devices: Flexibility,
    rest: RestLoad | None = None,
    memory: ChargingMemory | None = None,
    limit_w: float | None = None,
    now_s: float = 0.0,
) -> tuple[dict[str, ChargeIntent], ChargingMemory]:
    chargers = [seen(one) for one in devices if isinstance(one.reading, ChargerReading)]
    asked = lines(devices, *(() if limit_w is None else (joint(high_w=limit_w),)))
    intents, after = intended(
        devices, chargers, asked, rest, Sun.SHOWN, {}, memory or ChargingMemory(), now_s
    )
    return dict(intents), after


BY_SUN = device(ChargeWish(mode=ChargeMode.MINIMUM_SURPLUS))
QUIET = RestLoad(high_w=(0.0,) * 4, low_w=(0.0,) * 4, latest_w=0.0)


def test_without_a_charger_nothing_is_decided() -> None:
    memory = ChargingMemory(at_s=7.0)
    assert decided(sun(), memory=memory) == ({}, memory)


@pytest.mark.parametrize(("rest", "current_a"), [(None, 6.0), (QUIET, 11.0)])
def test_sun_and_limits_count_once_a_meter_was_read(rest: RestLoad | None, current_a: float) -> None:
    assert decided(BY_SUN, sun(given_w=-8000.0), rest=rest)[0]["car"].current_a == current_a
    fast = device(ChargeWish(mode=ChargeMode.FAST))
    assert decided(fast, rest=rest, limit_w=7500.0)[0]["car"].current_a == (None if rest is None else 10.0)


def test_what_is_known_of_a_charger_that_cannot_be_read_now_is_kept() -> None:
    known = ChargerMemory(sessions_w=(7000.0,))
    _, after = decided(BY_SUN, memory=ChargingMemory(chargers={"other": known}))
    assert after.chargers["other"] is known
    assert set(after.chargers) == {"car", "other"}


RESTED = ChargerMemory(mode=ChargeMode.FAST, contactor=Contactor(on=False, since_s=990.0, closings=(100.0,)))


@pytest.mark.parametrize(
    ("taken", "mode", "is_free"),
    [
        (None, ChargeMode.FAST, True),
        (Owner.AGGREGATOR, ChargeMode.FAST, False),
        (None, ChargeMode.MINIMUM_SURPLUS, False),
    ],
)
def test_a_fast_charger_that_nobody_holds_does_not_rest_but_closes_when_it_likes(
    taken: Owner | None, mode: ChargeMode, *, is_free: bool
) -> None:
    one = replace(device(ChargeWish(mode=mode)), memory=DeviceMemory(taken=taken))
    idle = replace(one, reading=replace(one.reading, power_w=0.0), power_w=0.0)
    memory = ChargingMemory(chargers={"car": replace(RESTED, mode=mode)})
    intents, after = decided(idle, memory=memory, now_s=1000.0)
    assert intents["car"].reason is Reason.RESTS
    assert intents["car"].current_a == (None if is_free else 0.0)
    assert after.chargers["car"].contactor.on is is_free
    assert len(after.chargers["car"].contactor.closings) == (2 if is_free else 1)
