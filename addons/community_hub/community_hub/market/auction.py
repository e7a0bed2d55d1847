"""One price for all: a double auction over the orders of one delivery interval.

Bids are sorted down and asks up; traded is the largest quantity at which the bid is not below the ask. All
pay and get the middle between the last pair, rounded down to the tick. Who is better than the last price of
their side is filled; at that price the rest is parted by quantity, by the largest remainder, of equal ones
first the smaller SHA-256 of auction and order, and never by who came first. It is not proof against strategy:
who sets the last price can move it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from ..arrays import Whole
from .money import parted
from .orders import Order, Side


@dataclass(frozen=True, kw_only=True, slots=True)
class Clearing:
    """What an auction came to: ``filled_wh`` of each order in the order given; no price without a trade."""

    price_micro: int | None
    volume_wh: int
    filled_wh: tuple[int, ...]


def clear(auction: str, orders: Sequence[Order], *, tick_micro: int = 1) -> Clearing:
    """Return what is traded among orders whose prices lie on the tick; whatever order they are given in.

    ``auction`` names it, and only breaks ties. Raises ValueError for a quantity that is not above 0, a price
    off the tick and an id that is given twice.
    """
    prices = np.fromiter((order.price_micro for order in orders), dtype=np.int64, count=len(orders))
    quantities = np.fromiter((order.quantity_wh for order in orders), dtype=np.int64, count=len(orders))
    is_bid = np.fromiter((order.side is Side.BID for order in orders), dtype=np.bool_, count=len(orders))
    if np.any(quantities <= 0) or np.any(prices % tick_micro):
        raise ValueError("an order has a quantity above 0 and a price on the tick")
    if len({order.id for order in orders}) < len(orders):
        raise ValueError("each order has an id of its own")
    bids, asks = np.flatnonzero(is_bid), np.flatnonzero(~is_bid)
    bids, asks = bids[np.argsort(-prices[bids], kind="stable")], asks[np.argsort(prices[asks], kind="stable")]
    volume = _volume(prices[bids], quantities[bids], prices[asks], quantities[asks])
    filled = np.zeros(len(orders), dtype=np.int64)
    if not volume:
        return Clearing(price_micro=None, volume_wh=0, filled_wh=tuple(filled.tolist()))
    names = [order.id for order in orders]
    last = [_fill(filled, side, prices, quantities, volume, (auction, names)) for side in (bids, asks)]
    return Clearing(
        price_micro=sum(last) // (2 * tick_micro) * tick_micro,
        volume_wh=volume,
        filled_wh=tuple(filled.tolist()),
    )


def _volume(bid_prices: Whole, bid_wh: Whole, ask_prices: Whole, ask_wh: Whole) -> int:
    """Return the largest quantity at which the bid is not below the ask; prices are sorted, best first."""
    bid_ends, ask_ends = np.cumsum(bid_wh), np.cumsum(ask_wh)
    if not len(bid_ends) or not len(ask_ends):
        return 0
    ends = np.concatenate([bid_ends, ask_ends])
    ends = ends[ends <= min(bid_ends[-1], ask_ends[-1])]
    meets = bid_prices[np.searchsorted(bid_ends, ends)] >= ask_prices[np.searchsorted(ask_ends, ends)]
    return int(np.max(ends[meets], initial=0))


def _fill(
    filled: Whole, side: Whole, prices: Whole, wanted_wh: Whole, volume: int, names: tuple[str, list[str]]
) -> int:
    """Fill one side (sorted, best first) with the volume; return the last price at which it was filled."""
    last_price = int(prices[side[np.searchsorted(np.cumsum(wanted_wh[side]), volume)]])
    at_last = side[prices[side] == last_price]
    better = side[: np.flatnonzero(prices[side] == last_price)[0]]
    filled[better] = wanted_wh[better]
    rest = volume - int(wanted_wh[better].sum())
    if rest < wanted_wh[at_last].sum():
        auction, ids = names
        at_last = np.array(sorted(at_last, key=lambda index: _tie(auction, ids[index])), dtype=np.int64)
    filled[at_last] = parted(np.array([rest]), wanted_wh[at_last][None, :])[0]
    return last_price


def _tie(auction: str, order: str) -> bytes:
    return sha256(f"{auction}\n{order}".encode()).digest()
