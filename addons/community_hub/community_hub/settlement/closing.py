"""Settles a dispatch: once, when it is over, by what homes reported of their receipts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import digest
from ..flexibility.direction import MICRO, Direction, price_text
from ..flexibility.dispatched import DROPPED, withdrawn
from ..flexibility.reported import SETTLED, STATES, Reported, Standing, newest_of
from ..store import new_id
from ..store.audit import Act, record
from ..store.tables import Dispatch, DispatchedHome, Settlement, SettlementLine
from ..web import Problem
from .claims import Claim
from .dispatch_line import DispatchLine, amount_of, document_of
from .metered import metered_by

# Homes report what an event came to within minutes; who has not by then settles as unknown.
GRACE: Final = timedelta(hours=1)
PLACES: Final = 2
RULE: Final = "pay_for_what_came"
CONTRADICTED: Final = "contradicted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """A settlement and its lines."""

    settlement: Settlement
    lines: Sequence[SettlementLine]


async def close(session: AsyncSession, now: datetime, made: Dispatch, *, actor: str) -> Closing:
    """Settle a dispatch. Raises Problem 409 before its end, once it is settled, while reports are missing.

    What a home delivered is what its meter counted against the baseline that it names (``claims``); a claim
    that its own meter does not bear out is told and not paid. Of a home that took no part nothing came; of
    one that told nothing nothing is known, and nothing is paid.
    """
    if made.cancelled_at is not None or now < made.ends_at:
        raise Problem(HTTPStatus.CONFLICT, "not-over", "This dispatch is not over, or was cancelled.")
    if await session.scalar(select(Settlement.id).where(Settlement.dispatch_id == made.id)) is not None:
        raise Problem(HTTPStatus.CONFLICT, "settled-already", "This dispatch is settled.")
    query = (
        select(DispatchedHome)
        .where(DispatchedHome.dispatch_id == made.id, DispatchedHome.event_id.is_not(None))
        .order_by(DispatchedHome.ven_id)
    )
    rows = list(await session.scalars(query))
    told = await newest_of(session, made, SETTLED)
    states = await newest_of(session, made, STATES)
    metered = await metered_by(session, told)
    gone = await withdrawn(session, now, made)
    settlement_id = new_id()
    lines = [
        _line(
            settlement_id,
            made,
            row,
            told=told.get(row.ven_id),
            state=states.get(row.ven_id),
            metered_wh=metered.get(row.ven_id),
            is_withdrawn=row.ven_id in gone,
        )
        for row in rows
    ]
    missing = sum(line.state == "unknown" for line in lines)
    if missing and now < made.ends_at + GRACE:
        detail = f"{missing} homes have not told yet what came. They have an hour for it."
        raise Problem(HTTPStatus.CONFLICT, "reports-missing", detail)
    settlement = Settlement(
        id=settlement_id,
        dispatch_id=made.id,
        program_id=made.program_id,
        rule=RULE,
        currency=made.currency,
        price_micro=made.price_micro,
        delivered_wh=sum(line.delivered_wh or 0 for line in lines),
        amount=sum(line.amount for line in lines),
        digest=digest([line.statement for line in lines]),
        made_at=now,
        made_by=actor,
    )
    session.add(settlement)
    await session.flush()
    session.add_all(lines)
    details = {
        "dispatch_id": made.id,
        "digest": settlement.digest,
        "amount": settlement.amount,
        "correlation_id": made.correlation_id,
    }
    await record(session, now, Act(actor=actor, act="settlement.make", object=settlement.id, details=details))
    return Closing(settlement=settlement, lines=lines)


def counts_of(lines: Sequence[SettlementLine]) -> dict[str, int]:
    """Return how many lines have which state."""
    found = Counter(line.state for line in lines)
    return {state: found[state] for state in ("settled", CONTRADICTED, "unknown", "left")}


def _line(
    settlement_id: str,
    made: Dispatch,
    row: DispatchedHome,
    *,
    told: Reported | None,
    state: Reported | None,
    metered_wh: int | None,
    is_withdrawn: bool,
) -> SettlementLine:
    sign = 1 if made.direction == Direction.LESS else -1
    claim = Claim(agreed_wh=row.called_wh, sign=sign, start=made.starts_at, end=made.ends_at)
    told_wh, delivered_wh = claim.delivered(told, metered_wh)
    has_said_no = state is not None and state.standing in {Standing.LEFT, Standing.ASKED, Standing.REFUSED}
    is_out = row.state == DROPPED or is_withdrawn or has_said_no
    outcome = "settled" if delivered_wh is not None else "left" if is_out else "unknown"
    if outcome == "settled" and told_wh != delivered_wh:
        outcome = CONTRADICTED
    amount = amount_of(delivered_wh, row.called_wh, Decimal(made.price_micro) / MICRO, made.currency)
    line = DispatchLine(
        settlement=settlement_id,
        home=row.ven_id,
        event=row.event_id or "",
        state=outcome,
        asks=made.direction,
        agreed_wh=row.called_wh,
        delivered_wh=delivered_wh,
        told_wh=told_wh,
        baseline_rule=None if told is None else told.text("BASELINE_RULE"),
        receipt=None if told is None else told.text("RECEIPT"),
        currency=made.currency,
        price_per_kwh=price_text(made.price_micro) or "0",
        amount=str(amount),
    )
    return SettlementLine(
        settlement_id=settlement_id,
        ven_id=row.ven_id,
        event_id=line.event,
        state=outcome,
        agreed_wh=line.agreed_wh,
        delivered_wh=delivered_wh,
        amount=int(amount.scaleb(PLACES)),
        statement=document_of(line),
    )


def described(closing: Settlement, lines: Sequence[SettlementLine]) -> dict[str, Any]:
    """Return what is told of a settlement, with the lines that somebody may see."""
    return {
        "id": closing.id,
        "dispatch_id": closing.dispatch_id,
        "program_id": closing.program_id,
        "rule": closing.rule,
        "currency": closing.currency,
        "price_per_kwh": price_text(closing.price_micro),
        "delivered_kwh": sum(line.delivered_wh or 0 for line in lines) / 1000,
        "amount": f"{Decimal(sum(line.amount for line in lines)).scaleb(-PLACES):f}",
        "counts": counts_of(lines),
        "digest": closing.digest,
        "made_at": closing.made_at,
        "made_by": closing.made_by,
    }


def described_line(line: SettlementLine) -> dict[str, Any]:
    """Return what is told of a home's line, with its statement."""
    statement = line.statement
    return {
        "settlement_id": line.settlement_id,
        "ven_id": line.ven_id,
        "event_id": line.event_id,
        "state": line.state,
        "agreed_kwh": line.agreed_wh / 1000,
        "delivered_kwh": None if line.delivered_wh is None else line.delivered_wh / 1000,
        "told_kwh": None if statement["told_wh"] is None else statement["told_wh"] / 1000,
        "amount": statement["amount"],
        "currency": statement["currency"],
        "price_per_kwh": statement["price_per_kwh"],
        "baseline_rule": statement["baseline_rule"],
        "receipt_digest": statement["receipt"],
        "checked": line.checked,
        "statement": statement,
    }
