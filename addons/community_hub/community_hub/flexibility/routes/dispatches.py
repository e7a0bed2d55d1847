"""``/api/v1/dispatches``: a need is met by calls, watched, made up for, taken back."""

from collections.abc import Awaitable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...accounts.identity import Asking, require
from ...accounts.roles import Reach, Thing, Verb, Who, reach
from ...hub import hub_of
from ...openadr.issuing import Issuing, issuing_of
from ...store.database import Turn, take_turn
from ...store.tables import Dispatch, DispatchedHome, Home
from ...web import Problem, StrictRoute
from ...web.fields import Limit, ObjectId
from ..calls_in_parts import hurry, not_out
from ..cancelling import cancel as cancelled
from ..delivering import current_interval, delivery, samples_of, told_of, told_of_home
from ..direction import kilo, kilos
from ..dispatching import announce, chosen, dispatch_row
from ..needs import NewDispatch
from ..redispatching import redispatch
from ..reported import MEASURED, SETTLED, STATES, newest_of
from .told_dispatches import HomeState, State, counts_of, described

router = APIRouter(prefix="/dispatches", tags=["dispatches"], route_class=StrictRoute)

_MOST_HOMES = 10_000


@router.post("", status_code=HTTPStatus.CREATED)
async def make(who: Asking, body: NewDispatch, request: Request, response: Response) -> dict[str, Any]:
    """Meet a need at least cost from what homes offer; or only say how, without sending anything."""
    require(who, Verb.WRITE, Thing.DISPATCH)
    hub = hub_of(request)
    now = hub.clock()
    wanted = body.wanted(now)
    if body.rehearse:
        async with hub.store.reading() as session:
            choice = await chosen(session, now, wanted)
        made = dispatch_row(wanted, choice, actor=who.person_id, now=now)
        response.status_code = HTTPStatus.OK
        return described(made, now, counts_of(choice)) | {"id": None}
    async with hub.store.writing() as session:
        await take_turn(session, Turn.CALLING)
        choice = await chosen(session, now, wanted)
        made = await announce(session, issuing_of(request), wanted, choice, actor=who.person_id)
    return await told_when_written(request, who, made.id)


@router.get("")
async def list_all(
    who: Asking,
    request: Request,
    state: State | None = None,
    limit: Limit = 100,
) -> list[dict[str, Any]]:
    """List dispatches, the newest first; a household those that its homes were called in."""
    require(who, Verb.READ, Thing.DISPATCH, owner_id=who.person_id)
    hub = hub_of(request)
    now = hub.clock()
    query = select(Dispatch).order_by(Dispatch.created_at.desc(), Dispatch.id.desc()).limit(limit)
    query = query.where(*_visible(who), *_in_state(state, now))
    async with hub.store.reading() as session:
        found = list(await session.scalars(query))
        made_ids = [made.id for made in found]
        counts = await _counts(session, who, made_ids)
        own = await _owned(session, who)
        waiting = {} if own is not None else await not_out(session, made_ids)
    return [
        described(made, now, counts.get(made.id, {}), own, not_out=waiting.get(made.id)) for made in found
    ]


