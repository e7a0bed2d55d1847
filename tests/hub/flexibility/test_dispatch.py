"""A need becomes calls at least cost, within what feeders and homes allow."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from community_hub.flexibility.dispatch import dispatch, is_lasting
from community_hub.flexibility.offers import (
    MOST_W,
    NO_BUDGET_WH,
    Need,
    Offers,
    by_feeder,
    feeders_of,
    steps_of,
)
from hypothesis import given
from hypothesis import strategies as st

from .fleets import drawn_fleet, fleets
from .optimum import least_cost_micro


@given(fleets())
def test_no_step_cap_budget_or_need_is_exceeded(fleet: tuple[Offers, Need]) -> None:
    offers, need = fleet
    found = dispatch(offers, need)
    assert np.all((found.taken_w >= 0) & (found.taken_w <= offers.step_w))
    assert np.all(by_feeder(found.power_w, offers.feeder, len(need.feeder_cap_w)) <= need.feeder_cap_w)
    assert np.all(found.power_w.sum(axis=1) * offers.interval_s <= offers.budget_wh * 3600)
    assert np.array_equal(found.power_w.sum(axis=0), need.power_w - found.short_w + found.beyond_w)
    assert not found.beyond_w.any() or offers.takes_whole.any()


@given(fleets())
def test_a_step_is_taken_after_those_below_it_and_whole_ones_whole(fleet: tuple[Offers, Need]) -> None:
    offers, need = fleet
    found = dispatch(offers, need)
    is_full = found.taken_w == offers.step_w
    assert np.all(is_full[offers.takes_whole] | (found.taken_w[offers.takes_whole] == 0))
    if np.all(offers.budget_wh == NO_BUDGET_WH):
        assert np.all(is_full[:, :, :-1] | (found.taken_w[:, :, 1:] == 0))


@given(fleets())
def test_what_feeders_can_give_is_given_before_anything_is_short(fleet: tuple[Offers, Need]) -> None:
    offers, need = replace_freely(fleet[0]), fleet[1]
    possible = np.minimum(
        by_feeder(offers.step_w.sum(axis=2), offers.feeder, len(need.feeder_cap_w)), need.feeder_cap_w
    )
    found = dispatch(offers, need)
    assert np.array_equal(found.short_w, np.maximum(need.power_w - possible.sum(axis=0), 0))


def replace_freely(offers: Offers) -> Offers:
    """Return the offers without budgets and without steps that are whole."""
    homes = len(offers.feeder)
    return replace(
        offers, takes_whole=np.zeros(homes, dtype=np.bool_), budget_wh=np.full(homes, NO_BUDGET_WH)
    )


@given(st.integers(0, 2**32))
def test_without_budgets_it_costs_what_the_optimum_costs(seed: int) -> None:
    offers, need = drawn_fleet(seed, homes=12)
    assert dispatch(offers, need).cost_micro == pytest.approx(least_cost_micro(offers, need), abs=1.0)


@pytest.mark.parametrize("seed", range(5))
def test_with_budgets_it_costs_at_most_half_a_per_cent_more(seed: int) -> None:
    offers, need = drawn_fleet(seed, homes=300, intervals=12, feeders=6, budgets=True)
    found, least = dispatch(offers, need), least_cost_micro(offers, need)
    assert not found.short_w.any()
    # Budgets bind: without them it would be cheaper by more than that.
    assert dispatch(replace_freely(offers), need).cost_micro < 0.99 * least
    assert least - 1 <= found.cost_micro <= 1.005 * least


@given(fleets(), st.data())
def test_who_did_not_consent_is_never_called(fleet: tuple[Offers, Need], data: st.DataObject) -> None:
    offers, need = fleet
    homes = len(offers.feeder)
    consented = np.array(data.draw(st.lists(st.booleans(), min_size=homes, max_size=homes)))
    assert not dispatch(offers.only(consented), need).called[~consented].any()


def test_of_whole_steps_the_last_is_the_cheapest_that_is_enough() -> None:
    found = dispatch(_three(whole=True, last_w=400), _need(1300))
    assert found.power_w[:, 0].tolist() == [1000, 0, 400]
    assert found.beyond_w.tolist() == [100]


def test_a_whole_step_that_does_not_fit_under_the_feeders_cap_is_left() -> None:
    found = dispatch(_three(whole=True, last_w=400), _need(1300, cap_w=1399))
    assert found.power_w[:, 0].tolist() == [1000, 0, 0]
    assert found.short_w.tolist() == [300]


def _three(*, whole: bool, last_w: int = 1000) -> Offers:
    return Offers(
        feeder=np.zeros(3, dtype=np.int64),
        step_w=np.array([[[1000]], [[1000]], [[last_w]]]),
        step_micro=np.array([[[100_000]], [[200_000]], [[300_000]]]),
        interval_s=3600,
        takes_whole=np.full(3, whole),
        budget_wh=np.full(3, NO_BUDGET_WH),
    )


def _need(power_w: int, cap_w: int = 10_000) -> Need:
    return Need(power_w=np.array([power_w]), feeder_cap_w=np.array([[cap_w]]))


def test_a_curve_in_all_becomes_steps() -> None:
    step_w, price = steps_of(np.array([[[500, 1500, 1500]]]), np.array([[[1, 2, 3]]]))
    assert step_w.tolist() == [[[500, 1000, 0]]]
    assert price.tolist() == [[[1, 2, 3]]]


def test_feeders_are_numbered_in_the_order_of_their_names() -> None:
    numbers, names = feeders_of(["north", "east", "north"])
    assert (numbers.tolist(), names) == ([1, 0, 1], ("east", "north"))


@pytest.mark.parametrize(
    ("samples", "lasts"),
    [
        ([(0, 100, 90), (60, 100, 90), (120, 100, 94)], True),
        ([(0, 100, 90), (60, 100, 95), (120, 100, 90)], False),
        ([(60, 100, 90), (120, 100, 90)], False),
        ([(0, 100, 90)], False),
        ([], False),
    ],
)
def test_homes_are_called_again_only_when_too_little_lasts(
    samples: list[tuple[float, float, float]], lasts: bool
) -> None:
    assert is_lasting(samples, 120.0) is lasts


@pytest.mark.parametrize(
    "wrong",
    [
        {"step_w": np.array([[[1]], [[1]], [[-1]]])},
        {"step_w": np.array([[[1]], [[1]], [[MOST_W + 1]]])},
        {"step_w": np.array([[[1, 1]], [[1, 1]], [[1, 1]]]), "step_micro": np.array([[[2, 1]]] * 3)},
        {"step_micro": np.array([[[1]], [[1]]])},
        {"budget_wh": np.array([1, 1, -1])},
        {"interval_s": 0},
        {"feeder": np.array([0, 0, -1])},
    ],
)
def test_offers_that_no_home_can_make_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"home|steps|convex|budget"):
        replace(_three(whole=False), **wrong)


def test_a_feeder_without_a_cap_is_refused() -> None:
    with pytest.raises(ValueError, match="each feeder has a cap"):
        dispatch(replace(_three(whole=False), feeder=np.array([0, 0, 1])), _need(1))
