"""Proving anew who one is, before what a stolen session must not do: one rule for all that asks for it.

It is the password, once more; or, for who has none or would rather, a sign-in at an OpenID provider that was
fresh (``openid_connect``), noted on this browser's session and good for five minutes.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel

from ..hub import Hub
from ..store.tables import Person, Session
from ..web import Problem
from ..web.fields import Password
from .identity import require
from .roles import Thing, Verb, Who

FRESH: Final = timedelta(minutes=5)


class Proof(BaseModel):
    """The password, once more; without it this browser has just proven by a provider whose it is."""

    password: Password | None = None


async def require_proven(hub: Hub, who: Who, password: str | None) -> None:
    """Raise Problem 403 unless who asks may change the account and has proven anew whose it is."""
    require(who, Verb.WRITE, Thing.ACCOUNT, owner_id=who.person_id)
    async with hub.store.reading() as session:
        person = await session.get_one(Person, who.person_id)
        browser = None if who.session_hash is None else await session.get(Session, who.session_hash)
    if password is not None:
        if not await hub.passwords.match(person.password_hash, password):
            raise Problem(HTTPStatus.FORBIDDEN, "wrong-password", "The password is wrong.")
    elif browser is None or not _is_fresh(browser, hub.clock()):
        raise Problem(
            HTTPStatus.FORBIDDEN, "not-proven", "Prove anew who you are: by your password or at a provider."
        )


def _is_fresh(browser: Session, now: datetime) -> bool:
    return browser.proven_at is not None and now - browser.proven_at <= FRESH
