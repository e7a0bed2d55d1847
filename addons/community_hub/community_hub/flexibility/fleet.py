"""From what homes told to the arrays that are dispatched. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from ..arrays import Whole
from .direction import Direction
from .offers import NO_BUDGET_WH, Offers, feeders_of, steps_of
from .targets import Candidate
from .told import MOST_POINTS, Side, ToldInterval, ToldOffer

# Of a home whose feeder is not known: a feeder of its own that nothing is known of.
NO_FEEDER: Final = ""
_S_AN_HOUR: Final = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """``intervals`` of ``interval_s`` from ``start`` on."""

    start: datetime
    interval_s: int
    intervals: int

    @property
    def end(self) -> datetime:
        """When the last one ends."""
        return self.start + timedelta(seconds=self.interval_s * self.intervals)

    def bounds(self, number: int) -> tuple[datetime, datetime]:
        """Return start and end of an interval."""
        start = self.start + timedelta(seconds=self.interval_s * number)
        return start, start + timedelta(seconds=self.interval_s)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fleet:
    """Homes in their order, what they offer, and the names of the feeders by number."""

    homes: tuple[Candidate, ...]
    offers: Offers
    feeders: tuple[str, ...]

    @property
    def ven_ids(self) -> tuple[str, ...]:
        """Their names on the wire."""
        return tuple(home.ven_id for home in self.homes)


def fleet_of(
    homes: Sequence[Candidate],
    told: Mapping[str, ToldOffer],
    span: Span,
    direction: Direction,
    *,
    unpriced_micro: int,
) -> Fleet:
    """Return the homes that offer anything in a span, and their steps.

    An interval of the need offers what the least of the told ones that it touches does. What a home told
    excludes each other: in all it gives the energy of its best half-hour, or what it told for that.
    ``unpriced_micro``: the price of a kWh (millionths) of a home that told none.
    """
    chosen: list[Candidate] = []
    rows: list[tuple[Whole, Whole, int]] = []
    for home in homes:
        offer = told.get(home.ven_id)
        row = None if offer is None else _curves(offer, span, direction, unpriced_micro)
        if row is not None:
            chosen.append(home)
            rows.append(row)
    shape = (len(rows), span.intervals, MOST_POINTS)
    power_w = np.array([row[0] for row in rows], dtype=np.int64).reshape(shape)
    price = np.array([row[1] for row in rows], dtype=np.int64).reshape(shape)
    step_w, step_micro = steps_of(power_w, price)
    feeder, names = feeders_of([home.feeder or NO_FEEDER for home in chosen])
    offers = Offers(
        feeder=feeder,
        step_w=step_w,
        step_micro=step_micro,
        interval_s=span.interval_s,
        takes_whole=np.zeros(len(rows), dtype=np.bool_),
        budget_wh=np.array([row[2] for row in rows], dtype=np.int64),
    )
    return Fleet(homes=tuple(chosen), offers=offers, feeders=names)


def _curves(
    offer: ToldOffer, span: Span, direction: Direction, unpriced_micro: int
) -> tuple[Whole, Whole, int] | None:
    """Return (powers, prices) of shape (intervals, points) and the energy in all; None for nothing at all."""
    touched = [offer.within(*span.bounds(number)) for number in range(span.intervals)]
    if not any(touched):
        return None
    power_w = np.zeros((span.intervals, MOST_POINTS), dtype=np.int64)
    price = np.zeros_like(power_w)
    for number, intervals in enumerate(touched):
        if intervals:
            least = min((each.sides[direction] for each in intervals), key=lambda side: side.most_w)
            power_w[number], price[number] = _points(least, unpriced_micro)
    if not power_w.any():
        return None
    return power_w, price, _budget_wh([each for each in touched if each], direction, span)


def _points(side: Side, unpriced_micro: int) -> tuple[Whole, Whole]:
    """Return the points of a curve, the last one repeated: steps of 0 W beyond it."""
    if not side.points:
        return np.zeros(MOST_POINTS, dtype=np.int64), np.zeros(MOST_POINTS, dtype=np.int64)
    points = [*side.points, *[side.points[-1]] * (MOST_POINTS - len(side.points))]
    return (
        np.array([point.power_w for point in points], dtype=np.int64),
        np.array(
            [unpriced_micro if point.price_micro is None else point.price_micro for point in points],
            dtype=np.int64,
        ),
    )


def _budget_wh(touched: Sequence[Sequence[ToldInterval]], direction: Direction, span: Span) -> int:
    intervals = {each.start: each for group in touched for each in group}
    if len(intervals) == 1 and span.intervals == 1:
        return NO_BUDGET_WH
    in_all = [each.sides[direction].energy_wh for each in intervals.values()]
    told = [energy for energy in in_all if energy is not None]
    if told:
        return max(told)
    return max(
        int(each.sides[direction].most_w * (each.end - each.start).total_seconds()) // _S_AN_HOUR
        for each in intervals.values()
    )
