"""``/api/v1/grid``: grid operators that the hub speaks UFTP with, and what is said to them."""

import base64
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from shapeshifter_uftp import uftp  # type: ignore[import-untyped] # has no types
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..homes.consents import consenting
from ..hub import hub_of
from ..store.audit import Act, record
from ..store.tables import CongestionPoint, GridConnection, GridMessage, GridOperator, Home, Program
from ..web import Problem, StrictRoute
from ..web.fields import ObjectId
from . import book
from .aggregator import aggregator_of
from .conversation import Conversation, revoke
from .hearing import PATH
from .isps import Day
from .shapes import Address, Connection, Domain, NewOperator

# A day that has a midnight before and after it on every clock.
type Period = Annotated[date, Query(ge=date(1900, 1, 1), lt=date(9999, 1, 1))]

router = APIRouter(prefix="/api/v1/grid", tags=["grid"], route_class=StrictRoute)


@router.get("/identity")
async def identity(who: Asking, request: Request) -> dict[str, str]:
    """Tell how grid operators know the hub: its domain, and the key that it signs with."""
    require(who, Verb.READ, Thing.GRID)
    found = aggregator_of(request)
    public_key = f"cs1.{_base64(found.keys.public)}"
    return {"domain": found.domain, "role": "AGR", "public_key": public_key, "path": PATH}


