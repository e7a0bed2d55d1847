"""Homes' forecasts as they came, moved in time: copies of homes tell them again."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import NO_EVENT, REPORT_NAME
from ..flexibility.needs import Wanted
from ..flexibility.targets import homes_in
from ..flexibility.told import read_offer
from ..store.tables import ReceivedReport

_DAY: Final = timedelta(days=1)
_PAGE: Final = 500


async def forecasts_of(
    session: AsyncSession, now: datetime, need: Wanted, at: datetime
) -> dict[str, dict[str, Any]]:
    """Return each home's newest report, moved by whole days so that it covers the need, as told ``at``."""
    found = {}
    group = {home.ven_id for home in await homes_in(session, need.targets)}
    async for ven_id, payload in _newest(session, now - _DAY):
        if ven_id not in group:
            continue
        offer = read_offer(ven_id, now, payload)
        if offer is not None and offer.intervals:
            days = max(-((offer.intervals[-1].end - need.span.end) // _DAY), 0)
            found[ven_id] = _moved(json.loads(payload), days * _DAY, at)
    return found


def _moved(report: dict[str, Any], by: timedelta, at: datetime) -> dict[str, Any]:
    """Return a forecast moved in time."""
    told = report["object"]
    told["id"], told["createdDateTime"], told["modificationDateTime"] = "forecast", *[at.isoformat()] * 2
    for interval in told["resources"][0]["intervals"]:
        period = interval["intervalPeriod"]
        period["start"] = (datetime.fromisoformat(period["start"]) + by).isoformat()
    return report


async def _newest(session: AsyncSession, since: datetime) -> AsyncIterator[tuple[str, bytes]]:
    """Yield (home, report) of the newest forecast of each home since a time.

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
        select(ReceivedReport.ven_id, ReceivedReport.payload)
        .join(
            newest,
            (newest.c.ven_id == ReceivedReport.ven_id) & (newest.c.report_id == ReceivedReport.report_id),
        )
        .where(newest.c.place == 1)
    )
    # Reports are large, and of thousands of homes: they are not all held at once.
    rows = await session.stream(query.execution_options(yield_per=_PAGE))
    async for ven_id, payload in rows:
        yield ven_id, payload
