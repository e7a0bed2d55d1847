"""The hub's process that calls homes: one of its own, as the hub's is beside its worker and beside homes."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

from community_hub.garbage import collect_seldom
from community_hub.store import open_store

from .calling import Calling


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """It runs as long as ``running`` does, and does what it is asked one after the other."""

    pid: int
    _line: Connection

    @classmethod
    @asynccontextmanager
    async def running(cls, database: str, ven_ids: Sequence[str]) -> AsyncIterator[Self]:
        """Give a caller, when all homes have consented and told what they offer."""
        context = multiprocessing.get_context("spawn")
        line, other = context.Pipe()
        process = context.Process(target=_serve, args=(other, database, list(ven_ids)), daemon=True)
        process.start()
        other.close()
        try:
            yield cls(pid=await asyncio.to_thread(line.recv), _line=line)
        finally:
            line.close()
            await asyncio.to_thread(process.join)

    async def call(self) -> tuple[str, int]:
        """Call homes (``Calling.call``)."""
        called: tuple[str, int] = await self._asked(None)
        return called

    async def call_off(self, dispatch_id: str) -> None:
        """Cancel a dispatch (``Calling.call_off``)."""
        await self._asked(dispatch_id)

    async def _asked(self, dispatch_id: str | None) -> Any:
        self._line.send(dispatch_id)
        return await asyncio.to_thread(self._line.recv)


def _serve(line: Connection, database: str, ven_ids: list[str]) -> None:
    """Call for each None that is asked, and cancel a dispatch for each id, until the other side ends."""
    with asyncio.Runner() as runner:
        store = runner.run(open_store(database))
        calling = runner.run(Calling.of(store, ven_ids))
        collect_seldom()
        line.send(multiprocessing.current_process().pid)
        try:
            while True:
                asked: str | None = line.recv()
                line.send(runner.run(calling.call() if asked is None else calling.call_off(asked)))
        except EOFError:
            runner.run(store.close())
