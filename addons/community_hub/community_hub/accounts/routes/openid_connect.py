"""Signing in at an OpenID provider: where a browser is sent, and what comes of it when it is sent back.

A page asks for the address and goes there; so the cookie of the attempt is set by an answer to our own page.
"""

from http import HTTPStatus
from typing import Annotated, Any, Final, cast
from urllib.parse import quote

from fastapi import APIRouter, Cookie, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from ...console.pages import PATH
from ...hub import hub_of
from ...store.tables import Person
from ...web import Problem, StrictRoute
from ...web.fields import Code, ObjectId
from .. import codes, sessions, sign_in
from ..codes import Purpose as CodePurpose
from ..describing import person_as_kept
from ..identity import Asking, refuse_other_sites, require
from ..openid_connect import attempts, coming_back
from ..openid_connect.attempts import Attempt, Purpose
from ..openid_connect.coming_back import Answer, Outcome
from ..openid_connect.fetching import ProviderError
from ..openid_connect.relying_party import RelyingParty
from ..passkeys import asserting, challenges
from ..passkeys.documents import SignedCredential
from ..proof import Proof, require_proven
from ..roles import Thing, Verb, Who

router = APIRouter(prefix="/openid-connect", tags=["account"], route_class=StrictRoute)

type _Browser = Annotated[str, Cookie(alias=attempts.COOKIE, include_in_schema=False)]
type _Told = Annotated[str | None, Query(max_length=4096, include_in_schema=False)]
_NOBODY: Final = ""


class Joining(BaseModel):
    """The code of an invitation, which is spent when the provider has vouched."""

    code: Code


class Owed(BaseModel):
    """The second factor: a code, or what a passkey signed, as ``/sessions/passkey/challenge`` asked."""

    code: Code | None = None
    passkey: SignedCredential | None = None


@router.get("/providers")
async def list_providers(request: Request) -> list[dict[str, str]]:
    """List the providers that may vouch for people here."""
    return [{"name": each.name, "title": each.title} for each in hub_of(request).settings.openid_providers]


@router.post("/{name}/sign-in", status_code=HTTPStatus.CREATED)
async def begin_sign_in(name: ObjectId, request: Request, response: Response) -> dict[str, str]:
    """Sign in: tell where the browser goes. The answer sets a cookie by which it comes back."""
    refuse_other_sites(request)
    return await _begin(request, response, Attempt(provider=name, purpose=Purpose.SIGN_IN))


@router.post("/{name}/join", status_code=HTTPStatus.CREATED)
async def begin_joining(
    name: ObjectId, body: Joining, request: Request, response: Response
) -> dict[str, str]:
    """Take an invitation up without a password: tell where the browser goes."""
    refuse_other_sites(request)
    hub = hub_of(request)
    async with hub.store.reading() as session:
        if not await codes.is_open(session, hub.clock(), body.code, CodePurpose.INVITATION):
            raise Problem(HTTPStatus.FORBIDDEN, "code-refused", "The code is wrong, used or expired.")
    return await _begin(request, response, Attempt(provider=name, purpose=Purpose.JOIN, code=body.code))


@router.post("/{name}/link", status_code=HTTPStatus.CREATED)
async def begin_linking(
    who: Asking, name: ObjectId, body: Proof, request: Request, response: Response
) -> dict[str, str]:
    """Let the provider vouch for oneself from now on: tell where the browser goes."""
    await require_proven(hub_of(request), who, body.password)
    return await _begin(request, response, _attempt(who, name, Purpose.LINK))


@router.post("/{name}/proof", status_code=HTTPStatus.CREATED)
async def begin_proving(who: Asking, name: ObjectId, request: Request, response: Response) -> dict[str, str]:
    """Prove anew who one is by signing in at the provider again: tell where the browser goes."""
    require(who, Verb.WRITE, Thing.ACCOUNT, owner_id=who.person_id)
    return await _begin(request, response, _attempt(who, name, Purpose.PROVE))


