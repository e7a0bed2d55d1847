"""Follows the audit log while anybody listens, and tells what the acts on flexibility were.

Each worker of the hub follows the log by itself, so that it does not matter which of them acted.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..flexibility.delivering import delivery, told_of
from ..hub import Hub
from ..store import audit
from ..store.tables import (
    AuditEntry,
    AuditHead,
    Dispatch,
    DispatchedHome,
    Home,
    InvitationAnswer,
    SettlementLine,
)
from ..web import Problem
from .subscribers import Message, Subscriber

TOPICS: Final = ("invitation", "dispatch", "settlement", "request", "program")
EACH_S: Final = 0.5
DELIVERY_EACH_S: Final = 2.0
MOST_SUBSCRIBERS: Final = 500
# So that nobody takes the others' places.
MOST_OF_ONE: Final = 20
_PAGE: Final = 500
_CORRELATION: Final = "correlation_id"
_LOG: Final = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class Feed:
    """The feed of one worker."""

    hub: Hub
    _subscribers: set[Subscriber] = field(default_factory=set)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _number: int | None = None

    @contextlib.contextmanager
    def subscribed(self, subscriber: Subscriber) -> Iterator[Subscriber]:
        """Let somebody listen until the block ends. Raises Problem 503 when too many do, or one too often."""
        own = sum(each.listener == subscriber.listener for each in self._subscribers)
        if len(self._subscribers) >= MOST_SUBSCRIBERS or own >= MOST_OF_ONE:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-listeners", "Too many listen already.")
        self._subscribers.add(subscriber)
        self._wanted.set()
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            if not self._subscribers:
                self._wanted.clear()

    async def run(self) -> None:
        """Follow the log until cancelled; while nobody listens nothing is read."""
        loop = asyncio.get_running_loop()
        told_at_s = -DELIVERY_EACH_S
        while True:
            if not self._subscribers:
                self._number = None
                await self._wanted.wait()
            try:
                await self.follow()
                if loop.time() - told_at_s >= DELIVERY_EACH_S:
                    told_at_s = loop.time()
                    await self.tell_deliveries()
            except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
                _LOG.exception("The feed could not be followed; it will be tried again")
            await asyncio.sleep(EACH_S)

    async def follow(self) -> None:
        """Tell what was done since the last time; the first time only where the log stands is noted."""
        async with self.hub.store.reading() as session:
            if self._number is None:
                self._number = (await session.get_one(AuditHead, 1)).number
                return
            while found := await audit.entries(session, after=self._number, most=_PAGE):
                for message in await _messages(session, found):
                    self._tell(message)
                self._number = found[-1].number

    async def since(self, number: int, subscriber: Subscriber) -> list[Message]:
        """Return what a subscriber missed since an act, as far as a page holds it."""
        async with self.hub.store.reading() as session:
            found = await audit.entries(session, after=number, most=_PAGE)
            return [each for each in await _messages(session, found) if subscriber.wants(each)]

    async def tell_deliveries(self) -> None:
        """Tell what each running dispatch delivers now."""
        now = self.hub.clock()
        async with self.hub.store.reading() as session:
            for message in await _deliveries(session, now):
                self._tell(message)

    def _tell(self, message: Message) -> None:
        for subscriber in self._subscribers:
            subscriber.put(message)


async def _deliveries(session: AsyncSession, now: datetime) -> list[Message]:
    running = select(Dispatch).where(
        Dispatch.cancelled_at.is_(None), Dispatch.starts_at <= now, Dispatch.ends_at > now
    )
    return [
        Message(
            type="dispatch.delivery",
            at=now,
            object=made.id,
            correlation_id=made.correlation_id,
            details=told_of(await delivery(session, now, made), made) | {"at": now.isoformat()},
            owners=await _owners(session, "dispatch", made.id, {}),
        )
        for made in list(await session.scalars(running))
    ]


async def _messages(session: AsyncSession, found: Sequence[AuditEntry]) -> list[Message]:
    messages = []
    for entry in found:
        topic = entry.act.partition(".")[0]
        if topic in TOPICS:
            details = {name: value for name, value in entry.details.items() if name != _CORRELATION}
            messages.append(
                Message(
                    type=entry.act,
                    at=entry.at,
                    object=entry.object,
                    correlation_id=entry.details.get(_CORRELATION, ""),
                    details=details,
                    number=entry.number,
                    owners=await _owners(session, topic, entry.object, entry.details),
                )
            )
    return messages


async def _owners(
    session: AsyncSession, topic: str, identifier: str, details: dict[str, object]
) -> frozenset[str]:
    """Return the people whose homes an act concerns: of an act on one home that home's alone."""
    query = select(Home.owner_id).where(Home.owner_id.is_not(None))
    if (ven_id := details.get("ven_id")) is not None:
        query = query.where(Home.ven_id == ven_id)
    elif topic == "dispatch":
        query = query.join(DispatchedHome).where(
            DispatchedHome.dispatch_id == identifier, DispatchedHome.event_id.is_not(None)
        )
    elif topic == "invitation":
        query = query.join(InvitationAnswer).where(InvitationAnswer.invitation_id == identifier)
    elif topic == "settlement":
        query = query.join(SettlementLine, SettlementLine.ven_id == Home.ven_id).where(
            SettlementLine.settlement_id == identifier
        )
    else:
        return frozenset()
    return frozenset(owner for owner in await session.scalars(query.distinct()) if owner is not None)
