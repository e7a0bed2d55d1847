"""``/api/v1/homes/health``: when homes were last heard, what was refused, and what they consent to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import hub_of
from ..store.tables import Consent, Home, ReceivedReport, RefusedReports
from ..web import StrictRoute
from .consents import in_force
from .visible import Visible

router = APIRouter(prefix="/api/v1/homes", tags=["homes"], route_class=StrictRoute)


@router.get("/health")
async def list_health(visible: Visible, request: Request) -> list[dict[str, Any]]:
    """Tell it of the homes that ``/homes`` lists, in that order. Times are of the hub's own clock."""
    hub = hub_of(request)
    async with hub.store.reading() as session:
        ven_ids = list(await session.scalars(visible.of(select(Home.ven_id))))
        heard = await _last_heard(session, ven_ids)
        refused = await _refused(session, ven_ids)
        until = await _consenting(session, ven_ids, hub.clock())
    return [
        {
            "ven_id": ven_id,
            "last_heard_at": heard.get(ven_id),
            "refused_reports": refused.get(ven_id, 0),
            "consents_until": until.get(ven_id),
        }
        for ven_id in ven_ids
    ]


async def _last_heard(session: AsyncSession, ven_ids: list[str]) -> Mapping[str, datetime]:
    query = (
        select(
            ReceivedReport.ven_id, func.max(ReceivedReport.received_at, type_=ReceivedReport.received_at.type)
        )
        .where(ReceivedReport.ven_id.in_(ven_ids))
        .group_by(ReceivedReport.ven_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def _refused(session: AsyncSession, ven_ids: list[str]) -> Mapping[str, int]:
    query = (
        select(RefusedReports.ven_id, func.sum(RefusedReports.times))
        .where(RefusedReports.ven_id.in_(ven_ids))
        .group_by(RefusedReports.ven_id)
    )
    return {ven_id: int(times) for ven_id, times in await session.execute(query)}


async def _consenting(session: AsyncSession, ven_ids: list[str], now: datetime) -> Mapping[str, datetime]:
    query = (
        select(Consent.ven_id, func.max(Consent.valid_until, type_=Consent.valid_until.type))
        .join(Home)
        .where(Consent.ven_id.in_(ven_ids), in_force(now))
        .group_by(Consent.ven_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}
