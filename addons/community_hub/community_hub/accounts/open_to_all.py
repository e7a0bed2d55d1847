"""What anybody may begin, signed in or not: whoever floods the hub keeps nobody else from it."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ..store.tables import OpenIdAttempt, PasskeyChallenge


async def make_room(
    session: AsyncSession,
    table: type[OpenIdAttempt | PasskeyChallenge],
    key: InstrumentedAttribute[str],
    *,
    most: int,
) -> None:
    """Forget the oldest rows that nobody is signed in for, so that with one more there are ``most``."""
    beyond = select(key).where(table.person_id.is_(None)).order_by(table.expires_at.desc()).offset(most - 1)
    await session.execute(delete(table).where(key.in_(beyond)))
