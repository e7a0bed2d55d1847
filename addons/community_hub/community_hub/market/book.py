"""The market's book in the database: what is placed in it, and how a quarter-hour is cleared."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import new_id
from ..store.audit import Act, record
from ..store.database import Turn, take_turn
from ..store.tables import MarketClearing, MarketOrder
from ..web import Problem
from .auction import clear
from .orders import BookRules, Order, Side, refusal

QUARTER_S: Final = 900
RULES: Final = BookRules()
# What a connection carries that the hub was not told otherwise of: three phases of 25 A at 230 V.
CONNECTION_W: Final = 17_250
# An order is for a quarter-hour so far ahead at most: nobody fills the book of years to come.
MOST_AHEAD: Final = timedelta(days=31)


@dataclass(frozen=True, kw_only=True, slots=True)
class Placing:
    """An order as it is asked for."""

    ven_id: str
    interval_start: datetime
    side: Side
    price_micro: int
    quantity_wh: int


async def place(session: AsyncSession, now: datetime, placing: Placing, *, actor: str) -> MarketOrder:
    """Take an order into the book. Raises Problem 409 for a quarter-hour that is closed, and else 400."""
    start = placing.interval_start
    await take_turn(session, Turn.TRADING)
    if start.timestamp() % QUARTER_S:
        raise Problem(HTTPStatus.BAD_REQUEST, "no-quarter-hour", "An order is for a whole quarter-hour.")
    if start <= now or await session.get(MarketClearing, start) is not None:
        raise Problem(HTTPStatus.CONFLICT, "book-closed", "This quarter-hour has begun, or was cleared.")
    if start > now + MOST_AHEAD:
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong-time", "An order is for a quarter-hour within 31 days.")
    standing = await session.scalars(
        select(MarketOrder).where(MarketOrder.interval_start == start, MarketOrder.ven_id == placing.ven_id)
    )
    order = _order(new_id(), placing.ven_id, placing.side, placing.price_micro, placing.quantity_wh)
    refused = refusal(
        order,
        RULES,
        connection_w=CONNECTION_W,
        interval_s=QUARTER_S,
        standing=[order_of(row) for row in standing],
    )
    if refused is not None:
        raise Problem(HTTPStatus.BAD_REQUEST, f"order-{refused.replace('_', '-')}", f"Refused: {refused}.")
    row = MarketOrder(
        id=order.id,
        ven_id=order.home,
        interval_start=start,
        side=order.side,
        price_micro=order.price_micro,
        quantity_wh=order.quantity_wh,
        placed_at=now,
        placed_by=actor,
    )
    session.add(row)
    details = {"ven_id": row.ven_id, "interval_start": start.isoformat(), "side": row.side}
    await record(session, now, Act(actor=actor, act="market.order", object=row.id, details=details))
    return row


async def close(session: AsyncSession, now: datetime, start: datetime, *, actor: str) -> MarketClearing:
    """Clear a quarter-hour, once: every order is filled in full, in part or not. Raises Problem 409."""
    await take_turn(session, Turn.TRADING)
    if await session.get(MarketClearing, start) is not None:
        raise Problem(HTTPStatus.CONFLICT, "cleared-already", "This quarter-hour was cleared already.")
    query = select(MarketOrder).where(MarketOrder.interval_start == start).order_by(MarketOrder.id)
    rows = list(await session.scalars(query))
    if not rows:
        raise Problem(HTTPStatus.CONFLICT, "no-orders", "There is no order for this quarter-hour.")
    found = clear(start.isoformat(), [order_of(row) for row in rows], tick_micro=RULES.tick_micro)
    for row, filled_wh in zip(rows, found.filled_wh, strict=True):
        row.filled_wh = filled_wh
    clearing = MarketClearing(
        interval_start=start,
        price_micro=found.price_micro,
        volume_wh=found.volume_wh,
        orders=len(rows),
        cleared_at=now,
        cleared_by=actor,
    )
    session.add(clearing)
    details = {"price_micro": found.price_micro, "volume_wh": found.volume_wh, "orders": len(rows)}
    await record(
        session, now, Act(actor=actor, act="market.clear", object=start.isoformat(), details=details)
    )
    return clearing


def order_of(row: MarketOrder) -> Order:
    """Return an order as the auction takes it."""
    return _order(row.id, row.ven_id, Side(row.side), row.price_micro, row.quantity_wh)


def _order(identifier: str, home: str, side: Side, price_micro: int, quantity_wh: int) -> Order:
    return Order(id=identifier, home=home, side=side, price_micro=price_micro, quantity_wh=quantity_wh)
