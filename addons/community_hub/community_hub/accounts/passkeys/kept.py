"""A person's passkeys, as they are kept."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...store.tables import Passkey
from ...web import Problem


def described(passkey: Passkey) -> dict[str, Any]:
    """Return what its person may know of a passkey."""
    return {
        "id": passkey.id,
        "name": passkey.name,
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
    }


async def of_person(session: AsyncSession, person_id: str) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    return list(await session.scalars(query))


async def counts(session: AsyncSession) -> Mapping[str, int]:
    """Return how many passkeys each person has who has any."""
    query = select(Passkey.person_id, func.count()).group_by(Passkey.person_id)
    return {row[0]: row[1] for row in await session.execute(query)}


async def count(session: AsyncSession, person_id: str) -> int:
    """Return how many passkeys a person has."""
    query = select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id)
    return await session.scalar(query) or 0


async def own(session: AsyncSession, person_id: str, passkey_id: str) -> Passkey:
    """Return a person's passkey. Raises Problem 404."""
    passkey = await session.get(Passkey, passkey_id)
    if passkey is None or passkey.person_id != person_id:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-passkey", "You have no such passkey.")
    return passkey


async def forget_all(session: AsyncSession, person_id: str) -> None:
    """Take a person's passkeys out of force."""
    await session.execute(delete(Passkey).where(Passkey.person_id == person_id))
