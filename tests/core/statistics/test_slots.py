"""Slots with marks: what a sum over them says, and what it does not hide."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import (
    Coverage,
    Mark,
    SlotSeries,
    series_of,
    slot_at,
    slot_start,
)

M, BETWEEN, E, GONE = Mark


def series(*values: int | None, first: int = 0) -> SlotSeries:
    return SlotSeries(
        first_slot=first, values=values, marks=tuple(GONE if value is None else M for value in values)
    )


@pytest.mark.parametrize(
    ("values", "marks"),
    [((None,), (M,)), ((1,), (GONE,)), ((1, 2), (M,))],
)
def test_a_value_is_none_if_and_only_if_it_is_marked_missing(
    values: tuple[int | None, ...], marks: tuple[Mark, ...]
) -> None:
    with pytest.raises(ValueError, match="mark"):
        SlotSeries(first_slot=0, values=values, marks=marks)


def test_a_total_sums_what_is_known_and_its_coverage_says_what_is_not() -> None:
    three = series(100, None, 50)

    assert three.total == 150
    assert three.coverage == Coverage(measured=2, missing=1)
    assert three.coverage.known_share == pytest.approx(2 / 3)


def test_a_quarter_hour_has_the_worst_mark_of_its_three_slots() -> None:
    fine = SlotSeries(first_slot=3, values=(10, 20, 30, 1, 2, 3), marks=(M, E, BETWEEN, M, M, BETWEEN))

    quarters = fine.sums(900)

    assert (quarters.first_slot, quarters.values, quarters.marks) == (1, (60, 6), (E, BETWEEN))


def test_a_quarter_hour_with_a_hole_is_missing() -> None:
    assert series(10, None, 30).sums(900).values == (None,)
    assert series(10, 20, 30, 40).sums(900).values == (60, None)
    assert series(40, first=2).sums(900).values == (None,)


@pytest.mark.parametrize("slot_s", [100, 400])
def test_slots_of_a_length_that_does_not_fit_are_refused(slot_s: int) -> None:
    with pytest.raises(ValueError, match="do not make up"):
        series(1).sums(slot_s)


def test_what_lies_outside_of_a_series_is_missing() -> None:
    assert series(1, 2, first=5).between(4, 8).values == (None, 1, 2, None)
    assert series(1, first=5).at(6) == (None, GONE)


def test_a_series_of_single_slots_has_holes_between_them() -> None:
    assert series_of({7: (1, M), 9: (2, BETWEEN)}).values == (1, None, 2)
    assert len(series_of({})) == 0


@given(st.integers(0, 4_000_000_000))
def test_a_slot_starts_at_or_before_each_moment_in_it(time_s: int) -> None:
    slot = slot_at(datetime.fromtimestamp(time_s, UTC))

    assert slot_start(slot).timestamp() <= time_s < slot_start(slot + 1).timestamp()


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=60), st.integers(0, 20))
def test_sums_over_longer_slots_lose_nothing_that_is_whole(values: list[int], first: int) -> None:
    padded = [0] * (first % 3) + values
    padded += [0] * (-len(padded) % 3)

    assert series(*padded, first=first - first % 3).sums(900).total == sum(values)
