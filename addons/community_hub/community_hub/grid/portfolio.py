"""What the aggregator has at a feeder: foreseen, on offer, called and measured, by ISP of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from .isps import Day
from .rules import Need, Order


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One way to meet a need, its price and its homes: W above 0 by ISP, in the need's direction."""

    power_w: Mapping[int, int]
    price: Decimal
    ven_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A congestion point here: the feeder, the programme that its homes have to consent to, and the money."""

    program_id: str
    feeder: str
    currency: str


class Portfolio(Protocol):
    """What UFTP's messages are made from, and what they set off."""

    async def foreseen_w(
        self, session: AsyncSession, now: datetime, feeder: str, day: Day
    ) -> Mapping[int, int]:
        """Return the homes' foreseen power by ISP; an ISP of which a home tells nothing is left out."""

    async def options(
        self, session: AsyncSession, now: datetime, place: Place, need: Need
    ) -> Sequence[Option]:
        """Return ways to meet a need, the largest first; none where nothing is on offer."""

    async def call(self, session: AsyncSession, now: datetime, place: Place, order: Order) -> str:
        """Call the homes for an order, in this transaction; return the dispatch. Raises Refused."""

    async def delivered_w(self, session: AsyncSession, dispatch_id: str, day: Day) -> Mapping[int, int]:
        """Return the change that was measured by ISP, with its sign; what was not measured is left out."""

    async def metered_kw(self, session: AsyncSession, ven_id: str, day: Day) -> Mapping[int, Decimal]:
        """Return a home's mean power by ISP, import above 0; what was not metered is left out."""
