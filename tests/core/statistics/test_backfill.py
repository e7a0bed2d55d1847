"""What others counted before: believed where physics allows, refused by name where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import CounterRule, Mark
from custom_components.home_flex.core.statistics.backfill import (
    HOUR_S,
    Interval,
    Refusal,
    Unit,
    believed,
    in_its_unit,
)

RULE = CounterRule(most_per_h=17_250)


def hours(*amounts: float | None, first: int = 0) -> list[Interval]:
    return [Interval(start_s=(first + at) * HOUR_S, amount=amount) for at, amount in enumerate(amounts)]


def test_an_hour_is_whole_watt_hours_and_measured_where_a_meter_told_its_ends() -> None:
    unsure = Interval(start_s=2 * HOUR_S, amount=7.0, is_sure=False)

    checked = believed([*hours(400.0, 399.0), unsure], HOUR_S, RULE)

    assert checked.known == {0: (400, Mark.MEASURED), 1: (399, Mark.MEASURED), 2: (7, Mark.ESTIMATED)}
    assert not checked.refused


def test_small_amounts_add_up_over_a_day_and_no_further() -> None:
    checked = believed(hours(*[0.4] * 48), HOUR_S, RULE)

    first, second = (
        [amount for at, (amount, _) in checked.known.items() if at // 24 == day] for day in (0, 1)
    )
    assert sum(first) == 10  # 9.6 Wh
    assert first == second


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (None, Refusal.NOT_A_NUMBER),
        (float("nan"), Refusal.NOT_A_NUMBER),
        (float("inf"), Refusal.NOT_A_NUMBER),
        (-94.2, Refusal.NEGATIVE),
        (17_252.0, Refusal.TOO_MUCH),
    ],
)
def test_what_no_meter_counts_is_refused_and_its_neighbours_are_kept(
    amount: float | None, why: Refusal
) -> None:
    checked = believed(hours(400, amount, 300), HOUR_S, RULE)

    assert sorted(checked.known) == [0, 2]
    assert checked.refused == {why: 1}


def test_an_interval_between_two_of_the_grid_is_refused() -> None:
    assert believed([Interval(start_s=600, amount=1.0)], HOUR_S, RULE).refused == {Refusal.OFF_GRID: 1}


def test_the_same_twice_counts_once_and_of_two_amounts_the_smaller_is_estimated() -> None:
    checked = believed([*hours(400, 300), *hours(400, 310)], HOUR_S, RULE)

    assert checked.known == {0: (400, Mark.MEASURED), 1: (300, Mark.ESTIMATED)}
    assert checked.refused == {Refusal.DUPLICATE: 1, Refusal.CONFLICT: 1}


@given(st.permutations([*hours(400, None, 300, 20_000), *hours(410, 5)]))
def test_the_order_of_what_is_told_never_matters(told: list[Interval]) -> None:
    assert believed(told, HOUR_S, RULE) == believed(
        hours(400, None, 300, 20_000) + hours(410, 5), HOUR_S, RULE
    )


@pytest.mark.parametrize("length_s", [60, 7_200, 86_400, 0])
def test_lengths_that_no_series_has_are_refused(length_s: int) -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        believed([], length_s or 450, RULE)


@pytest.mark.parametrize(
    ("name", "amount_kwh", "looks_like"),
    [
        ("import", 0.4, None),
        ("import", 400.0, Unit.WH),  # a fuse lets 17.25 kWh through in an hour
        ("import", 9.0, Unit.WH),  # 216 kWh a day: no home
        ("import", 0.0004, Unit.MWH),
        ("production", 0.0004, None),  # a roof under snow
        ("import.2", 0.0, None),  # a register that nothing runs through
    ],
)
def test_a_column_in_another_unit_is_found_by_physics_and_named(
    name: str, amount_kwh: float, looks_like: Unit | None
) -> None:
    checked = in_its_unit(believed(hours(*[1000 * amount_kwh] * 72), HOUR_S, RULE), name, "Wh", RULE)

    assert checked.looks_like is looks_like
    assert bool(checked.known) == (looks_like is None)


def test_a_quarter_hour_is_a_line_through_its_slots_that_sums_to_it() -> None:
    checked = believed([Interval(start_s=900, amount=100.0)], 900, RULE)

    assert checked.slots() == {
        3: (33, Mark.INTERPOLATED),
        4: (34, Mark.INTERPOLATED),
        5: (33, Mark.INTERPOLATED),
    }
