"""What a home traded in a month: the document that it is given, and how it is reckoned again.

It holds the whole book of each quarter-hour in which the home had an order, without whose the others' are: so
the auction itself is run again, and what was filled, at which price and for how much follows exactly. Only
the total may be one unit up or down, as all homes' are rounded together. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from .auction import Clearing, clear
from .money import NANO_A_UNIT
from .orders import Order, Side
from .statement import whole

VERSION: Final = 1
KIND: Final = "trades"
# A quarter-hour each for a month, and a book that a community of some thousand homes fills.
MOST_QUARTERS: Final = 2_976
MOST_ORDERS: Final = 100_000


class TradeFault(StrEnum):
    """What is wrong with a quarter-hour of a statement, or with its total."""

    OWN_NOT_IN_BOOK = "own_order_not_in_book"
    PRICE = "price_not_by_auction"
    VOLUME = "volume_not_by_auction"
    FILLED = "filled_not_by_auction"
    AMOUNT = "amount_not_by_price"
    SUM = "amount_is_not_the_sum"
    TOTAL = "total_is_not_the_sum"


@dataclass(frozen=True, kw_only=True, slots=True)
class TradedQuarter:
    """A quarter-hour that was cleared: what was traded in it, its book, and what was filled of own orders.

    ``auction`` names it as ``clear`` was told. ``book`` has every order, with no home. ``amount_nano``: what
    the home pays for it; negative: it gets.
    """

    auction: str
    price_micro: int | None
    volume_wh: int
    filled_wh: Mapping[str, int]
    amount_nano: int
    book: tuple[Order, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TradeStatement:
    """A home's trades of ``period`` ("2026-11", or a day of it, "2026-11-03").

    ``amount_nano`` is what the home pays in all, negative: it gets. ``total``: the same in the smallest unit
    of the currency (``places``); None for a day, as money is rounded by the month alone. ``tick_micro``: of
    prices.
    """

    home: str
    period: str
    currency: str
    places: int
    tick_micro: int
    amount_nano: int
    total: int | None
    quarters: tuple[TradedQuarter, ...]


def amount_nano(orders: Iterable[tuple[Side, int]], price_micro: int | None) -> int:
    """Return what somebody pays for orders (their side, and Wh filled of each) at the price of a clearing."""
    bought = sum(filled if side is Side.BID else -filled for side, filled in orders)
    return bought * (price_micro or 0)


def document_of(statement: TradeStatement) -> dict[str, Any]:
    """Return a statement's document, which becomes JSON."""
    return {
        "version": VERSION,
        "kind": KIND,
        "home": statement.home,
        "period": statement.period,
        "currency": statement.currency,
        "places": statement.places,
        "tick_micro": statement.tick_micro,
        "amount_nano": statement.amount_nano,
        "total": statement.total,
        "quarters": [
            {
                "auction": each.auction,
                "price_micro": each.price_micro,
                "volume_wh": each.volume_wh,
                "filled_wh": dict(each.filled_wh),
                "amount_nano": each.amount_nano,
                "book": [
                    [order.id, order.side.value, order.price_micro, order.quantity_wh] for order in each.book
                ],
            }
            for each in statement.quarters
        ],
    }


def is_trade_statement(document: Mapping[str, Any]) -> bool:
    """Return whether a document is such a statement, of any version."""
    return document.get("kind") == KIND


