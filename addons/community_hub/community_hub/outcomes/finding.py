"""Finds what came of invitations to homes whose residents wish to be told, and were not told yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..flexibility.dispatched import CALLED, LEFT_OUT
from ..flexibility.inviting import BY_RULE, WITHDRAWN
from ..store.tables import (
    Dispatch,
    DispatchedHome,
    Invitation,
    InvitationAnswer,
    MailWish,
    Program,
    Settlement,
    SettlementLine,
    ToldOutcome,
)

# What is older than that, nobody waits for.
LOOKED_BACK: Final = timedelta(days=14)
# What homes were invited to before is over and settled: their years of answers are not looked through.
INVITED_BACK: Final = timedelta(days=90)


class Kind(StrEnum):
    """What came of an invitation."""

    ANSWERED = "answered"
    """The resident's rule answered it."""
    CALLED = "called"
    NOT_CALLED = "not_called"
    """Something was promised, and others were called."""
    TAKEN_BACK = "taken_back"
    """The invitation that something was promised to, or the call."""
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of an invitation for a home, at ``at``; ``object_id`` makes it one of its kind.

    Energies in Wh in the direction that is asked for. ``state`` is that of the answer, settled: of the line.
    ``price_micro``: for a kWh; ``amount``, settled: as decimal text. None: not known, or nothing was named.
    """

    kind: Kind
    object_id: str
    at: datetime
    program: str
    event_time: datetime
    duration_s: int
    direction: str
    asked_wh: int
    promised_wh: int
    state: str
    called_wh: int | None = None
    delivered_wh: int | None = None
    price_micro: int | None = None
    currency: str | None = None
    amount: str | None = None


async def outcomes_of(
    session: AsyncSession, wish_ids: Sequence[str], now: datetime
) -> dict[str, list[Outcome]]:
    """Return what was not told yet by these wishes, the oldest first; who lacks nothing is left out."""
    found: dict[str, list[Outcome]] = {}
    for read in (_answered, _called, _withdrawn, _settled):
        for wish_id, outcome in await read(session, wish_ids, now):
            found.setdefault(wish_id, []).append(outcome)
    for outcomes in found.values():
        outcomes.sort(key=lambda each: (each.at, each.kind, each.object_id))
    return found


type _Found = list[tuple[str, Outcome]]


def _asked(now: datetime, *more: Any) -> Select[Any]:
    """Return a query of wishes, and what was asked of their homes of late."""
    return (
        select(MailWish.id, InvitationAnswer, Invitation, Program.name, *more)
        .select_from(MailWish)
        .join(InvitationAnswer, InvitationAnswer.ven_id == MailWish.ven_id)
        .join(Invitation, Invitation.id == InvitationAnswer.invitation_id)
        .join(Program, Program.id == Invitation.program_id)
        .where(Invitation.created_at >= now - INVITED_BACK)
    )


def _is_news(
    wish_ids: Sequence[str], now: datetime, at: Any, object_id: Any, *kinds: Kind
) -> ColumnElement[bool]:
    """Return the condition of what came since the resident wished to be told, and was not told yet."""
    told = exists().where(
        ToldOutcome.wish_id == MailWish.id, ToldOutcome.kind.in_(kinds), ToldOutcome.object_id == object_id
    )
    return and_(MailWish.id.in_(wish_ids), at >= MailWish.agreed_at, at >= now - LOOKED_BACK, ~told)


async def _answered(session: AsyncSession, wish_ids: Sequence[str], now: datetime) -> _Found:
    at = InvitationAnswer.answered_at
    query = _asked(now).where(
        InvitationAnswer.answered_by == BY_RULE,
        _is_news(wish_ids, now, at, Invitation.id, Kind.ANSWERED),
    )
    return [
        (wish_id, _outcome(Kind.ANSWERED, invitation.id, answer.answered_at, answer, invitation, program))
        for wish_id, answer, invitation, program in await session.execute(query)
    ]


async def _called(session: AsyncSession, wish_ids: Sequence[str], now: datetime) -> _Found:
    """Find calls, calls that were taken back, and promises of homes that were left out."""
    calls = (Kind.CALLED, Kind.NOT_CALLED)
    is_call = and_(
        Dispatch.cancelled_at.is_(None), _is_news(wish_ids, now, Dispatch.created_at, Dispatch.id, *calls)
    )
    is_taken_back = and_(
        DispatchedHome.state == CALLED,
        _is_news(wish_ids, now, Dispatch.cancelled_at, Dispatch.id, Kind.TAKEN_BACK),
    )
    query = (
        _asked(now, Dispatch, DispatchedHome)
        .join(Dispatch, Dispatch.id == Invitation.dispatch_id)
        .join(
            DispatchedHome,
            and_(DispatchedHome.dispatch_id == Dispatch.id, DispatchedHome.ven_id == MailWish.ven_id),
        )
        .where(
            or_(
                DispatchedHome.state == CALLED,
                and_(DispatchedHome.state == LEFT_OUT, InvitationAnswer.promised_wh > 0),
            ),
            or_(is_call, is_taken_back),
        )
    )
    found = []
    for wish_id, answer, invitation, program, made, row in await session.execute(query):
        kind = Kind.CALLED if row.state == CALLED else Kind.NOT_CALLED
        if made.cancelled_at is not None:
            kind = Kind.TAKEN_BACK
        at = made.cancelled_at or made.created_at
        more = {
            "called_wh": row.called_wh if row.state == CALLED else None,
            "price_micro": made.price_micro or None,
            "currency": made.currency,
        }
        found.append((wish_id, _outcome(kind, made.id, at, answer, invitation, program, **more)))
    return found


async def _withdrawn(session: AsyncSession, wish_ids: Sequence[str], now: datetime) -> _Found:
    at = Invitation.changed_at
    query = _asked(now).where(
        Invitation.state == WITHDRAWN,
        InvitationAnswer.promised_wh > 0,
        _is_news(wish_ids, now, at, Invitation.id, Kind.TAKEN_BACK),
    )
    return [
        (
            wish_id,
            _outcome(Kind.TAKEN_BACK, invitation.id, invitation.changed_at, answer, invitation, program),
        )
        for wish_id, answer, invitation, program in await session.execute(query)
    ]


async def _settled(session: AsyncSession, wish_ids: Sequence[str], now: datetime) -> _Found:
    query = (
        _asked(now, Settlement, SettlementLine)
        .join(Settlement, Settlement.dispatch_id == Invitation.dispatch_id)
        .join(
            SettlementLine,
            and_(SettlementLine.settlement_id == Settlement.id, SettlementLine.ven_id == MailWish.ven_id),
        )
        .where(_is_news(wish_ids, now, Settlement.made_at, Settlement.id, Kind.SETTLED))
    )
    found = []
    for wish_id, answer, invitation, program, settlement, line in await session.execute(query):
        more = {
            "state": line.state,
            "called_wh": line.agreed_wh,
            "delivered_wh": line.delivered_wh,
            "price_micro": settlement.price_micro or None,
            "currency": settlement.currency,
            "amount": line.statement["amount"],
        }
        outcome = _outcome(
            Kind.SETTLED, settlement.id, settlement.made_at, answer, invitation, program, **more
        )
        found.append((wish_id, outcome))
    return found


def _outcome(
    kind: Kind,
    object_id: str,
    at: datetime,
    answer: InvitationAnswer,
    invitation: Invitation,
    program: str,
    **more: Any,
) -> Outcome:
    usual = {
        "state": answer.state,
        "price_micro": invitation.price_micro,
        "currency": invitation.currency,
    }
    return Outcome(
        kind=kind,
        object_id=object_id,
        at=at,
        program=program,
        event_time=invitation.event_time,
        duration_s=invitation.duration_s,
        direction=invitation.direction,
        asked_wh=answer.asked_wh,
        promised_wh=answer.promised_wh,
        **(usual | more),
    )
