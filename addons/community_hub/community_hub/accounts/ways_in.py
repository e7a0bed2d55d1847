"""How many ways a person has to sign in: who takes one away asks whether another is left."""

from http import HTTPStatus

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..store.tables import Identity, Person
from ..web import Problem
from .passkeys import kept


def has_password(person: Person) -> bool:
    """Whether a password was set: who was invited and joined by a provider has none."""
    return bool(person.password_hash)


async def ways_in(hub: Hub, session: AsyncSession, person: Person) -> int:
    """Return how many: the password, each passkey, and each identity at a provider that is still set."""
    issuers = [each.issuer for each in hub.settings.openid_providers]
    query = select(func.count()).where(Identity.person_id == person.id, Identity.issuer.in_(issuers))
    identities = await session.scalar(query) or 0
    return int(has_password(person)) + await kept.count(session, person.id) + identities


async def require_way_in(hub: Hub, session: AsyncSession, person: Person) -> None:
    """Raise Problem 409 when none is left."""
    if await ways_in(hub, session, person) == 0:
        raise Problem(
            HTTPStatus.CONFLICT,
            "last-way-in",
            "Without it you could not sign in any more: set a password first.",
        )
