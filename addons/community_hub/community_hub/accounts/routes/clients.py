"""Programs that sign in by OAuth 2 client credentials: VENs, and the logic of businesses."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from ...hub import hub_of
from ...openadr.access import SCOPES
from ...store import new_id
from ...store.audit import Act, record
from ...store.tables import Client
from ...web import Problem, StrictRoute
from ...web.fields import Name, ObjectId
from ..credentials import new_secret, secret_hash
from ..describing import described_client
from ..identity import Asking, require
from ..roles import Thing, Verb

router = APIRouter(prefix="/clients", tags=["clients"], route_class=StrictRoute)


class NewClient(BaseModel):
    """A program's name, and what it may at most: scopes of OpenADR 3.1.1."""

    name: Name
    scopes: Annotated[list[str], Field(min_length=1, max_length=len(SCOPES))]


@router.get("")
async def list_clients(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List all clients, the oldest first."""
    require(who, Verb.READ, Thing.CLIENT)
    async with hub_of(request).store.reading() as session:
        return [
            described_client(client) for client in await session.scalars(select(Client).order_by(Client.id))
        ]


@router.post("", status_code=HTTPStatus.CREATED)
async def make(who: Asking, body: NewClient, request: Request) -> dict[str, Any]:
    """Admit a program. The answer holds its secret, shown this once."""
    require(who, Verb.WRITE, Thing.CLIENT)
    if unknown := frozenset(body.scopes) - SCOPES:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "unknown-scope", f"There is no scope {', '.join(sorted(unknown))}."
        )
    hub = hub_of(request)
    now, secret = hub.clock(), new_secret()
    client = Client(
        id=new_id(),
        name=body.name,
        secret_hash=secret_hash(secret),
        scopes=sorted(set(body.scopes)),
        created_at=now,
    )
    async with hub.store.writing() as session:
        session.add(client)
        act = Act(actor=who.person_id, act="client.make", object=client.id, details={"scopes": client.scopes})
        await record(session, now, act)
    return {**described_client(client), "client_secret": secret}


@router.delete("/{client_id}", status_code=HTTPStatus.NO_CONTENT)
async def revoke(who: Asking, client_id: ObjectId, request: Request) -> None:
    """Shut a program out for good, with every token it was given."""
    require(who, Verb.WRITE, Thing.CLIENT)
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.writing() as session:
        client = await session.get(Client, client_id)
        if client is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-client", "There is no such client.")
        client.revoked_at = client.revoked_at or now
        await record(
            session, now, Act(actor=who.person_id, act="client.revoke", object=client.id, details={})
        )
