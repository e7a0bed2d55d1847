"""What already claims homes at a time, for the guard at dispatch.

Calls, requests, what is reserved for a grid operator, and others' events.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import Refusal, resolve_windows
from ..openadr.issuing import HUB_CLIENT
from ..store.tables import Dispatch, DispatchedHome, Event, FlexReservation, HomeRequest
from ..wire.events import homes_of
from .guard import Asks, Claim, Kind
from .programs import Programme, programmes
from .returning import MOST_HELD_S

_SIGNED: Final = frozenset({"DISPATCH_SETPOINT_RELATIVE"})
_LIMITS: Final[Mapping[str, Asks]] = {
    "IMPORT_CAPACITY_LIMIT": Asks.LESS,
    "EXPORT_CAPACITY_LIMIT": Asks.MORE,
}

_MOST_HELD: Final = timedelta(seconds=MOST_HELD_S)

type Claims = Mapping[str, list[Claim]]


async def claims_between(session: AsyncSession, now: datetime, start: datetime, end: datetime) -> Claims:
    """Return by home what claims it at some time between ``start`` and ``end``."""
    known = await programmes(session)
    found: dict[str, list[Claim]] = defaultdict(list)
    async for ven_id, claim in _calls(session, known, start, end):
        found[ven_id].append(claim)
    async for ven_id, claim in _requests(session, known, start, end):
        found[ven_id].append(claim)
    async for ven_id, claim in _reservations(session, known, now, start, end):
        found[ven_id].append(claim)
    # As two ranges, which an index finds, and the only one that could: nearly all events are the hub's own.
    of_others = or_(Event.client_id < HUB_CLIENT, Event.client_id > HUB_CLIENT)
    query = select(Event).where(of_others, func.coalesce(Event.ends_at, end) > start)
    for event in list(await session.scalars(query)):
        claims = [each for each in _of_event(event, known, now) if each.start < end and start < each.end]
        if claims:
            for ven_id in await homes_of(session, event, now):
                found[ven_id] += claims
    return found


async def _calls(
    session: AsyncSession, known: Mapping[str, Programme], start: datetime, end: datetime
) -> Any:
    # Also who dropped out: they have the event, and are paid for what they yet deliver by it. Who is held
    # afterwards is claimed until they are let go.
    query = (
        select(DispatchedHome.ven_id, DispatchedHome.event_id, DispatchedHome.held_until, Dispatch)
        .join(Dispatch)
        .where(
            DispatchedHome.event_id.is_not(None),
            Dispatch.cancelled_at.is_(None),
            Dispatch.starts_at < end,
            Dispatch.ends_at > start - _MOST_HELD,
            or_(Dispatch.ends_at > start, DispatchedHome.held_until > start),
        )
    )
    for ven_id, event_id, held_until, made in await session.execute(query):
        kind, end = _kind(known, made.program_id), held_until or made.ends_at
        yield (
            ven_id,
            Claim(id=event_id, kind=kind, start=made.starts_at, end=end, asks=Asks(made.direction)),
        )


async def _requests(
    session: AsyncSession, known: Mapping[str, Programme], start: datetime, end: datetime
) -> Any:
    query = select(HomeRequest).where(
        HomeRequest.withdrawn_at.is_(None), HomeRequest.starts_at < end, HomeRequest.ends_at > start
    )
    for asked in await session.scalars(query):
        kind = _kind(known, asked.program_id)
        yield (
            asked.ven_id,
            Claim(id=asked.event_id, kind=kind, start=asked.starts_at, end=asked.ends_at),
        )


async def _reservations(
    session: AsyncSession, known: Mapping[str, Programme], now: datetime, start: datetime, end: datetime
) -> Any:
    query = select(FlexReservation).where(
        FlexReservation.until > now, FlexReservation.starts_at < end, FlexReservation.ends_at > start
    )
    for kept in await session.scalars(query):
        kind, asks = _kind(known, kept.program_id), Asks(kept.direction)
        yield (
            kept.ven_id,
            Claim(id=kept.offer_id, kind=kind, start=kept.starts_at, end=kept.ends_at, asks=asks),
        )


def _of_event(event: Event, known: Mapping[str, Programme], now: datetime) -> Iterator[Claim]:
    """Yield what an event claims, interval by interval: the way it moves a home may differ between them."""
    intervals = event.document.get("intervals") or ()
    try:
        windows = resolve_windows(event.document, intervals, now)
    except Refusal:
        return
    kind = _kind(known, event.program_id)
    for window, interval in zip(windows, intervals, strict=True):
        asks = _asks(interval, kind)
        if asks is not None:
            yield Claim(id=event.id, kind=kind, start=window.start, end=window.shifted(1)[1], asks=asks)


def _asks(interval: Mapping[str, Any], kind: Kind) -> Asks | None:
    """Return which way an interval moves a home; None for one that only tells something, as of carbon."""
    for payload in interval.get("payloads") or ():
        value = next(iter(payload.get("values") or ()), None)
        if payload["type"] in _LIMITS:
            return _LIMITS[payload["type"]]
        if payload["type"] in _SIGNED and isinstance(value, int | float):
            return Asks.LESS if value < 0 else Asks.MORE
        if payload["type"] == "SIMPLE":
            return Asks.LESS
    return Asks.NEITHER if kind is Kind.TARIFF_EVENT else None


def _kind(known: Mapping[str, Programme], program_id: str) -> Kind:
    return known[program_id].kind if program_id in known else Kind.AGGREGATOR
