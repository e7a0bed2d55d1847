"""Takes reports in: many in one transaction, and only then are they acknowledged to the broker.

A home that asks for its open events is answered before its request is acknowledged, and so is one that
answers to an invitation.

A worker that dies before its commit has acknowledged nothing, and gets them again; one that dies after it
gets them again too, and finds them there.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from pydantic_core import to_json
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..flexibility.home_answers import ANSWER, judge
from ..flexibility.standing import keep_offers
from ..homes import rooms
from ..homes.batteries import keep_batteries
from ..store import Store, insert_into
from ..store.tables import Home, ReceivedReport, RefusedReports, ReportProgress
from . import metering
from .invitations import told_again
from .leading import Leading
from .mqtt5 import Message
from .open_events import REQUEST, answers
from .progress import Progress
from .reports import Place, Refusal, RefusedError, Report, place_of, read, ven_of
from .session import Publication, Publishes, Session

CLIENT_ID: Final = "hub.ingest"
RECEIVE_MAXIMUM: Final = 5000
SESSION_EXPIRY_S: Final = 7 * 24 * 3600
BATCH: Final = 2000
_REPORTS: Final = "reports/create"
# Of these it is kept what they tell, and not their words: these outlast no consent.
_KEPT_ELSEWHERE: Final = frozenset({metering.REPORT_NAME, rooms.REPORT_NAME})
WITHIN_S: Final = 0.05
# A home that reports every ten seconds is told of every third: more often would cost as much as its reports.
TELL_EACH_S: Final = 30.0
# No database is asked of more at once.
MOST_HOMES: Final = 5000


@dataclass(slots=True)
class _Arrived:
    """What came of a home since it was told last."""

    stream: str
    numbers: set[int] = field(default_factory=set)
    oldest: int = 1


@dataclass(slots=True)
class _Read:
    """What is in messages: reports, what is refused and why, and the places of both, with whose they are."""

    reports: list[Report] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    places: list[tuple[str, Place]] = field(default_factory=list)

    @property
    def ven_ids(self) -> set[str]:
        """Whose they are."""
        return {report.ven_id for report in self.reports} | {ven_id for ven_id, _ in self.places}


@dataclass(kw_only=True, slots=True)
class Intake:
    """One worker's intake, for as long as it holds the line.

    How far homes have come is written and told once in a while: a number that was told is written.
    What a worker that dies knew beyond that, homes still keep, and the next one is sent it again.
    """

    store: Store
    leading: Leading
    prefix: str
    clock: Callable[[], datetime]
    tell_each_s: float = TELL_EACH_S
    _progress: dict[str, Progress] = field(default_factory=dict)
    _arrived: dict[str, _Arrived] = field(default_factory=dict)

    async def run(self, session: Session, out: Publishes) -> None:
        """Take in what comes over a session and answer over ``out``, until one is lost or another leads."""
        topics = (_REPORTS, REQUEST, ANSWER)
        await session.subscribe([f"{self.prefix}/vens/+/{topic}" for topic in topics])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell(session))
            while True:
                messages = await session.messages(BATCH, WITHIN_S)
                sorted_ = _sorted(messages)
                await self.take(sorted_[_REPORTS])
                if sorted_[ANSWER]:
                    await out.publish(await self.judge(sorted_[ANSWER]))
                if sorted_[REQUEST]:
                    await out.publish(await self.answer(sorted_[REQUEST]))
                session.acknowledge(messages)

    async def take(self, messages: Sequence[Message]) -> None:
        """Write what is in messages; when it returns they are on the disk.

        Raises NoLeaderError, and what the database raises: then nothing of them is.
        """
        now = self.clock()
        read_ = _read(messages, now)
        async with self.leading.writing() as session:
            known = await _known(session, read_.ven_ids)
            refused = read_.refused + [
                (each.ven_id, Refusal.UNKNOWN_HOME) for each in read_.reports if each.ven_id not in known
            ]
            kept = [each for each in read_.reports if each.ven_id in known]
            await self._insert(session, [each for each in kept if each.name not in _KEPT_ELSEWHERE], now)
            await self._meter(session, [each for each in kept if each.name == metering.REPORT_NAME], now)
            await keep_offers(self.store, session, kept, now)
            await keep_batteries(self.store, session, kept, now)
            told_rooms = [each for each in kept if each.name == rooms.REPORT_NAME]
            await rooms.keep_rooms(self.store, session, told_rooms, now)
            await self._count(session, refused, now)
        for ven_id, place in read_.places:
            if ven_id in known:
                self._note(ven_id, place)

    async def answer(self, requests: Sequence[Message]) -> list[Publication]:
        """Return what homes are told that ask for their open events: those, and what they are invited to."""
        now = self.clock()
        async with self.store.reading() as session:
            told = await answers(session, self.prefix, requests, now)
            homes = {ven_of(each.topic) for each in told}
            return told + await told_again(session, self.prefix, homes, now)

    async def judge(self, messages: Sequence[Message]) -> list[Publication]:
        """Keep homes' answers to invitations; return what they are told of them. Raises as ``take``."""
        now = self.clock()
        async with self.leading.writing() as session:
            judged = await judge(session, messages, now)
            await self._count(session, judged.refused, now)
        return judged.publications(self.prefix)

    async def advance(self) -> dict[str, Progress]:
        """Write how far homes have come, ``MOST_HOMES`` of them, and return it. Raises as ``take``."""
        arrived = {ven_id: self._arrived.pop(ven_id) for ven_id in list(islice(self._arrived, MOST_HOMES))}
        if not arrived:
            return {}
        async with self.leading.writing() as session:
            # A home that has left meanwhile is not spoken of any more.
            known = await _known(session, set(arrived))
            fresh = known.difference(self._progress)
            table = ReportProgress
            query = select(table.ven_id, table.stream, table.up_to, table.beyond)
            for ven_id, stream, up_to, beyond in await session.execute(query.where(table.ven_id.in_(fresh))):
                self._progress[ven_id] = Progress(stream=stream, up_to=up_to, beyond=tuple(beyond))
            after = {}
            for ven_id in known:
                came, had = arrived[ven_id], self._progress.get(ven_id)
                begun = had if had is not None and had.stream == came.stream else Progress(stream=came.stream)
                after[ven_id] = begun.with_more(came.numbers, came.oldest)
            await self._write(session, after)
        self._progress |= after
        return after

    def _note(self, ven_id: str, place: Place) -> None:
        """Note that a report is done with. Of a home's streams the one that came last counts."""
        noted = self._arrived.get(ven_id)
        if noted is None or noted.stream != place.stream:
            noted = self._arrived[ven_id] = _Arrived(place.stream)
        noted.numbers.add(place.number)
        noted.oldest = max(noted.oldest, place.oldest)

    async def _insert(self, session: AsyncSession, reports: Sequence[Report], now: datetime) -> None:
        if reports:
            connection = await session.connection()
            await connection.execute(
                insert_into(self.store, ReceivedReport).on_conflict_do_nothing(),
                [each._asdict() | {"received_at": now} for each in reports],
            )

    async def _meter(self, session: AsyncSession, reports: Sequence[Report], now: datetime) -> None:
        """Insert metering reports, and write what those tell that were not there before."""
        if not reports:
            return
        inserted = await session.execute(
            insert_into(self.store, ReceivedReport)
            .on_conflict_do_nothing()
            .returning(ReceivedReport.ven_id, ReceivedReport.report_id),
            [each._asdict() | {"received_at": now} for each in reports],
        )
        new = {(ven_id, report_id) for ven_id, report_id in inserted}
        await metering.take(
            self.store, session, [each for each in reports if (each.ven_id, each.report_id) in new], now
        )

    async def _write(self, session: AsyncSession, progress: Mapping[str, Progress]) -> None:
        if progress:
            statement = insert_into(self.store, ReportProgress)
            excluded = statement.excluded
            connection = await session.connection()
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["ven_id"],
                    set_={name: excluded[name] for name in ("stream", "up_to", "beyond")},
                ),
                [
                    {"ven_id": ven_id, "stream": one.stream, "up_to": one.up_to, "beyond": list(one.beyond)}
                    for ven_id, one in progress.items()
                ],
            )

    async def _count(
        self, session: AsyncSession, refused: Sequence[tuple[str, Refusal]], now: datetime
    ) -> None:
        if refused:
            statement = insert_into(self.store, RefusedReports)
            connection = await session.connection()
            await connection.execute(
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
            await asyncio.sleep(self.tell_each_s)
            while advanced := await self.advance():
                for ven_id, progress in advanced.items():
                    told = {"stream": progress.stream, "upTo": progress.up_to, "missing": progress.missing}
                    session.tell(f"{self.prefix}/vens/{ven_id}/reports/received", to_json(told))


def _sorted(messages: Iterable[Message]) -> dict[str, list[Message]]:
    """Return reports, requests and answers to invitations, each in the order they came."""
    found: dict[str, list[Message]] = {_REPORTS: [], REQUEST: [], ANSWER: []}
    for message in messages:
        found["/".join(message.topic.rsplit("/", 2)[1:])].append(message)
    return found


def _read(messages: Iterable[Message], now: datetime) -> _Read:
    found = _Read()
    for message in messages:
        try:
            place = place_of(message)
            if place is not None:
                # Also of one that is refused: it would be no other when it came again.
                found.places.append((ven_of(message.topic), place))
            found.reports.append(read(message, now))
        except RefusedError as error:
            found.refused.append((ven_of(message.topic), error.reason))
    return found


async def _known(session: AsyncSession, ven_ids: set[str]) -> frozenset[str]:
    query = select(Home.ven_id).where(Home.ven_id.in_(ven_ids), Home.state == "active")
    return frozenset(await session.scalars(query)) if ven_ids else frozenset()
