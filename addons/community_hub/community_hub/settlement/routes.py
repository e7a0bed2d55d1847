"""``/api/v1/settlements``: what dispatches came to, and each home's own line, which it can reckon again."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.identity import Asking, require
from ..accounts.roles import Reach, Thing, Verb, Who, reach
from ..core import receipt_from
from ..hub import hub_of
from ..store.audit import Act, record
from ..store.tables import Dispatch, Home, Settlement, SettlementLine
from ..web import Problem, StrictRoute
from ..web.fields import ObjectId
from .closing import close, described, described_line
from .dispatch_line import faults_of, line_of

router = APIRouter(prefix="/api/v1/settlements", tags=["settlements"], route_class=StrictRoute)


class NewSettlement(BaseModel):
    """Which dispatch is settled."""

    model_config = ConfigDict(extra="forbid")

    dispatch_id: ObjectId


class Bundle(BaseModel):
    """A home's receipt with its inputs, as the home gives it out."""

    receipt: dict[str, Any]
    inputs: dict[str, Any]
    digest: str


@router.post("", status_code=HTTPStatus.CREATED)
async def make(who: Asking, body: NewSettlement, request: Request) -> dict[str, Any]:
    """Settle a dispatch that is over."""
    require(who, Verb.WRITE, Thing.SETTLEMENT)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        made = await session.get(Dispatch, body.dispatch_id, with_for_update=True)
        if made is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-dispatch", "There is no such dispatch.")
        closing = await close(session, hub.clock(), made, actor=who.person_id)
    return described(closing.settlement, closing.lines)


@router.get("")
async def list_all(
    who: Asking, request: Request, dispatch_id: ObjectId | None = None
) -> list[dict[str, Any]]:
    """List settlements, the newest first; a household sees its own lines' sums."""
    require(who, Verb.READ, Thing.SETTLEMENT, owner_id=who.person_id)
    query = select(Settlement).order_by(Settlement.made_at.desc(), Settlement.id.desc()).limit(1000)
    if dispatch_id is not None:
        query = query.where(Settlement.dispatch_id == dispatch_id)
    async with hub_of(request).store.reading() as session:
        found = [(each, await _lines(session, who, each.id)) for each in await session.scalars(query)]
    return [described(each, lines) for each, lines in found if lines]


@router.get("/{settlement_id}")
async def one(who: Asking, settlement_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell of one settlement."""
    async with hub_of(request).store.reading() as session:
        settlement, lines = await _found(session, who, settlement_id)
    return described(settlement, lines)


@router.get("/{settlement_id}/lines")
async def list_lines(who: Asking, settlement_id: ObjectId, request: Request) -> list[dict[str, Any]]:
    """List the lines of a settlement, by home."""
    async with hub_of(request).store.reading() as session:
        _, lines = await _found(session, who, settlement_id)
    return [described_line(line) for line in lines]


@router.get("/{settlement_id}/lines/{ven_id}")
async def line(who: Asking, settlement_id: ObjectId, ven_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell a home's line, with the statement that ``flexctl verify`` reckons again."""
    async with hub_of(request).store.reading() as session:
        return described_line(await _line(session, who, settlement_id, ven_id))


@router.post("/{settlement_id}/lines/{ven_id}/receipt")
async def check(
    who: Asking, settlement_id: ObjectId, ven_id: ObjectId, body: Bundle, request: Request
) -> dict[str, Any]:
    """Reckon a home's receipt again and note whether the line follows from it; the receipt is not kept."""
    require(who, Verb.CHECK, Thing.SETTLEMENT, owner_id=who.person_id)
    hub = hub_of(request)
    now = hub.clock()
    try:
        receipt = receipt_from(body.model_dump())
    except (KeyError, TypeError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "no-receipt", "This is no receipt of a home.") from error
    async with hub.store.writing() as session:
        found = await _line(session, who, settlement_id, ven_id)
        faults = faults_of(line_of(found.statement), receipt)
        found.checked = "wrong" if faults else "right"
        details = {"ven_id": ven_id, "found": found.checked}
        await record(
            session,
            now,
            Act(actor=who.person_id, act="settlement.check", object=settlement_id, details=details),
        )
    return described_line(found) | {"faults": faults}


async def _found(
    session: AsyncSession, who: Who, settlement_id: str
) -> tuple[Settlement, list[SettlementLine]]:
    """Return a settlement and the lines of it that somebody may see. Raises Problem 403 and 404."""
    require(who, Verb.READ, Thing.SETTLEMENT, owner_id=who.person_id)
    settlement = await session.get(Settlement, settlement_id)
    lines = await _lines(session, who, settlement_id)
    if settlement is None or (not lines and own_lines(who)):
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-settlement", "There is no such settlement.")
    return settlement, lines


async def _line(session: AsyncSession, who: Who, settlement_id: str, ven_id: str) -> SettlementLine:
    _, lines = await _found(session, who, settlement_id)
    found = next((line for line in lines if line.ven_id == ven_id), None)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-line", "There is no such line.")
    return found


async def _lines(session: AsyncSession, who: Who, settlement_id: str) -> list[SettlementLine]:
    query = (
        select(SettlementLine)
        .where(SettlementLine.settlement_id == settlement_id, *own_lines(who))
        .order_by(SettlementLine.ven_id)
    )
    return list(await session.scalars(query))


def own_lines(who: Who) -> list[ColumnElement[bool]]:
    """Return the condition of the lines that somebody may see; none where they may see all."""
    if reach(who, Verb.READ, Thing.SETTLEMENT) is Reach.ANY:
        return []
    own = select(Home.ven_id).where(Home.owner_id == who.person_id)
    return [SettlementLine.ven_id.in_(own)]
