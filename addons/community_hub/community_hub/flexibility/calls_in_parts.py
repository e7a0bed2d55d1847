"""The events of a dispatch, written in parts: while one is written, those before go out to homes.

Who is called is committed at once, with its act in the audit log. The events of the first part are written in
that same transaction, so that a dispatch of few homes is one. Of the others each is a row that waits: whoever
takes it writes its events and deletes it, in one transaction. So a hub that is killed between two goes on
where it was, and of several none writes a home's event again.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import batched
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import covers
from ..openadr.issuing import HomeEvent, Issuing
from ..repeating import repeat
from ..store import new_id
from ..store.audit import SYSTEM, Act, record
from ..store.tables import Dispatch, DispatchedHome, OutgoingMessage, WaitingCalls
from .calls import Held, Occasion, event_requests, holding_requests
from .choosing import Choice
from .direction import MICRO, Direction
from .dispatched import leave_out
from .targets import Targets, consenting_homes
from .willing import NO_CONSENT

# So many homes are told while the next are written.
PART: Final = 2000
# What another worker left is gone on with after so long.
EACH_S: Final = 2.0
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """The ids of events by home: those that call it, and those that hold it afterwards."""

    calls: Mapping[str, str]
    holds: Mapping[str, str]


class _Call(NamedTuple):
    """What a home's events come to: W in each interval, of ``group`` where not the whole home is called.

    ``hold_event_id``: it is held to ``held_w`` for ``held_s`` after that; None: it is not.
    """

    ven_id: str
    event_id: str
    group: str | None
    called_w: list[int]
    hold_event_id: str | None
    held_w: int
    held_s: int


async def issue_calls(
    session: AsyncSession, issuing: Issuing, made: Dispatch, choice: Choice, *, first: int = 0
) -> Issued:
    """Give the homes that a choice calls their events, from interval ``first`` of the dispatch on.

    The first part is written; the others wait for ``issue_waiting``, after the caller's transaction.
    """
    calls = list(_calls(choice))
    now, *later = batched(calls, PART, strict=False)
    await _issue(session, issuing, made, now, first)
    if later:
        rows = [
            {
                "dispatch_id": made.id,
                "first": first,
                "homes": len(part),
                "calls": [list(each) for each in part],
            }
            for part in later
        ]
        await session.execute(insert(WaitingCalls), rows)
    return Issued(
        calls={call.ven_id: call.event_id for call in calls},
        holds={call.ven_id: call.hold_event_id for call in calls if call.hold_event_id is not None},
    )


async def issue_waiting(issuing: Issuing, dispatch_id: str | None = None) -> None:
    """Write the events that wait, of one dispatch or of all, each part in a transaction of its own."""
    while await _issue_next(issuing, dispatch_id):
        pass


async def hurry(issuing: Issuing, dispatch_id: str) -> None:
    """Write what waits of a dispatch that is committed; what cannot be now is tried again (``Calls``)."""
    try:
        await issue_waiting(issuing, dispatch_id)
    except SQLAlchemyError:
        _LOG.exception(
            "Dispatch %s: not all homes have their events yet; it will be tried again", dispatch_id
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """Goes on with the parts that a hub which is no more left, and with those that nobody hurries."""

    issuing: Issuing

    async def run(self) -> None:
        """Look every two seconds, until cancelled."""
        await repeat(partial(issue_waiting, self.issuing), each_s=EACH_S, what="Writing events of dispatches")


async def take_back_waiting(session: AsyncSession, dispatch_id: str) -> None:
    """Let nothing that waits of a dispatch be written any more; the caller holds the dispatch."""
    await session.execute(delete(WaitingCalls).where(WaitingCalls.dispatch_id == dispatch_id))


async def not_out(session: AsyncSession, dispatch_ids: Collection[str]) -> Mapping[str, int]:
    """Return of how many homes of each dispatch the call is not at the broker yet."""
    unwritten = (
        select(WaitingCalls.dispatch_id, func.sum(WaitingCalls.homes))
        .where(WaitingCalls.dispatch_id.in_(dispatch_ids))
        .group_by(WaitingCalls.dispatch_id)
    )
    unpublished = (
        select(DispatchedHome.dispatch_id, func.count())
        .join(OutgoingMessage, OutgoingMessage.event_id == DispatchedHome.event_id)
        .where(OutgoingMessage.outcome.is_(None), DispatchedHome.dispatch_id.in_(dispatch_ids))
        .group_by(DispatchedHome.dispatch_id)
    )
    found = dict.fromkeys(dispatch_ids, 0)
    for query in (unwritten, unpublished):
        for dispatch_id, homes in await session.execute(query):
            found[dispatch_id] += int(homes)
    return found


def _calls(choice: Choice) -> Iterator[_Call]:
    held, homes = choice.held, choice.fleet.homes
    for place in np.flatnonzero(choice.called_w.any(axis=1)).tolist():
        slots = 0 if held is None else int(held.until[place])
        is_held = held is not None and slots > 0
        yield _Call(
            ven_id=homes[place].ven_id,
            event_id=new_id(),
            group=homes[place].group,
            called_w=choice.called_w[place].tolist(),
            hold_event_id=new_id() if is_held else None,
            held_w=int(held.limit_w[place]) if held is not None and is_held else 0,
            held_s=slots * held.slot_s if held is not None and is_held else 0,
        )


async def _issue(
    session: AsyncSession, issuing: Issuing, made: Dispatch, calls: Sequence[_Call], first: int
) -> None:
    """Write the events of homes, and let each be told."""
    occasion = _occasion(made, first)
    ven_ids = [call.ven_id for call in calls]
    called_w = np.array([call.called_w for call in calls], dtype=np.int64)
    groups = {call.ven_id: call.group for call in calls if call.group is not None}
    requests = event_requests(occasion, ven_ids, called_w, groups)
    events = (
        HomeEvent(ven_id, call.event_id, document)
        for call, (ven_id, document) in zip(calls, requests, strict=True)
    )
    if holding := [call for call in calls if call.hold_event_id is not None]:
        await _hold(session, issuing, made, holding, occasion)
    await issuing.calls(session, made.program_id, events, made.ends_at)


async def _hold(
    session: AsyncSession, issuing: Issuing, made: Dispatch, calls: Sequence[_Call], occasion: Occasion
) -> None:
    held = Held(
        limit_w=np.array([call.held_w for call in calls], dtype=np.int64),
        until=np.array([call.held_s for call in calls], dtype=np.int64),
        slot_s=1,
    )
    ven_ids = [call.ven_id for call in calls]
    requests = holding_requests(occasion, ven_ids, len(calls[0].called_w), held)
    events = [
        HomeEvent(ven_id, call.hold_event_id or "", document)
        for call, (ven_id, document) in zip(calls, requests, strict=True)
    ]
    last = made.ends_at + timedelta(seconds=max(call.held_s for call in calls))
    await issuing.calls(session, made.program_id, events, last)


def _occasion(made: Dispatch, first: int) -> Occasion:
    return Occasion(
        program_id=made.program_id,
        name=made.name,
        start=_start(made, first),
        interval_s=made.interval_s,
        asks_less=made.direction == Direction.LESS,
        price_per_kwh=Decimal(made.price_micro) / MICRO if made.price_micro else None,
        currency=made.currency,
    )


def _start(made: Dispatch, first: int) -> datetime:
    return made.starts_at + timedelta(seconds=first * made.interval_s)


async def _issue_next(issuing: Issuing, dispatch_id: str | None) -> bool:
    """Write the part that waits longest; return whether there was one.

    Who writes one holds its dispatch, as who changes or cancels that does.
    """
    store = issuing.hub.store
    query = select(WaitingCalls.number, WaitingCalls.dispatch_id).order_by(WaitingCalls.number).limit(1)
    if dispatch_id is not None:
        query = query.where(WaitingCalls.dispatch_id == dispatch_id)
    async with store.reading() as session:
        found = (await session.execute(query)).one_or_none()
    if found is None:
        return False
    async with store.writing() as session:
        made = await session.get(Dispatch, found.dispatch_id, with_for_update=True)
        part = await session.get(WaitingCalls, found.number)
        if made is None or part is None:
            return True
        calls = [_Call(*each) for each in part.calls]
        willing = await _still_willing(session, made, calls, part.first)
        if kept := [call for call in calls if call.ven_id in willing]:
            await _issue(session, issuing, made, kept, part.first)
        if unwilling := [call.ven_id for call in calls if call.ven_id not in willing]:
            await _leave_out(session, issuing, made, unwilling)
        await session.delete(part)
    return True


async def _still_willing(
    session: AsyncSession, made: Dispatch, calls: Sequence[_Call], first: int
) -> Collection[str]:
    """Return which homes still consent for all of it: theirs may have ended since they were chosen."""
    asked = {call.ven_id: call.group or call.ven_id for call in calls}
    homes = await consenting_homes(
        session, made.program_id, _start(made, first), made.ends_at, Targets(ven_ids=list(asked))
    )
    return {home.ven_id for home in homes if covers(home.devices, [asked[home.ven_id]])}


async def _leave_out(session: AsyncSession, issuing: Issuing, made: Dispatch, ven_ids: Sequence[str]) -> None:
    await leave_out(session, made, ven_ids, NO_CONSENT)
    details: dict[str, Any] = {
        "homes": len(ven_ids),
        "reason": NO_CONSENT,
        "correlation_id": made.correlation_id,
    }
    act = Act(actor=SYSTEM, act="dispatch.leave_out", object=made.id, details=details)
    await record(session, issuing.hub.clock(), act)
