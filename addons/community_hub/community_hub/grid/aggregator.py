"""The hub as an aggregator of UFTP: its domain, its keys, what it has, and with whom it speaks."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..store.tables import CongestionPoint, GridOperator
from .conversation import Conversation
from .messages import Keys
from .portfolio import Portfolio
from .rules import Agreement


@dataclass(frozen=True, kw_only=True, slots=True)
class Aggregator:
    """Who the hub is to grid operators."""

    domain: str
    keys: Keys
    portfolio: Portfolio

    async def conversation(
        self, session: AsyncSession, now: datetime, operator: GridOperator
    ) -> Conversation:
        """Return what is said with a grid operator, in a transaction."""
        query = select(CongestionPoint).where(CongestionPoint.domain == operator.domain)
        points = (await session.scalars(query)).all()
        return Conversation(
            session=session,
            now=now,
            domain=self.domain,
            operator=operator,
            agreement=Agreement(
                domain=operator.domain,
                zone=ZoneInfo(operator.zone),
                currency=operator.currency,
                points=frozenset(point.address for point in points),
            ),
            feeders={point.address: point.feeder for point in points},
            portfolio=self.portfolio,
        )


def aggregator_for(hub: Hub, portfolio: Portfolio) -> Aggregator | None:
    """Return who a hub is to grid operators, None where it has no domain for that."""
    domain = hub.settings.uftp_domain
    if domain is None:
        return None
    return Aggregator(domain=domain, keys=Keys.of(hub.settings.secret), portfolio=portfolio)


def aggregator_of(request: Request) -> Aggregator:
    """Return the aggregator that a request reached."""
    found: Aggregator = request.app.state.aggregator
    return found
