"""Tells homes of their events over MQTT: what changes in the VTN becomes a row of the outbox for each home.

A home is told of the events that it would see as a VEN (``openadr.access``): its targets hold those of the
event and of its programme, and its resident consents to the programme. One that no longer sees an event which
it was told of is told that it is deleted.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import consenting, covers, in_force
from ..hub import Clock, Hub
from ..openadr.kinds import EVENT
from ..openadr.objects import NewEvent, Notice, Tell
from ..store.tables import Consent, Event, Home, ObjectTarget, OutgoingMessage, Resource
from .outbox import Outgoing, put

# An event without an end is told for so long.
MOST_EXPIRY: Final = timedelta(days=7)
_TICK: Final = timedelta(microseconds=1)


def over_mqtt(clock: Clock, prefix: str) -> Tell:
    """Return what puts events into the outbox."""
    return partial(_tell, clock, prefix)


async def _tell(clock: Clock, prefix: str, session: AsyncSession, notice: Notice) -> None:
    event = notice.row
    if not isinstance(event, Event):
        return
    now = clock()
    sees = frozenset[str]() if notice.operation == "DELETE" else await homes_of(session, event, now)
    told = frozenset(
        await session.scalars(
            select(OutgoingMessage.ven_id).where(OutgoingMessage.event_id == event.id).distinct()
        )
    )
    told_of = notice.notification()
    for operation, ven_ids in (
        ("DELETE", told - sees),
        ("UPDATE", told & sees),
        ("CREATE", sees - told),
    ):
        payload = to_json(told_of | {"operation": operation})
        messages = [message(prefix, event, each, operation, payload, now) for each in sorted(ven_ids)]
        await put(session, messages)


async def tell_unseen(session: AsyncSession, hub: Hub, ven_ids: Collection[str]) -> None:
    """Tell homes of the events that are not theirs any more: a consent ended or is shorter, or they leave.

    An event that names a home is its own as long as its resident consents for the whole of it.
    """
    settings, now = hub.settings, hub.clock()
    if settings.mqtt_url is None:
        return
    is_open = or_(Event.ends_at.is_(None), Event.ends_at > now)
    named = await _homes_by_event(
        session,
        select(Event.id, ObjectTarget.target)
        .join(ObjectTarget, ObjectTarget.object_id == Event.id)
        .where(is_open, ObjectTarget.target.in_(ven_ids)),
    )
    told = await _homes_by_event(
        session,
        select(Event.id, OutgoingMessage.ven_id)
        .join(OutgoingMessage, OutgoingMessage.event_id == Event.id)
        .where(is_open, OutgoingMessage.ven_id.in_(ven_ids)),
    )
    for event_id in sorted(named.keys() | told.keys()):
        event = await session.get_one(Event, event_id)
        sees = await homes_of(session, event, now, among=ven_ids)
        if event.ends_at is not None:
            asked = event.document.get("targets", ())
            kept = await consenting(session, event.program_id, event.ends_at - _TICK, ven_ids, asked)
            sees -= named[event_id] - kept
        payload = to_json(Notice(operation="DELETE", kind=EVENT, row=event).notification())
        unseen = sorted((named[event_id] | told[event_id]) - sees)
        prefix = settings.mqtt_prefix
        await put(session, [message(prefix, event, each, "DELETE", payload, now) for each in unseen])


async def _homes_by_event(
    session: AsyncSession, query: Select[tuple[str, str]]
) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for event_id, ven_id in await session.execute(query):
        found[event_id].add(ven_id)
    return found


async def homes_of(
    session: AsyncSession, event: Event, now: datetime, *, among: Collection[str] | None = None
) -> frozenset[str]:
    """Return the homes that see an event, of all or of some."""
    targets = await session.scalars(
        select(ObjectTarget.target).where(ObjectTarget.object_id.in_((event.id, event.program_id)))
    )
    query = (
        select(Home.ven_id, Consent.devices)
        .join(Consent)
        .where(Consent.program_id == event.program_id, in_force(now), *_having(set(targets)))
    )
    if among is not None:
        query = query.where(Home.ven_id.in_(among))
    asked = event.document.get("targets", ())
    return frozenset(ven_id for ven_id, devices in await session.execute(query) if covers(devices, asked))


def _having(targets: Iterable[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that a home has all of these targets, itself or by one of its resources."""
    found = []
    for target in sorted(targets):
        objects = select(ObjectTarget.object_id).where(ObjectTarget.target == target)
        resources = select(Resource.ven_id).where(Resource.id.in_(objects))
        found.append(
            or_(Home.ven_id == target, Home.ven_id.in_(objects), Home.ven_id.in_(resources)),
        )
    return found


def message(
    prefix: str, event: Event | NewEvent, ven_id: str, operation: str, notification: bytes, now: datetime
) -> Outgoing:
    """Return the message by which a home is told what happened to an event."""
    return Outgoing(
        ven_id=ven_id,
        event_id=event.id,
        topic=f"{prefix}/vens/{ven_id}/events/{operation.lower()}",
        payload=notification,
        expires_at=event.ends_at or now + MOST_EXPIRY,
    )
