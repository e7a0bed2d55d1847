"""What is told of invitations, and to whom: a household of its own homes alone."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...accounts.roles import Reach, Thing, Verb, Who, reach
from ...store.tables import AnswerRule, Home, Invitation, InvitationAnswer
from .. import inviting
from ..direction import price_text
from ..targets import told_targets


class State(StrEnum):
    """Which invitations are listed; ``unanswered``: open ones that somebody has not answered."""

    OPEN = "open"
    UNANSWERED = "unanswered"
    DISPATCHED = "dispatched"
    WITHDRAWN = "withdrawn"
    OVER = "over"


def own_homes(who: Who) -> list[ColumnElement[bool]]:
    """Return what the rows of homes have to be, whose answers somebody may see."""
    return [] if reach(who, Verb.READ, Thing.INVITATION) is Reach.ANY else [Home.owner_id == who.person_id]


async def described(
    session: AsyncSession, who: Who, invitations: Sequence[Invitation], now: datetime
) -> list[dict[str, Any]]:
    """Return what is told of invitations; their answers are counted by the database, there are many."""
    query = (
        select(
            InvitationAnswer.invitation_id,
            InvitationAnswer.state,
            func.count(),
            func.sum(InvitationAnswer.promised_wh),
        )
        .join(Home)
        .where(InvitationAnswer.invitation_id.in_([each.id for each in invitations]), *own_homes(who))
        .group_by(InvitationAnswer.invitation_id, InvitationAnswer.state)
    )
    answers: dict[str, dict[str, tuple[int, int]]] = {each.id: {} for each in invitations}
    for invitation_id, state, number, promised_wh in await session.execute(query):
        answers[invitation_id][state] = number, int(promised_wh)
    own = own_homes(who)
    owned = frozenset(await session.scalars(select(Home.ven_id).where(*own))) if own else None
    return [_told(each, answers[each.id], owned, now) for each in invitations]


def _told(
    invitation: Invitation,
    answers: Mapping[str, tuple[int, int]],
    owned: Collection[str] | None,
    now: datetime,
) -> dict[str, Any]:
    is_over = invitation.state == inviting.OPEN and now >= invitation.event_time
    return {
        "id": invitation.id,
        "program_id": invitation.program_id,
        "event_time": invitation.event_time,
        "duration_minutes": invitation.duration_s // 60,
        "load_kwh": invitation.load_wh / 1000,
        "direction": invitation.direction,
        "devices": invitation.devices,
        "targets": told_targets(invitation.targets, owned),
        "answer_by": invitation.answer_by,
        "state": State.OVER if is_over else invitation.state,
        "created_at": invitation.created_at,
        "created_by": invitation.created_by,
        "correlation_id": invitation.correlation_id,
        "dispatch_id": invitation.dispatch_id,
        "price_per_kwh": price_text(invitation.price_micro),
        "currency": invitation.currency,
        **inviting.counted(answers),
    }


def described_answer(row: InvitationAnswer, home: Home) -> dict[str, Any]:
    """Return what is told of a home's answer."""
    return {
        "ven_id": row.ven_id,
        "name": home.name,
        "feeder": home.feeder,
        "asked_kwh": row.asked_wh / 1000,
        "state": row.state,
        "promised_kwh": row.promised_wh / 1000,
        "answered_by": row.answered_by,
        "answered_at": row.answered_at,
    }


def described_rule(rule: AnswerRule) -> dict[str, Any]:
    """Return what is told of a resident's rule."""
    return {
        "ven_id": rule.ven_id,
        "program_id": rule.program_id,
        "answer": rule.answer,
        "most_kwh": None if rule.most_wh is None else rule.most_wh / 1000,
    }
