"""What is to be published is written with what it tells of; the one worker that holds the line publishes it.

A worker that dies between publishing and marking publishes it again: the same event with the same
modification, which a home knows.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import Store
from ..store.tables import OutgoingMessage
from .leading import Leading
from .session import Session

CLIENT_ID: Final = "hub.outbox"
BATCH: Final = 2000
LOOK_EACH_S: Final = 0.1
_REFUSED: Final = 0x80
_TABLE: Final = OutgoingMessage.metadata.tables[OutgoingMessage.__tablename__]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message of an event for a home; the broker forgets it at ``expires_at``."""

    ven_id: str
    event_id: str
    topic: str
    payload: bytes
    expires_at: datetime


async def put(session: AsyncSession, messages: Sequence[Outgoing]) -> None:
    """Let messages go out when the transaction is committed, in this order."""
    if messages:
        connection = await session.connection()
        await connection.execute(insert(_TABLE), [asdict(each) for each in messages])


class Publishes(Protocol):
    """What a message is published over (``session.Session``)."""

    async def publish(self, topic: str, payload: bytes, /, *, expiry_s: int) -> int:
        """Publish, and return the broker's reason; below 128 it is a yes. Raises SessionLostError."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxSender:
    """Publishes what is in the outbox."""

    store: Store
    leading: Leading
    clock: Callable[[], datetime]

    async def run(self, session: Session) -> None:
        """Publish over a session, until it is lost or the line is another's."""
        while True:
            session.check()
            if not await self.once(session):
                await asyncio.sleep(LOOK_EACH_S)

    async def once(self, session: Publishes) -> Mapping[str, int]:
        """Publish what waits, at most ``BATCH``; return how many had which outcome.

        Raises SessionLostError, and NoLeaderError when another has taken over meanwhile: nothing is marked.
        """
        columns = (_TABLE.c.number, _TABLE.c.topic, _TABLE.c.payload, _TABLE.c.expires_at)
        query = select(*columns).where(_TABLE.c.outcome.is_(None)).order_by(_TABLE.c.number).limit(BATCH)
        async with self.store.reading() as reading:
            waiting = (await reading.execute(query)).all()
        if not waiting:
            return {}
        outcomes = await asyncio.gather(*(self._publish(session, *about) for _, *about in waiting))
        mark = update(_TABLE).where(_TABLE.c.number == bindparam("of")).values(outcome=bindparam("came"))
        now = self.clock()
        async with self.leading.writing() as writing:
            connection = await writing.connection()
            await connection.execute(
                mark.values(ended_at=now),
                [
                    {"of": number, "came": outcome}
                    for (number, *_), outcome in zip(waiting, outcomes, strict=True)
                ],
            )
        return Counter(outcomes)

    async def _publish(self, session: Publishes, topic: str, payload: bytes, expires_at: datetime) -> str:
        left_s = math.floor((expires_at - self.clock()).total_seconds())
        if left_s <= 0:
            return "expired"
        reason = await session.publish(topic, payload, expiry_s=min(left_s, 2**32 - 1))
        return "refused" if reason >= _REFUSED else "published"


async def forget(session: AsyncSession, before: datetime) -> None:
    """Delete what was over before."""
    await session.execute(delete(OutgoingMessage).where(OutgoingMessage.ended_at <= before))
