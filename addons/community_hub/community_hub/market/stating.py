"""A month of trades as a statement for each home: totals are issued once, documents are made of the book."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..settlement.closing import PLACES
from ..statistics.months import Month
from ..store.audit import Act, record
from ..store.database import Turn, take_turn
from ..store.tables import MarketClearing, MarketOrder, MarketTotal
from ..web import Problem
from .book import RULES, order_of
from .money import in_smallest_unit
from .orders import Side
from .traded import MOST_ORDERS, TradedQuarter, TradeStatement, amount_nano

_DAY = timedelta(days=1)


async def issue(
    session: AsyncSession, now: datetime, month: Month, *, currency: str, actor: str
) -> list[MarketTotal]:
    """Issue what each home pays for a month that is over, once, rounded together: they add up to nothing.

    Raises Problem 409 for a month that is not over, that was issued, in which an order still waits for its
    clearing, or of which there is no order.
    """
    await take_turn(session, Turn.TRADING)
    if month.next.start > now:
        raise Problem(HTTPStatus.CONFLICT, "month-not-over", "This month is not over.")
    if await session.scalar(select(MarketTotal.ven_id).where(MarketTotal.month == month.first).limit(1)):
        raise Problem(HTTPStatus.CONFLICT, "issued-already", "This month was issued already.")
    amounts = await _amounts(session, month)
    homes = sorted(amounts)
    if not homes:
        raise Problem(HTTPStatus.CONFLICT, "no-orders", "There is no order of this month.")
    totals = in_smallest_unit([amounts[home] for home in homes], PLACES)
    rows = [
        MarketTotal(
            month=month.first,
            ven_id=home,
            currency=currency,
            amount_nano=amounts[home],
            total=total,
            issued_at=now,
        )
        for home, total in zip(homes, totals, strict=True)
    ]
    session.add_all(rows)
    details = {"homes": len(rows), "currency": currency}
    act = Act(actor=actor, act="market.issue", object=str(month), details=details)
    await record(session, now, act)
    return rows


async def _amounts(session: AsyncSession, month: Month) -> dict[str, int]:
    """Return what each home with an order in a month pays, in billionths. Raises Problem 409."""
    amounts: dict[str, int] = defaultdict(int)
    query = (
        select(
            MarketOrder.ven_id,
            MarketOrder.side,
            MarketOrder.filled_wh,
            MarketOrder.interval_start,
            MarketClearing.price_micro,
        )
        .join(MarketClearing, MarketClearing.interval_start == MarketOrder.interval_start, isouter=True)
        .where(MarketOrder.interval_start >= month.start, MarketOrder.interval_start < month.next.start)
    )
    for ven_id, side, filled_wh, start, price_micro in (await session.execute(query)).tuples():
        if filled_wh is None:
            raise Problem(
                HTTPStatus.CONFLICT,
                "not-cleared",
                f"What begins at {start.isoformat()} was not cleared.",
            )
        amounts[ven_id] += amount_nano([(Side(side), filled_wh)], price_micro)
    return amounts


async def statement_of(session: AsyncSession, total: MarketTotal, day: int | None) -> TradeStatement:
    """Return a home's statement of a month that was issued, or of a day of it.

    Raises Problem 400 for a day that the month has not, 409 for books that are too long for one document.
    """
    month = Month(first=total.month)
    start, end, period = month.start, month.next.start, str(month)
    if day is not None:
        start = datetime.combine(_day_of(month, day), time(), UTC)
        end, period = start + _DAY, f"{start:%Y-%m-%d}"
    quarters = await _quarters(session, total.ven_id, start, end)
    return TradeStatement(
        home=total.ven_id,
        period=period,
        currency=total.currency,
        places=PLACES,
        tick_micro=RULES.tick_micro,
        amount_nano=total.amount_nano if day is None else sum(each.amount_nano for each in quarters),
        total=total.total if day is None else None,
        quarters=tuple(quarters),
    )


def _day_of(month: Month, day: int) -> date:
    try:
        return month.first.replace(day=day)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "no-such-day", "The month has no such day.") from error


async def _quarters(
    session: AsyncSession, ven_id: str, start: datetime, end: datetime
) -> list[TradedQuarter]:
    own = select(MarketOrder.interval_start).where(
        MarketOrder.ven_id == ven_id, MarketOrder.interval_start >= start, MarketOrder.interval_start < end
    )
    in_books = MarketOrder.interval_start.in_(own)
    if (await session.scalar(select(func.count()).where(in_books)) or 0) > MOST_ORDERS:
        raise Problem(HTTPStatus.CONFLICT, "too-many-orders", "Ask for one day of the month.")
    books: dict[datetime, list[MarketOrder]] = defaultdict(list)
    for order in await session.scalars(select(MarketOrder).where(in_books).order_by(MarketOrder.id)):
        books[order.interval_start].append(order)
    query = (
        select(MarketClearing)
        .where(MarketClearing.interval_start.in_(own))
        .order_by(MarketClearing.interval_start)
    )
    return [
        _quarter(clearing, books[clearing.interval_start], ven_id)
        for clearing in await session.scalars(query)
    ]


def _quarter(clearing: MarketClearing, book: Sequence[MarketOrder], ven_id: str) -> TradedQuarter:
    own = [order for order in book if order.ven_id == ven_id]
    return TradedQuarter(
        auction=clearing.interval_start.isoformat(),
        price_micro=clearing.price_micro,
        volume_wh=clearing.volume_wh,
        filled_wh={order.id: order.filled_wh or 0 for order in own},
        amount_nano=amount_nano(
            [(Side(order.side), order.filled_wh or 0) for order in own], clearing.price_micro
        ),
        book=tuple(order_of(order) for order in book),
    )
