"""The rules of alerts: what is looked at, and for how long it may be wrong before anybody is told."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import in_force
from ..metrics.status import Service, State
from ..settings import Settings
from ..store.tables import Consent, DeliverySample, Dispatch, Home, ReceivedReport

# A home tells its forecast each half-hour.
SILENT_AFTER: Final = timedelta(hours=2)
# As a re-dispatch has it: what lacks less is left alone.
_ENOUGH: Final = 0.95
_MOST_NAMED: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the rules look at in one turn; the services by their names, asked once for all rules."""

    session: AsyncSession
    settings: Settings
    now: datetime
    services: Mapping[str, Service]


# What is wrong, in a sentence; None: nothing.
type Look = Callable[[Seen], Awaitable[str | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What is looked at, and how long it may last."""

    name: str
    lasting: timedelta
    look: Look


def _service(name: str, *bad: State) -> Look:
    async def look(seen: Seen) -> str | None:
        found = seen.services[name]
        facts = ", ".join(f"{key} {value}" for key, value in found.facts.items())
        return f"The service {name} is {found.state} ({facts})." if found.state in bad else None

    return look


async def _silent(seen: Seen) -> str | None:
    """Find homes that consent to something, told reports once, and do so no more."""
    last = func.max(ReceivedReport.received_at, type_=ReceivedReport.received_at.type)
    consenting = select(Consent.ven_id).join(Home).where(in_force(seen.now))
    query = (
        select(ReceivedReport.ven_id)
        .where(ReceivedReport.ven_id.in_(consenting))
        .group_by(ReceivedReport.ven_id)
        .having(last < seen.now - SILENT_AFTER)
        .order_by(ReceivedReport.ven_id)
    )
    found = [] if seen.settings.mqtt_url is None else list(await seen.session.scalars(query))
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return f"Not heard for two hours: {', '.join(found[:_MOST_NAMED])}{more}." if found else None


async def _short(seen: Seen) -> str | None:
    """Find dispatches of whose newest minute too little came."""
    running = select(Dispatch).where(
        Dispatch.cancelled_at.is_(None), Dispatch.starts_at <= seen.now, Dispatch.ends_at > seen.now
    )
    found = []
    for made in await seen.session.scalars(running.order_by(Dispatch.id)):
        newest = await seen.session.scalar(
            select(DeliverySample)
            .where(DeliverySample.dispatch_id == made.id)
            .order_by(DeliverySample.at.desc())
            .limit(1)
        )
        if newest is not None and (newest.delivered_w or 0) < _ENOUGH * newest.needed_w:
            found.append(f"{made.id}: {(newest.delivered_w or 0) / 1000} of {newest.needed_w / 1000} kW")
    return f"Less comes than is needed of dispatches {'; '.join(found)}." if found else None


RULES: Final[Sequence[Rule]] = (
    Rule(name="wire_down", lasting=timedelta(minutes=5), look=_service("wire", State.DOWN)),
    Rule(name="wire_late", lasting=timedelta(minutes=2), look=_service("wire", State.LATE)),
    Rule(name="webhooks_late", lasting=timedelta(minutes=30), look=_service("webhooks", State.LATE)),
    Rule(
        name="grid_operators_late", lasting=timedelta(minutes=15), look=_service("grid_operators", State.LATE)
    ),
    Rule(name="homes_silent", lasting=timedelta(minutes=30), look=_silent),
    Rule(name="dispatch_short", lasting=timedelta(minutes=5), look=_short),
)
