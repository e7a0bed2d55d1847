"""A breaker warms up as a first-order body; what is planned leaves room for the largest step of load."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.headroom import (
    TRIPS_AT,
    Answer,
    heated,
    unanswered_a,
    usable_among_a,
)

# Warm from i0, a current of i x In: seconds until it trips.
TRIPS = [
    (0.0, 1.2, 65),
    (0.0, 1.3, 42),
    (0.0, 1.45, 28),
    (0.0, 1.6, 21),
    (0.0, 1.7, 17.5),
    (0.0, 2.0, 11.5),
    (0.0, 2.55, 6.6),
    (0.9, 1.2, 40),
    (0.9, 1.45, 13),
    (0.9, 2.0, 4.7),
    (1.0, 1.2, 30),
    (1.0, 1.45, 8.7),
    (1.0, 2.0, 2.9),
]


@pytest.mark.parametrize(("warm_from", "current", "seconds"), TRIPS)
def test_a_breaker_trips_after_the_time_of_its_curve(
    warm_from: float, current: float, seconds: float
) -> None:
    assert (
        heated(warm_from**2, current, 0.95 * seconds)
        < TRIPS_AT
        < heated(warm_from**2, current, 1.05 * seconds)
    )


def test_what_a_breaker_carries_for_an_hour_never_trips_it() -> None:
    assert heated(0.0, 1.13, 3600.0) <= TRIPS_AT < heated(0.0, 1.14, 3600.0)


@given(st.floats(0, 2), st.floats(0, 3), st.floats(0, 100), st.floats(0, 100))
def test_warming_up_in_two_parts_is_warming_up_once(
    state: float, current: float, first: float, second: float
) -> None:
    twice = heated(heated(state, current, first), current, second)
    assert twice == pytest.approx(heated(state, current, first + second), abs=1e-9)


@pytest.mark.parametrize(("step_a", "part"), [(0.0, 1.0), (3.25, 1.0), (16.0, 0.49), (40.0, 0.0)])
def test_a_step_that_nobody_answers_must_fit_beside_what_is_used(step_a: float, part: float) -> None:
    assert unanswered_a(25.0, step_a) == pytest.approx(part * 25.0)


@given(st.floats(6, 100), st.floats(0, 100))
def test_what_is_used_and_the_step_never_trip_a_breaker_together(fuse_a: float, step_a: float) -> None:
    usable = unanswered_a(fuse_a, step_a) / fuse_a
    assert 0 <= usable <= 1
    if usable > 0:
        assert usable + step_a / fuse_a <= 1.13 + 1e-9


@pytest.mark.parametrize(("delay_s", "part"), [(5, 1.0), (15, 0.834), (16.5, 0.815)])
def test_a_slow_car_uses_less_of_a_25_a_fuse(delay_s: float, part: float) -> None:
    # Solves i0^2 e + (i0 + s)^2 (1 - e) = 1.13^2 with e = exp(-delay / tau) and s = 16 / 25 by hand.
    assert usable_among_a(25.0, 5.0, [Answer(delay_s, 10.0)], 16.0) == pytest.approx(part * 25, abs=0.05)


def test_a_quick_car_leaves_room_for_a_slow_one() -> None:
    both_slow = usable_among_a(16.0, 0.9, [Answer(11.0, 7.0), Answer(11.0, 7.0)], 16.0)
    one_quick = usable_among_a(16.0, 0.9, [Answer(4.0, 7.0), Answer(11.0, 7.0)], 16.0)
    both_quick = usable_among_a(16.0, 0.9, [Answer(4.0, 7.0), Answer(4.0, 7.0)], 16.0)
    assert both_slow < one_quick < both_quick <= 16.0


def test_the_order_in_which_cars_are_told_of_does_not_matter() -> None:
    answers = [Answer(11.0, 6.0), Answer(4.0, 8.0)]
    assert usable_among_a(16.0, 1.0, answers, 16.0) == usable_among_a(16.0, 1.0, answers[::-1], 16.0)


def test_a_step_that_the_house_alone_could_not_carry_is_not_reckoned_with() -> None:
    answers = [Answer(11.0, 6.0)]
    assert usable_among_a(16.0, 6.0, answers, 16.0) == usable_among_a(16.0, 6.0, answers, 10.0)


def test_where_nobody_draws_or_the_house_fills_the_fuse_nothing_is_kept() -> None:
    assert usable_among_a(16.0, 1.0, [], 16.0) == 16.0
    assert usable_among_a(16.0, 17.0, [Answer(11.0, 6.0)], 16.0) == 17.0


@given(
    st.floats(10, 63), st.floats(0, 10), st.lists(st.tuples(st.floats(1, 40), st.floats(1, 16)), min_size=1)
)
def test_cars_planned_so_far_never_trip_the_breaker(
    fuse_a: float, rest_a: float, cars: list[tuple[float, float]]
) -> None:
    answers = [Answer(delay_s, current_a) for delay_s, current_a in cars]
    usable = usable_among_a(fuse_a, rest_a, answers, 16.0)
    assert rest_a <= usable <= max(rest_a, fuse_a) + 1e-9
    cars_a = usable - rest_a
    step_a = min(16.0, max(0.0, fuse_a - rest_a))
    drawn_a = sum(current_a for _, current_a in cars)
    state, current_a, at_s = (usable / fuse_a) ** 2, usable + step_a, 0.0
    for delay_s, part_a in sorted(cars, key=lambda car: car[0]):
        state = heated(state, current_a / fuse_a, delay_s - at_s)
        at_s, current_a = delay_s, max(min(current_a, fuse_a), current_a - part_a / drawn_a * cars_a)
        if cars_a > 0.0:
            assert state <= TRIPS_AT + 1e-6
