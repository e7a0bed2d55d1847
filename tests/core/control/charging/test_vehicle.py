"""Cars that are not text-book, learned while they hang on the cable."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.charging.model import ChargerInput
from custom_components.home_flex.core.control.charging.vehicle import (
    Vehicle,
    observed,
    soonest_s,
)
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence, used_phases
from custom_components.home_flex.core.model import ChargerStatus

from .chargers import charger


def after(seconds: int, told: ChargerInput, vehicle: Vehicle | None = None, start_s: int = 0) -> Vehicle:
    vehicle = vehicle or Vehicle()
    for second in range(start_s, start_s + seconds + 1):
        vehicle = observed(vehicle, told, float(second))
    return vehicle


def drawing(
    current_a: float, phases: int, limit_a: float | None = 16.0, *, tells: bool = True
) -> ChargerInput:
    currents = tuple(current_a if index < phases else 0.0 for index in range(3))
    return charger(
        status=ChargerStatus.CHARGING,
        power_w=current_a * 230.0 * phases,
        current_limit_a=limit_a,
        phase_current_a=currents if tells else (),
    )


@pytest.mark.parametrize(
    ("told", "used"),
    [
        (drawing(16.0, 1), (1,)),
        (drawing(16.0, 2), (1, 2)),
        (drawing(16.0, 3), (1, 2, 3)),
        (drawing(16.0, 1, tells=False), (1,)),
        (drawing(15.2, 2, tells=False), (1, 2)),
        (drawing(16.0, 3, tells=False), (1, 2, 3)),
        # Half a limit is a car that draws less, on nobody knows which phases: all.
        (drawing(8.0, 1, tells=False), (1, 2, 3)),
        (charger(current_limit_a=16.0), (1, 2, 3)),
    ],
)
def test_phases_are_learned_from_currents_or_from_power_per_ampere(
    told: ChargerInput, used: tuple[int, ...]
) -> None:
    assert used_phases(told, after(30, told).phases) == used


def test_more_phases_are_believed_at_once_and_fewer_after_a_while() -> None:
    one = after(30, drawing(16.0, 1))

    widened = observed(one, drawing(16.0, 3), 31.0)

    assert widened.phases.used == (0, 1, 2)
    assert after(5, drawing(16.0, 1), widened, 32).phases.used == (0, 1, 2)
    assert after(10, drawing(16.0, 1), widened, 32).phases.used == (0,)


def late(power_w: float, limit_a: float) -> ChargerInput:
    """Return a charger that tells no currents, and may need 75 s until a limit is in force."""
    return charger(status=ChargerStatus.CHARGING, power_w=power_w, current_limit_a=limit_a, window_s=75.0)


@pytest.mark.parametrize(
    ("power_w", "before_a", "limit_a", "used"),
    [
        # One phase at 16 A looks like three at 6 A, and three at 6 A look like two at 10 A.
        (3680.0, 16.0, 6.0, (0,)),
        (4140.0, 6.0, 10.0, (0, 1, 2)),
    ],
)
def test_what_is_drawn_before_a_limit_is_in_force_says_nothing_of_the_phases(
    power_w: float, before_a: float, limit_a: float, used: tuple[int, ...]
) -> None:
    known = after(30, late(power_w, before_a))
    assert known.phases.used == used

    assert after(70, late(power_w, limit_a), known, 31).phases.used == used
    unknown = after(70, late(power_w, limit_a), replace(known, phases=PhaseEvidence(of=3)), 31)
    assert unknown.phases.used is None


@pytest.mark.parametrize(
    ("power_w", "after_s", "is_in_force"),
    [(3680.0, 74, False), (3680.0, 75, True), (3480.0, 1, True), (3481.0, 1, False), (3880.0, 1, True)],
)
def test_a_limit_is_in_force_when_power_has_moved_since_or_its_time_has_passed(
    power_w: float, after_s: int, *, is_in_force: bool
) -> None:
    known = observed(after(30, late(3680.0, 16.0)), late(3680.0, 6.0), 31.0)
    found = observed(known, late(power_w, 6.0), 31.0 + after_s)
    assert found.in_force_since_s == (31.0 + after_s if is_in_force else None)


@pytest.mark.parametrize(
    ("moves", "in_force_s"),
    [
        # Told 10 A at 31 s, 8 A at 39 s and 7 A at 40 s: the answers are as far apart.
        (((41, 2300.0), (49, 1840.0), (50, 1610.0)), 59.0),
        (((41, 2300.0),), 50.0),
        (((41, 2400.0),), 115.0),
        ((), 115.0),
    ],
)
def test_of_limits_that_followed_one_another_the_last_is_in_force_when_all_can_have_been_answered(
    moves: tuple[tuple[int, float], ...], in_force_s: float
) -> None:
    vehicle = after(30, late(2530.0, 11.0))
    for second in range(31, 120):
        limit_a = 10.0 if second < 39 else 8.0 if second < 40 else 7.0
        power_w = ([2530.0] + [power_w for at_s, power_w in moves if at_s <= second])[-1]
        vehicle = observed(vehicle, late(power_w, limit_a), float(second))
    assert vehicle.in_force_since_s == in_force_s


def test_the_first_limit_seen_is_in_force_as_nobody_has_changed_it() -> None:
    assert observed(Vehicle(), late(3680.0, 16.0), 5.0).in_force_since_s == 5.0


def test_phases_follow_the_wiring_of_the_box() -> None:
    told = charger(
        power_w=3680.0, current_limit_a=16.0, phase_current_a=(16.0, 0.0, 0.0), wired_phases=(2, 3, 1)
    )

    assert used_phases(told, after(30, told).phases) == (2,)


@pytest.mark.parametrize(("seconds", "full"), [(119, False), (121, True)])
def test_a_car_that_drew_and_stops_by_itself_is_full(seconds: int, full: bool) -> None:
    idle = charger(status=ChargerStatus.SUSPENDED_EV, current_limit_a=16.0, power_w=20.0)

    assert after(seconds, idle, after(60, drawing(16.0, 3)), 61).full is full


def test_a_paused_car_is_not_full() -> None:
    paused = charger(status=ChargerStatus.SUSPENDED_EVSE, current_limit_a=0.0)

    assert not after(600, paused, after(60, drawing(16.0, 3)), 61).full


def test_a_full_car_that_heats_itself_stays_full_and_one_that_goes_on_does_not() -> None:
    idle = charger(current_limit_a=16.0, power_w=20.0)
    full = after(200, idle, after(60, drawing(16.0, 3)), 61)

    assert after(250, drawing(6.0, 1), full, 300).full
    assert not after(310, drawing(6.0, 1), full, 300).full


@pytest.mark.parametrize(("seconds", "asleep"), [(239, False), (241, True)])
def test_a_car_that_does_not_wake_within_four_minutes_is_asleep(seconds: int, *, asleep: bool) -> None:
    assert after(seconds, charger(current_limit_a=6.0)).asleep is asleep


def test_a_car_that_refuses_a_restart_twice_is_better_not_paused() -> None:
    vehicle = after(60, drawing(16.0, 3))
    for start_s in (1000, 2000):
        vehicle = after(10, charger(current_limit_a=0.0), vehicle, start_s)
        assert not vehicle.refuses_restart
        vehicle = after(250, charger(current_limit_a=6.0), vehicle, start_s + 20)

    assert vehicle.refuses_restart


@pytest.mark.parametrize(
    ("status", "seconds", "tried_a"),
    [
        (ChargerStatus.CHARGING, 59, None),
        (ChargerStatus.CHARGING, 61, 8.0),
        # Asleep or picky: first the time to wake at one steady current.
        (ChargerStatus.PREPARING, 239, None),
        (ChargerStatus.PREPARING, 241, 8.0),
    ],
)
def test_a_car_that_refuses_the_smallest_current_is_tried_with_more(
    status: ChargerStatus, seconds: int, tried_a: float | None
) -> None:
    assert after(seconds, charger(status=status, current_limit_a=6.0)).try_a == tried_a


def test_trying_ends_where_the_pickiest_car_begins() -> None:
    vehicle = Vehicle()
    for second in range(1200):
        told = charger(status=ChargerStatus.CHARGING, current_limit_a=vehicle.try_a or 6.0)
        vehicle = observed(vehicle, told, float(second))

    assert vehicle.try_a == 13.0


def test_the_current_a_car_needs_is_remembered_for_the_session_only() -> None:
    vehicle = after(61, charger(status=ChargerStatus.CHARGING, current_limit_a=6.0))
    vehicle = after(10, drawing(8.0, 3, 8.0), vehicle, 62)

    assert vehicle.least_a == 8.0
    assert after(9, charger(connected=False), vehicle, 100).least_a == 8.0
    assert after(10, charger(connected=False), vehicle, 100) == Vehicle()


@pytest.mark.parametrize(("seconds", "shown_a"), [(115, None), (125, pytest.approx(10.0))])
def test_a_car_that_draws_less_for_two_minutes_has_shown_its_range(seconds: int, shown_a: object) -> None:
    assert after(seconds, drawing(10.0, 3)).shown_a == shown_a


def test_a_range_is_forgotten_when_the_car_grows_out_of_it() -> None:
    shown = after(130, drawing(10.0, 3))

    assert observed(shown, drawing(10.4, 3), 131.0).shown_a is not None
    assert observed(shown, drawing(11.0, 3), 131.0).shown_a is None


def started(*wakes_s: int) -> Vehicle:
    """Return a vehicle that was let in once for each time, and began so long after."""
    vehicle, at_s = Vehicle(), 0
    for wake_s in wakes_s:
        for told, seconds in (
            (charger(current_limit_a=0.0), 60),
            (charger(current_limit_a=6.0), wake_s - 1),
            (drawing(6.0, 3, 6.0), 60),
        ):
            vehicle = after(seconds, told, vehicle, at_s)
            at_s += seconds + 1
    return vehicle


@pytest.mark.parametrize(
    ("wakes_s", "soonest"), [((), 0.0), ((30,), 0.0), ((30, 20), 20.0), ((5, 30, 25, 40, 35), 25.0)]
)
def test_how_soon_a_car_begins_is_the_quickest_of_its_last_starts(
    wakes_s: tuple[int, ...], soonest: float
) -> None:
    assert soonest_s(started(*wakes_s)) == soonest


def test_a_car_that_charged_when_it_was_seen_first_tells_nothing_of_how_soon_it_begins() -> None:
    assert after(60, drawing(6.0, 3, 6.0)).wakes_s == ()