def statement_of(document: Mapping[str, Any]) -> TradeStatement:
    """Return a statement from its document. Raises ValueError for one that is none, or of a later layout."""
    if document.get("version") != VERSION:
        raise ValueError(f"a statement of version {document.get('version')!r} is not read here")
    try:
        quarters = _listed(document["quarters"])
        if (
            len(quarters) > MOST_QUARTERS
            or sum(len(_listed(each["book"])) for each in quarters) > MOST_ORDERS
        ):
            raise ValueError(
                f"a statement has at most {MOST_QUARTERS} quarter-hours and {MOST_ORDERS} orders"
            )
        total = document["total"]
        found = TradeStatement(
            home=_text(document["home"]),
            period=_text(document["period"]),
            currency=_text(document["currency"]),
            places=whole(document["places"]),
            tick_micro=whole(document["tick_micro"]),
            amount_nano=whole(document["amount_nano"]),
            total=None if total is None else whole(total),
            quarters=tuple(_quarter(each) for each in quarters),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no statement: {error!r}") from error
    if not 0 <= found.places <= 9 or found.tick_micro < 1:
        raise ValueError("a currency has 0 to 9 places, and a tick is at least a millionth")
    if len({each.auction for each in found.quarters}) < len(found.quarters):
        raise ValueError("a quarter-hour is told once")
    return found


def faults_of(statement: TradeStatement) -> list[tuple[str | None, TradeFault]]:
    """Return what does not follow, with the quarter-hour it is found in (None: the sum); none: all does.

    Raises ValueError for a book that no auction takes.
    """
    found: list[tuple[str | None, TradeFault]] = []
    for quarter in statement.quarters:
        found += [(quarter.auction, fault) for fault in _faults(quarter, statement.tick_micro)]
    if statement.amount_nano != sum(each.amount_nano for each in statement.quarters):
        found.append((None, TradeFault.SUM))
    least, rest = divmod(statement.amount_nano * 10**statement.places, NANO_A_UNIT)
    if statement.total is not None and not least <= statement.total <= least + (rest > 0):
        found.append((None, TradeFault.TOTAL))
    return found


def _faults(quarter: TradedQuarter, tick_micro: int) -> list[TradeFault]:
    cleared = clear(quarter.auction, quarter.book, tick_micro=tick_micro)
    sides = {order.id: order.side for order in quarter.book}
    if not quarter.filled_wh or not sides.keys() >= quarter.filled_wh.keys():
        return [TradeFault.OWN_NOT_IN_BOOK]
    own = [(sides[order_id], filled) for order_id, filled in quarter.filled_wh.items()]
    wrong = {
        TradeFault.PRICE: cleared.price_micro != quarter.price_micro,
        TradeFault.VOLUME: cleared.volume_wh != quarter.volume_wh,
        TradeFault.FILLED: not _is_filled(cleared, quarter),
        TradeFault.AMOUNT: quarter.amount_nano != amount_nano(own, quarter.price_micro),
    }
    return [fault for fault, is_wrong in wrong.items() if is_wrong]


def _is_filled(cleared: Clearing, quarter: TradedQuarter) -> bool:
    filled = dict(zip((order.id for order in quarter.book), cleared.filled_wh, strict=True))
    return all(filled[order_id] == told for order_id, told in quarter.filled_wh.items())


def _quarter(document: Mapping[str, Any]) -> TradedQuarter:
    auction = _text(document["auction"])
    if datetime.fromisoformat(auction).tzinfo is None:
        raise ValueError(f"{auction} has no offset from UTC")
    price = document["price_micro"]
    return TradedQuarter(
        auction=auction,
        price_micro=None if price is None else whole(price),
        volume_wh=whole(document["volume_wh"]),
        filled_wh={_text(name): whole(filled) for name, filled in document["filled_wh"].items()},
        amount_nano=whole(document["amount_nano"]),
        book=tuple(_order(*_listed(each)) for each in document["book"]),
    )


def _order(identifier: object, side: object, price_micro: object, quantity_wh: object) -> Order:
    return Order(
        id=_text(identifier),
        home="",
        side=Side(_text(side)),
        price_micro=_bounded(price_micro),
        quantity_wh=_bounded(quantity_wh),
    )


def _bounded(value: object) -> int:
    """Return a whole number of which an auction adds many. Raises ValueError for one that no order has."""
    if abs(number := whole(value)) > NANO_A_UNIT:
        raise ValueError(f"{number} is no price and no quantity of an order")
    return number


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is no text")
    return value


def _listed(value: object) -> Sequence[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value
