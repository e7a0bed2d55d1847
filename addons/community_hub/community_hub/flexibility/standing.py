"""What homes offer as things stand: the newest forecast that each has reported, if it is not too old."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import NO_EVENT, REPORT_NAME
from ..store.tables import ReceivedReport
from .told import ToldOffer, read_offer

# A home that has told nothing for so long offers nothing.
FRESH: Final = timedelta(hours=2)
_KEPT: Final = 20_000


async def standing_offers(
    session: AsyncSession, now: datetime, ven_ids: Collection[str]
) -> Mapping[str, ToldOffer]:
    """Return the offers of these homes that are not too old."""
    wanted = frozenset(ven_ids)
    found = (
        _read(ven_id, told_at, payload)
        for ven_id, told_at, payload in await newest_forecasts(session, now - FRESH)
        if ven_id in wanted
    )
    return {offer.ven_id: offer for offer in found if offer is not None}


async def newest_forecasts(session: AsyncSession, since: datetime) -> Sequence[tuple[str, datetime, bytes]]:
    """Return (home, when it told it, report) of the newest forecast of each home since a time.

    The newest by the home's own word, whatever came last. A home whose clock is off is not believed.
    """
    newest = (
        select(
            ReceivedReport.ven_id,
            ReceivedReport.report_id,
            ReceivedReport.modified_at,
            func.row_number()
            .over(
                partition_by=ReceivedReport.ven_id,
                order_by=(ReceivedReport.modified_at.desc(), ReceivedReport.report_id),
            )
            .label("place"),
        )
        .where(
            ReceivedReport.event_id == NO_EVENT,
            ReceivedReport.name == REPORT_NAME,
            ReceivedReport.received_at > since,
            ReceivedReport.modified_at > since,
            ReceivedReport.is_clock_off.is_(False),
        )
        .subquery()
    )
    query = (
        select(ReceivedReport.ven_id, ReceivedReport.modified_at, ReceivedReport.payload)
        .join(
            newest,
            (newest.c.ven_id == ReceivedReport.ven_id) & (newest.c.report_id == ReceivedReport.report_id),
        )
        .where(newest.c.place == 1)
    )
    return (await session.execute(query)).tuples().all()


# The same report is asked for again and again, and reading it is most of the work.
_read = lru_cache(maxsize=_KEPT)(read_offer)
