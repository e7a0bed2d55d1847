"""Browsers that are signed in. The cookie means nothing by itself, so that it can be revoked."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ..store import Store
from ..store.tables import Person, Session
from .credentials import new_secret, secret_hash

# The prefix lets a browser take the cookie only over TLS (or from its own machine), for this host alone.
COOKIE: Final = "__Host-session"
LONGEST: Final = timedelta(days=30)
IDLE: Final = timedelta(days=3)
_TOUCHED_EACH: Final = timedelta(minutes=1)


def begin(session: AsyncSession, now: datetime, person_id: str) -> str:
    """Sign a person in and return the cookie's value."""
    secret = new_secret()
    session.add(
        Session(
            secret_hash=secret_hash(secret),
            person_id=person_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LONGEST,
        )
    )
    return secret


def set_cookie(response: Response, secret: str) -> None:
    """Let a browser show that it is signed in."""
    response.set_cookie(
        COOKIE, secret, max_age=int(LONGEST.total_seconds()), secure=True, httponly=True, samesite="lax"
    )


async def find(session: AsyncSession, now: datetime, secret: str) -> tuple[Session, Person] | None:
    """Return who is signed in by a cookie, None when nobody is any more."""
    found = await session.get(Session, secret_hash(secret))
    if found is None or found.expires_at <= now or now - found.last_seen_at > IDLE:
        return None
    return found, await session.get_one(Person, found.person_id)


async def touch(store: Store, now: datetime, found: Session) -> None:
    """Note that somebody is there, at most once a minute."""
    if now - found.last_seen_at < _TOUCHED_EACH:
        return
    async with store.writing() as session:
        await session.execute(
            update(Session).where(Session.secret_hash == found.secret_hash).values(last_seen_at=now)
        )


async def note_proven(session: AsyncSession, session_hash: str, now: datetime) -> None:
    """Note that a person has just proven anew whose this browser is (``proof``)."""
    await session.execute(update(Session).where(Session.secret_hash == session_hash).values(proven_at=now))


async def end(session: AsyncSession, secret: str) -> None:
    """Sign one browser out."""
    await session.execute(delete(Session).where(Session.secret_hash == secret_hash(secret)))


async def end_all(session: AsyncSession, person_id: str) -> None:
    """Sign a person out everywhere."""
    await session.execute(delete(Session).where(Session.person_id == person_id))


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Delete sessions that are over."""
    await session.execute(
        delete(Session).where((Session.expires_at <= now) | (Session.last_seen_at < now - IDLE))
    )
