"""A signal on the steps of a grid."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import even, tiers
from custom_components.home_flex.core.signals import on_grid

from .signals import NOON, prices, slots


def test_a_step_of_an_hour_takes_the_mean_of_its_quarters() -> None:
    (value,) = on_grid(prices(*slots(["0.1", "0.2", "0.3", "0.4"], minutes=15)), even(NOON, 3600, 1))
    assert value.value == pytest.approx(0.25)


@pytest.mark.parametrize("guessed", [0, 1, 3])
def test_a_step_of_which_any_part_is_guessed_is_guessed(guessed: int) -> None:
    told = slots(["0.1", "0.2", "0.3", "0.4"], minutes=15)
    parts = (replace(slot, guessed=index == guessed) for index, slot in enumerate(told))
    (value,) = on_grid(prices(*parts), even(NOON, 3600, 1))
    assert value.guessed


def test_steps_of_five_minutes_share_the_price_of_the_hour() -> None:
    values = on_grid(prices(*slots(["0.1", "0.2"])), even(NOON, 300, 24))
    assert [value.value for value in values] == [pytest.approx(0.1)] * 12 + [pytest.approx(0.2)] * 12


def test_a_step_that_straddles_slots_weighs_them_by_time() -> None:
    signal = prices(*slots(["0.1", "0.4"]))
    (value,) = on_grid(signal, even(NOON + timedelta(minutes=15), 900, 4))[:1]
    assert value.value == pytest.approx(0.1)
    straddling = prices(*slots(["0.1", "0.4"], start=NOON - timedelta(minutes=20)))
    assert on_grid(straddling, even(NOON, 3600, 1))[0].value == pytest.approx((40 * 0.1 + 20 * 0.4) / 60)


def test_a_hole_is_told_and_not_filled() -> None:
    signal = prices(*slots(["0.1"]), *slots(["0.3"], start=NOON + timedelta(hours=2)))
    values = on_grid(signal, even(NOON, 3600, 4))
    assert [value.value for value in values] == [pytest.approx(0.1), None, pytest.approx(0.3), None]
    assert [value.known_share for value in values] == [1, 0, 1, 0]


def test_a_step_that_is_known_in_part_has_no_value() -> None:
    (value,) = on_grid(prices(*slots(["0.1"], minutes=45)), even(NOON, 3600, 1))
    assert value.value is None
    assert value.known_share == pytest.approx(0.75)


def test_a_step_with_a_guessed_part_is_guessed() -> None:
    later = NOON + timedelta(minutes=30)
    signal = prices(*slots(["0.1"], minutes=30), *slots(["0.2"], start=later, minutes=30, guessed=True))
    assert on_grid(signal, even(NOON, 3600, 1))[0].guessed
    assert not on_grid(signal, even(NOON, 900, 1))[0].guessed


@given(
    values=st.lists(st.decimals(min_value=-1, max_value=1, places=4), min_size=192, max_size=192),
    late_minutes=st.integers(min_value=0, max_value=14),
)
def test_what_a_constant_load_costs_does_not_depend_on_the_grid(values: list[str], late_minutes: int) -> None:
    signal = prices(*slots([str(value) for value in values], minutes=15))
    grid = tiers(NOON + timedelta(minutes=late_minutes))
    cost = sum(
        float(value.value or 0) * length_h
        for value, length_h in zip(on_grid(signal, grid), grid.lengths_h, strict=True)
    )
    assert cost == pytest.approx(sum(float(slot.value) / 4 for slot in signal.slots))
