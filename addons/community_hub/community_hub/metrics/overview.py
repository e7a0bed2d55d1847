"""The community at a glance: homes, consents, what is asked of them and what comes of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import in_force
from ..store.tables import (
    Consent,
    Dispatch,
    DispatchedHome,
    Home,
    Invitation,
    InvitationAnswer,
    ReceivedReport,
    SettlementLine,
)
from .figures import HEARD


async def overview(session: AsyncSession, now: datetime, owner_id: str | None) -> dict[str, Any]:
    """Return it of all homes, or of those that somebody owns."""
    own: list[ColumnElement[bool]] = [] if owner_id is None else [Home.owner_id == owner_id]
    ven_ids = select(Home.ven_id).where(*own)

    def of_homes(column: Any) -> list[ColumnElement[bool]]:
        return [] if owner_id is None else [column.in_(ven_ids)]

    by_state = select(Home.state, func.count()).where(*own).group_by(Home.state)
    heard = select(func.count(func.distinct(ReceivedReport.ven_id))).where(
        ReceivedReport.received_at > now - HEARD, *of_homes(ReceivedReport.ven_id)
    )
    consents = select(func.count(Consent.id)).join(Home).where(in_force(now), *own)
    asked = (
        select(InvitationAnswer.state, func.count())
        .join(Invitation, Invitation.id == InvitationAnswer.invitation_id)
        .where(Invitation.state == "open", Invitation.event_time > now, *of_homes(InvitationAnswer.ven_id))
        .group_by(InvitationAnswer.state)
    )
    called = select(func.count(func.distinct(DispatchedHome.dispatch_id))).join(
        Dispatch, Dispatch.id == DispatchedHome.dispatch_id
    )
    called = called.where(
        DispatchedHome.event_id.is_not(None),
        Dispatch.cancelled_at.is_(None),
        *of_homes(DispatchedHome.ven_id),
    )
    settled = select(func.count(), func.sum(SettlementLine.delivered_wh)).where(
        *of_homes(SettlementLine.ven_id)
    )
    lines, delivered_wh = (await session.execute(settled)).one()
    return {
        "at": now,
        "homes": dict((await session.execute(by_state)).tuples().all()),
        "homes_heard": await session.scalar(heard),
        "consents_in_force": await session.scalar(consents),
        "invitation_answers": dict((await session.execute(asked)).tuples().all()),
        "dispatches": {
            "announced": await session.scalar(called.where(Dispatch.starts_at > now)),
            "running": await session.scalar(called.where(Dispatch.starts_at <= now, Dispatch.ends_at > now)),
        },
        "settled": {"lines": lines, "delivered_kwh": int(delivered_wh or 0) / 1000},
    }
