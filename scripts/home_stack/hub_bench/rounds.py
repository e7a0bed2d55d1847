"""What is measured: events that all homes acknowledge, reports with full sync, kills, a storm over TLS."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from community_hub.store import Store, new_id, open_store
from community_hub.store.tables import Home, Leader, OutgoingMessage, ReceivedReport
from community_hub.wire.outbox import Outgoing, put
from pydantic_core import to_json
from sqlalchemy import func, insert, select

from ..processes import StackError
from .caller import Caller
from .calling import FEEDERS
from .centre import CentralBroker, HubWorker, processor_s
from .fleet import Fleet
from .home import PREFIX

PATIENCE_S: Final = 600.0
KILLS: Final = 3

# (home, what its event asks)
type Requests = Iterable[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportsRound:
    """How many reports a second, and the processor time that each took, by process."""

    per_s: float
    processor_us: dict[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """How long a dispatch took, how many homes it called, and the processor time of it, by process.

    ``choosing``: to choose and write; ``homes``: to answer while others are still told.
    """

    ms: float
    homes: int
    processor_ms: dict[str, int]


@dataclass(kw_only=True)
class Rounds:
    """A centre with homes that are connected; ``database`` is the URL of its ``store``."""

    database: str
    store: Store
    broker: CentralBroker
    workers: list[HubWorker]
    fleet: Fleet

    async def announce_s(self) -> float:
        """Return how long it takes until every home is told of an event, and its answer is on the disk."""
        answered = await self._count() + len(self.fleet.homes)
        started = time.perf_counter()
        await self._announce(self._of_all())
        await self._until(lambda: self._has(answered))
        return time.perf_counter() - started

    async def storm_s(self) -> float:
        """Return the same, of homes that are all away when they are told and come back over TLS together."""
        await self.fleet.go_away()
        answered = await self._count() + len(self.fleet.homes)
        await self._announce(self._of_all())
        await self._until(self._is_published)
        self.fleet.door = self.broker.door(tls=True)
        started = time.perf_counter()
        await self.fleet.come_back()
        await self._until(lambda: self._has(answered))
        return time.perf_counter() - started

    async def dispatched(self, caller: Caller) -> Dispatched:
        """Return how long it takes from a need to the broker's acknowledgement of all its events."""
        answered = await self._count()
        worker = await self._at_work()
        pids = {
            "choosing": caller.pid,
            "homes": os.getpid(),
            "worker": worker.pid,
            "broker": self.broker.pid,
        }
        before_s = {name: processor_s(pid) for name, pid in pids.items()}
        started = time.perf_counter()
        dispatch_id, homes = await caller.call()
        await self._until(self._is_published, each_s=0.01)
        lasted_ms = 1000 * (time.perf_counter() - started)
        used_s = {name: processor_s(pid) - before_s[name] for name, pid in pids.items()}
        await self._until(lambda: self._has(answered + homes))
        await caller.call_off(dispatch_id)
        return Dispatched(
            ms=lasted_ms,
            homes=homes,
            processor_ms={name: round(1000 * seconds) for name, seconds in used_s.items()},
        )

    async def reports(self, each: int) -> ReportsRound:
        """Return how many reports a second reach the disk, and what one costs, when homes send ``each``."""
        number = each * len(self.fleet.homes)
        there = await self._count() + number
        pids = {"worker": (await self._at_work()).pid, "broker": self.broker.pid, "homes": os.getpid()}
        before_s = {name: processor_s(pid) for name, pid in pids.items()}
        started = time.perf_counter()
        for home in self.fleet.homes:
            home.work(each)
        await self._until(lambda: self._has(there), each_s=0.1)
        lasted_s = time.perf_counter() - started
        used_s = {name: processor_s(pid) - before_s[name] for name, pid in pids.items()}
        return ReportsRound(
            per_s=number / lasted_s,
            processor_us={name: round(1e6 * seconds / number) for name, seconds in used_s.items()},
        )

    async def killed(self, each: int) -> None:
        """Let homes report while the worker that works is killed three times, and the broker once."""
        for home in self.fleet.homes:
            home.work(each)
        for number in range(KILLS):
            await asyncio.sleep(1)
            worker = await self._at_work()
            await worker.kill()
            await worker.start()
            if number == 1:
                await self.broker.kill()
                await self.broker.start()
        await self._until(self._is_heard)

    async def _at_work(self) -> HubWorker:
        """Return the worker that holds the line, when one that lives does."""
        found: list[HubWorker] = []

        async def is_there() -> bool:
            async with self.store.reading() as session:
                holder = await session.scalar(select(Leader.holder)) or ""
            found[:] = [worker for worker in self.workers if holder.startswith(f"{worker.pid}-")]
            return bool(found)

        await self._until(is_there)
        return found[0]

    async def lost_and_twice(self) -> tuple[int, int]:
        """Return how many reports that homes made are not there, and how many are there that none made."""
        made = {f"{home.ven_id}-{number}" for home in self.fleet.homes for number in range(1, home.sent + 1)}
        async with self.store.reading() as session:
            there = list(await session.scalars(select(ReceivedReport.report_id)))
        return len(made.difference(there)), len(there) - len(made.intersection(there))

    def _of_all(self) -> Requests:
        return [(home.ven_id, {"programID": "flexibility"}) for home in self.fleet.homes]

    async def _announce(self, requests: Requests) -> int:
        """Write events as the VTN does, each for its home; return how many."""
        now = datetime.now(UTC)
        stamp = now.isoformat()
        metadata = {"objectType": "EVENT", "createdDateTime": stamp, "modificationDateTime": stamp}
        messages = []
        for ven_id, request in requests:
            event = metadata | {"id": new_id()} | request
            told = {"objectType": "EVENT", "operation": "CREATE", "object": event}
            messages.append(
                Outgoing(
                    ven_id=ven_id,
                    event_id=event["id"],
                    topic=f"{PREFIX}/vens/{ven_id}/events/create",
                    payload=to_json(told),
                    expires_at=now + timedelta(hours=1),
                )
            )
        async with self.store.writing() as session:
            await put(session, messages)
        return len(messages)

    async def _count(self) -> int:
        async with self.store.reading() as session:
            return await session.scalar(select(func.count()).select_from(ReceivedReport)) or 0

    async def _has(self, number: int) -> bool:
        return await self._count() >= number

    async def _is_published(self) -> bool:
        async with self.store.reading() as session:
            query = select(OutgoingMessage.number).where(OutgoingMessage.outcome.is_(None)).limit(1)
            return await session.scalar(query) is None

    async def _is_heard(self) -> bool:
        return self.fleet.is_heard()

    @staticmethod
    async def _until(condition: Callable[[], Awaitable[bool]], *, each_s: float = 0.05) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await condition():  # noqa: ASYNC110 # what is waited for is in other processes
                    await asyncio.sleep(each_s)
        except TimeoutError as error:
            raise StackError(f"the hub was not done within {PATIENCE_S:g} s") from error


@asynccontextmanager
async def centre(folder: Path, database: str, homes: int, *options: str) -> AsyncIterator[Rounds]:
    """Give a centre with two workers, with options, and so many homes, all connected."""
    ven_ids = [f"home-{number}" for number in range(homes)]
    store = await open_store(database)
    broker = CentralBroker(folder / "broker")
    workers = [HubWorker(folder, name, database, broker.port, *options) for name in ("a", "b")]
    try:
        async with store.writing() as session:
            rows = [
                {
                    "ven_id": each,
                    "name": each,
                    "state": "active",
                    "feeder": f"feeder-{number % FEEDERS}",
                    "created_at": datetime.now(UTC),
                }
                for number, each in enumerate(ven_ids)
            ]
            await session.execute(insert(Home), rows)
        await broker.start()
        for worker in workers:
            await worker.start()
        async with Fleet.running(ven_ids, broker.door()) as fleet:
            yield Rounds(database=database, store=store, broker=broker, workers=workers, fleet=fleet)
    finally:
        for worker in workers:
            await worker.stop()
        await broker.stop()
        await store.close()
