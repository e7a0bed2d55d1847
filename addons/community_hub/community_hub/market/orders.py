"""Orders for energy of one delivery interval, and which of them a book takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Which way an order goes."""

    BID = "bid"
    """Its home buys, at this price a kWh or less."""
    ASK = "ask"
    """Its home sells, at this price a kWh or more."""


class Refusal(StrEnum):
    """Why a book does not take an order."""

    NOT_ON_TICK = "price_not_on_tick"
    PRICE_OUT_OF_BOUNDS = "price_out_of_bounds"
    NOT_WHOLE_UNITS = "quantity_not_in_units"
    ABOVE_CONNECTION = "above_connection"
    KNOWN_ID = "order_id_known"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One order: ``price_micro`` in millionths of the currency a kWh, ``quantity_wh`` above 0."""

    id: str
    home: str
    side: Side
    price_micro: int
    quantity_wh: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BookRules:
    """What a book takes: prices on a tick and within bounds, quantities in units."""

    tick_micro: int = 1000
    unit_wh: int = 10
    lowest_micro: int = -1_000_000
    highest_micro: int = 5_000_000


def refusal(
    order: Order, rules: BookRules, *, connection_w: int, interval_s: int, standing: Iterable[Order]
) -> Refusal | None:
    """Return why a book refuses an order, None when it takes it.

    ``standing``: the orders that the book holds for the same interval. What one home has on one side is at
    most what its connection (W) carries in the interval.
    """
    own_wh = 0
    for one in standing:
        if one.id == order.id:
            return Refusal.KNOWN_ID
        own_wh += one.quantity_wh if one.home == order.home and one.side is order.side else 0
    if order.price_micro % rules.tick_micro:
        return Refusal.NOT_ON_TICK
    if not rules.lowest_micro <= order.price_micro <= rules.highest_micro:
        return Refusal.PRICE_OUT_OF_BOUNDS
    if order.quantity_wh <= 0 or order.quantity_wh % rules.unit_wh:
        return Refusal.NOT_WHOLE_UNITS
    if (own_wh + order.quantity_wh) * 3600 > connection_w * interval_s:
        return Refusal.ABOVE_CONNECTION
    return None
