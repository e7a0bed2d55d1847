"""Who has an account: the operator invites, and helps who lost a password."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import select

from ...hub import hub_of
from ...store.tables import Person
from ...web import StrictRoute
from ...web.fields import Email, Name, ObjectId
from .. import people
from ..describing import described_person
from ..identity import Asking, require
from ..passkeys import kept
from ..roles import Role, Thing, Verb

router = APIRouter(prefix="/people", tags=["people"], route_class=StrictRoute)


class Invitation(BaseModel):
    """Who is invited, as what."""

    email: Email
    name: Name
    role: Role


@router.get("")
async def list_people(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List all accounts, the oldest first."""
    require(who, Verb.READ, Thing.PERSON)
    async with hub_of(request).store.reading() as session:
        passkeys = await kept.counts(session)
        return [
            described_person(person, passkeys=passkeys.get(person.id, 0))
            for person in await session.scalars(select(Person).order_by(Person.id))
        ]


@router.post("", status_code=HTTPStatus.CREATED)
async def invite(who: Asking, body: Invitation, request: Request) -> dict[str, Any]:
    """Invite somebody. The answer holds the code that sets their password, shown this once."""
    require(who, Verb.WRITE, Thing.PERSON)
    hub = hub_of(request)
    newcomer = people.Newcomer(email=body.email, name=body.name, role=body.role)
    async with hub.store.writing() as session:
        person, code = await people.invite(session, hub.clock(), newcomer, actor=who.person_id)
    return {**described_person(person, passkeys=0), "code": code}


@router.post("/{person_id}/recovery", status_code=HTTPStatus.CREATED)
async def recover(who: Asking, person_id: ObjectId, request: Request) -> dict[str, str]:
    """Make a code by which somebody sets a new password; the operator hands it over."""
    require(who, Verb.WRITE, Thing.PERSON, owner_id=person_id)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        return {"code": await people.recovery(session, hub.clock(), person_id, actor=who.person_id)}
