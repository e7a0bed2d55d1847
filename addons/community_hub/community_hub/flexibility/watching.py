"""Watches dispatches: notes each minute what came, and calls others when homes drop out or too little comes.

Any number of workers may do it. Of a minute one of them writes the sample, and that one acts on it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ..openadr.issuing import Issuing
from ..repeating import repeat
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
        await repeat(self.once, each_s=EACH_S, first_s=EACH_S, what="Looking at dispatches")

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
        """Look at one dispatch. Nothing is locked while its homes' reports are read."""
        store, now = self.issuing.hub.store, self.issuing.hub.clock()
        async with store.reading() as session:
            made = await session.get_one(Dispatch, dispatch_id)
            found = await delivery(session, now, made)
            samples = [
                (sample.at.timestamp(), sample.needed_w, sample.delivered_w or 0)
                for sample in await samples_of(session, made.id)
            ]
        lacking_w = 0
        if made.starts_at <= now and await self._note(made, found):
            samples.append((_minute(now).timestamp(), found.needed_w, found.delivered_w or 0))
            if is_lasting(samples, _minute(now).timestamp()):
                lacking_w = found.needed_w - (found.delivered_w or 0)
        if lacking_w > 0 or any(home.row.state == "called" and home.is_out for home in found.homes):
            await self._make_up(dispatch_id, lacking_w)

    async def _make_up(self, dispatch_id: str, lacking_w: int) -> None:
        async with self.issuing.hub.store.writing() as session:
            made = await session.get_one(Dispatch, dispatch_id, with_for_update=True)
            try:
                called = await redispatch(session, self.issuing, made, actor=SYSTEM, lacking_w=lacking_w)
            except Problem as problem:
                _LOG.info("Dispatch %s is not made up for: %s", made.id, problem.detail)
            else:
                _LOG.info("Dispatch %s: %d homes called besides (%s)", made.id, called, made.correlation_id)

    async def _note(self, made: Dispatch, found: Delivery) -> bool:
        """Write the sample of this minute; return whether it was not there."""
        store = self.issuing.hub.store
        dialect = postgresql if store.is_postgresql else sqlite
        table = DeliverySample.metadata.tables[DeliverySample.__tablename__]
        statement = (
            dialect.insert(table)
            .values(
                dispatch_id=made.id,
                at=_minute(found.at),
                needed_w=found.needed_w,
                delivered_w=found.delivered_w,
            )
            .on_conflict_do_nothing()
        )
        async with store.writing() as session:
            connection = await session.connection()
            return (await connection.execute(statement)).rowcount == 1


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
