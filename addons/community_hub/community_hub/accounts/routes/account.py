"""One's own account: signing in and out, the second factor, leaving, taking one's data along."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ...hub import Hub, hub_of
from ...store.audit import Act, record
from ...store.tables import Home, Person
from ...web import Problem, StrictRoute
from ...web.fields import Code, Email, Name, Password
from ...wire.events import tell_unseen
from .. import leaving, own_reports, people, sessions, sign_in, totp
from ..describing import described_person, person_as_kept
from ..identity import Asking, refuse_other_sites, require
from ..passkeys import asserting, challenges, kept
from ..passkeys.documents import SignedCredential
from ..passwords import WeakPasswordError
from ..proof import Proof, require_proven
from ..roles import RIGHTS, Thing, Verb, Who, scope

router = APIRouter(tags=["account"], route_class=StrictRoute)


class SignIn(BaseModel):
    """Who somebody is. ``code`` is that of the second factor, or one of those for when it is lost.

    ``passkey`` stands in for it: what one of the person's signed, as ``/sessions/passkey/challenge`` asked.
    """

    email: Email
    password: Password
    code: Code | None = None
    passkey: SignedCredential | None = None


class Redemption(BaseModel):
    """A one-time code and the password it sets; e-mail address and name are the first operator's."""

    code: Code
    password: Password
    email: Email | None = None
    name: Name | None = None


class Confirmation(BaseModel):
    """The code that an app shows for a new second factor."""

    code: Code


class NewPassword(Proof):
    """The proof of who one is, and the password that is to be."""

    new_password: Password


@router.post("/sessions", status_code=HTTPStatus.CREATED)
async def begin_session(
    body: SignIn, request: Request, response: Response, challenge: challenges.Shown = None
) -> dict[str, Any]:
    """Sign in; the answer sets a cookie."""
    refuse_other_sites(request)
    hub = hub_of(request)
    assertion = await asserting.received(hub, body.passkey, challenge) if body.passkey else None
    person, secret = await sign_in.sign_in(
        hub, email=body.email, password=body.password, code=body.code, assertion=assertion
    )
    sessions.set_cookie(response, secret)
    return await person_as_kept(hub.store, person)


@router.delete("/sessions/current", status_code=HTTPStatus.NO_CONTENT)
async def end_session(
    _who: Asking,
    request: Request,
    response: Response,
    secret: Annotated[str | None, Cookie(alias=sessions.COOKIE, include_in_schema=False)] = None,
) -> None:
    """Sign this browser out."""
    async with hub_of(request).store.writing() as session:
        await sessions.end(session, secret or "")
    response.delete_cookie(sessions.COOKIE, secure=True, httponly=True)


@router.delete("/sessions", status_code=HTTPStatus.NO_CONTENT)
async def end_all_sessions(who: Asking, request: Request) -> None:
    """Sign out everywhere."""
    require(who, Verb.WRITE, Thing.ACCOUNT, owner_id=who.person_id)
    async with hub_of(request).store.writing() as session:
        await sessions.end_all(session, who.person_id)


@router.post("/codes/redeem", status_code=HTTPStatus.CREATED)
async def redeem_code(body: Redemption, request: Request) -> dict[str, Any]:
    """Set a password by an invitation, a recovery or the first operator's code."""
    refuse_other_sites(request)
    try:
        person = await people.redeem(
            hub_of(request), body.code, body.password, email=body.email, name=body.name
        )
    except WeakPasswordError as error:
        raise _weak(error) from error
    return await person_as_kept(hub_of(request).store, person)


@router.get("/account")
async def show_account(who: Asking, request: Request) -> dict[str, Any]:
    """Show who is signed in, and for what tokens of theirs may be at most."""
    require(who, Verb.READ, Thing.ACCOUNT, owner_id=who.person_id)
    scopes = sorted(scope(*right) for right in RIGHTS[who.role])
    async with hub_of(request).store.reading() as session:
        person = await session.get_one(Person, who.person_id)
        passkeys = await kept.count(session, person.id)
    return {**described_person(person, passkeys=passkeys), "scopes": scopes}


