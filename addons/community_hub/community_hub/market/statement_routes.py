"""``/api/v1/market/statements``: what homes traded by month, and the documents that they reckon again."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from ..accounts.identity import Asking, require
from ..accounts.roles import Reach, Thing, Verb, reach
from ..hub import hub_of
from ..settlement.closing import PLACES
from ..statistics.months import Month
from ..store.tables import Home, MarketTotal
from ..web import Problem, StrictRoute
from ..web.fields import MonthText, ObjectId
from .money import NANO_A_UNIT
from .stating import issue, statement_of
from .traded import document_of

router = APIRouter(prefix="/api/v1/market/statements", tags=["market"], route_class=StrictRoute)


class NewStatements(BaseModel):
    """The month whose trades are issued, and the money that its orders' prices were in."""

    model_config = ConfigDict(extra="forbid")

    month: MonthText
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"


@router.post("", status_code=HTTPStatus.CREATED)
async def issue_month(who: Asking, body: NewStatements, request: Request) -> list[dict[str, Any]]:
    """Issue what each home pays for what it traded in a month (UTC) that is over; once."""
    require(who, Verb.WRITE, Thing.MARKET)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        month = Month.named(body.month)
        rows = await issue(session, hub.clock(), month, currency=body.currency, actor=who.person_id)
        return [_total(row) for row in rows]


@router.get("")
async def list_statements(
    who: Asking, request: Request, month: Annotated[MonthText | None, Query()] = None
) -> list[dict[str, Any]]:
    """List what homes pay by month, the newest first; below nought they get it. A household sees its own."""
    require(who, Verb.READ, Thing.MARKET, owner_id=who.person_id)
    query = select(MarketTotal).order_by(MarketTotal.month.desc(), MarketTotal.ven_id).limit(1000)
    if month is not None:
        query = query.where(MarketTotal.month == Month.named(month).first)
    if reach(who, Verb.READ, Thing.MARKET) is not Reach.ANY:
        query = query.join(Home, Home.ven_id == MarketTotal.ven_id).where(Home.owner_id == who.person_id)
    async with hub_of(request).store.reading() as session:
        return [_total(row) for row in await session.scalars(query)]


@router.get("/{month}/{ven_id}")
async def read_statement(
    who: Asking,
    month: MonthText,
    ven_id: ObjectId,
    request: Request,
    day: Annotated[int | None, Query(ge=1, le=31)] = None,
) -> dict[str, Any]:
    """Return a home's statement, of the month or a day of it, which ``flexctl verify`` reckons again."""
    require(who, Verb.READ, Thing.MARKET, owner_id=who.person_id)
    async with hub_of(request).store.reading() as session:
        home = await session.get(Home, ven_id)
        is_own = home is not None and home.owner_id == who.person_id
        total = await session.get(MarketTotal, (Month.named(month).first, ven_id))
        if total is None or not (is_own or reach(who, Verb.READ, Thing.MARKET) is Reach.ANY):
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-statement", "There is no such statement.")
        return document_of(await statement_of(session, total, day))


def _total(row: MarketTotal) -> dict[str, Any]:
    return {
        "month": str(Month(first=row.month)),
        "ven_id": row.ven_id,
        "currency": row.currency,
        "amount": f"{Decimal(row.total).scaleb(-PLACES):f}",
        "exact": f"{Decimal(row.amount_nano) / NANO_A_UNIT:f}",
        "issued_at": row.issued_at,
    }
