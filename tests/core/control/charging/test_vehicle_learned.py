"""What one reading more teaches of a vehicle: since when it may draw, draws, rests, and takes less."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging.vehicle import (
    Vehicle,
    allowed_a,
    drawn_a,
    drawn_w,
    observed,
    soonest_s,
)
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence
from custom_components.home_flex.core.model import ChargerStatus

from .chargers import charger


def near(value: Any) -> Any:
    return pytest.approx(value)


NOW_S = 1000.0
KNOWN = Vehicle(
    phases=PhaseEvidence(used=(0, 1, 2), of=3),
    limit_a=16.0,
    limit_since_s=100.0,
    in_force_since_s=100.0,
    changing_since_s=100.0,
    power_w=11_040.0,
    most_w=11_040.0,
    allowed_since_s=100.0,
)
DRAWS = replace(KNOWN, drew=True, drew_now=True, draws_since_s=200.0)
STILL = replace(KNOWN, power_w=0.0, still_since_s=100.0)


def after(
    vehicle: Vehicle, power_w: float | None = 11_040.0, *, now_s: float = NOW_S, **told: Any
) -> Vehicle:
    known = {"status": ChargerStatus.CHARGING, "current_limit_a": 16.0, **told}
    return observed(vehicle, charger(power_w=power_w, **known), now_s)


@pytest.mark.parametrize(
    ("limit_a", "allowed"), [(None, 16.0), (10.0, 10.0), (5.5, 5.5), (5.4, 0.0), (0.0, 0.0), (32.0, 32.0)]
)
def test_a_limit_below_the_smallest_current_is_a_pause(limit_a: float | None, allowed: float) -> None:
    assert allowed_a(charger(current_limit_a=limit_a)) == allowed


@pytest.mark.parametrize(
    ("told", "current_a", "power_w"),
    [
        ({"power_w": 6900.0, "phase_current_a": (9.0, 11.0, 10.0)}, 11.0, 6900.0),
        ({"power_w": 6900.0}, 10.0, 6900.0),
        ({"power_w": -20.0}, 0.0, 0.0),
        # What is not measured is what it may draw.
        ({"power_w": None}, 16.0, 11_040.0),
        ({"power_w": None, "connected": False}, 0.0, 0.0),
        ({"power_w": None, "phase_current_a": (9.0, 11.0, 10.0)}, 11.0, 7590.0),
    ],
)
def test_what_is_not_measured_is_what_it_may_draw(
    told: dict[str, Any], current_a: float, power_w: float
) -> None:
    box = charger(**{"current_limit_a": 16.0, **told})
    assert (drawn_a(box, KNOWN), drawn_w(box, KNOWN)) == (near(current_a), near(power_w))
    one = replace(KNOWN, phases=PhaseEvidence(used=(0,), of=3))
    if "phase_current_a" not in told and told["power_w"] == 6900.0:
        assert drawn_a(box, one) == 30.0


@pytest.mark.parametrize(
    ("wakes_s", "soonest"), [((), 0.0), ((30.0,), 0.0), ((30.0, 20.0), 20.0), ((5.0, 9.0, 7.0), 5.0)]
)
def test_how_soon_it_begins_is_known_from_two_starts_on(wakes_s: tuple[float, ...], soonest: float) -> None:
    assert soonest_s(Vehicle(wakes_s=wakes_s)) == soonest


def test_one_that_is_gone_for_ten_seconds_has_ended_its_session() -> None:
    gone = after(DRAWS, connected=False)
    assert gone == replace(DRAWS, gone_since_s=NOW_S)
    assert after(gone, connected=False, now_s=NOW_S + 9.9) == gone
    assert after(gone, connected=False, now_s=NOW_S + 10.0) == Vehicle()
    assert after(gone, now_s=NOW_S + 9.0).gone_since_s is None
    assert after(gone, None, now_s=NOW_S + 9.0) == DRAWS


@pytest.mark.parametrize(
    ("power_w", "risen", "moved", "most_w"),
    [
        (11_141.0, True, True, 11_141.0),
        (11_140.0, False, False, 11_140.0),
        (10_940.0, False, False, 11_040.0),
        (10_939.0, False, True, 11_040.0),
    ],
)
def test_when_it_rose_and_moved_and_its_most_are_remembered(
    power_w: float, most_w: float, *, risen: bool, moved: bool
) -> None:
    found = after(replace(DRAWS, risen_s=7.0, moved_s=8.0), power_w)
    assert (found.risen_s, found.moved_s) == (NOW_S if risen else 7.0, NOW_S if moved else 8.0)
    assert (found.power_w, found.most_w) == (power_w, most_w)


def test_a_first_reading_is_no_move() -> None:
    found = after(Vehicle())
    assert (found.risen_s, found.moved_s, found.power_w) == (-float("inf"), -float("inf"), 11_040.0)


def test_a_new_limit_is_under_way_until_it_is_in_force() -> None:
    found = after(DRAWS, current_limit_a=10.0, window_s=20.0)
    assert (found.limit_a, found.limit_since_s) == (10.0, NOW_S)
    assert (found.in_force_since_s, found.changing_since_s, found.before_w) == (None, NOW_S, 11_040.0)
    again = after(found, current_limit_a=8.0, window_s=20.0, now_s=NOW_S + 5.0)
    assert (again.limit_since_s, again.changing_since_s) == (NOW_S + 5.0, NOW_S)
    assert after(found, current_limit_a=10.0, window_s=20.0, now_s=NOW_S + 19.9).in_force_since_s is None
    late = after(found, current_limit_a=10.0, window_s=20.0, now_s=NOW_S + 20.0)
    assert late.in_force_since_s == NOW_S + 20.0
    assert after(DRAWS).limit_since_s == 100.0


@pytest.mark.parametrize(("limit_a", "since_s"), [(16.0, 100.0), (0.0, None)])
def test_since_when_it_may_draw_is_remembered(limit_a: float, since_s: float | None) -> None:
    slept = replace(STILL, asleep=True, less_since_s=5.0)
    found = after(slept, 0.0, current_limit_a=limit_a, now_s=110.0)
    assert found.allowed_since_s == since_s
    assert found.asleep is (limit_a > 0.0)
    paused = after(DRAWS, 0.0, current_limit_a=0.0)
    assert (paused.drew, paused.drew_now, paused.draws_since_s) == (True, False, None)
    assert after(paused, 0.0, now_s=NOW_S + 5.0).allowed_since_s == NOW_S + 5.0


@pytest.mark.parametrize(("power_w", "draws"), [(499.0, False), (500.0, True)])
def test_half_a_kilowatt_is_drawing(power_w: float, *, draws: bool) -> None:
    found = after(replace(STILL, asleep=True), power_w, now_s=110.0)
    assert (found.drew, found.drew_now, found.asleep) == (draws, draws, not draws)
    assert (found.draws_since_s, found.still_since_s) == ((110.0, None) if draws else (None, 100.0))
    stops = after(replace(DRAWS, power_w=power_w), power_w, now_s=210.0)
    assert (stops.draws_since_s, stops.still_since_s) == ((200.0, None) if draws else (None, 210.0))


def test_how_long_it_took_to_begin_is_remembered_of_the_last_four_starts() -> None:
    found = after(replace(STILL, wakes_s=(1.0, 2.0, 3.0, 4.0)), 2000.0, now_s=130.0)
    assert found.wakes_s == (2.0, 3.0, 4.0, 30.0)
    assert after(replace(STILL, drew_now=True), 2000.0, now_s=130.0).wakes_s == ()
    assert after(replace(STILL, still_since_s=None), 2000.0, now_s=130.0).wakes_s == ()


@pytest.mark.parametrize(
    ("since_s", "is_full"), [(NOW_S - 299.0, True), (NOW_S - 300.0, False), (None, True)]
)
def test_a_full_one_charges_again_when_it_goes_on(since_s: float | None, *, is_full: bool) -> None:
    assert after(replace(DRAWS, full=True, draws_since_s=since_s)).full is is_full
    assert not after(DRAWS).full


@pytest.mark.parametrize(
    ("allowed_s", "still_s", "is_full"),
    [(100.0, 880.0, True), (100.0, 880.1, False), (880.0, 100.0, True), (880.1, 100.0, False)],
)
def test_one_that_drew_and_rests_for_two_minutes_is_full(
    allowed_s: float, still_s: float, *, is_full: bool
) -> None:
    rests = replace(DRAWS, power_w=0.0, allowed_since_s=allowed_s, still_since_s=still_s, draws_since_s=None)
    assert after(rests, 0.0).full is is_full
    assert not after(replace(rests, drew_now=False), 0.0).full
    assert after(replace(rests, full=True, drew_now=False), 0.0).full


@pytest.mark.parametrize(("since_s", "asleep"), [(760.0, True), (760.1, False)])
def test_one_that_does_not_begin_within_four_minutes_sleeps(since_s: float, *, asleep: bool) -> None:
    waits = replace(STILL, allowed_since_s=since_s, tried_s=NOW_S)
    found = after(waits, 0.0)
    assert (found.asleep, found.refusals) == (asleep, 0)
    again = after(replace(waits, drew=True, refusals=1), 0.0)
    assert (again.asleep, again.refusals) == (asleep, 2 if asleep else 1)
    assert again.refuses_restart is asleep
    assert after(replace(waits, drew=True, asleep=True), 0.0).refusals == 0


AWAKE, COMING = ChargerStatus.CHARGING, ChargerStatus.PREPARING
TRIES: dict[str, tuple[dict[str, Any], dict[str, Any], float | None]] = {
    "it says it charges": ({"allowed_since_s": 940.0}, {}, 8.0),
    "not so soon": ({"allowed_since_s": 940.1}, {}, None),
    "it may still wake": ({"allowed_since_s": 760.1}, {"status": COMING}, None),
    "it had its time": ({"allowed_since_s": 760.0}, {"status": COMING}, 8.0),
    "more than before": ({"try_a": 8.0, "tried_s": 940.0}, {"current_limit_a": 8.0}, 10.0),
    "after a minute": ({"try_a": 8.0, "tried_s": 940.1}, {"current_limit_a": 8.0}, 8.0),
    "up to what the pickiest needs": ({"try_a": 12.0, "tried_s": 900.0}, {"current_limit_a": 12.0}, 13.0),
    "and no further": ({"try_a": 13.0, "tried_s": 900.0}, {"current_limit_a": 13.0}, 13.0),
    "nor than its charger goes": (
        {"try_a": 8.0, "tried_s": 900.0},
        {"current_limit_a": 8.0, "max_current_a": 9.0},
        9.0,
    ),
    "it has more anyway": ({}, {"current_limit_a": 8.1}, None),
    "it has as much": ({}, {"current_limit_a": 8.0}, 8.0),
    "what it needs is known": ({"least_a": 8.0}, {}, None),
    "it drew": ({"drew_now": True}, {}, None),
}


@pytest.mark.parametrize(("known", "told", "try_a"), TRIES.values(), ids=TRIES)
def test_one_that_refuses_the_smallest_current_is_tried_with_more(
    known: dict[str, Any], told: dict[str, Any], try_a: float | None
) -> None:
    waits = replace(STILL, **{"allowed_since_s": 900.0, **known})
    found = after(waits, 0.0, **{"current_limit_a": 6.0, **told})
    assert found.try_a == try_a
    assert found.tried_s == (NOW_S if try_a is not None and try_a != known.get("try_a") else waits.tried_s)


@pytest.mark.parametrize(("tried_s", "least_a"), [(940.1, 8.0), (940.0, None)])
def test_one_that_begins_soon_needs_what_was_tried(tried_s: float, least_a: float | None) -> None:
    found = after(replace(STILL, try_a=8.0, tried_s=tried_s), 5520.0, current_limit_a=8.0)
    assert (found.least_a, found.try_a) == (least_a, None)


LESS: dict[str, tuple[dict[str, Any], float, float | None, float | None]] = {
    "it takes less": ({}, 12.7, NOW_S, None),
    "it takes what it may": ({}, 12.8, None, None),
    "again": ({"less_since_s": 900.0}, 12.8, None, None),
    "for a while": ({"less_since_s": 880.1}, 12.0, 880.1, None),
    "for two minutes": ({"less_since_s": 880.0}, 12.0, 880.0, 12.0),
    "as shown": ({"less_since_s": 100.0, "shown_a": 12.0}, 12.4, 100.0, 12.0),
    "more than shown": ({"less_since_s": 100.0, "shown_a": 12.0}, 12.5, None, None),
}


@pytest.mark.parametrize(("known", "current_a", "less_s", "shown_a"), LESS.values(), ids=LESS)
def test_one_that_takes_less_than_it_may_for_two_minutes_has_shown_how_much(
    known: dict[str, Any], current_a: float, less_s: float | None, shown_a: float | None
) -> None:
    found = after(replace(DRAWS, **known), 690.0 * current_a, phase_current_a=(current_a,) * 3)
    assert (found.less_since_s, found.shown_a) == (less_s, shown_a)
    rests = after(replace(DRAWS, less_since_s=100.0), 0.0)
    assert (rests.less_since_s, rests.shown_a) == (None, None)


def test_how_many_of_three_phases_it_uses_is_kept_when_fewer_are_offered() -> None:
    found = after(replace(DRAWS, phases_of_three=2))
    assert found.phases_of_three == 3
    one = after(
        replace(found), 3680.0, offered_phases=(1, 3), phases_in_force=1, phase_current_a=(16.0, 0.0, 0.0)
    )
    assert (one.phases.of, one.phases_of_three) == (1, 3)
    assert after(Vehicle(), 100.0).phases_of_three is None
