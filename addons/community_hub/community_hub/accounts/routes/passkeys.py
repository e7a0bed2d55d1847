"""Passkeys: signing in by one, adding and removing one's own. The ceremonies are a browser's."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from ...hub import hub_of
from ...web import StrictRoute
from ...web.fields import Code, Name, ObjectId
from .. import sessions, sign_in
from ..describing import person_as_kept
from ..identity import Asking, refuse_other_sites, require
from ..passkeys import adding, asserting, ceremonies, challenges, kept
from ..passkeys.documents import NewCredential, SignedCredential
from ..passkeys.relying_party import RelyingParty
from ..proof import Proof, require_proven
from ..roles import Thing, Verb

router = APIRouter(tags=["account"], route_class=StrictRoute)


class Signed(BaseModel):
    """What a passkey signed."""

    credential: SignedCredential


class BothFactors(Proof):
    """With the proof, where one is in force, the second factor: a code, or what a passkey signed."""

    code: Code | None = None
    passkey: SignedCredential | None = None


class NewPasskey(BaseModel):
    """What its person calls a new passkey, and what was made."""

    name: Name
    credential: NewCredential


@router.post("/sessions/passkey/challenge", status_code=HTTPStatus.CREATED)
async def challenge_browser(request: Request, response: Response) -> dict[str, Any]:
    """Give this browser something to sign, good once and for five minutes; the answer sets a cookie."""
    refuse_other_sites(request)
    hub = hub_of(request)
    party = RelyingParty.at(hub.settings.public_url)
    async with hub.store.writing() as session:
        challenge = await challenges.make(session, hub.clock())
    challenges.set_cookie(response, challenge)
    return ceremonies.to_sign(party, challenge.challenge)


@router.post("/sessions/passkey", status_code=HTTPStatus.CREATED)
async def begin_session_by_passkey(
    body: Signed, request: Request, response: Response, challenge: challenges.Shown = None
) -> dict[str, Any]:
    """Sign in by a passkey alone; the answer sets a cookie."""
    refuse_other_sites(request)
    hub = hub_of(request)
    assertion = await asserting.received(hub, body.credential, challenge)
    person, secret = await sign_in.sign_in_by_passkey(hub, assertion)
    sessions.set_cookie(response, secret)
    return await person_as_kept(hub.store, person)


@router.get("/account/passkeys")
async def list_passkeys(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List one's own passkeys, the oldest first."""
    require(who, Verb.READ, Thing.ACCOUNT, owner_id=who.person_id)
    async with hub_of(request).store.reading() as session:
        return [kept.described(passkey) for passkey in await kept.of_person(session, who.person_id)]


@router.post("/account/passkeys/challenge", status_code=HTTPStatus.CREATED)
async def begin_passkey(
    who: Asking,
    body: BothFactors,
    request: Request,
    response: Response,
    challenge: challenges.Shown = None,
) -> dict[str, Any]:
    """Let this browser make a passkey, within five minutes; the answer sets a cookie."""
    hub = hub_of(request)
    await require_proven(hub, who, body.password)
    assertion = await asserting.received(hub, body.passkey, challenge) if body.passkey else None
    options, made = await adding.begin(hub, who.person_id, body.code, assertion)
    challenges.set_cookie(response, made)
    return options


@router.post("/account/passkeys", status_code=HTTPStatus.CREATED)
async def add_passkey(
    who: Asking, body: NewPasskey, request: Request, challenge: challenges.Shown = None
) -> dict[str, Any]:
    """Add what was made. With the first second factor come ten codes for when it is lost, shown this once."""
    require(who, Verb.WRITE, Thing.ACCOUNT, owner_id=who.person_id)
    passkey, recovery_codes = await adding.add(
        hub_of(request), who.person_id, body.name, body.credential, challenge
    )
    return {**kept.described(passkey), "recovery_codes": recovery_codes}


@router.post("/account/passkeys/{passkey_id}/removal")
async def remove_passkey(who: Asking, passkey_id: ObjectId, body: Proof, request: Request) -> dict[str, bool]:
    """Remove a passkey, and say whether a second factor is left."""
    hub = hub_of(request)
    await require_proven(hub, who, body.password)
    return {"has_second_factor": await adding.remove(hub, who.person_id, passkey_id)}
