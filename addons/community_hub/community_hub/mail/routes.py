"""``/api/v1/account/mail``: what residents wish to be told by mail; and the page that ends it by a link."""

from html import escape
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb, Who
from ..hub import hub_of
from ..store.tables import Home, MailWish, Person
from ..web import Problem, StrictRoute
from ..web.fields import ObjectId
from . import wishes
from .unsubscribing import PATH, wish_of
from .words import WORDS

router = APIRouter(tags=["account"], route_class=StrictRoute)

_ACCOUNT: Final = "/api/v1/account/mail"
# A page of words and one button.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

_NO_LINK: Final[dict[int | str, dict[str, Any]]] = {
    HTTPStatus.NOT_FOUND: {"description": "The link is none of this hub's", "content": {"text/html": {}}}
}

type Sealed = Annotated[str, Query(max_length=512)]


@router.get(_ACCOUNT)
async def show_wishes(who: Asking, request: Request) -> dict[str, Any]:
    """Tell what one wishes to be told by mail of each home of one's own, and to which address it goes.

    ``is_sent``: whether the hub sends mail at all.
    """
    require(who, Verb.READ, Thing.ACCOUNT, owner_id=who.person_id)
    hub = hub_of(request)
    async with hub.store.reading() as session:
        person = await session.get_one(Person, who.person_id)
        owned = select(Home).where(Home.owner_id == person.id).order_by(Home.ven_id)
        homes = list(await session.scalars(owned))
        found = {wish.ven_id: wishes.described(wish) for wish in await wishes.of_person(session, person.id)}
    return {
        "is_sent": hub.settings.relay is not None,
        "email": person.email,
        "homes": [
            {"ven_id": home.ven_id, "name": home.name, "wish": found.get(home.ven_id)} for home in homes
        ],
    }


@router.put(f"{_ACCOUNT}/{{ven_id}}")
async def grant(who: Asking, ven_id: ObjectId, body: wishes.NewWish, request: Request) -> dict[str, Any]:
    """Wish mail about what comes of invitations to a home of one's own, at most one a day."""
    hub = hub_of(request)
    if hub.settings.relay is None:
        raise Problem(HTTPStatus.CONFLICT, "no-mail", "This hub sends no mail.")
    async with hub.store.writing() as session:
        await _own_home(session, who, ven_id)
        how = "token" if who.scopes is not None else "session"
        wish = await wishes.grant(session, hub.clock(), ven_id, body, person_id=who.person_id, how=how)
    return wishes.described(wish)


@router.delete(f"{_ACCOUNT}/{{ven_id}}", status_code=HTTPStatus.NO_CONTENT)
async def end(who: Asking, ven_id: ObjectId, request: Request) -> None:
    """Wish no more of it; what waits does not go out any more."""
    hub = hub_of(request)
    async with hub.store.writing() as session:
        await _own_home(session, who, ven_id)
        wish = await wishes.of_home(session, ven_id)
        if wish is not None:
            await wishes.end(session, hub.clock(), wish, how="account")


@router.get(PATH, response_class=HTMLResponse, responses=_NO_LINK)
async def ask(wish: Sealed, request: Request) -> HTMLResponse:
    """Show a button that ends mail: looking at a link, as mail servers do, ends nothing."""
    hub = hub_of(request)
    wish_id = wish_of(hub.vault, wish)
    if wish_id is None:
        return _page("en", "no_link", HTTPStatus.NOT_FOUND)
    async with hub.store.reading() as session:
        found = await session.get(MailWish, wish_id)
    return (
        _page("en", "ended") if found is None else _page(found.language, "end_question", button="end_button")
    )


@router.post(PATH, response_class=HTMLResponse, responses=_NO_LINK)
async def end_by_link(wish: Sealed, request: Request) -> HTMLResponse:
    """End mail by its link, by one click and without signing in (RFC 8058); once more it changes nothing."""
    hub = hub_of(request)
    wish_id = wish_of(hub.vault, wish)
    if wish_id is None:
        return _page("en", "no_link", HTTPStatus.NOT_FOUND)
    async with hub.store.writing() as session:
        found = await session.get(MailWish, wish_id, with_for_update=True)
        if found is not None:
            await wishes.end(session, hub.clock(), found, how="link")
    return _page("en" if found is None else found.language, "ended")


async def _own_home(session: AsyncSession, who: Who, ven_id: str) -> None:
    """Raise Problem 403 and 404 unless a home is somebody's own, which it stays."""
    require(who, Verb.WRITE, Thing.ACCOUNT, owner_id=who.person_id)
    home = await session.get(Home, ven_id)
    if home is None or home.owner_id != who.person_id:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
    if who.is_leaving:
        raise Problem(HTTPStatus.CONFLICT, "leaving", "You are leaving: nothing is mailed to you.")


def _page(
    language: str, word: str, status: HTTPStatus = HTTPStatus.OK, *, button: str | None = None
) -> HTMLResponse:
    words = {name: escape(text) for name, text in WORDS[language].items()}
    form = f'<form method="post"><button>{words[button]}</button></form>' if button else ""
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{words['end_title']}</title><h1>{words['end_title']}</h1><p>{words[word]}</p>{form}</html>",
        status,
        _HEADERS,
    )
