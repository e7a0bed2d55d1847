"""A scratch copy of the community: homes, consents, what claims homes, what they have proven. No people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import Store, open_store
from ..store.tables import (
    Base,
    Consent,
    Dispatch,
    DispatchedHome,
    Event,
    Home,
    HomeRequest,
    ObjectTarget,
    Program,
    Resource,
    Settlement,
    SettlementLine,
    Ven,
)

_BATCH: Final = 1000
_BACK: Final = timedelta(days=365)


@asynccontextmanager
async def scratch() -> AsyncIterator[Store]:
    """Give an empty store of its own, on a disk that is given back."""
    with TemporaryDirectory(prefix="hub-rehearsal-") as folder:
        store = await open_store(f"sqlite:///{Path(folder) / 'rehearsal.sqlite'}")
        try:
            yield store
        finally:
            await store.close()


async def fill(store: Store, session: AsyncSession, now: datetime) -> None:
    """Write what a rehearsal needs of a community into a scratch store."""
    async with store.writing() as writing:
        connection = await writing.connection()
        for query in _copied(now):
            table, rows = await _rows(session, query)
            for first in range(0, len(rows), _BATCH):
                await connection.execute(insert(table), rows[first : first + _BATCH])


def _copied(now: datetime) -> list[Select[Any]]:
    of_late = Dispatch.ends_at > now - _BACK
    return [
        select(Program),
        select(Home),
        select(Consent),
        select(Ven),
        select(Resource),
        select(Event).where((Event.ends_at > now) | Event.ends_at.is_(None)),
        select(ObjectTarget),
        select(HomeRequest).where(HomeRequest.ends_at > now),
        select(Dispatch).where(of_late),
        select(DispatchedHome).join(Dispatch).where(Dispatch.ends_at > now),
        select(Settlement).join(Dispatch).where(of_late),
        select(SettlementLine).join(Settlement).join(Dispatch).where(of_late),
    ]


async def _rows(session: AsyncSession, query: Select[Any]) -> tuple[Any, list[dict[str, Any]]]:
    entity: type[Base] = query.column_descriptions[0]["entity"]
    table = entity.metadata.tables[entity.__tablename__]
    # The people that homes belong to are not copied.
    nobody = {"owner_id": None} if "owner_id" in table.columns else {}
    found = await session.scalars(query)
    return table, [
        {column.name: getattr(row, column.name) for column in table.columns} | nobody for row in found
    ]