@router.get("/{name}/callback", response_class=RedirectResponse, include_in_schema=False)
async def come_back(
    name: ObjectId,
    request: Request,
    state: _Told = None,
    code: _Told = None,
    error: _Told = None,
    iss: _Told = None,
    browser: _Browser = _NOBODY,
) -> RedirectResponse:
    """Take what the provider says of who the browser is of, and send it on to the console."""
    asking = await _signed_in(request)
    answer = Answer(state=state or "", browser=browser, code=code, error=error, issuer=iss)
    try:
        outcome = await coming_back.come_back(hub_of(request), _party(request, name), answer, asking)
    except Problem as problem:
        # Who is signed in began it at their account's page.
        place = "refused" if asking is None else "account/refused"
        outcome = Outcome(place=f"{place}/{quote(problem.slug)}")
    # Its own console and no other address, whatever was asked for.
    response = RedirectResponse(f"{PATH}/#/{outcome.place}", HTTPStatus.SEE_OTHER)
    if outcome.session_secret is not None:
        sessions.set_cookie(response, outcome.session_secret)
    _keep(response, outcome.owing)
    return response


@router.post("/second-factor", status_code=HTTPStatus.CREATED)
async def show_second_factor(
    body: Owed,
    request: Request,
    response: Response,
    browser: _Browser = _NOBODY,
    challenge: challenges.Shown = None,
) -> dict[str, Any]:
    """Show the second factor that the provider is not trusted for; the answer sets a session's cookie."""
    refuse_other_sites(request)
    hub = hub_of(request)
    now = hub.clock()
    assertion = await asserting.received(hub, body.passkey, challenge) if body.passkey else None
    async with hub.store.writing() as session:
        owing = await attempts.owing(session, now, browser)
        if owing is None or owing.person_id is None:
            raise coming_back.over()
        person = await session.get_one(Person, owing.person_id, with_for_update=True)
        how = {"issuer": _party(request, owing.provider).provider.issuer}
        secret = await sign_in.sign_in_vouched(
            hub, session, person, code=body.code, assertion=assertion, details=how
        )
        if secret is not None:
            await session.delete(owing)
    if secret is None:
        raise sign_in.refused()
    sessions.set_cookie(response, secret)
    _keep(response, None)
    return await person_as_kept(hub.store, person)


async def _begin(request: Request, response: Response, attempt: Attempt) -> dict[str, str]:
    hub, party = hub_of(request), _party(request, attempt.provider)
    async with hub.store.writing() as session:
        asked, browser = await attempts.begin(session, hub.vault, hub.clock(), attempt)
    try:
        address = await party.address(asked)
    except ProviderError as error:
        raise coming_back.unreachable() from error
    _keep(response, browser)
    return {"location": address}


def _attempt(who: Who, name: str, purpose: Purpose) -> Attempt:
    if who.session_hash is None:
        raise Problem(HTTPStatus.FORBIDDEN, "browser-only", "A token cannot: sign in with a browser.")
    return Attempt(provider=name, purpose=purpose, person_id=who.person_id, session_hash=who.session_hash)


def _party(request: Request, name: str) -> RelyingParty:
    party = cast("dict[str, RelyingParty]", request.app.state.relying_parties).get(name)
    if party is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-provider", "There is no such provider.")
    return party


async def _signed_in(request: Request) -> str | None:
    """Return the session's hash of who is signed in at this browser."""
    hub = hub_of(request)
    async with hub.store.reading() as session:
        found = await sessions.find(session, hub.clock(), request.cookies.get(sessions.COOKIE, ""))
    return found[0].secret_hash if found else None


def _keep(response: Response, browser: str | None) -> None:
    """Let the browser keep by what it comes back, None: that it needs nothing any more."""
    if browser is None:
        response.delete_cookie(attempts.COOKIE, secure=True, httponly=True)
        return
    response.set_cookie(
        attempts.COOKIE,
        browser,
        max_age=int(attempts.LIFETIME.total_seconds()),
        secure=True,
        httponly=True,
        # A provider sends the browser back by an address, with which cookies of this kind go along.
        samesite="lax",
    )
