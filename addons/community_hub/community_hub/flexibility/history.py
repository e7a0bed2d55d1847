"""What homes have proven so far: what came of what they were called for, in the settlements of the past."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store.tables import Settlement, SettlementLine
from .proof import Proven, proven

_BACK: Final = timedelta(days=365)
_MOST_EVENTS: Final = 20
_COUNTS: Final = ("settled", "contradicted", "left")


async def proven_by(session: AsyncSession, now: datetime, ven_ids: Sequence[str]) -> Proven:
    """Return what these homes have proven, in their order, by their last events of a year at most.

    An event that a home left counts as nothing delivered; one of which nothing is known counts as none.
    """
    query = (
        select(SettlementLine.ven_id, SettlementLine.delivered_wh, SettlementLine.agreed_wh)
        .join(Settlement)
        .where(Settlement.made_at > now - _BACK, SettlementLine.state.in_(_COUNTS))
        .order_by(Settlement.made_at.desc(), Settlement.id)
    )
    events: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for ven_id, delivered_wh, agreed_wh in await session.execute(query):
        if len(events[ven_id]) < _MOST_EVENTS:
            events[ven_id].append((delivered_wh or 0, agreed_wh))
    delivered = np.zeros((len(ven_ids), _MOST_EVENTS), dtype=np.int64)
    called = np.zeros_like(delivered)
    for place, ven_id in enumerate(ven_ids):
        for number, (delivered_wh, agreed_wh) in enumerate(events.get(ven_id, ())):
            delivered[place, number], called[place, number] = delivered_wh, agreed_wh
    return proven(delivered, called)
