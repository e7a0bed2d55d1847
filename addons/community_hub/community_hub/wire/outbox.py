"""What is to be published is written with what it tells of; the one worker that holds the line publishes it.

A worker that dies between publishing and marking publishes it again: the same event with the same
modification, which a home knows.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import Store, insert_rows
from ..store.tables import OutgoingMessage
from .leading import Leading
from .session import Publication, Publishes

CLIENT_ID: Final = "hub.outbox"
BATCH: Final = 5000
LOOK_EACH_S: Final = 0.1
_REFUSED: Final = 0x80
_MOST_EXPIRY_S: Final = 2**32 - 1
_TABLE: Final = OutgoingMessage.metadata.tables[OutgoingMessage.__tablename__]


class Outgoing(NamedTuple):
    """A message of an event for a home; the broker forgets it at ``expires_at``."""

    ven_id: str
    event_id: str
    topic: str
    payload: bytes
    expires_at: datetime


async def put(session: AsyncSession, messages: Sequence[Outgoing]) -> None:
    """Let messages go out when the transaction is committed, in this order."""
    await insert_rows(session, _TABLE, Outgoing._fields, messages)


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxSender:
    """Publishes what is in the outbox."""

    store: Store
    leading: Leading
    clock: Callable[[], datetime]

    async def run(self, session: Publishes) -> None:
        """Publish over a session, until it is lost or the line is another's.

        What one batch came to is marked while the next goes out.
        """
        marking: asyncio.Task[None] | None = None
        outcomes: Mapping[int, str] = {}
        async with asyncio.TaskGroup() as tasks:
            while True:
                session.check()
                published = await self._publish(session, outcomes.keys())
                if marking is not None:
                    await marking
                outcomes = published
                marking = tasks.create_task(self._mark(outcomes)) if outcomes else None
                if marking is None:
                    await asyncio.sleep(LOOK_EACH_S)

    async def once(self, session: Publishes) -> Mapping[str, int]:
        """Publish what waits, at most ``BATCH``; return how many had which outcome.

        Raises SessionLostError, and NoLeaderError when another has taken over meanwhile: nothing is marked.
        """
        outcomes = await self._publish(session, ())
        if outcomes:
            await self._mark(outcomes)
        return Counter(outcomes.values())

    async def _publish(self, session: Publishes, unmarked: Collection[int]) -> Mapping[int, str]:
        """Publish what waits beside those that are not marked yet; return the outcome of each."""
        columns = (_TABLE.c.number, _TABLE.c.topic, _TABLE.c.payload, _TABLE.c.expires_at)
        query = select(*columns).where(_TABLE.c.outcome.is_(None)).order_by(_TABLE.c.number)
        async with self.store.reading() as reading:
            rows = (await reading.execute(query.limit(BATCH + len(unmarked)))).all()
        waiting = [row for row in rows if row.number not in unmarked][:BATCH]
        if not waiting:
            return {}
        now = self.clock()
        left_s = [math.floor((row.expires_at - now).total_seconds()) for row in waiting]
        open_ = [
            (number, Publication(topic, payload, min(seconds, _MOST_EXPIRY_S)))
            for (number, topic, payload, _), seconds in zip(waiting, left_s, strict=True)
            if seconds > 0
        ]
        reasons = await session.publish([publication for _, publication in open_])
        outcomes = {number: "expired" for number, *_ in waiting}
        for (number, _), reason in zip(open_, reasons, strict=True):
            outcomes[number] = "refused" if reason >= _REFUSED else "published"
        return outcomes

    async def _mark(self, outcomes: Mapping[int, str]) -> None:
        now = self.clock()
        async with self.leading.writing() as writing:
            for came in frozenset(outcomes.values()):
                of = [number for number, outcome in outcomes.items() if outcome == came]
                mark = update(_TABLE).where(_TABLE.c.number.in_(of))
                await writing.execute(mark.values(outcome=came, ended_at=now))


async def forget(session: AsyncSession, before: datetime) -> None:
    """Delete what was over before."""
    await session.execute(delete(OutgoingMessage).where(OutgoingMessage.ended_at <= before))
