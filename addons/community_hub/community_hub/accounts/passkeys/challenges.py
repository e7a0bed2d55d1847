"""Challenges: each is for one browser, by a cookie, for five minutes, and spent by the first answer to it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Cookie
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ...store import Store
from ...store.tables import PasskeyChallenge
from ..credentials import new_secret, secret_hash
from ..open_to_all import make_room
from .ceremonies import LIFETIME

# The prefix lets a browser take the cookie only over TLS (or from its own machine), for this host alone.
COOKIE: Final = "__Host-passkey"
# Anybody may ask for one: with more open ones the oldest is forgotten.
MOST_OPEN: Final = 10_000
_BYTES: Final = 32
# The cookie's value, as a browser shows it.
Shown = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """What is to be signed, and the value of the cookie that it is bound to."""

    challenge: bytes
    secret: str


async def make(session: AsyncSession, now: datetime, *, person_id: str | None = None) -> Challenge:
    """Add one: for a new passkey of a person, whose earlier ones are over by it, or for a signature."""
    await forget_expired(session, now)
    if person_id is not None:
        await session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.person_id == person_id))
    else:
        await make_room(session, PasskeyChallenge, PasskeyChallenge.secret_hash, most=MOST_OPEN)
    made = Challenge(challenge=secrets.token_bytes(_BYTES), secret=new_secret())
    session.add(
        PasskeyChallenge(
            secret_hash=secret_hash(made.secret),
            challenge=made.challenge,
            person_id=person_id,
            expires_at=now + LIFETIME,
        )
    )
    return made


def set_cookie(response: Response, challenge: Challenge) -> None:
    """Bind a challenge to a browser."""
    response.set_cookie(
        COOKIE,
        challenge.secret,
        max_age=int(LIFETIME.total_seconds()),
        secure=True,
        httponly=True,
        samesite="strict",
    )


async def spend(
    store: Store, now: datetime, secret: str | None, *, person_id: str | None = None
) -> bytes | None:
    """Return what a browser was to sign, None when that is over; whatever comes of it, it is spent."""
    query = (
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.secret_hash == secret_hash(secret or ""),
            PasskeyChallenge.person_id == person_id,
            PasskeyChallenge.expires_at > now,
        )
        .returning(PasskeyChallenge.challenge)
    )
    async with store.writing() as session:
        return (await session.scalars(query)).one_or_none()


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Delete those that are over."""
    await session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now))
