"""Browsers that were sent to a provider: each attempt a row, bound to a cookie of its own, good once.

``state`` in the address says which attempt an answer is of, and the cookie that the same browser began it:
who is lured to an address with somebody else's answer has no such cookie.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...store.tables import OpenIdAttempt
from ..credentials import new_secret, secret_hash
from ..open_to_all import make_room
from ..sealing import SealError, Vault
from .relying_party import Asked

COOKIE: Final = "__Host-openid-connect"
LIFETIME: Final = timedelta(minutes=10)
# Anybody may begin one: with more open ones that nobody is signed in for the oldest is forgotten.
MOST_OPEN: Final = 10_000


class Purpose(StrEnum):
    """What comes of it."""

    SIGN_IN = "sign_in"
    JOIN = "join"
    LINK = "link"
    PROVE = "prove"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What was begun.

    ``person_id`` and ``session_hash`` are of who was signed in, ``code`` is an invitation's.
    """

    provider: str
    purpose: Purpose
    person_id: str | None = None
    session_hash: str | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """An attempt that came back, when it began, and what was asked of the provider."""

    attempt: Attempt
    begun_at: datetime
    asked: Asked


async def begin(session: AsyncSession, vault: Vault, now: datetime, attempt: Attempt) -> tuple[Asked, str]:
    """Add an attempt; return what is asked of the provider, and the cookie's value."""
    await forget_expired(session, now)
    if attempt.person_id is None:
        await make_room(session, OpenIdAttempt, OpenIdAttempt.state_hash, most=MOST_OPEN)
    asked = Asked(
        state=new_secret(),
        nonce=new_secret(),
        verifier=new_secret(),
        is_fresh=attempt.purpose is Purpose.PROVE,
    )
    browser = new_secret()
    sealed = {"nonce": asked.nonce, "verifier": asked.verifier, "code": attempt.code}
    session.add(
        OpenIdAttempt(
            state_hash=secret_hash(asked.state),
            browser_hash=secret_hash(browser),
            provider=attempt.provider,
            purpose=attempt.purpose,
            person_id=attempt.person_id,
            session_hash=attempt.session_hash,
            sealed=vault.seal(json.dumps(sealed)),
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    return asked, browser


async def take(
    session: AsyncSession, vault: Vault, now: datetime, provider: str, state: str, browser: str
) -> Taken | None:
    """Use an attempt up and return it, None when this browser began none such; of many at once one wins."""
    row = (
        await session.scalars(
            delete(OpenIdAttempt)
            .where(
                OpenIdAttempt.state_hash == secret_hash(state),
                OpenIdAttempt.provider == provider,
                OpenIdAttempt.purpose != Purpose.SECOND_FACTOR,
                *_of_browser(browser, now),
            )
            .returning(OpenIdAttempt)
        )
    ).one_or_none()
    if row is None:
        return None
    try:
        sealed = json.loads(vault.open(row.sealed))
    except SealError:
        return None
    purpose = Purpose(row.purpose)
    return Taken(
        attempt=Attempt(
            provider=row.provider,
            purpose=purpose,
            person_id=row.person_id,
            session_hash=row.session_hash,
            code=sealed["code"],
        ),
        begun_at=row.created_at,
        asked=Asked(
            state=state,
            nonce=sealed["nonce"],
            verifier=sealed["verifier"],
            is_fresh=purpose is Purpose.PROVE,
        ),
    )


async def owing(session: AsyncSession, now: datetime, browser: str) -> OpenIdAttempt | None:
    """Return the attempt of a browser that only owes the second factor, None without one."""
    query = select(OpenIdAttempt).where(
        OpenIdAttempt.purpose == Purpose.SECOND_FACTOR, *_of_browser(browser, now)
    )
    return (await session.scalars(query)).one_or_none()


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Delete attempts that are over."""
    await session.execute(delete(OpenIdAttempt).where(OpenIdAttempt.expires_at <= now))


def _of_browser(browser: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (OpenIdAttempt.browser_hash == secret_hash(browser), OpenIdAttempt.expires_at > now)
