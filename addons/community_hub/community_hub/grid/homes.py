"""What the homes have at a feeder: offers as they told them, calls as dispatches, delivery as measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..flexibility.choosing import Choice
from ..flexibility.delivering import samples_of
from ..flexibility.direction import MICRO, Direction
from ..flexibility.dispatching import announce, chosen
from ..flexibility.fleet import Span
from ..flexibility.needs import Wanted
from ..flexibility.offers import MOST_MICRO
from ..flexibility.standing import standing_offers
from ..flexibility.targets import Targets
from ..openadr.issuing import Issuing
from ..store.audit import SYSTEM
from ..store.series import decoded
from ..store.tables import Dispatch, Home
from ..web import Problem
from ..wire.metering import series_of
from .isps import ISP_S, Day
from .portfolio import Option, Place
from .rules import Need, Order, Refused

# Parts of a need that are offered beside each other, for a grid operator that wants less.
PARTS: Final = (Decimal(1), Decimal("0.5"))
# Of a quarter-hour's minutes so many have to be known for its mean to be told.
LEAST_MINUTES: Final = 12
_S_AN_HOUR: Final = 3600
_MEASURED: Final = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Homes:
    """The hub's homes, as a portfolio."""

    issuing: Issuing

    async def foreseen_w(
        self, session: AsyncSession, now: datetime, feeder: str, day: Day
    ) -> Mapping[int, int]:
        """Return the sum of what the feeder's homes foresee; all of them have to tell an ISP."""
        homes = (await session.scalars(select(Home.ven_id).where(Home.feeder == feeder))).all()
        nothing = (day.begins_at, day.begins_at)
        told = await standing_offers(session, now, homes, Direction.LESS, nothing)
        found: dict[int, int] = {}
        if not homes or len(told.ven_ids) < len(homes):
            return found
        for number in range(1, day.count + 1):
            is_told, baseline_w = told.baseline_at(day.start_of(number).timestamp())
            if is_told.all():
                found[number] = int(baseline_w.sum())
        return found

    async def options(
        self, session: AsyncSession, now: datetime, place: Place, need: Need
    ) -> Sequence[Option]:
        """Return what homes that consented offer for the whole need and for half of it, where it is anything.

        Each is paid the highest price that is taken, for all that it is called for.
        """
        found: list[Option] = []
        for part in PARTS:
            powers = {number: int(power_w * part) for number, power_w in need.power_w.items()}
            choice = await self._chosen(session, now, _wanted(place, need, powers))
            option = _option(choice, need)
            if option is not None and (not found or option.power_w != found[-1].power_w):
                found.append(option)
        return found

    async def call(self, session: AsyncSession, now: datetime, place: Place, order: Order) -> str:
        """Call the homes, for what the grid operator pays. Raises Refused where they offer less by now."""
        wanted = _wanted(place, order.need, order.need.power_w, order.reference)
        choice = await self._chosen(session, now, wanted)
        price_micro = int(order.price * MICRO / _called_kwh(choice)) if choice.called_w.any() else 0
        if choice.short_w.any() or price_micro < choice.marginal_micro:
            raise Refused("Homes do not offer it any more")
        if price_micro > MOST_MICRO:
            raise Refused("Invalid Message; the price is beyond all reason")
        wanted = replace(wanted, price_micro=price_micro)
        try:
            made = await announce(session, self.issuing, wanted, choice, actor=SYSTEM)
        except Problem as problem:
            raise Refused(problem.detail) from problem
        return made.id

    async def delivered_w(self, session: AsyncSession, dispatch_id: str, day: Day) -> Mapping[int, int]:
        """Return the means of what was noted each minute."""
        made = await session.get(Dispatch, dispatch_id)
        if made is None:
            return {}
        sign = -1 if made.direction == Direction.LESS else 1
        minutes: dict[int, list[int]] = {}
        for sample in await samples_of(session, dispatch_id):
            if sample.delivered_w is not None:
                number = (sample.at - day.begins_at) // timedelta(seconds=ISP_S) + 1
                minutes.setdefault(number, []).append(sample.delivered_w)
        return {
            number: sign * round(sum(known) / len(known))
            for number, known in minutes.items()
            if len(known) >= LEAST_MINUTES
        }

    async def metered_kw(self, session: AsyncSession, ven_id: str, day: Day) -> Mapping[int, Decimal]:
        """Return what a home's meter counted in each ISP; what it interpolated or estimated is left out."""
        utc_days = [day.begins_at.date() + timedelta(days=number) for number in range(2)]
        blobs = await series_of(session, ven_id, utc_days[0], utc_days[-1])
        series = decoded([blobs.get(each) for each in utc_days])
        net_wh, marks = series.net_wh.ravel(), series.marks.ravel()
        first = (day.begins_at.hour * 60 + day.begins_at.minute) // 15
        return {
            number: Decimal(int(net_wh[place])) * _S_AN_HOUR / ISP_S / 1000
            for number, place in enumerate(range(first, first + day.count), 1)
            if marks[place] == _MEASURED
        }

    async def _chosen(self, session: AsyncSession, now: datetime, wanted: Wanted) -> Choice:
        try:
            return await chosen(session, now, wanted)
        except Problem as problem:
            raise Refused(problem.detail) from problem


def _wanted(place: Place, need: Need, power_w: Mapping[int, int], name: str = "grid operator") -> Wanted:
    first, last = min(power_w), max(power_w)
    direction = Direction.LESS if need.asks_less else Direction.MORE
    return Wanted(
        program_id=place.program_id,
        name=name,
        span=Span(start=need.day.start_of(first), interval_s=ISP_S, intervals=last - first + 1),
        power_w=tuple(power_w.get(number, 0) for number in range(first, last + 1)),
        direction=direction,
        targets=Targets(feeders=[place.feeder]),
        caps_w={},
        price_micro=None,
        currency=place.currency,
        is_shaped=need.asks_less,
    )


def _option(choice: Choice, need: Need) -> Option | None:
    """Return what can be promised of a choice: what is to be expected of it, at most what is asked."""
    promised = np.asarray(choice.expected_w.sum(axis=0))
    first = min(need.power_w)
    power_w = {
        number: min(int(promised[number - first]), asked_w)
        for number, asked_w in need.power_w.items()
        if promised[number - first] > 0
    }
    if not power_w:
        return None
    called = np.flatnonzero(choice.called_w.any(axis=1))
    return Option(
        power_w=power_w,
        price=_called_kwh(choice) * choice.marginal_micro / MICRO,
        ven_ids=frozenset(choice.fleet.ven_ids[place] for place in called),
    )


def _called_kwh(choice: Choice) -> Decimal:
    return Decimal(int(choice.called_w.sum())) * ISP_S / _S_AN_HOUR / 1000
