"""What homes offer as things stand: the newest forecast that each has reported, if it is not too old.

It is written in numbers in the transaction that takes the report in, so that a dispatch reads no report.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import NO_EVENT, REPORT_NAME
from ..store import Store, insert_into
from ..store.tables import StandingOffer
from ..wire.reports import MOST_AHEAD, Report
from .direction import Direction
from .packed import Packed, Row, StandingOffers, packed, standing
from .told import ToldOffer, read_offer

# A home that has told nothing for so long offers nothing.
FRESH: Final = timedelta(hours=2)
# So many homes, of a feeder, are read by their names; of more it is quicker to read all.
_FEW: Final = 500
_TABLE: Final = StandingOffer.metadata.tables[StandingOffer.__tablename__]
_NOTHING: Final = Packed(b"", b"", b"")


def is_offer(report: Report, now: datetime) -> bool:
    """Return whether a report is a forecast that is believed: the home's clock is not off."""
    return (
        report.event_id == NO_EVENT
        and report.name == REPORT_NAME
        and not report.is_clock_off
        and report.modified_at <= now + MOST_AHEAD
    )


async def keep_offers(store: Store, session: AsyncSession, reports: Sequence[Report], now: datetime) -> None:
    """Write what homes offer from now on, by the newest of these reports and what stands.

    The newest by the home's own word, whatever came last. One that cannot be read offers nothing.
    """
    newest: dict[str, Report] = {}
    for report in reports:
        before = newest.get(report.ven_id)
        if is_offer(report, now) and (before is None or report.modified_at > before.modified_at):
            newest[report.ven_id] = report
    if not newest:
        return
    statement = insert_into(store, StandingOffer)
    excluded = statement.excluded
    connection = await session.connection()
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["ven_id"],
            set_={column.name: excluded[column.name] for column in _TABLE.columns},
            where=excluded.told_at > StandingOffer.told_at,
        ),
        [_row(report, now) for report in newest.values()],
    )


def _row(report: Report, now: datetime) -> dict[str, Any]:
    offer = read_offer(report.ven_id, report.modified_at, report.payload)
    row: dict[str, Any] = {"ven_id": report.ven_id, "told_at": report.modified_at, "came_at": now}
    return row | {
        **_packed(offer)._asdict(),
        "stored_wh": None if offer is None else offer.stored_wh,
        "capacity_wh": None if offer is None else offer.capacity_wh,
    }


def _packed(offer: ToldOffer | None) -> Packed:
    try:
        return _NOTHING if offer is None else packed(offer)
    except OverflowError:
        return _NOTHING


async def standing_offers(
    session: AsyncSession,
    now: datetime,
    ven_ids: Collection[str],
    direction: Direction,
    window: tuple[datetime, datetime],
) -> StandingOffers:
    """Return the offers of these homes that are not too old, in one direction and within a window."""
    wanted = frozenset(ven_ids)
    side = _TABLE.c.less if direction is Direction.LESS else _TABLE.c.more
    query = (
        select(
            _TABLE.c.ven_id,
            _TABLE.c.told_at,
            _TABLE.c.expected,
            side,
            _TABLE.c.stored_wh,
            _TABLE.c.capacity_wh,
        )
        .where(_TABLE.c.came_at > now - FRESH, _TABLE.c.told_at > now - FRESH)
        .order_by(_TABLE.c.ven_id)
    )
    if len(wanted) <= _FEW:
        query = query.where(_TABLE.c.ven_id.in_(wanted))
    rows = await session.execute(query)
    found = [Row(*row) for row in rows.tuples() if row[0] in wanted and row[2]]
    return standing(found, window)


async def forget(session: AsyncSession, before: datetime) -> None:
    """Delete what came before."""
    await session.execute(delete(StandingOffer).where(StandingOffer.came_at < before))
