"""A dispatch: from a need to the homes that are called, in one transaction, or refused with nothing sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from ..openadr.issuing import Issuing
from ..store import insert_rows, new_id
from ..store.audit import Act, record
from ..store.tables import Dispatch, DispatchedHome
from ..web import Problem, correlation_id
from .calls_in_parts import Issued, issue_calls
from .choosing import Choice, choose
from .dispatched import CALLED, LEFT_OUT, NOTHING
from .fleet import fleet_of
from .history import proven_by
from .needs import Wanted
from .standing import standing_offers
from .willing import willing_for

NO_OFFER = "no_offer"
_TABLE = DispatchedHome.metadata.tables[DispatchedHome.__tablename__]


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
    """Make a dispatch of a choice: its rows, the act, and homes' events (``calls_in_parts``).

    Raises Problem 409: a need for which nobody at all can be called is refused.
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


class _Called(NamedTuple):
    """A home that is called, by its columns."""

    dispatch_id: str
    ven_id: str
    event_id: str
    state: str
    called_w: list[int]
    expected_w: list[int]
    called_wh: int
    share: float
    rank: int
    round: int
    held_until: datetime | None
    hold_event_id: str | None


async def write_homes(
    session: AsyncSession, made: Dispatch, choice: Choice, issued: Issued, *, first: int = 0
) -> None:
    """Write the homes of a choice, called or left out. A home that is there already is not written again."""
    await insert_rows(session, _TABLE, _Called._fields, _called_rows(made, choice, issued, [0] * first))
    left_out = [
        (*NOTHING.values(), made.id, ven_id, LEFT_OUT, reason, 1.0, made.round)
        for ven_id, reason in choice.left_out.items()
    ]
    names = (*NOTHING, "dispatch_id", "ven_id", "state", "reason", "share", "round")
    await insert_rows(session, _TABLE, names, left_out)


def _called_rows(made: Dispatch, choice: Choice, issued: Issued, before: list[int]) -> list[_Called]:
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
        _Called(
            dispatch_id=made.id,
            ven_id=ven_id,
            event_id=issued.calls[ven_id],
            state=CALLED,
            called_w=before + called_w,
            expected_w=before + expected_w,
            called_wh=called_wh,
            share=share,
            rank=rank,
            round=made.round,
            held_until=choice.held_until(place, made.ends_at),
            hold_event_id=issued.holds.get(ven_id),
        )
        for place, (ven_id, called_w, expected_w, called_wh, share, rank) in enumerate(homes)
        if ven_id in issued.calls
    ]


def _why_nobody(choice: Choice) -> str:
    reasons: dict[str, int] = {}
    for reason in choice.left_out.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    told = ", ".join(f"{number} homes: {reason}" for reason, number in sorted(reasons.items()))
    return f"No home can be called. {told or 'There is no home in this group'}."
