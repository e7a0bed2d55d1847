"""What a household's homes told the hub, taken along: as many lines of JSON as there are reports and days.

It is read page by page, each in a transaction of its own: months of reports fit into no answer's memory, and
who reads slowly holds nothing up.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import select, tuple_

from ..store import Store
from ..store.tables import Home, MeteredDay, OpenSlot, ReceivedReport, RoomQuarter
from ..wire.metering import quarter_hours_of

_PAGE: Final = 500
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def lines(store: Store, person_id: str) -> AsyncIterator[bytes]:
    """Yield a line for each report of a person's homes, each day that meters told of, and what rooms told."""
    async with store.reading() as session:
        homes = list(await session.scalars(select(Home.ven_id).where(Home.owner_id == person_id)))
    async for line in _reports(store, homes):
        yield line
    async for line in _days(store, homes):
        yield line
    async for line in _rooms(store, homes):
        yield line


async def _reports(store: Store, homes: list[str]) -> AsyncIterator[bytes]:
    after = ("", "")
    key = (ReceivedReport.ven_id, ReceivedReport.report_id)
    query = select(ReceivedReport).where(ReceivedReport.ven_id.in_(homes)).order_by(*key).limit(_PAGE)
    while True:
        async with store.reading() as session:
            rows = list(await session.scalars(query.where(tuple_(*key) > after)))
        for row in rows:
            told = {"ven_id": row.ven_id, "received_at": row.received_at, "told": from_json(row.payload)}
            yield _line(report=told)
        if len(rows) < _PAGE:
            return
        after = (rows[-1].ven_id, rows[-1].report_id)


async def _days(store: Store, homes: list[str]) -> AsyncIterator[bytes]:
    for ven_id in homes:
        async with store.reading() as session:
            closed = await session.scalars(select(MeteredDay.day).where(MeteredDay.ven_id == ven_id))
            opened = await session.scalars(select(OpenSlot.start).where(OpenSlot.ven_id == ven_id))
            days = {*closed, *(start.date() for start in opened)}
        for day in sorted(days):
            async with store.reading() as session:
                told = await quarter_hours_of(session, ven_id, day)
            yield _line(metered_day={"ven_id": ven_id, "day": day, "quarter_hours": told})


async def _rooms(store: Store, homes: list[str]) -> AsyncIterator[bytes]:
    key = (RoomQuarter.ven_id, RoomQuarter.room, RoomQuarter.figure, RoomQuarter.start)
    query = select(RoomQuarter).where(RoomQuarter.ven_id.in_(homes)).order_by(*key).limit(_PAGE)
    after = ("", "", "", _BEGINNING)
    while True:
        async with store.reading() as session:
            rows = list(await session.scalars(query.where(tuple_(*key) > after)))
        for row in rows:
            told = {"ven_id": row.ven_id, "room": row.room, "sensor": row.figure}
            yield _line(room=told | {"start": row.start, "value": row.value})
        if len(rows) < _PAGE:
            return
        last = rows[-1]
        after = (last.ven_id, last.room, last.figure, last.start)


def _line(**content: Any) -> bytes:
    return to_json(content) + b"\n"