@router.get("/operators")
async def list_operators(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List the grid operators, with the points they know the hub at."""
    require(who, Verb.READ, Thing.GRID)
    async with hub_of(request).store.reading() as session:
        rows = (await session.scalars(select(GridOperator).order_by(GridOperator.domain))).all()
        points = (await session.scalars(select(CongestionPoint).order_by(CongestionPoint.address))).all()
    return [
        _operator(row, {each.address: each.feeder for each in points if each.domain == row.domain})
        for row in rows
    ]


@router.put("/operators/{name}")
async def set_operator(who: Asking, name: Domain, body: NewOperator, request: Request) -> dict[str, Any]:
    """Know a grid operator, or know it anew."""
    require(who, Verb.WRITE, Thing.GRID)
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.writing() as session:
        if await session.get(Program, body.program_id) is None:
            raise Problem(HTTPStatus.CONFLICT, "no-such-program", "There is no such programme.")
        fields = body.model_dump(exclude={"points", "public_key"})
        row = await session.get(GridOperator, name)
        row = await session.merge(
            GridOperator(
                domain=name,
                public_key=base64.b64decode(body.public_key),
                created_at=now if row is None else row.created_at,
                **fields,
            )
        )
        await _place(session, name, body.points)
        details = {"public_key": body.public_key, "endpoint": body.endpoint, "points": len(body.points)}
        await record(
            session, now, Act(actor=who.person_id, act="grid.set_operator", object=name, details=details)
        )
    return _operator(row, body.points)


@router.put("/connections/{ven_id}")
async def set_connection(who: Asking, ven_id: ObjectId, body: Connection, request: Request) -> dict[str, str]:
    """Write down the number of a home's connection."""
    require(who, Verb.WRITE, Thing.GRID)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        if await session.get(Home, ven_id) is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
        await session.merge(GridConnection(ven_id=ven_id, ean=body.ean))
        await record(
            session,
            hub.clock(),
            Act(actor=who.person_id, act="grid.set_connection", object=ven_id, details={}),
        )
    return {"ven_id": ven_id, "ean": body.ean}


@router.get("/messages")
async def list_messages(
    who: Asking,
    request: Request,
    name: Annotated[Domain | None, Query(alias="domain")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[dict[str, Any]]:
    """List what was said, the newest first."""
    require(who, Verb.READ, Thing.GRID)
    query = select(GridMessage).order_by(GridMessage.at.desc(), GridMessage.message_id.desc()).limit(limit)
    if name is not None:
        query = query.where(GridMessage.domain == name)
    async with hub_of(request).store.reading() as session:
        return [_message(row) for row in await session.scalars(query)]


@router.post("/operators/{name}/prognoses", status_code=HTTPStatus.CREATED)
async def prognosis(
    who: Asking, name: Domain, request: Request, day: Period, point: Address
) -> dict[str, Any]:
    """Send a D-Prognosis of a day at a congestion point; every ISP of the day has to be foreseen."""
    require(who, Verb.WRITE, Thing.GRID)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        conversation = await _speaking(session, request, name)
        if point not in conversation.feeders:
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-point", "The grid operator has no such point.")
        period = Day(date=day, zone=conversation.agreement.zone)
        power_w = await conversation.portfolio.foreseen_w(
            session, conversation.now, conversation.feeders[point], period
        )
        if len(power_w) != period.count:
            raise Problem(
                HTTPStatus.CONFLICT,
                "not-foreseen",
                f"The homes foresee {len(power_w)} of the {period.count} quarter-hours of that day.",
            )
        subject = {"congestion_point": point, "period": day}
        revision = await book.next_revision(session, name, uftp.DPrognosis, subject)
        return await _said(
            who, conversation, conversation.composer().prognosis(point, period, power_w, revision)
        )


@router.post("/operators/{name}/meterings", status_code=HTTPStatus.CREATED)
async def metering(who: Asking, name: Domain, request: Request, day: Period) -> list[dict[str, Any]]:
    """Send what was metered on a day at each connection of its feeders: wholly, and by a home that consents.

    The consent, with the whole home to the grid operator's programme, held on the day and does so now.
    """
    require(who, Verb.WRITE, Thing.GRID)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        conversation = await _speaking(session, request, name)
        period = Day(date=day, zone=conversation.agreement.zone)
        query = (
            select(GridConnection)
            .join(Home, Home.ven_id == GridConnection.ven_id)
            .where(Home.feeder.in_(set(conversation.feeders.values())))
            .order_by(GridConnection.ven_id)
        )
        connections = (await session.scalars(query)).all()
        agreeing = await _agreeing(session, conversation, hub.clock(), period, connections)
        sent = []
        for connection in connections:
            if connection.ven_id not in agreeing:
                continue
            power_kw = await conversation.portfolio.metered_kw(session, connection.ven_id, period)
            if len(power_kw) == period.count:
                revision = await book.next_revision(session, name, uftp.Metering, {"period": day})
                message = conversation.composer().metering(connection.ean, period, power_kw, revision)
                sent.append(await _said(who, conversation, message))
    return sent


async def _agreeing(
    session: AsyncSession,
    conversation: Conversation,
    now: datetime,
    period: Day,
    connections: Sequence[GridConnection],
) -> frozenset[str]:
    ven_ids = [each.ven_id for each in connections]
    program_id = conversation.operator.program_id
    then, still = [await consenting(session, program_id, at, ven_ids, ()) for at in (period.begins_at, now)]
    return then & still


@router.post("/offers/{message_id}/revoke")
async def revoke_offer(who: Asking, message_id: ObjectId, request: Request) -> dict[str, Any]:
    """Take back an offer that was not ordered."""
    require(who, Verb.WRITE, Thing.GRID)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        row = await session.get(GridMessage, message_id.lower(), with_for_update=True)
        if row is None or not row.is_ours or row.kind != book.kind_of(uftp.FlexOffer):
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-offer", "There is no such offer.")
        if row.dispatch_id is not None:
            raise Problem(HTTPStatus.CONFLICT, "ordered", "This offer was ordered.")
        conversation = await _speaking(session, request, row.domain)
        await revoke(conversation, row)
        await record(
            session,
            conversation.now,
            Act(actor=who.person_id, act="grid.revoke", object=row.message_id, details={}),
        )
        return _message(row)


async def _said(who: Asking, conversation: Conversation, message: Any) -> dict[str, Any]:
    row = await conversation.say(message)
    details = {"kind": row.kind, "domain": row.domain}
    await record(
        conversation.session,
        conversation.now,
        Act(actor=who.person_id, act="grid.say", object=row.message_id, details=details),
    )
    return _message(row)


async def _speaking(session: AsyncSession, request: Request, name: str) -> Conversation:
    operator = await session.get(GridOperator, name)
    if operator is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-grid-operator", "There is no such grid operator.")
    return await aggregator_of(request).conversation(session, hub_of(request).clock(), operator)


async def _place(session: AsyncSession, domain: str, points: Mapping[str, str]) -> None:
    """Let a grid operator know the hub at these points only. Raises Problem for one that another has."""
    rows = (await session.scalars(select(CongestionPoint))).all()
    for row in rows:
        if row.domain == domain and row.address not in points:
            await session.delete(row)
        elif row.domain != domain and row.address in points:
            raise Problem(HTTPStatus.CONFLICT, "point-taken", "Another grid operator has this point.")
    for address, feeder in points.items():
        await session.merge(CongestionPoint(address=address, domain=domain, feeder=feeder))


def _operator(row: GridOperator, points: Mapping[str, str]) -> dict[str, Any]:
    return {
        "domain": row.domain,
        "name": row.name,
        "public_key": f"cs1.{_base64(row.public_key)}",
        "endpoint": row.endpoint,
        "program_id": row.program_id,
        "zone": row.zone,
        "currency": row.currency,
        "points": dict(points),
    }


def _message(row: GridMessage) -> dict[str, Any]:
    return {
        "message_id": row.message_id,
        "domain": row.domain,
        "is_ours": row.is_ours,
        "kind": row.kind,
        "conversation_id": row.conversation_id,
        "about": row.about,
        "congestion_point": row.congestion_point,
        "period": row.period and row.period.isoformat(),
        "at": row.at.isoformat(),
        "result": row.result,
        "reason": row.reason,
        "dispatch_id": row.dispatch_id,
        "is_posted": row.is_ours and row.ended_at is not None and row.last_error is None,
        "last_error": row.last_error,
    }


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()
