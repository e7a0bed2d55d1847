"""``/api/v1/alerts``: what is wrong now, and since when."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..hub import hub_of
from ..store.tables import Alert
from ..web import StrictRoute

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"], route_class=StrictRoute)


@router.get("")
async def list_alerts(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List what is wrong, the oldest first; ``told_at`` is when the operators were last told of it."""
    require(who, Verb.READ, Thing.METRICS)
    async with hub_of(request).store.reading() as session:
        found = await session.scalars(select(Alert).order_by(Alert.since, Alert.rule))
        return [
            {"rule": each.rule, "text": each.text, "since": each.since, "told_at": each.told_at}
            for each in found
        ]
