"""What homes offer as things stand: the newest forecast that each has reported, if it is not too old."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import NO_EVENT, REPORT_NAME
from ..store.tables import ReceivedReport
from .told import ToldOffer, read_offer

# A home that has told nothing for so long offers nothing.
FRESH: Final = timedelta(hours=2)
_PAGE: Final = 500

# A home, when it told it, and its report.
type Forecast = tuple[str, datetime, bytes]


async def standing_offers(
    session: AsyncSession,
    now: datetime,
    ven_ids: Collection[str],
    window: tuple[datetime, datetime] | None = None,
) -> Mapping[str, ToldOffer]:
    """Return the offers of these homes that are not too old, within a window (``read_offer``)."""
    wanted = frozenset(ven_ids)
    found: dict[str, ToldOffer] = {}
    async for ven_id, told_at, payload in newest_forecasts(session, now - FRESH):
        offer = read_offer(ven_id, told_at, payload, window) if ven_id in wanted else None
        if offer is not None:
            found[ven_id] = offer
    return found


async def newest_forecasts(session: AsyncSession, since: datetime) -> AsyncIterator[Forecast]:
    """Yield (home, when it told it, report) of the newest forecast of each home since a time.

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
    # Reports are large, and of thousands of homes: they are not all held at once.
    rows = await session.stream(query.execution_options(yield_per=_PAGE))
    async for ven_id, told_at, payload in rows:
        yield ven_id, told_at, payload
