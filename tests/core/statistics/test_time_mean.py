"""A mean over time: each value for as long as it held, and no number where too little is known."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics.time_mean import TimeMean

START: Final = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
END: Final = START + timedelta(minutes=15)


def mean_of(*changes: tuple[float, float | None], begun: float = 0.0) -> float | None:
    """Return the mean of values, each from a minute on."""
    first, *others = changes
    mean = TimeMean(START + timedelta(minutes=begun), first[1])
    for minute, value in others:
        mean.change(START + timedelta(minutes=minute), value)
    return mean.close(START, END)


@pytest.mark.parametrize(
    ("changes", "mean"),
    [
        ([(0, 20.0)], 20.0),
        ([(0, 20.0), (10, 23.0)], 21.0),
        ([(0, 20.0), (12, None)], 20.0),
        ([(0, 20.0), (11.9, None)], None),
        ([(0, 20.0), (5, None), (7, 21.0)], (5 * 20 + 8 * 21) / 13),
        ([(0, None)], None),
        ([(0, None), (14, 20.0)], None),
    ],
)
def test_each_value_counts_for_as_long_as_it_held_and_a_gap_for_nothing(
    changes: list[tuple[float, float | None]], mean: float | None
) -> None:
    assert mean_of(*changes) == (None if mean is None else pytest.approx(mean))


def test_what_began_too_late_is_no_mean_of_the_whole() -> None:
    assert mean_of((0, 20.0), begun=3) == 20.0
    assert mean_of((0, 20.0), begun=3.1) is None


def test_a_quarter_that_was_not_looked_at_is_a_gap_and_the_next_is_whole() -> None:
    mean = TimeMean(START, 20.0)
    second = END + timedelta(minutes=15)
    assert mean.close(END, second) is None
    mean.change(second, 22.0)
    assert mean.close(second, second + timedelta(minutes=15)) == 22.0


def test_a_change_told_late_moves_no_time_back() -> None:
    assert mean_of((0, 20.0), (10, 23.0), (9, 26.0)) == pytest.approx((10 * 20 + 5 * 26) / 15)


@given(st.lists(st.tuples(st.floats(0, 15), st.none() | st.floats(-50, 100)), min_size=1))
def test_a_mean_lies_within_what_was_told(changes: list[tuple[float, float | None]]) -> None:
    changes = sorted(changes, key=lambda change: change[0])
    told = [value for _, value in changes if value is not None]

    mean = mean_of((0, changes[0][1]), *changes)

    assert mean is None or min(told) - 1e-6 <= mean <= max(told) + 1e-6
