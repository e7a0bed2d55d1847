"""Tells homes what they are invited to: each change becomes a row of the outbox for each home of it.

A home is told an invitation whole, with what the hub has of its answer. What a broker may have lost is told
again when the home asks for its open events.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from pydantic_core import to_json
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .. import core
from ..hub import Hub
from ..store.tables import DispatchedHome, Invitation, InvitationAnswer
from .outbox import Outgoing, put
from .session import Publication

TOLD: Final = "invitations/told"
# A home holds no more.
MOST_TOLD: Final = 50
_MICRO: Final = 1_000_000
_UNANSWERED: Final = "unanswered"


async def tell(
    session: AsyncSession, hub: Hub, invitation: Invitation, ven_ids: Collection[str] | None = None
) -> None:
    """Tell the homes of an invitation, or some of them, how it is now."""
    settings = hub.settings
    if settings.mqtt_url is None:
        return
    await session.flush()
    rows = await _rows(session, InvitationAnswer.invitation_id == invitation.id, ven_ids)
    await put(
        session,
        [
            Outgoing(
                ven_id=answer.ven_id,
                event_id=invitation.id,
                topic=f"{settings.mqtt_prefix}/vens/{answer.ven_id}/{TOLD}",
                payload=_payload(invitation, answer, event_id),
                expires_at=invitation.event_time,
            )
            for _, answer, event_id in rows
        ],
    )


async def told_again(
    session: AsyncSession, prefix: str, ven_ids: Collection[str], now: datetime
) -> list[Publication]:
    """Return the invitations of these homes whose time has not come, the newest of each."""
    if not ven_ids:
        return []
    rows = await _rows(session, Invitation.event_time > now, ven_ids)
    left: dict[str, int] = {}
    found = []
    for invitation, answer, event_id in reversed(rows):
        left[answer.ven_id] = left.get(answer.ven_id, MOST_TOLD) - 1
        if left[answer.ven_id] >= 0:
            seconds = max(1, int((invitation.event_time - now).total_seconds()))
            topic = f"{prefix}/vens/{answer.ven_id}/{TOLD}"
            found.append(Publication(topic, _payload(invitation, answer, event_id), seconds))
    return found


def described(
    invitation: Invitation, answer: InvitationAnswer, event_id: str | None = None
) -> core.Invitation:
    """Return an invitation as one of its homes has it."""
    changes = (invitation.created_at, invitation.changed_at, answer.answered_at)
    price_micro, currency = invitation.price_micro, invitation.currency
    return core.Invitation(
        invitation_id=invitation.id,
        program_id=invitation.program_id,
        modified=max(each for each in changes if each is not None),
        state=core.InvitationState(invitation.state.upper()),
        start=invitation.event_time,
        end=invitation.event_time + timedelta(seconds=invitation.duration_s),
        asked_wh=answer.asked_wh,
        direction=core.AskedDirection(invitation.direction.upper()),
        devices=tuple(invitation.devices),
        answer_by=invitation.answer_by or invitation.event_time,
        worth=None
        if price_micro is None or currency is None
        else core.Worth(per_kwh=Decimal(price_micro) / _MICRO, currency=currency),
        answer=_answer(answer),
        event_id=event_id,
    )


def _answer(row: InvitationAnswer) -> core.Answer | None:
    at = row.said_at or row.answered_at
    if row.state == _UNANSWERED or at is None:
        return None
    return core.Answer(
        said=core.Said(row.state.upper()),
        promised_wh=row.promised_wh,
        by=core.AnsweredBy((row.answered_by or "").upper()),
        at=at,
    )


def _payload(invitation: Invitation, answer: InvitationAnswer, event_id: str | None) -> bytes:
    return to_json(core.invitation_document(described(invitation, answer, event_id)))


async def _rows(
    session: AsyncSession, which: object, ven_ids: Collection[str] | None
) -> Sequence[tuple[Invitation, InvitationAnswer, str | None]]:
    """Return invitations with the answer of each home and the event that calls it, the oldest first."""
    called = and_(
        DispatchedHome.dispatch_id == Invitation.dispatch_id,
        DispatchedHome.ven_id == InvitationAnswer.ven_id,
    )
    query = (
        select(Invitation, InvitationAnswer, DispatchedHome.event_id)
        .join(InvitationAnswer, InvitationAnswer.invitation_id == Invitation.id)
        .outerjoin(DispatchedHome, called)
        .where(which)  # type: ignore[arg-type] # a condition
        .order_by(Invitation.id, InvitationAnswer.ven_id)
    )
    if ven_ids is not None:
        query = query.where(InvitationAnswer.ven_id.in_(ven_ids))
    return [(invitation, answer, event_id) for invitation, answer, event_id in await session.execute(query)]
