"""A home's trades of a month: what is issued follows from the book, and any change of it is found."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from community_hub.market.auction import clear
from community_hub.market.orders import Order, Side
from community_hub.market.traded import (
    TradedQuarter,
    TradeFault,
    TradeStatement,
    amount_nano,
    document_of,
    faults_of,
    is_trade_statement,
    statement_of,
)
from hypothesis import given
from hypothesis import strategies as st

AUCTION = "2026-11-03T12:15:00+00:00"
HOMES = ("ann", "bob", "cy")


@st.composite
def books(draw: st.DrawFn) -> tuple[Order, ...]:
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(HOMES), st.sampled_from(Side), st.integers(-3, 9), st.integers(1, 40)),
            min_size=1,
            max_size=12,
        )
    )
    return tuple(
        Order(id=f"order-{n}", home=home, side=side, price_micro=price * 1000, quantity_wh=units * 10)
        for n, (home, side, price, units) in enumerate(rows)
    )


def stated(home: str, book: tuple[Order, ...], total: int | None = None) -> TradeStatement:
    """Return a home's statement of one quarter-hour, its amount rounded down where no total is given."""
    cleared = clear(AUCTION, book, tick_micro=1000)
    filled = dict(zip(book, cleared.filled_wh, strict=True))
    own = {order: wh for order, wh in filled.items() if order.home == home}
    amount = amount_nano(((order.side, wh) for order, wh in own.items()), cleared.price_micro)
    quarter = TradedQuarter(
        auction=AUCTION,
        price_micro=cleared.price_micro,
        volume_wh=cleared.volume_wh,
        filled_wh={order.id: wh for order, wh in own.items()},
        amount_nano=amount,
        book=book,
    )
    return TradeStatement(
        home=home,
        period="2026-11",
        currency="EUR",
        places=2,
        tick_micro=1000,
        amount_nano=amount,
        total=amount // 10**7 if total is None else total,
        quarters=(quarter,),
    )


def by_hand() -> TradeStatement:
    """Return ann's: she bids 0.25 for 600 Wh, cy asks 0.15 for 400 Wh; so 400 Wh at 0.20 are 0.08."""
    bid = Order(id="b", home="ann", side=Side.BID, price_micro=250_000, quantity_wh=600)
    ask = Order(id="a", home="cy", side=Side.ASK, price_micro=150_000, quantity_wh=400)
    return stated("ann", (bid, ask))


def test_what_was_traded_by_hand_is_paid_at_the_price_of_the_auction() -> None:
    statement = by_hand()

    assert (statement.amount_nano, statement.total, faults_of(statement)) == (80_000_000, 8, [])


@given(books())
def test_every_home_finds_its_statement_right_and_all_pay_nothing_together(book: tuple[Order, ...]) -> None:
    homes = sorted({order.home for order in book})
    statements = [stated(home, book) for home in homes]

    assert [faults_of(each) for each in statements] == [[]] * len(homes)
    assert sum(each.amount_nano for each in statements) == 0


@given(books())
def test_a_statement_is_read_as_it_was_written_and_names_no_home_but_its_own(book: tuple[Order, ...]) -> None:
    statement = stated(book[0].home, book)
    text = json.dumps(document_of(statement))

    read = statement_of(json.loads(text))

    assert is_trade_statement(json.loads(text))
    assert not any(f'"{home}"' in text for home in HOMES if home != statement.home)
    assert document_of(read) == document_of(statement)
    assert faults_of(read) == []


def changed(**changes: Any) -> TradeStatement:
    statement = by_hand()
    return replace(statement, quarters=(replace(statement.quarters[0], **changes),))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (changed(price_micro=201_000), TradeFault.PRICE),
        (changed(volume_wh=410), TradeFault.VOLUME),
        (changed(filled_wh={"b": 390}), TradeFault.FILLED),
        (changed(filled_wh={"x": 400}), TradeFault.OWN_NOT_IN_BOOK),
        (changed(filled_wh={}), TradeFault.OWN_NOT_IN_BOOK),
        (changed(amount_nano=80_000_001), TradeFault.AMOUNT),
        (changed(book=by_hand().quarters[0].book[:1]), TradeFault.PRICE),
        (replace(by_hand(), amount_nano=80_000_001), TradeFault.SUM),
        (replace(by_hand(), total=9), TradeFault.TOTAL),
    ],
)
def test_what_does_not_follow_from_the_book_is_found(statement: TradeStatement, fault: TradeFault) -> None:
    assert fault in [found for _, found in faults_of(statement)]


@given(st.integers(-(10**12), 10**12))
def test_a_total_is_what_was_traded_rounded_up_or_down(nano: int) -> None:
    exact = Fraction(nano, 10**7)
    empty = replace(by_hand(), quarters=(), amount_nano=nano)
    right = {exact.__floor__(), exact.__ceil__()}

    for total in range(min(right) - 1, max(right) + 2):
        found = faults_of(replace(empty, total=total))
        assert ((None, TradeFault.TOTAL) in found) is (total not in right)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document | {"version": 2},
        lambda document: document | {"quarters": {}},
        lambda document: document | {"amount_nano": 1.0},
        lambda document: document | {"total": True},
        lambda document: document | {"places": 10},
        lambda document: document | {"tick_micro": 0},
        lambda document: document | {"quarters": document["quarters"] * 2},
        lambda document: document | {"quarters": [{**document["quarters"][0], "book": [["b", "bid", 1]]}]},
        lambda document: (
            document | {"quarters": [{**document["quarters"][0], "book": [["b", "bid", 10**30, 1]]}]}
        ),
        lambda document: document | {"quarters": [{**document["quarters"][0], "auction": "2026-11-03"}]},
        lambda document: {name: each for name, each in document.items() if name != "home"},
    ],
)
def test_a_document_that_is_none_is_refused(spoil: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match=r"."):
        statement_of(spoil(document_of(by_hand())))
