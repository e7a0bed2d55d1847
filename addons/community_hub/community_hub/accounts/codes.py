"""Codes that open one thing once: the first account, an invitation, a new password, a lost second factor."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..store.tables import OneTimeCode, Person
from .credentials import new_secret, secret_hash
from .roles import Role


class Purpose(StrEnum):
    """What a code opens."""

    FIRST_OPERATOR = "first_operator"
    INVITATION = "invitation"
    RECOVERY = "recovery"
    SECOND_FACTOR = "second_factor"


LIFETIMES: Final = {
    Purpose.FIRST_OPERATOR: timedelta(days=1),
    Purpose.INVITATION: timedelta(days=14),
    Purpose.RECOVERY: timedelta(days=1),
    Purpose.SECOND_FACTOR: timedelta(days=3650),
}


def make(session: AsyncSession, now: datetime, purpose: Purpose, *, person_id: str | None = None) -> str:
    """Add a code and return it; it is never shown again."""
    code = new_secret()
    session.add(
        OneTimeCode(
            code_hash=secret_hash(code),
            purpose=purpose,
            person_id=person_id,
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    )
    return code


async def spend(
    session: AsyncSession, now: datetime, code: str, *purposes: Purpose, person_id: str | None = None
) -> OneTimeCode | None:
    """Use a code up and return it, None when it opens nothing; of many at once one wins.

    With ``person_id`` it must be that person's.
    """
    query = (
        update(OneTimeCode)
        .where(
            OneTimeCode.code_hash == secret_hash(code),
            OneTimeCode.purpose.in_(purposes),
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeCode)
    )
    if person_id is not None:
        query = query.where(OneTimeCode.person_id == person_id)
    return (await session.scalars(query)).one_or_none()


async def is_open(session: AsyncSession, now: datetime, code: str, purpose: Purpose) -> bool:
    """Whether a code still opens something; it is not spent by that."""
    found = await session.get(OneTimeCode, secret_hash(code))
    return found is not None and found.purpose == purpose and found.used_at is None and found.expires_at > now


async def forget(session: AsyncSession, person_id: str, *purposes: Purpose) -> None:
    """Take a person's codes back, used or not."""
    await session.execute(
        delete(OneTimeCode).where(OneTimeCode.person_id == person_id, OneTimeCode.purpose.in_(purposes))
    )


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Delete codes that open nothing any more."""
    await session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at <= now))


async def first_operator(session: AsyncSession, now: datetime) -> str | None:
    """Return a new code for the first operator's account, None when there is an operator.

    Codes that were made before for the same open nothing any more.
    """
    query = select(func.count()).select_from(Person).where(Person.role == Role.OPERATOR)
    if await session.scalar(query):
        return None
    await session.execute(delete(OneTimeCode).where(OneTimeCode.purpose == Purpose.FIRST_OPERATOR))
    return make(session, now, Purpose.FIRST_OPERATOR)
