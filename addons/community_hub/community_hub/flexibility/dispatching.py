"""A dispatch: from a need to events in homes, in one transaction, or refused with nothing sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..openadr.issuing import Issuing
from ..store import new_id
from ..store.audit import Act, record
from ..store.tables import Dispatch, DispatchedHome
from ..web import Problem, correlation_id
from .calls import Occasion, event_requests, holding_requests
from .choosing import Choice, choose
from .direction import MICRO, Direction
from .fleet import fleet_of
from .history import proven_by
from .needs import Wanted
from .standing import standing_offers
from .willing import willing_for

CALLED, DROPPED, LEFT_OUT = "called", "dropped", "left_out"
NO_OFFER = "no_offer"
_TABLE = DispatchedHome.metadata.tables[DispatchedHome.__tablename__]


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """The ids of events by home: those that call it, and those that hold it afterwards."""

    calls: Mapping[str, str]
    holds: Mapping[str, str]


async def chosen(session: AsyncSession, now: datetime, wanted: Wanted) -> Choice:
    """Return whom a need calls, from what homes offer and have proven. Raises Problem."""
    willing = await willing_for(session, now, wanted.call)
    window = (wanted.span.start, wanted.span.end)
    ven_ids = [home.ven_id for home in willing.homes]
    told = await standing_offers(session, now, ven_ids, wanted.direction, window)
    fleet = fleet_of(willing.homes, told, wanted.span, unpriced_micro=wanted.price_micro or 0)
    choice = choose(fleet, wanted, await proven_by(session, now, fleet.ven_ids), told)
    offering = set(fleet.ven_ids)
    silent = {home.ven_id: NO_OFFER for home in willing.homes if home.ven_id not in offering}
    return replace(choice, left_out={**willing.left_out, **silent, **choice.left_out})


async def announce(
    session: AsyncSession,
    issuing: Issuing,
    wanted: Wanted,
    choice: Choice,
    *,
    actor: str,
    invitation_id: str | None = None,
) -> Dispatch:
    """Make a dispatch of a choice: its rows, homes' events in the outbox, and the act. Raises Problem 409.

    A need for which nobody at all can be called is refused.
    """
    now = issuing.hub.clock()
    if not choice.called_w.any():
        raise Problem(HTTPStatus.CONFLICT, "nobody-to-call", _why_nobody(choice))
    made = dispatch_row(wanted, choice, actor=actor, now=now, invitation_id=invitation_id)
    session.add(made)
    await session.flush()
    issued = await issue_calls(session, issuing, made, choice)
    await write_homes(session, made, choice, issued)
    details = {
        "program_id": made.program_id,
        "homes": len(issued.calls),
        "need_w": list(wanted.power_w),
        "start": made.starts_at.isoformat(),
        "correlation_id": made.correlation_id,
    }
    await record(session, now, Act(actor=actor, act="dispatch.make", object=made.id, details=details))
    return made


def dispatch_row(
    wanted: Wanted, choice: Choice, *, actor: str, now: datetime, invitation_id: str | None = None
) -> Dispatch:
    """Return the row of a dispatch, not yet stored."""
    return Dispatch(
        id=new_id(),
        program_id=wanted.program_id,
        name=wanted.name,
        starts_at=wanted.span.start,
        ends_at=wanted.span.end,
        interval_s=wanted.span.interval_s,
        direction=wanted.direction.value,
        targets=wanted.targets.model_dump(),
        caps_w=dict(wanted.caps_w),
        is_shaped=choice.held is not None,
        figures=figures_of(wanted.power_w, choice),
        cost_micro=choice.cost_micro,
        price_micro=choice.marginal_micro if wanted.price_micro is None else wanted.price_micro,
        currency=wanted.currency,
        round=0,
        created_at=now,
        created_by=actor,
        correlation_id=correlation_id(),
        invitation_id=invitation_id,
    )


def figures_of(need_w: Sequence[int], choice: Choice) -> dict[str, list[int]]:
    """Return what a choice comes to in each interval, W."""
    return {
        "need_w": list(need_w),
        "called_w": choice.called_w.sum(axis=0).tolist(),
        "expected_w": choice.expected_w.sum(axis=0).tolist(),
        "short_w": choice.short_w.tolist(),
        "beyond_w": choice.beyond_w.tolist(),
    }


async def issue_calls(
    session: AsyncSession, issuing: Issuing, made: Dispatch, choice: Choice, *, first: int = 0
) -> Issued:
    """Make the events of the homes that a choice calls, from interval ``first`` of the dispatch on.

    Return their ids by home, and those of the events that hold homes afterwards.
    """
    occasion = Occasion(
        program_id=made.program_id,
        name=made.name,
        start=made.starts_at + timedelta(seconds=first * made.interval_s),
        interval_s=made.interval_s,
        asks_less=made.direction == Direction.LESS,
        price_per_kwh=Decimal(made.price_micro) / MICRO if made.price_micro else None,
        currency=made.currency,
    )
    ven_ids, held = choice.fleet.ven_ids, choice.held
    groups = {home.ven_id: home.group for home in choice.fleet.homes if home.group is not None}
    calls = event_requests(occasion, ven_ids, choice.called_w, groups)
    holds: dict[str, str] = {}
    if held is not None:
        requests = holding_requests(occasion, ven_ids, choice.called_w.shape[1], held)
        last = made.ends_at + timedelta(seconds=int(held.until.max(initial=0)) * held.slot_s)
        holds = await issuing.calls(session, made.program_id, requests, last)
    return Issued(
        calls=await issuing.calls(session, made.program_id, calls, made.ends_at),
        holds=holds,
    )


async def write_homes(
    session: AsyncSession, made: Dispatch, choice: Choice, issued: Issued, *, first: int = 0
) -> None:
    """Write the homes of a choice, called or left out. A home that is there already is not written again."""
    rows = _called_rows(made, choice, issued, [0] * first)
    nothing: dict[str, Any] = {"event_id": None, "called_w": [], "expected_w": [], "called_wh": 0}
    nothing |= {"held_until": None, "hold_event_id": None}
    rows += [
        nothing
        | {
            "dispatch_id": made.id,
            "ven_id": ven_id,
            "state": LEFT_OUT,
            "reason": reason,
            "share": 1.0,
            "rank": None,
            "round": made.round,
        }
        for ven_id, reason in choice.left_out.items()
    ]
    if rows:
        connection = await session.connection()
        await connection.execute(insert(_TABLE), rows)


def _called_rows(made: Dispatch, choice: Choice, issued: Issued, before: list[int]) -> list[dict[str, Any]]:
    homes = zip(
        choice.fleet.ven_ids,
        choice.called_w.tolist(),
        choice.expected_w.tolist(),
        (choice.called_w.sum(axis=1) * made.interval_s // 3600).tolist(),
        choice.share.round(4).tolist(),
        choice.rank.tolist(),
        strict=True,
    )
    return [
        {
            "dispatch_id": made.id,
            "ven_id": ven_id,
            "event_id": issued.calls[ven_id],
            "state": CALLED,
            "reason": None,
            "called_w": before + called_w,
            "expected_w": before + expected_w,
            "called_wh": called_wh,
            "share": share,
            "rank": rank,
            "round": made.round,
            "held_until": choice.held_until(place, made.ends_at),
            "hold_event_id": issued.holds.get(ven_id),
        }
        for place, (ven_id, called_w, expected_w, called_wh, share, rank) in enumerate(homes)
        if ven_id in issued.calls
    ]


def _why_nobody(choice: Choice) -> str:
    reasons: dict[str, int] = {}
    for reason in choice.left_out.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    told = ", ".join(f"{number} homes: {reason}" for reason, number in sorted(reasons.items()))
    return f"No home can be called. {told or 'There is no home in this group'}."
