"""Homes that drop out are made up for: who was called stays so, others are called for what is lacking."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..arrays import Whole
from ..openadr.issuing import Issuing
from ..store.audit import Act, record
from ..store.database import Turn, take_turn
from ..store.tables import Dispatch, DispatchedHome, Home
from ..web import Problem
from .calls_in_parts import issue_calls
from .choosing import Choice, choose
from .delivering import Delivery, by_ven, delivery
from .direction import Direction
from .dispatch import TOLERATED_SHORT
from .dispatched import CALLED, DROPPED, LEFT_OUT, called_homes, renew_figures
from .dispatching import write_homes
from .fleet import Span, fleet_of
from .history import proven_by
from .needs import Wanted
from .standing import standing_offers
from .targets import Targets
from .willing import willing_for

# Whom is called now gets so much time until the interval begins.
_LEAD: Final = timedelta(minutes=1)


async def redispatch(
    session: AsyncSession, issuing: Issuing, made: Dispatch, *, actor: str, lacking_w: int = 0
) -> int:
    """Drop the homes that are out, and call others for what is then lacking; return how many were called.

    ``lacking_w``: what is lacking beyond that now, as delivery shows. In the intervals that are still to
    come; no home is called twice. Raises Problem 409 where nothing is lacking, or nothing is left of it.
    """
    now = issuing.hub.clock()
    first = _first_interval(made, now)
    if made.cancelled_at is not None or first is None:
        raise Problem(HTTPStatus.CONFLICT, "dispatch-over", "This dispatch is over or cancelled.")
    dropped = await _drop(session, made, await delivery(session, now, made))
    rows = await called_homes(session, made)
    lacking = _lacking_w(made, rows, first, lacking_w)
    if not (lacking > 0).any():
        if dropped:
            await _note(session, made, now, actor, dropped, 0)
            return 0
        raise Problem(HTTPStatus.CONFLICT, "nothing-lacks", "No home has left, and nothing is lacking.")
    wanted = _wanted(made, first, lacking)
    await take_turn(session, Turn.CALLING)
    choice = await _choice(session, now, wanted, made, rows)
    called = 0
    if choice.called_w.any():
        made.round += 1
        issued = await issue_calls(session, issuing, made, choice, first=first)
        await session.execute(
            delete(DispatchedHome).where(
                DispatchedHome.dispatch_id == made.id,
                DispatchedHome.state == LEFT_OUT,
                DispatchedHome.ven_id.in_(list(issued.calls)),
            )
        )
        await write_homes(session, made, choice, issued, first=first)
        made.cost_micro += choice.cost_micro
        called = len(issued.calls)
    renew_figures(made, await called_homes(session, made))
    await _note(session, made, now, actor, dropped, called)
    return called


def _first_interval(made: Dispatch, now: datetime) -> int | None:
    """Return the first interval that has not begun, None where there is none; all of one that is to come."""
    if now + _LEAD >= made.ends_at:
        return None
    passed_s = (now + _LEAD - made.starts_at).total_seconds()
    first = max(-int(-passed_s // made.interval_s), 0)
    return first if first < len(made.figures["need_w"]) else None


async def _drop(session: AsyncSession, made: Dispatch, found: Delivery) -> int:
    dropped = 0
    for ven_id, home in by_ven(found).items():
        if home.row.state == CALLED and home.is_out:
            row = await session.get_one(DispatchedHome, (made.id, ven_id))
            row.state, row.reason = DROPPED, str(home.standing)
            dropped += 1
    await session.flush()
    return dropped


def _lacking_w(made: Dispatch, rows: list[DispatchedHome], first: int, lacking_w: int) -> Whole:
    """Return what is lacking in each interval from ``first`` on; a little is tolerated."""
    need = np.array(made.figures["need_w"][first:], dtype=np.int64)
    expected = np.zeros_like(need)
    for row in rows:
        expected += np.array(row.expected_w[first:], dtype=np.int64)
    lacking: Whole = np.maximum(need - expected, 0)
    lacking[lacking <= TOLERATED_SHORT * need] = 0
    more: Whole = np.maximum(lacking, np.minimum(lacking_w, need))
    return more


def _wanted(made: Dispatch, first: int, lacking: Whole) -> Wanted:
    return Wanted(
        program_id=made.program_id,
        name=made.name,
        span=Span(
            start=made.starts_at + timedelta(seconds=first * made.interval_s),
            interval_s=made.interval_s,
            intervals=len(lacking),
        ),
        power_w=tuple(lacking.tolist()),
        direction=Direction(made.direction),
        targets=Targets.model_validate(made.targets),
        caps_w=dict(made.caps_w),
        price_micro=made.price_micro,
        currency=made.currency,
        is_shaped=made.is_shaped,
    )


async def _choice(
    session: AsyncSession, now: datetime, wanted: Wanted, made: Dispatch, rows: list[DispatchedHome]
) -> Choice:
    """Return whom to call besides, within what the homes that stay called leave of the feeders' caps."""
    willing = await willing_for(session, now, wanted.call)
    query = select(DispatchedHome.ven_id).where(
        DispatchedHome.dispatch_id == made.id, DispatchedHome.event_id.is_not(None)
    )
    had = frozenset(await session.scalars(query))
    others = [home for home in willing.homes if home.ven_id not in had]
    window = (wanted.span.start, wanted.span.end)
    told = await standing_offers(session, now, [home.ven_id for home in others], wanted.direction, window)
    left = replace(wanted, caps_w=await _caps_left(session, wanted.caps_w, rows))
    fleet = fleet_of(others, told, left.span, unpriced_micro=made.price_micro)
    choice = choose(fleet, left, await proven_by(session, now, fleet.ven_ids), told)
    return replace(choice, left_out={})


async def _caps_left(
    session: AsyncSession, caps_w: Mapping[str, int], rows: list[DispatchedHome]
) -> dict[str, int]:
    if not caps_w:
        return {}
    feeders = dict((await session.execute(select(Home.ven_id, Home.feeder))).tuples().all())
    left = dict(caps_w)
    for row in rows:
        feeder = feeders.get(row.ven_id)
        if feeder in left:
            left[feeder] = max(left[feeder] - max(row.expected_w, default=0), 0)
    return left


async def _note(
    session: AsyncSession, made: Dispatch, now: datetime, actor: str, dropped: int, called: int
) -> None:
    details = {
        "dropped": dropped,
        "called": called,
        "round": made.round,
        "correlation_id": made.correlation_id,
    }
    await record(session, now, Act(actor=actor, act="dispatch.redispatch", object=made.id, details=details))
