"""What holds for every rule of sharing, and what each does with three homes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from community_hub.market.comparison import compared
from community_hub.market.issuing import statements
from community_hub.market.sharing import RULES, SharingRule, Slots
from hypothesis import given
from hypothesis import strategies as st

from .communities import communities, three_homes

EACH_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@EACH_RULE
@given(slots=communities())
def test_what_is_taken_is_given_and_nobody_shares_what_is_not_theirs(rule: SharingRule, slots: Slots) -> None:
    shared = rule(slots)
    assert np.array_equal(shared.taken_wh.sum(axis=1), shared.given_wh.sum(axis=1))
    assert np.all(shared.taken_wh.sum(axis=1) <= slots.shareable_wh)
    assert np.all((shared.taken_wh >= 0) & (shared.taken_wh <= slots.demand_wh))
    assert np.all((shared.given_wh >= 0) & (shared.given_wh <= slots.surplus_wh))


@EACH_RULE
@given(slots=communities())
def test_all_bills_are_the_communitys_bill(rule: SharingRule, slots: Slots) -> None:
    shared = rule(slots)
    bought = slots.demand_wh.sum(axis=1) - shared.taken_wh.sum(axis=1)
    sold = slots.surplus_wh.sum(axis=1) - shared.given_wh.sum(axis=1)
    outside = bought * slots.buy_micro - sold * slots.feed_in_micro
    assert np.array_equal(shared.bill_nano.sum(axis=1), outside)


@EACH_RULE
@given(slots=communities())
def test_nobody_pays_more_than_alone(rule: SharingRule, slots: Slots) -> None:
    assert np.all(rule(slots).bill_nano <= slots.alone_nano)


@EACH_RULE
@given(slots=communities(), data=st.data())
def test_a_later_slot_changes_none_before(rule: SharingRule, slots: Slots, data: st.DataObject) -> None:
    last = data.draw(st.integers(1, len(slots.buy_micro)))
    names = ("demand_wh", "surplus_wh", "buy_micro", "feed_in_micro")
    before = replace(slots, **{name: getattr(slots, name)[:last] for name in names})
    assert np.array_equal(rule(before).bill_nano, rule(slots).bill_nano[:last])


@pytest.mark.parametrize("rule", ["pro_rata", "mid_market", "double_auction"])
@given(slots=communities())
def test_all_that_can_be_shared_is(rule: str, slots: Slots) -> None:
    open_to_all = replace(slots, bid_micro=None, ask_micro=None)
    taken = RULES[rule](open_to_all).taken_wh.sum(axis=1)
    assert np.array_equal(taken, slots.shareable_wh)


@pytest.mark.parametrize(
    ("rule", "bills_nano"),
    [
        # cy's 200 Wh at 0.20; ann takes 150 of them, bob 50.
        ("pro_rata", [150 * 300_000 + 150 * 200_000, 50 * 300_000 + 50 * 200_000, -200 * 200_000]),
        ("mid_market", [75_000_000, 25_000_000, -40_000_000]),
        # A third each, 67, 67 and 66: cy cannot use theirs.
        (
            "static",
            [233 * 300_000 + 67 * 200_000, 33 * 300_000 + 67 * 200_000, -13_400_000 * 2 - 66 * 100_000],
        ),
        # Nobody names a price: the middle of the supplier's two.
        ("double_auction", [75_000_000, 25_000_000, -40_000_000]),
    ],
)
def test_three_homes_by_hand(rule: str, bills_nano: list[int]) -> None:
    assert RULES[rule](three_homes()).bill_nano.tolist() == [bills_nano]


def test_a_seller_without_whom_nothing_is_shared_gets_most_by_cost_causation() -> None:
    slots = three_homes()
    saved = (slots.alone_nano - RULES["cost_causation"](slots).bill_nano)[0]
    # Over all orders of joining: ann 2/6 x 100 + 1/6 x 200, bob 1/6 x 100, cy the rest, of 200 Wh at 0.20.
    expected = np.array([200 / 6 + 200 / 6, 100 / 6, 0]) * 200_000
    expected[2] = 40_000_000 - expected[:2].sum()
    assert saved.sum() == 40_000_000
    assert saved == pytest.approx(expected, abs=2_000_000)


def test_where_the_supplier_pays_more_than_it_asks_nothing_is_shared() -> None:
    slots = replace(three_homes(), feed_in_micro=np.array([300_000]))
    for rule in RULES.values():
        assert np.array_equal(rule(slots).bill_nano, slots.alone_nano)


def test_in_an_auction_who_asks_too_much_sells_to_the_supplier() -> None:
    slots = replace(
        three_homes(), ask_micro=np.array([0, 0, 250_000]), bid_micro=np.array([260_000, 240_000, 0])
    )
    shared = RULES["double_auction"](slots)
    assert shared.taken_wh.tolist() == [[200, 0, 0]]
    assert shared.price_micro is not None
    assert shared.price_micro.tolist() == [255_000]


def test_a_month_of_rules_is_laid_side_by_side() -> None:
    random = np.random.default_rng(3)
    net = random.integers(-2000, 1500, (96, 12))
    slots = Slots(
        homes=tuple(f"home-{number:02}" for number in range(12)),
        first_slot=0,
        demand_wh=np.maximum(net, 0),
        surplus_wh=np.maximum(-net, 0),
        buy_micro=np.full(96, 300_000),
        feed_in_micro=np.full(96, 80_000),
    )
    figures = {each.rule: each for each in compared(slots)}
    assert set(figures) == set(RULES)
    assert all(each.worse_off == 0 for each in figures.values())
    assert figures["static"].found_share < figures["pro_rata"].found_share == 1.0
    # The two middle prices are one bill but for rounding in billionths.
    assert figures["mid_market"].saving_nano == figures["pro_rata"].saving_nano
    assert figures["cost_causation"].likeness == pytest.approx(1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"homes": ("bob", "ann", "cy")},
        {"demand_wh": np.array([[300, -1, 0]])},
        {"surplus_wh": np.array([[0, 200]])},
        {"feed_in_micro": np.array([1, 2])},
        {"demand_wh": np.array([[300, 10**9, 0]])},
        {"buy_micro": np.array([10**12])},
        {"ask_micro": np.array([0, 0, -(10**12)])},
        {"key_ppm": np.array([600_000, 600_000, 0])},
    ],
)
def test_what_is_no_community_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"homes|home took|energies|prices|key"):
        replace(three_homes(), **wrong)


@given(slots=communities())
def test_totals_of_statements_are_the_rounded_sum(slots: Slots) -> None:
    issued = statements(slots, "pro_rata", currency="EUR")
    total_nano = int(RULES["pro_rata"](slots).bill_nano.sum())
    assert abs(sum(each.total for each in issued) * 10**7 - total_nano) * 2 <= 10**7
