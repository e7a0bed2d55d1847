"""Watches dispatches: notes each minute what came, and calls others when homes drop out or too little comes.

Any number of workers may do it. Of a minute one of them writes the sample, and that one acts on it.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ..openadr.issuing import Issuing
from ..store.audit import SYSTEM
from ..store.tables import DeliverySample, Dispatch
from ..web import Problem
from .delivering import Delivery, delivery, samples_of
from .dispatch import is_lasting
from .redispatching import redispatch

EACH_S: Final = 10.0
# Homes that leave one further ahead are made up for when it comes near.
_NEAR: Final = timedelta(hours=12)
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """The watch over the dispatches of a hub."""

    issuing: Issuing

    async def run(self) -> None:
        """Look every ten seconds, until cancelled."""
        while True:
            await asyncio.sleep(EACH_S)
            try:
                await self.once()
            except SQLAlchemyError, OSError:
                _LOG.exception("Dispatches could not be looked at; it will be tried again")

    async def once(self) -> None:
        """Look at each dispatch that is near or runs."""
        store, now = self.issuing.hub.store, self.issuing.hub.clock()
        query = select(Dispatch.id).where(
            Dispatch.cancelled_at.is_(None), Dispatch.ends_at > now, Dispatch.starts_at < now + _NEAR
        )
        async with store.reading() as session:
            waiting = list(await session.scalars(query))
        for dispatch_id in waiting:
            await self.look(dispatch_id)

    async def look(self, dispatch_id: str) -> None:
        """Look at one dispatch."""
        async with self.issuing.hub.store.writing() as session:
            made = await session.get_one(Dispatch, dispatch_id, with_for_update=True)
            await self._look(session, made, self.issuing.hub.clock())

    async def _look(self, session: AsyncSession, made: Dispatch, now: datetime) -> None:
        found = await delivery(session, now, made)
        lacking_w = 0
        if made.starts_at <= now and await self._note(session, made, found):
            samples = [
                (sample.at.timestamp(), sample.needed_w, sample.delivered_w or 0)
                for sample in await samples_of(session, made.id)
            ]
            if is_lasting(samples, _minute(now).timestamp()):
                lacking_w = found.needed_w - (found.delivered_w or 0)
        is_out = any(home.row.state == "called" and home.is_out for home in found.homes)
        if is_out or lacking_w > 0:
            try:
                called = await redispatch(session, self.issuing, made, actor=SYSTEM, lacking_w=lacking_w)
            except Problem as problem:
                _LOG.info("Dispatch %s is not made up for: %s", made.id, problem.detail)
            else:
                _LOG.info("Dispatch %s: %d homes called besides (%s)", made.id, called, made.correlation_id)

    async def _note(self, session: AsyncSession, made: Dispatch, found: Delivery) -> bool:
        """Write the sample of this minute; return whether it was not there."""
        dialect = postgresql if self.issuing.hub.store.is_postgresql else sqlite
        table = DeliverySample.metadata.tables[DeliverySample.__tablename__]
        connection = await session.connection()
        result = await connection.execute(
            dialect.insert(table)
            .values(
                dispatch_id=made.id,
                at=_minute(found.at),
                needed_w=found.needed_w,
                delivered_w=found.delivered_w,
            )
            .on_conflict_do_nothing()
        )
        return result.rowcount == 1


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
