"""Tokens: made once, shown once, and asked about at each request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import Store, new_id
from ..store.tables import Client, Token
from .credentials import Credential, is_secret, secret_hash

PERSONAL: Final = "api"
ACCESS: Final = "ven"
# How exactly the last use is known: it costs a write.
_TOUCHED_EACH: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What a new token is for: a person's program, or a client that showed its credentials."""

    name: str
    scopes: Iterable[str]
    lifetime: timedelta
    person_id: str | None = None
    client_id: str | None = None


def make(session: AsyncSession, now: datetime, grant: Grant) -> tuple[Token, str]:
    """Add a token; return it, and the text that is never shown again."""
    kind = PERSONAL if grant.person_id is not None else ACCESS
    shown = Credential.new(kind, new_id())
    token = Token(
        id=shown.id,
        name=grant.name,
        secret_hash=secret_hash(shown.secret),
        scopes=sorted(grant.scopes),
        person_id=grant.person_id,
        client_id=grant.client_id,
        created_at=now,
        expires_at=now + grant.lifetime,
    )
    session.add(token)
    return token, str(shown)


async def find(session: AsyncSession, now: datetime, text: str) -> Token | None:
    """Return the token of a text, None when it is unknown, expired or revoked, it or its client."""
    shown = Credential.read(text)
    token = await session.get(Token, shown.id) if shown else None
    if shown is None or token is None or not is_secret(token.secret_hash, shown.secret):
        return None
    if shown.kind != (PERSONAL if token.person_id is not None else ACCESS):
        return None
    if token.revoked_at is not None or token.expires_at <= now:
        return None
    if token.client_id is not None:
        client = await session.get(Client, token.client_id)
        if client is None or client.revoked_at is not None:
            return None
    return token


async def touch(store: Store, now: datetime, token: Token) -> None:
    """Note that a token was used, at most once a minute."""
    if token.last_used_at is not None and now - token.last_used_at < _TOUCHED_EACH:
        return
    async with store.writing() as session:
        await session.execute(update(Token).where(Token.id == token.id).values(last_used_at=now))


async def of_person(session: AsyncSession, person_id: str | None) -> list[Token]:
    """Return a person's tokens, or everybody's, the oldest first."""
    query = select(Token).where(Token.person_id.is_not(None)).order_by(Token.id)
    if person_id is not None:
        query = query.where(Token.person_id == person_id)
    return list(await session.scalars(query))


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Delete what clients were given and is over; people's own tokens stay to be seen."""
    await session.execute(delete(Token).where(Token.client_id.is_not(None), Token.expires_at <= now))
