"""How each service of the hub is, in one word each: what a person looks at first, and what alerts watch.

Each is judged by what stands in the database, the same from each worker.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..settings import Settings
from ..store.tables import GridMessage, Leader, Mail, OutgoingMessage, ReceivedReport, WebhookDelivery
from ..store.tables.base import Base
from ..wire.leading import TASK
from .figures import HEARD

# Tried so often in vain (with the waits between them ten minutes), what waits is late.
_LATE_AFTER_ATTEMPTS: Final = 6


class State(StrEnum):
    """How a service is."""

    OK = "ok"
    LATE = "late"
    """What it is to do waits for longer than it should."""
    DOWN = "down"
    """Nobody does it."""
    OFF = "off"
    """It is not set up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A service, how it is, and what speaks for that, in numbers."""

    name: str
    state: State
    facts: dict[str, Any]


async def _database(_session: AsyncSession, _settings: Settings, _now: datetime) -> Service:
    """Who reads this has had an answer of it."""
    return Service(name="database", state=State.OK, facts={})


async def _wire(session: AsyncSession, settings: Settings, now: datetime) -> Service:
    """Judge the wire: down while no worker holds it, late once a message expired before it went out."""
    waits = OutgoingMessage.outcome.is_(None)
    waiting = await _count(session, OutgoingMessage, waits)
    overdue = await _count(session, OutgoingMessage, waits, OutgoingMessage.expires_at <= now)
    holder = await session.scalar(select(Leader.holder).where(Leader.task == TASK))
    heard = await session.scalar(
        select(func.max(ReceivedReport.received_at, type_=ReceivedReport.received_at.type))
    )
    is_heard = heard is not None and heard > now - HEARD
    state = State.LATE if overdue else State.OK if holder else State.DOWN
    facts = {"waiting": waiting, "overdue": overdue, "last_report_at": heard, "is_heard": is_heard}
    return Service(name="wire", state=State.OFF if settings.mqtt_url is None else state, facts=facts)


async def _webhooks(session: AsyncSession, _settings: Settings, _now: datetime) -> Service:
    late, facts = await _posted(session, WebhookDelivery, WebhookDelivery.ended_at.is_(None))
    return Service(name="webhooks", state=State.LATE if late else State.OK, facts=facts)


async def _grid(session: AsyncSession, settings: Settings, _now: datetime) -> Service:
    ours = (GridMessage.is_ours.is_(True), GridMessage.ended_at.is_(None))
    late, facts = await _posted(session, GridMessage, *ours)
    state = State.LATE if late else State.OK
    return Service(
        name="grid_operators", state=State.OFF if settings.uftp_domain is None else state, facts=facts
    )


async def _mail(session: AsyncSession, settings: Settings, _now: datetime) -> Service:
    late, facts = await _posted(session, Mail, Mail.ended_at.is_(None))
    state = State.LATE if late else State.OK
    return Service(name="mail", state=State.OFF if settings.relay is None else state, facts=facts)


type _Check = Callable[[AsyncSession, Settings, datetime], Awaitable[Service]]
_CHECKS: Final[Sequence[_Check]] = (_database, _wire, _webhooks, _grid, _mail)


async def services(session: AsyncSession, settings: Settings, now: datetime) -> list[Service]:
    """Return how each service is."""
    return [await check(session, settings, now) for check in _CHECKS]


async def _posted(
    session: AsyncSession, table: type[WebhookDelivery | GridMessage | Mail], *waits: ColumnElement[bool]
) -> tuple[int, dict[str, Any]]:
    """Return how many of what waits to be posted are late, and the facts of it."""
    waiting = await _count(session, table, *waits)
    late = await _count(session, table, *waits, table.attempts >= _LATE_AFTER_ATTEMPTS)
    return late, {"waiting": waiting, "tried_in_vain": late}


async def _count(session: AsyncSession, table: type[Base], *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(*conditions)
    return await session.scalar(query) or 0
