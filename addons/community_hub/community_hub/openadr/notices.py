"""Who is told of a change by webhook: a row in the queue for each subscription that asks for it.

A subscriber is told only of what its client may see, whose targets hold those of the subscription.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Clock
from ..store import new_id
from ..store.tables import Client, Event, Program, Subscription, WebhookDelivery
from ..store.tables.openadr import OpenADRObject
from .access import Caller, caller_of
from .objects import Notice, Tell, visible


def webhooks(clock: Clock) -> Tell:
    """Return what queues webhooks."""
    return partial(_queue, clock)


async def _queue(clock: Clock, session: AsyncSession, notice: Notice) -> None:
    program_id = await _program_id(session, notice.row)
    subscriptions = await session.scalars(
        select(Subscription)
        .where(
            Subscription.object_types.contains(f" {notice.kind.object_type} ", autoescape=True),
            or_(
                Subscription.program_id.is_(None),
                Subscription.program_id == program_id,
            ),
        )
        .order_by(Subscription.id)
    )
    now = clock()
    callers: dict[str, Caller | None] = {}
    for subscription in subscriptions:
        client_id = subscription.client_id
        if client_id not in callers:
            client = await session.get(Client, client_id)
            callers[client_id] = (
                await caller_of(session, client, now) if client and not client.revoked_at else None
            )
        subscriber = callers[client_id]
        if subscriber is not None and await _is_told(session, notice, subscription, subscriber):
            session.add_all(_deliveries(subscription, notice, now))


async def _is_told(
    session: AsyncSession, notice: Notice, subscription: Subscription, subscriber: Caller
) -> bool:
    wanted = frozenset(subscription.document.get("targets", ()))
    may_read = subscriber.is_business or notice.kind.read in subscriber.scopes
    if not may_read or not wanted <= frozenset(notice.row.document.get("targets", ())):
        return False
    table = notice.kind.table
    query = select(table.id).where(table.id == notice.row.id, visible(notice.kind, subscriber))
    return await session.scalar(query) is not None


def _deliveries(subscription: Subscription, notice: Notice, now: datetime) -> Iterator[WebhookDelivery]:
    for index, operation in enumerate(subscription.document["objectOperations"]):
        if notice.kind.object_type in operation["objects"] and notice.operation in operation["operations"]:
            yield WebhookDelivery(
                id=new_id(),
                subscription_id=subscription.id,
                operation=index,
                notification=notice.notification(),
                due_at=now,
            )


async def _program_id(session: AsyncSession, row: OpenADRObject) -> str | None:
    """Return the programme that an object belongs to, None for VENs and resources."""
    if isinstance(row, Program):
        return row.id
    event_id = getattr(row, "event_id", None)
    if event_id is not None:
        return (await session.get_one(Event, event_id)).program_id
    program_id: str | None = getattr(row, "program_id", None)
    return program_id