@router.post("/account/password", status_code=HTTPStatus.NO_CONTENT)
async def change_password(who: Asking, body: NewPassword, request: Request, response: Response) -> None:
    """Set another password. All other browsers are signed out, and this one gets a new cookie."""
    hub = hub_of(request)
    await require_proven(hub, who, body.password)
    try:
        password_hash = await hub.passwords.hash(body.new_password)
    except WeakPasswordError as error:
        raise _weak(error) from error
    async with hub.store.writing() as session:
        person = await session.get_one(Person, who.person_id)
        person.password_hash = password_hash
        await sessions.end_all(session, person.id)
        secret = sessions.begin(session, hub.clock(), person.id)
        await _note(hub, session, who, "account.password")
    sessions.set_cookie(response, secret)


@router.post("/account/second-factor", status_code=HTTPStatus.CREATED)
async def offer_second_factor(who: Asking, body: Proof, request: Request) -> dict[str, Any]:
    """Make a secret for an app. It is not in force before it is confirmed."""
    hub = hub_of(request)
    await require_proven(hub, who, body.password)
    async with hub.store.writing() as session:
        person = await session.get_one(Person, who.person_id)
        secret, uri = sign_in.offer_second_factor(hub, person)
    return {"secret": secret, "uri": uri, "qr": totp.qr(uri)}


@router.post("/account/second-factor/confirmation", status_code=HTTPStatus.CREATED)
async def confirm_second_factor(who: Asking, body: Confirmation, request: Request) -> dict[str, Any]:
    """Put the second factor in force. The answer holds ten codes for when it is lost, shown this once."""
    hub = hub_of(request)
    require(who, Verb.WRITE, Thing.ACCOUNT, owner_id=who.person_id)
    async with hub.store.writing() as session:
        person = await session.get_one(Person, who.person_id, with_for_update=True)
        recovery_codes = await sign_in.confirm_second_factor(hub, session, person, body.code)
        await _note(hub, session, who, "account.second_factor")
    return {"recovery_codes": recovery_codes}


@router.post("/account/second-factor/removal", status_code=HTTPStatus.NO_CONTENT)
async def remove_second_factor(who: Asking, body: Proof, request: Request) -> None:
    """Take an app's codes out of force; passkeys stay."""
    hub = hub_of(request)
    await require_proven(hub, who, body.password)
    async with hub.store.writing() as session:
        await sign_in.drop_totp(session, await session.get_one(Person, who.person_id))
        await _note(hub, session, who, "account.second_factor.remove")


@router.post("/account/leave", status_code=HTTPStatus.NO_CONTENT)
async def leave(who: Asking, body: Proof, request: Request) -> None:
    """Leave: in 15 days the account is deleted with its homes, unless it is taken back."""
    hub = hub_of(request)
    await require_proven(hub, who, body.password)
    async with hub.store.writing() as session:
        person = await session.get_one(Person, who.person_id)
        if await leaving.is_last_operator(session, person):
            raise Problem(
                HTTPStatus.CONFLICT, "last-operator", "The community needs an operator: invite another first."
            )
        await leaving.leave(session, hub.clock(), person)
        homes = await session.scalars(select(Home.ven_id).where(Home.owner_id == person.id))
        await tell_unseen(session, hub, homes.all())


@router.post("/account/stay", status_code=HTTPStatus.NO_CONTENT)
async def stay(who: Asking, request: Request) -> None:
    """Take the leave back."""
    hub = hub_of(request)
    require(who, Verb.WRITE, Thing.ACCOUNT, owner_id=who.person_id)
    async with hub.store.writing() as session:
        await leaving.stay(session, hub.clock(), await session.get_one(Person, who.person_id))


@router.get("/account/export")
async def export(who: Asking, request: Request) -> dict[str, Any]:
    """Take along all that is kept of oneself; what one's homes reported is at ``reports``, as it is long."""
    require(who, Verb.READ, Thing.ACCOUNT, owner_id=who.person_id)
    async with hub_of(request).store.reading() as session:
        return await leaving.export(session, await session.get_one(Person, who.person_id))


class _Lines(StreamingResponse):
    media_type = "application/x-ndjson"


@router.get("/account/export/reports", response_class=_Lines)
async def export_reports(who: Asking, request: Request) -> _Lines:
    """Take along what one's homes reported, and what their meters told by day: a line of JSON each."""
    require(who, Verb.READ, Thing.ACCOUNT, owner_id=who.person_id)
    lines = own_reports.lines(hub_of(request).store, who.person_id)
    return _Lines(lines)


async def _note(hub: Hub, session: AsyncSession, who: Who, act: str) -> None:
    await record(session, hub.clock(), Act(actor=who.person_id, act=act, object=who.person_id, details={}))


def _weak(error: WeakPasswordError) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "weak-password", str(error))
