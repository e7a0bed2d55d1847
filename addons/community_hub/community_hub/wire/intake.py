"""Takes reports in: many in one transaction, and only then are they acknowledged to the broker.

A worker that dies before its commit has acknowledged nothing, and gets them again; one that dies after it
gets them again too, and finds them there.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import Store
from ..store.tables import Home, ReceivedReport, RefusedReports, ReportProgress
from .leading import Leading
from .mqtt5 import Message
from .progress import Progress
from .reports import Refusal, RefusedError, Report, read, ven_of
from .session import Session

CLIENT_ID: Final = "hub.ingest"
RECEIVE_MAXIMUM: Final = 5000
SESSION_EXPIRY_S: Final = 7 * 24 * 3600
BATCH: Final = 1000
WITHIN_S: Final = 0.02
TELL_EACH_S: Final = 1.0


@dataclass(kw_only=True, slots=True)
class Intake:
    """One worker's intake."""

    store: Store
    leading: Leading
    prefix: str
    clock: Callable[[], datetime]
    _untold: dict[str, Progress] = field(default_factory=dict)

    async def run(self, session: Session) -> None:
        """Take in what comes over a session, until it is lost or the line is another's."""
        if not session.is_present:
            await session.subscribe([f"{self.prefix}/vens/+/reports/create"])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell(session))
            while True:
                messages = await session.messages(BATCH, WITHIN_S)
                await self.take(messages)
                session.acknowledge(messages)

    async def take(self, messages: Sequence[Message]) -> None:
        """Write what is in messages; when it returns they are on the disk.

        Raises NoLeaderError, and what the database raises: then nothing of them is.
        """
        now = self.clock()
        reports, refused = _read(messages, now)
        async with self.store.writing() as session:
            await self.leading.hold(session)
            known = await _known(session, {report.ven_id for report in reports})
            refused += [(each.ven_id, Refusal.UNKNOWN_HOME) for each in reports if each.ven_id not in known]
            kept = [each for each in reports if each.ven_id in known]
            await self._insert(session, kept, now)
            progress = await self._advance(session, kept)
            await self._count(session, refused, now)
        self._untold |= progress

    async def _insert(self, session: AsyncSession, reports: Sequence[Report], now: datetime) -> None:
        if reports:
            statement = self._dialect().insert(ReceivedReport).on_conflict_do_nothing()
            await session.execute(
                statement,
                [
                    {
                        "ven_id": each.ven_id,
                        "report_id": each.report_id,
                        "event_id": each.event_id,
                        "name": each.name,
                        "modified_at": each.modified_at,
                        "received_at": now,
                        "is_clock_off": each.is_clock_off,
                        "payload": each.payload,
                    }
                    for each in reports
                ],
            )

    async def _advance(self, session: AsyncSession, reports: Iterable[Report]) -> dict[str, Progress]:
        """Note how far homes have come; return it. Of a home's streams the one that came last counts."""
        numbers: dict[str, tuple[str, list[int]]] = {}
        for report in reports:
            if report.place is not None:
                stream, number = report.place
                if numbers.get(report.ven_id, ("", []))[0] != stream:
                    numbers[report.ven_id] = stream, []
                numbers[report.ven_id][1].append(number)
        if not numbers:
            return {}
        rows = await session.scalars(select(ReportProgress).where(ReportProgress.ven_id.in_(numbers)))
        before = {
            row.ven_id: Progress(stream=row.stream, up_to=row.up_to, beyond=tuple(row.beyond)) for row in rows
        }
        after = {}
        for ven_id, (stream, more) in numbers.items():
            had = before.get(ven_id)
            begun = had if had is not None and had.stream == stream else Progress(stream=stream)
            after[ven_id] = begun.with_more(more)
        statement: Any = self._dialect().insert(ReportProgress)
        excluded = statement.excluded
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["ven_id"],
                set_={name: excluded[name] for name in ("stream", "up_to", "beyond")},
            ),
            [
                {"ven_id": ven_id, "stream": one.stream, "up_to": one.up_to, "beyond": list(one.beyond)}
                for ven_id, one in after.items()
            ],
        )
        return after

    async def _count(
        self, session: AsyncSession, refused: Sequence[tuple[str, Refusal]], now: datetime
    ) -> None:
        if refused:
            statement: Any = self._dialect().insert(RefusedReports)
            await session.execute(
                statement.on_conflict_do_update(
                    index_elements=["ven_id", "reason"],
                    set_={"times": RefusedReports.times + 1, "last_at": statement.excluded.last_at},
                ),
                [
                    {"ven_id": ven_id, "reason": reason.value, "times": 1, "last_at": now}
                    for ven_id, reason in refused
                ],
            )

    async def _tell(self, session: Session) -> None:
        """Tell homes up to where the hub has their reports. What is lost of it is told with the next one."""
        while True:
            await asyncio.sleep(TELL_EACH_S)
            untold, self._untold = self._untold, {}
            for ven_id, progress in untold.items():
                told = {"stream": progress.stream, "upTo": progress.up_to}
                session.tell(f"{self.prefix}/vens/{ven_id}/reports/received", json.dumps(told).encode())

    def _dialect(self) -> Any:
        return postgresql if self.store.is_postgresql else sqlite


def _read(messages: Iterable[Message], now: datetime) -> tuple[list[Report], list[tuple[str, Refusal]]]:
    reports: list[Report] = []
    refused: list[tuple[str, Refusal]] = []
    for message in messages:
        try:
            reports.append(read(message, now))
        except RefusedError as error:
            refused.append((ven_of(message.topic), error.reason))
    return reports, refused


async def _known(session: AsyncSession, ven_ids: set[str]) -> frozenset[str]:
    query = select(Home.ven_id).where(Home.ven_id.in_(ven_ids), Home.state == "active")
    return frozenset(await session.scalars(query)) if ven_ids else frozenset()
