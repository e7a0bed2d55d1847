"""Who of several workers holds the line to the broker.

A row says it. Its holder counts on in it as long as it lives, and with each transaction; who waits takes it
over when it has stood still for ``LEASE_S`` of the waiter's own clock. From then on every transaction of the
one before fails, whatever it still believes: two never write.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import CursorResult, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import Store
from ..store.tables import Leader

TASK: Final = "wire"
LEASE_S: Final = 5.0


class NoLeaderError(Exception):
    """Another worker has taken over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leading:
    """What one worker does to hold the line; ``holder`` is a name that no other process has."""

    store: Store
    holder: str
    lease_s: float = LEASE_S
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def wait(self) -> None:
        """Return when this worker holds it: at once, or when who holds it has stood still."""
        seen: Leader | None = None
        quiet_s = 0.0
        step_s = self.lease_s / 10
        while True:
            async with self.store.reading() as session:
                found = await session.get(Leader, TASK)
            if found is not None and found.holder == self.holder:
                return
            if found is None or seen is None or (seen.holder, seen.beat) != (found.holder, found.beat):
                seen, quiet_s = found, 0.0
            is_free = found is None or not found.holder
            if (is_free or quiet_s >= self.lease_s) and await self._take(found):
                return
            await asyncio.sleep(step_s)
            quiet_s += step_s

    async def beat(self) -> None:
        """Show that it lives, until cancelled. Raises NoLeaderError when another has taken over."""
        while True:
            async with self.writing():
                pass
            await asyncio.sleep(self.lease_s / 5)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a transaction that is bound to holding the line. Raises NoLeaderError; then it is undone.

        A worker's own take turns, in order: on SQLite who waits for another's may be overtaken for ever.
        """
        async with self._turn, self.store.writing() as session:
            held = update(Leader).where(Leader.task == TASK, Leader.holder == self.holder)
            if not await _changed(session, held.values(beat=Leader.beat + 1)):
                raise NoLeaderError
            yield session

    async def give_up(self) -> None:
        """Let another take over at once."""
        async with self.store.writing() as session:
            await session.execute(
                update(Leader)
                .where(Leader.task == TASK, Leader.holder == self.holder)
                .values(holder="", beat=Leader.beat + 1)
            )

    async def _take(self, found: Leader | None) -> bool:
        try:
            async with self.store.writing() as session:
                if found is None:
                    await session.execute(insert(Leader).values(task=TASK, holder=self.holder, beat=1))
                    return True
                still = update(Leader).where(
                    Leader.task == TASK, Leader.holder == found.holder, Leader.beat == found.beat
                )
                return await _changed(session, still.values(holder=self.holder, beat=found.beat + 1))
        except IntegrityError:
            return False


async def _changed(session: AsyncSession, statement: Any) -> bool:
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 # of an update it is one
    return result.rowcount == 1
