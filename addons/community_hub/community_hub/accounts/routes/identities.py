"""One's own identities at OpenID providers: listed, and unlinked."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request

from ...hub import hub_of
from ...web import StrictRoute
from ...web.fields import ObjectId
from ..identity import Asking, require
from ..openid_connect import identities
from ..proof import Proof, require_proven
from ..roles import Thing, Verb

router = APIRouter(prefix="/account/identities", tags=["account"], route_class=StrictRoute)


@router.get("")
async def list_identities(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List which providers may vouch for one, the oldest first."""
    require(who, Verb.READ, Thing.ACCOUNT, owner_id=who.person_id)
    hub = hub_of(request)
    async with hub.store.reading() as session:
        found = await identities.of_person(session, who.person_id)
    return [identities.described(each, hub.settings.openid_providers) for each in found]


@router.post("/{identity_id}/removal", status_code=HTTPStatus.NO_CONTENT)
async def unlink(who: Asking, identity_id: ObjectId, body: Proof, request: Request) -> None:
    """Let a provider vouch for one no more; refused for the last way to sign in."""
    hub = hub_of(request)
    await require_proven(hub, who, body.password)
    async with hub.store.writing() as session:
        await identities.unlink(hub, session, who.person_id, identity_id)
