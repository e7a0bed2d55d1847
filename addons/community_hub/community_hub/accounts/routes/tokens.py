"""A person's tokens for programs: made, listed, asked about, revoked."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from ...hub import hub_of
from ...store.audit import Act, record
from ...store.tables import Token
from ...web import Problem, StrictRoute
from ...web.fields import Code, Name, ObjectId
from .. import tokens
from ..describing import described_token
from ..identity import Asking, require
from ..roles import SCOPES, Reach, Thing, Verb, reach

router = APIRouter(prefix="/tokens", tags=["tokens"], route_class=StrictRoute)


_LONGEST_S: Final = 366 * 86_400


class NewToken(BaseModel):
    """What a token is for: its scopes are rights such as ``home:read``."""

    name: Name
    scopes: Annotated[list[str], Field(min_length=1, max_length=len(SCOPES))]
    lifetime_s: Annotated[int, Field(ge=60, le=_LONGEST_S)]


class Shown(BaseModel):
    """A token that somebody showed."""

    token: Code


@router.post("", status_code=HTTPStatus.CREATED)
async def make(who: Asking, body: NewToken, request: Request) -> dict[str, Any]:
    """Make a token. The answer holds its text, shown this once; a token makes no other with more scopes."""
    require(who, Verb.WRITE, Thing.TOKEN, owner_id=who.person_id)
    wanted = frozenset(body.scopes)
    if unknown := wanted - SCOPES:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "unknown-scope", f"There is no scope {', '.join(sorted(unknown))}."
        )
    if who.scopes is not None and wanted - who.scopes:
        raise Problem(HTTPStatus.FORBIDDEN, "wider-token", "This token may not make one with more scopes.")
    hub = hub_of(request)
    now = hub.clock()
    grant = tokens.Grant(
        name=body.name,
        scopes=wanted,
        lifetime=timedelta(seconds=body.lifetime_s),
        person_id=who.person_id,
    )
    async with hub.store.writing() as session:
        token, text = tokens.make(session, now, grant)
        details = {"scopes": token.scopes, "expires_at": token.expires_at.isoformat()}
        await record(
            session, now, Act(actor=who.person_id, act="token.make", object=token.id, details=details)
        )
    return {**described_token(token), "token": text}


@router.get("")
async def list_tokens(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List one's own tokens; the operator sees everybody's."""
    require(who, Verb.READ, Thing.TOKEN, owner_id=who.person_id)
    owner_id = None if reach(who, Verb.READ, Thing.TOKEN) is Reach.ANY else who.person_id
    async with hub_of(request).store.reading() as session:
        return [described_token(token) for token in await tokens.of_person(session, owner_id)]


@router.delete("/{token_id}", status_code=HTTPStatus.NO_CONTENT)
async def revoke(who: Asking, token_id: ObjectId, request: Request) -> None:
    """Revoke a token for good. Whose it is not is told what nobody's is."""
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.writing() as session:
        token = await session.get(Token, token_id)
        is_ours = reach(who, Verb.WRITE, Thing.TOKEN) is Reach.ANY
        if token is None or not (is_ours or token.person_id == who.person_id):
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-token", "There is no such token.")
        require(who, Verb.WRITE, Thing.TOKEN, owner_id=token.person_id)
        token.revoked_at = token.revoked_at or now
        await record(session, now, Act(actor=who.person_id, act="token.revoke", object=token.id, details={}))


@router.post("/introspect")
async def introspect(_who: Asking, body: Shown, request: Request) -> dict[str, Any]:
    """Tell what a token is good for (RFC 7662, 2.2); of one that is not valid only that it is not."""
    hub = hub_of(request)
    async with hub.store.reading() as session:
        token = await tokens.find(session, hub.clock(), body.token)
    if token is None:
        return {"active": False}
    return {
        "active": True,
        "scope": " ".join(token.scopes),
        "sub": token.person_id or token.client_id,
        "client_id": token.client_id,
        "iat": int(token.created_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        "token_type": "Bearer",
    }
