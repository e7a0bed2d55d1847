"""From what homes told to the arrays that are dispatched. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from ..arrays import Flags, Whole
from .offers import MOST_W, NO_BUDGET_WH, S_AN_HOUR, Offers, feeders_of, steps_of
from .packed import NOT_TOLD, Offered, StandingOffers
from .targets import Candidate

# Of a home whose feeder is not known: a feeder of its own that nothing is known of.
NO_FEEDER: Final = ""
_NEVER_S: Final = 2**62


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


def fleet_of(homes: Sequence[Candidate], told: StandingOffers, span: Span, *, unpriced_micro: int) -> Fleet:
    """Return the homes that offer anything in a span, and their steps.

    An interval of the need offers what the least of the told ones that it touches does; told ones that do not
    cover all of it offer nothing. What a home told excludes each other: in all it gives the energy of its
    best half-hour, or what it told for that. ``unpriced_micro``: the price of a kWh (millionths) of a home
    that told none.
    """
    known = [home for home in homes if home.ven_id in told.place_of]
    offered = told.offered.of(told.places([home.ven_id for home in known]))
    power_w, price, budget_wh = _curves(offered, span)
    offers_any: Flags = np.asarray((power_w > 0).any(axis=(1, 2)))
    chosen = tuple(home for home, does in zip(known, offers_any.tolist(), strict=True) if does)
    price = np.where(price == NOT_TOLD, unpriced_micro, price)
    step_w, step_micro = steps_of(power_w[offers_any], price[offers_any])
    feeder, names = feeders_of([home.feeder or NO_FEEDER for home in chosen])
    offers = Offers(
        feeder=feeder,
        step_w=step_w,
        step_micro=step_micro,
        interval_s=span.interval_s,
        takes_whole=np.zeros(len(chosen), dtype=np.bool_),
        budget_wh=budget_wh[offers_any],
    )
    return Fleet(homes=chosen, offers=offers, feeders=names)


def _curves(offered: Offered, span: Span) -> tuple[Whole, Whole, Whole]:
    """Return powers and prices of shape (homes, intervals, points), and each home's energy in all."""
    homes, told = offered.start_s.shape
    points = offered.power_w.shape[2]
    power_w = np.zeros((homes, span.intervals, points), dtype=np.int64)
    price = np.zeros_like(power_w)
    used = np.zeros((homes, told), dtype=np.bool_)
    if not told:
        return power_w, price, np.zeros(homes, dtype=np.int64)
    for number in range(span.intervals):
        start_s, end_s = (moment.timestamp() for moment in span.bounds(number))
        touches = offered.touches(start_s, end_s)
        near = _between(touches)
        some, touched = offered.within(near), touches[:, near]
        covers = _covered(some, touched, start_s, end_s)
        if not covers.any():
            continue
        least = np.where(touched, some.most_w, MOST_W + 1).argmin(axis=1)
        for into, of in ((power_w, some.power_w), (price, some.price_micro)):
            into[covers, number] = of[covers, least[covers]]
        used[:, near] |= touched & covers[:, None]
    return power_w, price, _budgets_wh(offered, used, span)


def _between(touches: Flags) -> slice:
    """Return the intervals from the first that is touched to the last: homes mostly tell the same ones."""
    found = np.flatnonzero(touches.any(axis=0))
    return slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0, 0)


def _covered(offered: Offered, touches: Flags, start_s: float, end_s: float) -> Flags:
    """Return of which homes the intervals that a span touches cover it, one ending where the next begins."""
    if not touches.shape[1]:
        return np.zeros(len(touches), dtype=np.bool_)
    lasts: Flags = touches[:, :-1] & touches[:, 1:]
    joins = ~lasts | (offered.end_s[:, :-1] == offered.start_s[:, 1:])
    runs = touches.sum(axis=1) - lasts.sum(axis=1)
    first_s = np.where(touches, offered.start_s, _NEVER_S).min(axis=1)
    last_s = np.where(touches, offered.end_s, -_NEVER_S).max(axis=1)
    covers: Flags = joins.all(axis=1) & (runs == 1) & (first_s <= start_s) & (last_s >= end_s)
    return covers


def _budgets_wh(offered: Offered, used: Flags, span: Span) -> Whole:
    own = np.where(used, offered.energy_wh, NOT_TOLD).max(axis=1)
    best = np.where(used, offered.most_w * (offered.end_s - offered.start_s) // S_AN_HOUR, 0).max(axis=1)
    told: Whole = np.where(own == NOT_TOLD, best, own)
    return np.where(used.sum(axis=1) == 1, NO_BUDGET_WH, told) if span.intervals == 1 else told
