"""``/api/v1/homes/{ven_id}/requests``: what an operator asks of one home of their own."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ...accounts.identity import Asking, require
from ...accounts.roles import Reach, Thing, Verb, Who, reach
from ...hub import hub_of
from ...openadr.issuing import issuing_of
from ...store.tables import Home, HomeRequest
from ...web import Problem, StrictRoute
from ...web.fields import ObjectId
from .. import requesting
from ..reported import SETTLED, STATES, newest_on
from ..requesting import NewRequest

router = APIRouter(prefix="/homes/{ven_id}/requests", tags=["requests"], route_class=StrictRoute)

_MOST: int = 1000


@router.post("", status_code=HTTPStatus.CREATED)
async def make(
    who: Asking, ven_id: ObjectId, body: Annotated[NewRequest, Body()], request: Request
) -> dict[str, Any]:
    """Ask a home for something: an event that its own order of control obeys or refuses."""
    async with hub_of(request).store.writing() as session:
        await _home(session, who, Verb.WRITE, ven_id)
        made = await requesting.ask(session, issuing_of(request), ven_id, body, actor=who.person_id)
    return requesting.described(made, None)


@router.get("")
async def list_all(who: Asking, ven_id: ObjectId, request: Request) -> list[dict[str, Any]]:
    """List what was asked of a home, the newest first, and what became of it."""
    async with hub_of(request).store.reading() as session:
        await _home(session, who, Verb.READ, ven_id)
        query = (
            select(HomeRequest)
            .where(HomeRequest.ven_id == ven_id)
            .order_by(HomeRequest.created_at.desc(), HomeRequest.id.desc())
            .limit(_MOST)
        )
        return [await _described(session, each) for each in list(await session.scalars(query))]


@router.get("/{request_id}")
async def one(who: Asking, ven_id: ObjectId, request_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell what became of a request."""
    async with hub_of(request).store.reading() as session:
        return await _described(session, await _found(session, who, Verb.READ, ven_id, request_id))


@router.post("/{request_id}/withdraw")
async def withdraw(who: Asking, ven_id: ObjectId, request_id: ObjectId, request: Request) -> dict[str, Any]:
    """Take a request back."""
    async with hub_of(request).store.writing() as session:
        found = await _found(session, who, Verb.WRITE, ven_id, request_id)
        await requesting.withdraw(session, issuing_of(request), found, actor=who.person_id)
        return await _described(session, found)


async def _described(session: AsyncSession, found: HomeRequest) -> dict[str, Any]:
    told = await newest_on(session, found.ven_id, found.event_id, (*STATES, *SETTLED))
    return requesting.described(found, told)


async def _found(session: AsyncSession, who: Who, verb: Verb, ven_id: str, request_id: str) -> HomeRequest:
    await _home(session, who, verb, ven_id)
    found = await session.get(HomeRequest, request_id, with_for_update=verb is Verb.WRITE)
    if found is None or found.ven_id != ven_id:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-request", "There is no such request.")
    return found


async def _home(session: AsyncSession, who: Who, verb: Verb, ven_id: str) -> Home:
    """Return a home of which somebody may read or make requests; another's is to them as if it were not."""
    home = await session.get(Home, ven_id)
    owner_id = who.person_id if home is None else home.owner_id
    if home is None or (reach(who, verb, Thing.REQUEST) is Reach.OWN and owner_id != who.person_id):
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
    require(who, verb, Thing.REQUEST, owner_id=owner_id)
    return home
