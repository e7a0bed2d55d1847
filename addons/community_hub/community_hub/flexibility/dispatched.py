"""The homes of a dispatch as they are kept, and what they come to together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import in_force
from ..store.tables import Consent, Dispatch, DispatchedHome, Home

CALLED: Final = "called"
DROPPED: Final = "dropped"
LEFT_OUT: Final = "left_out"
# What stands of a home that is not called.
NOTHING: Final[dict[str, Any]] = {
    "event_id": None,
    "called_w": [],
    "expected_w": [],
    "called_wh": 0,
    "held_until": None,
    "hold_event_id": None,
}

_TICK: Final = timedelta(microseconds=1)


async def called_homes(session: AsyncSession, made: Dispatch) -> list[DispatchedHome]:
    """Return the homes that are called."""
    query = select(DispatchedHome).where(
        DispatchedHome.dispatch_id == made.id, DispatchedHome.state == CALLED
    )
    return list(await session.scalars(query))


async def withdrawn(session: AsyncSession, now: datetime, made: Dispatch) -> frozenset[str]:
    """Return the homes with an event whose resident does not consent any more: it was taken back from them.

    Once a dispatch is over: of whom it was taken back before.
    """
    last = made.ends_at - _TICK
    consent = (
        select(Consent.id)
        .join(Home)
        .where(
            Consent.ven_id == DispatchedHome.ven_id,
            Consent.program_id == made.program_id,
            in_force(min(max(now, made.starts_at), last)),
            in_force(last),
        )
    )
    query = select(DispatchedHome.ven_id).where(
        DispatchedHome.dispatch_id == made.id,
        DispatchedHome.event_id.is_not(None),
        ~exists(consent.correlate(DispatchedHome)),
    )
    return frozenset(await session.scalars(query))


async def leave_out(session: AsyncSession, made: Dispatch, ven_ids: Sequence[str], reason: str) -> None:
    """Leave homes out that were chosen and have no event yet: nothing is expected of them any more."""
    those = (DispatchedHome.dispatch_id == made.id, DispatchedHome.ven_id.in_(ven_ids))
    await session.execute(
        update(DispatchedHome).where(*those).values(NOTHING | {"state": LEFT_OUT, "reason": reason})
    )
    renew_figures(made, await called_homes(session, made))


def renew_figures(made: Dispatch, rows: Sequence[DispatchedHome]) -> None:
    """Reckon again what a dispatch comes to in each interval (W), by the homes that are called."""
    need = np.array(made.figures["need_w"], dtype=np.int64)
    called, expected = np.zeros_like(need), np.zeros_like(need)
    for row in rows:
        called += np.array(row.called_w, dtype=np.int64)
        expected += np.array(row.expected_w, dtype=np.int64)
    made.figures = {
        "need_w": need.tolist(),
        "called_w": called.tolist(),
        "expected_w": expected.tolist(),
        "short_w": np.maximum(need - expected, 0).tolist(),
        "beyond_w": np.maximum(expected - need, 0).tolist(),
    }
