"""One price for all, whoever came first."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from community_hub.market.auction import Clearing, clear
from community_hub.market.orders import BookRules, Order, Refusal, Side, refusal
from hypothesis import given
from hypothesis import strategies as st

TICK = 10


def _order(name: str, side: Side, price: int, quantity: int) -> Order:
    return Order(id=name, home=name, side=side, price_micro=price, quantity_wh=quantity)


BOOKS = st.lists(st.tuples(st.sampled_from(Side), st.integers(-3, 12), st.integers(1, 5)), max_size=14).map(
    lambda rows: [
        _order(f"o{number}", side, price * TICK, quantity)
        for number, (side, price, quantity) in enumerate(rows)
    ]
)


def _units(orders: list[Order], side: Side) -> list[int]:
    prices = [order.price_micro for order in orders if order.side is side for _ in range(order.quantity_wh)]
    return sorted(prices, reverse=side is Side.BID)


def _sum(orders: list[Order], cleared: Clearing, side: Side) -> int:
    return sum(filled for order, filled in zip(orders, cleared.filled_wh, strict=True) if order.side is side)


@given(BOOKS)
def test_as_much_is_traded_as_both_sides_want(orders: list[Order]) -> None:
    pairs = zip(_units(orders, Side.BID), _units(orders, Side.ASK), strict=False)
    assert clear("a", orders, tick_micro=TICK).volume_wh == sum(bid >= ask for bid, ask in pairs)


@given(BOOKS)
def test_what_is_bought_is_sold_and_nobody_trades_at_a_loss(orders: list[Order]) -> None:
    cleared = clear("a", orders, tick_micro=TICK)
    assert _sum(orders, cleared, Side.BID) == _sum(orders, cleared, Side.ASK) == cleared.volume_wh
    assert (cleared.price_micro is None) == (cleared.volume_wh == 0)
    for order, filled in zip(orders, cleared.filled_wh, strict=True):
        assert 0 <= filled <= order.quantity_wh
        if filled:
            assert cleared.price_micro is not None
            assert cleared.price_micro % TICK == 0
            gain = order.price_micro - cleared.price_micro
            assert gain >= 0 if order.side is Side.BID else gain <= 0


@given(BOOKS)
def test_who_offers_better_is_filled_first(orders: list[Order]) -> None:
    filled = clear("a", orders, tick_micro=TICK).filled_wh
    for order, own in zip(orders, filled, strict=True):
        for other, others in zip(orders, filled, strict=True):
            better = (order.price_micro - other.price_micro) * (1 if order.side is Side.BID else -1)
            if order.side is other.side and better > 0 and others:
                assert own == order.quantity_wh


@given(BOOKS, st.randoms())
def test_who_came_first_changes_nothing(orders: list[Order], random: Random) -> None:
    shuffled = random.sample(orders, len(orders))
    first, second = clear("a", orders, tick_micro=TICK), clear("a", shuffled, tick_micro=TICK)
    assert first.price_micro == second.price_micro
    by_id = dict(zip((order.id for order in shuffled), second.filled_wh, strict=True))
    assert first.filled_wh == tuple(by_id[order.id] for order in orders)


def test_the_rest_at_the_last_price_is_parted_by_quantity() -> None:
    orders = [
        _order("high", Side.BID, 300, 20),
        _order("big", Side.BID, 200, 60),
        _order("small", Side.BID, 200, 20),
        _order("sun", Side.ASK, 100, 60),
    ]
    assert clear("a", orders) == Clearing(price_micro=150, volume_wh=60, filled_wh=(20, 30, 10, 60))


def test_equal_orders_do_not_always_win_by_their_name() -> None:
    orders = [_order(f"b{n}", Side.BID, 200, 3) for n in range(3)] + [_order("sun", Side.ASK, 100, 4)]
    winners = {clear(str(auction), orders).filled_wh.index(2) for auction in range(40)}
    assert winners == {0, 1, 2}


@pytest.mark.parametrize("orders", [[], [_order("b", Side.BID, 99, 5)], [_order("s", Side.ASK, 1, 5)]])
def test_without_the_other_side_nothing_is_traded(orders: list[Order]) -> None:
    assert clear("a", orders) == Clearing(price_micro=None, volume_wh=0, filled_wh=(0,) * len(orders))


def test_orders_that_cannot_be_are_refused() -> None:
    order = _order("b", Side.BID, 100, 5)
    for wrong in ([replace(order, quantity_wh=0)], [replace(order, price_micro=101)], [order, order]):
        with pytest.raises(ValueError, match=r"an order has|each order has"):
            clear("a", wrong, tick_micro=TICK)


STANDING = (_order("old", Side.BID, 0, 2000),)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"price_micro": 1500}, Refusal.NOT_ON_TICK),
        ({"price_micro": 9_000_000}, Refusal.PRICE_OUT_OF_BOUNDS),
        ({"quantity_wh": 15}, Refusal.NOT_WHOLE_UNITS),
        ({"quantity_wh": -10}, Refusal.NOT_WHOLE_UNITS),
        ({"quantity_wh": 2310}, Refusal.ABOVE_CONNECTION),
        ({"quantity_wh": 2300}, None),
        ({"home": "old", "quantity_wh": 310}, Refusal.ABOVE_CONNECTION),
        ({"home": "old", "quantity_wh": 310, "side": Side.ASK}, None),
        ({"id": "old"}, Refusal.KNOWN_ID),
    ],
)
def test_a_book_refuses_what_no_home_can_mean(changed: dict[str, Any], why: Refusal | None) -> None:
    order = replace(_order("new", Side.BID, 100_000, 100), **changed)
    found = refusal(order, BookRules(), connection_w=9200, interval_s=900, standing=STANDING)
    assert found is why