@router.get("/{dispatch_id}")
async def one(who: Asking, dispatch_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell of one dispatch."""
    return await _told(who, dispatch_id, request)


@router.get("/{dispatch_id}/homes")
async def homes(
    who: Asking, dispatch_id: ObjectId, request: Request, state: HomeState | None = None
) -> list[dict[str, Any]]:
    """List the homes of a dispatch in the order of merit: called, dropped, or left out with the reason."""
    async with hub_of(request).store.reading() as session:
        made = await found_for(session, who, Verb.READ, dispatch_id)
        query = (
            select(DispatchedHome, Home.name, Home.feeder)
            .join(Home)
            .where(DispatchedHome.dispatch_id == made.id, *_own_homes(who))
            .order_by(DispatchedHome.rank.is_(None), DispatchedHome.rank, DispatchedHome.ven_id)
            .limit(_MOST_HOMES)
        )
        if state is not None:
            query = query.where(DispatchedHome.state == state)
        rows = (await session.execute(query)).all()
        answers = await newest_of(session, made, (*STATES, *MEASURED, *SETTLED))
    return [
        {
            "ven_id": row.ven_id,
            "name": name,
            "feeder": feeder,
            "event_id": row.event_id,
            "state": row.state,
            "reason": row.reason,
            "called_kw": kilos(row.called_w),
            "expected_kw": kilos(row.expected_w),
            "proven_share": row.share,
            "rank": row.rank,
            "round": row.round,
            "answer": answers[row.ven_id].text("INSTRUCTION_STATUS") if row.ven_id in answers else None,
            "held_until": row.held_until,
        }
        for row, name, feeder in rows
    ]


@router.post("/{dispatch_id}/redispatch")
async def make_up(who: Asking, dispatch_id: ObjectId, request: Request) -> dict[str, Any]:
    """Drop the homes that are out, and call others for what is lacking."""
    return await _changed(who, dispatch_id, request, redispatch)


@router.post("/{dispatch_id}/cancel")
async def take_back(who: Asking, dispatch_id: ObjectId, request: Request) -> dict[str, Any]:
    """Take a dispatch back: its events are deleted, and homes go on as they would have."""
    return await _changed(who, dispatch_id, request, cancelled)


class _Change(Protocol):
    """What is done to a dispatch in the caller's transaction. Raises Problem where it cannot be."""

    def __call__(
        self, session: AsyncSession, issuing: Issuing, made: Dispatch, /, *, actor: str
    ) -> Awaitable[object]: ...


async def _changed(who: Who, dispatch_id: str, request: Request, change: _Change) -> dict[str, Any]:
    """Change a dispatch, and tell what it is then."""
    hub = hub_of(request)
    async with hub.store.writing() as session:
        made = await found_for(session, who, Verb.WRITE, dispatch_id)
        await change(session, issuing_of(request), made, actor=who.person_id)
    return await told_when_written(request, who, dispatch_id)


async def told_when_written(request: Request, who: Who, dispatch_id: str) -> dict[str, Any]:
    """Let all events of a dispatch that is committed be written, and tell what it is then."""
    await hurry(issuing_of(request), dispatch_id)
    return await _told(who, dispatch_id, request)


async def _told(who: Who, dispatch_id: str, request: Request) -> dict[str, Any]:
    hub = hub_of(request)
    async with hub.store.reading() as session:
        made = await found_for(session, who, Verb.READ, dispatch_id)
        counts = await _counts(session, who, [made.id])
        own = await _owned(session, who)
        waiting = None if own is not None else (await not_out(session, [made.id]))[made.id]
    return described(made, hub.clock(), counts.get(made.id, {}), own, not_out=waiting)


@router.get("/{dispatch_id}/delivery")
async def delivered(who: Asking, dispatch_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell what comes of a dispatch, by the homes' meters against their baselines."""
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.reading() as session:
        made = await found_for(session, who, Verb.READ, dispatch_id)
        found = await delivery(session, now, made)
        own = await _owned(session, who)
        samples = await samples_of(session, made.id)
    interval = current_interval(made, now)
    return told_of(found, made) | {
        "series": [
            {
                "at": sample.at,
                "needed_kw": kilo(sample.needed_w),
                "delivered_kw": kilo(sample.delivered_w),
            }
            for sample in samples
        ],
        "by_home": [
            told_of_home(home, interval) for home in found.homes if own is None or home.row.ven_id in own
        ],
    }


async def found_for(session: AsyncSession, who: Who, verb: Verb, dispatch_id: str) -> Dispatch:
    """Return a dispatch that somebody may read or change; another's is to them as if it were not.

    Who changes it holds it until the transaction ends. Raises Problem 403 and 404.
    """
    require(who, verb, Thing.DISPATCH, owner_id=who.person_id)
    query = select(Dispatch).where(Dispatch.id == dispatch_id, *_visible(who))
    if verb is Verb.WRITE:
        query = query.with_for_update()
    made = (await session.scalars(query)).one_or_none()
    if made is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-dispatch", "There is no such dispatch.")
    return made


def _own_homes(who: Who) -> list[ColumnElement[bool]]:
    return [] if reach(who, Verb.READ, Thing.DISPATCH) is Reach.ANY else [Home.owner_id == who.person_id]


def _visible(who: Who) -> list[ColumnElement[bool]]:
    if reach(who, Verb.READ, Thing.DISPATCH) is Reach.ANY:
        return []
    own = (
        select(DispatchedHome.dispatch_id)
        .join(Home)
        .where(Home.owner_id == who.person_id, DispatchedHome.event_id.is_not(None))
    )
    return [Dispatch.id.in_(own)]


async def _owned(session: AsyncSession, who: Who) -> frozenset[str] | None:
    """Return a household's own homes, None for who sees all."""
    if reach(who, Verb.READ, Thing.DISPATCH) is Reach.ANY:
        return None
    return frozenset(await session.scalars(select(Home.ven_id).where(Home.owner_id == who.person_id)))


def _in_state(state: State | None, now: datetime) -> list[ColumnElement[bool]]:
    is_on = Dispatch.cancelled_at.is_(None)
    match state:
        case State.CANCELLED:
            return [Dispatch.cancelled_at.is_not(None)]
        case State.OVER:
            return [and_(is_on, Dispatch.ends_at <= now)]
        case State.RUNNING:
            return [and_(is_on, Dispatch.starts_at <= now, Dispatch.ends_at > now)]
        case State.ANNOUNCED:
            return [and_(is_on, Dispatch.starts_at > now)]
    return []


async def _counts(session: AsyncSession, who: Who, dispatch_ids: list[str]) -> dict[str, dict[str, int]]:
    query = (
        select(DispatchedHome.dispatch_id, DispatchedHome.state, func.count())
        .join(Home)
        .where(DispatchedHome.dispatch_id.in_(dispatch_ids), *_own_homes(who))
        .group_by(DispatchedHome.dispatch_id, DispatchedHome.state)
    )
    found: dict[str, dict[str, int]] = {}
    for dispatch_id, state, number in await session.execute(query):
        found.setdefault(dispatch_id, {})[state] = number
    return found
