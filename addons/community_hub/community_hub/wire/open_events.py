"""Answers homes that ask which events are open: all that each would see as a VEN, and no other."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import covers, in_force
from ..openadr.kinds import EVENT
from ..openadr.objects import represented
from ..store.tables import Consent, Event, Home, ObjectTarget, Resource
from .mqtt5 import Message
from .reports import ven_of
from .session import Publication

REQUEST: Final = "events/request"
# A home that has gone by then asks again when it is back.
EXPIRY_S: Final = 60
MOST_BYTES: Final = 4096
_MOST_CORRELATION: Final = 256
# No database is asked of more at once.
_AT_ONCE: Final = 5000


async def answers(
    session: AsyncSession, prefix: str, requests: Iterable[Message], now: datetime
) -> list[Publication]:
    """Return the answer to the latest request of each home that the hub knows; what is none gets none."""
    asked = {ven_of(each.topic): _correlation(each) for each in requests}
    correlations = {ven_id: told for ven_id, told in asked.items() if told is not None}
    if not correlations:
        return []
    known = await session.scalars(
        select(Home.ven_id).where(Home.ven_id.in_(correlations), Home.state == "active")
    )
    seen = await _seen(session, set(known), now)
    return [
        Publication(
            f"{prefix}/vens/{ven_id}/events/response",
            to_json({"correlation": correlations[ven_id], "events": events}),
            EXPIRY_S,
        )
        for ven_id, events in seen.items()
    ]


def _correlation(message: Message) -> str | None:
    """Return what a request is known by; None where it is none, or another home's."""
    if len(message.payload) > MOST_BYTES:
        return None
    try:
        told = from_json(message.payload, allow_inf_nan=False)
    except ValueError:
        return None
    match told:
        case {"correlation": str(correlation), **more} if len(correlation) <= _MOST_CORRELATION:
            ven_id = ven_of(message.topic)
            return correlation if more.get("venID", ven_id) == ven_id else None
    return None


@dataclass(frozen=True, slots=True)
class _Open:
    """An event that is not over, and the targets that a home has to have for it, its programme's too."""

    event_id: str
    program_id: str
    targets: frozenset[str]


async def _seen(
    session: AsyncSession, ven_ids: Collection[str], now: datetime
) -> Mapping[str, Sequence[dict[str, Any]]]:
    """Return the events that each of these homes sees, as they are sent."""
    programs = await _consented(session, ven_ids, now)
    targets = await _targets_of_homes(session, ven_ids)
    by_target: dict[str | None, list[_Open]] = defaultdict(list)
    for event in await _open_events(session, {each for found in programs.values() for each in found}, now):
        by_target[min(event.targets, default=None)].append(event)
    ids = {
        ven_id: [
            event.event_id
            for target in (None, *targets[ven_id])
            for event in by_target[target]
            if event.program_id in programs[ven_id] and event.targets <= targets[ven_id]
        ]
        for ven_id in ven_ids
    }
    documents: dict[str, dict[str, Any]] = {}
    for some in batched({event_id for found in ids.values() for event_id in found}, _AT_ONCE, strict=False):
        rows = await session.scalars(select(Event).where(Event.id.in_(some)))
        documents |= {row.id: represented(EVENT, row) for row in rows}
    # Identifiers of later events sort behind those of earlier ones.
    return {
        ven_id: [documents[each] for each in sorted(found) if _covered(documents[each], programs[ven_id])]
        for ven_id, found in ids.items()
    }


def _covered(event: Mapping[str, Any], programs: Mapping[str, Collection[str]]) -> bool:
    return covers(programs[event["programID"]], event.get("targets", ()))


async def _consented(
    session: AsyncSession, ven_ids: Collection[str], now: datetime
) -> dict[str, dict[str, Collection[str]]]:
    """Return by home the programmes that it consents to, each with the devices: none is the whole home."""
    found: dict[str, dict[str, Collection[str]]] = {ven_id: {} for ven_id in ven_ids}
    query = select(Consent.ven_id, Consent.program_id, Consent.devices).join(Home)
    rows = await session.execute(query.where(Consent.ven_id.in_(ven_ids), in_force(now)))
    for ven_id, program_id, devices in rows:
        found[ven_id][program_id] = devices
    return found


async def _targets_of_homes(session: AsyncSession, ven_ids: Collection[str]) -> dict[str, set[str]]:
    """Return what homes are targeted by: their venIDs, and the targets of their VENs and resources."""
    found = {ven_id: {ven_id} for ven_id in ven_ids}
    own = select(ObjectTarget.object_id, ObjectTarget.target).where(ObjectTarget.object_id.in_(ven_ids))
    of_devices = select(Resource.ven_id, ObjectTarget.target).join(
        ObjectTarget, ObjectTarget.object_id == Resource.id
    )
    for query in (own, of_devices.where(Resource.ven_id.in_(ven_ids))):
        for ven_id, target in await session.execute(query):
            found[ven_id].add(target)
    return found


async def _open_events(session: AsyncSession, programs: Collection[str], now: datetime) -> list[_Open]:
    """Return the events of these programmes that are not over, without their documents: few are asked for."""
    is_open = or_(Event.ends_at.is_(None), Event.ends_at > now)
    query = select(Event.id, Event.program_id).where(Event.program_id.in_(programs), is_open)
    events = (await session.execute(query)).all()
    wanted = select(Event.id).where(Event.program_id.in_(programs), is_open)
    targets: dict[str, set[str]] = defaultdict(set)
    of = or_(ObjectTarget.object_id.in_(wanted), ObjectTarget.object_id.in_(programs))
    for object_id, target in await session.execute(
        select(ObjectTarget.object_id, ObjectTarget.target).where(of)
    ):
        targets[object_id].add(target)
    return [
        _Open(event_id, program_id, frozenset(targets[event_id] | targets[program_id]))
        for event_id, program_id in events
    ]
