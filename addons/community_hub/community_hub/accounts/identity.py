"""Who sent a request: a browser's session or a person's token."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Request
from home_common.same_site import is_from_another_site
from starlette.requests import HTTPConnection

from ..hub import hub_of
from ..store.tables import Person
from ..web import Problem
from . import sessions, tokens
from .leaving import LEAVING
from .roles import Role, Thing, Verb, Who, allowed

_HARMLESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def who_asks(request: Request) -> Who:
    """Return who sends a request. Raises as ``who_asks_over``."""
    return await who_asks_over(request, is_harmless=request.method in _HARMLESS)


async def who_asks_over(connection: HTTPConnection, *, is_harmless: bool) -> Who:
    """Return who asks. Raises Problem 401 for nobody, 403 for a browser that another site sent.

    ``is_harmless``: another site could learn nothing from the answer and change nothing by it.
    """
    header = connection.headers.get("Authorization")
    if header is not None:
        return await _by_token(connection, header)
    secret = connection.cookies.get(sessions.COOKIE)
    if secret is None:
        raise nobody()
    if not is_harmless:
        refuse_other_sites(connection)
    hub = hub_of(connection)
    now = hub.clock()
    async with hub.store.reading() as session:
        found = await sessions.find(session, now, secret)
    if found is None:
        raise nobody()
    await sessions.touch(hub.store, now, found[0])
    return replace(_who(found[1]), session_hash=found[0].secret_hash)


def refuse_other_sites(connection: HTTPConnection) -> None:
    """Raise Problem 403 for a browser that another site sent."""
    if is_from_another_site(connection.headers):
        raise Problem(HTTPStatus.FORBIDDEN, "another-site", "Another site made this request.")


Asking = Annotated[Who, Depends(who_asks)]


def require(who: Who, verb: Verb, thing: Thing, *, owner_id: str | None = None) -> None:
    """Raise Problem 403 unless somebody may do that."""
    if not allowed(who, verb, thing, owner_id=owner_id):
        raise Problem(
            HTTPStatus.FORBIDDEN, "not-allowed", f"Your account or token may not {verb} this {thing}."
        )


def nobody() -> Problem:
    """Return the refusal of who shows nothing that is valid."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "not-signed-in",
        "Sign in, or show a valid token.",
        {"WWW-Authenticate": "Bearer"},
    )


async def _by_token(connection: HTTPConnection, header: str) -> Who:
    hub = hub_of(connection)
    now = hub.clock()
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        raise nobody()
    async with hub.store.reading() as session:
        token = await tokens.find(session, now, text.strip())
        if token is None or token.person_id is None:
            raise nobody()
        person = await session.get_one(Person, token.person_id)
    await tokens.touch(hub.store, now, token)
    return _who(person, frozenset(token.scopes))


def _who(person: Person, scopes: frozenset[str] | None = None) -> Who:
    return Who(person_id=person.id, role=Role(person.role), is_leaving=person.state == LEAVING, scopes=scopes)
