"""UFTP's messages as they are kept: what came, what goes out, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shapeshifter_uftp import uftp  # type: ignore[import-untyped] # has no types
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store.tables import GridMessage
from . import messages
from .messages import Message

ACCEPTED = str(uftp.AcceptedRejected.ACCEPTED)
REJECTED = str(uftp.AcceptedRejected.REJECTED)
REVOKED = "revoked"


def kind_of(kind: type) -> str:
    """Return what UFTP calls messages of a class of ``uftp``."""
    name: str = getattr(getattr(kind, "Meta", None), "name", kind.__name__)
    return name


async def keep(
    session: AsyncSession,
    now: datetime,
    domain: str,
    message: Message,
    *,
    is_ours: bool,
    about: str | None = None,
) -> GridMessage:
    """Keep a message of, or to, a grid operator; one of ours is posted from now on."""
    period: Any = getattr(message, "period", None)
    row = GridMessage(
        message_id=message.message_id.lower(),
        domain=domain,
        is_ours=is_ours,
        kind=kind_of(type(message)),
        conversation_id=message.conversation_id.lower(),
        about=about,
        congestion_point=getattr(message, "congestion_point", None),
        period=period and period.to_date(),
        revision=getattr(message, "revision", None),
        order_reference=getattr(message, "order_reference", None),
        content=messages.written(message),
        at=now,
        due_at=now if is_ours else None,
        attempts=0,
        ended_at=None if is_ours else now,
    )
    session.add(row)
    await session.flush()
    return row


async def ours(session: AsyncSession, domain: str, message_id: str | None, kind: type) -> GridMessage | None:
    """Return a message of that kind that we sent to a grid operator; its row is locked."""
    if message_id is None:
        return None
    row = await session.get(GridMessage, message_id.lower(), with_for_update=True)
    is_it = row is not None and row.domain == domain and row.is_ours and row.kind == kind_of(kind)
    return row if is_it else None


async def next_revision(session: AsyncSession, domain: str, kind: type, subject: dict[str, Any]) -> int:
    """Return the number of the next message of ours on a subject (columns of ``GridMessage``)."""
    query = select(func.max(GridMessage.revision)).where(
        GridMessage.domain == domain, GridMessage.is_ours, GridMessage.kind == kind_of(kind)
    )
    return (await session.scalar(query.filter_by(**subject)) or 0) + 1


async def last_revision(session: AsyncSession, row: GridMessage) -> int | None:
    """Return the highest revision that was accepted on the subject of a message that came."""
    query = select(func.max(GridMessage.revision)).where(
        GridMessage.domain == row.domain,
        ~GridMessage.is_ours,
        GridMessage.kind == row.kind,
        GridMessage.congestion_point == row.congestion_point,
        GridMessage.period == row.period,
        GridMessage.result == ACCEPTED,
    )
    found: int | None = await session.scalar(query)
    return found


async def standing_offers(session: AsyncSession, request: GridMessage) -> Sequence[GridMessage]:
    """Return our offers on the subject of a request that were neither ordered nor taken back."""
    query = select(GridMessage).where(
        GridMessage.domain == request.domain,
        GridMessage.is_ours,
        GridMessage.kind == kind_of(uftp.FlexOffer),
        GridMessage.congestion_point == request.congestion_point,
        GridMessage.period == request.period,
        GridMessage.dispatch_id.is_(None),
        func.coalesce(GridMessage.result, ACCEPTED) == ACCEPTED,
    )
    return (await session.scalars(query.order_by(GridMessage.at, GridMessage.message_id))).all()


async def answers_to(session: AsyncSession, message_id: str) -> Sequence[GridMessage]:
    """Return what we answered to a message, in order."""
    query = (
        select(GridMessage)
        .where(GridMessage.about == message_id.lower(), GridMessage.is_ours)
        .order_by(GridMessage.at, GridMessage.message_id)
    )
    return (await session.scalars(query)).all()


async def orders_of(session: AsyncSession, domain: str, reference: str | None) -> Sequence[GridMessage]:
    """Return the accepted orders of a grid operator that carry its reference."""
    query = select(GridMessage).where(
        GridMessage.domain == domain,
        GridMessage.kind == kind_of(uftp.FlexOrder),
        GridMessage.order_reference == reference,
        GridMessage.result == ACCEPTED,
    )
    return (await session.scalars(query)).all()
