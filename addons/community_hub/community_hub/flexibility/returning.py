"""What a dispatch's homes take back after it, from what they told they draw anyway. Pure.

What a home was kept from, it is taken to take back: as much energy, with the power by which it was called,
until the end of what it told. Its feeder is looked at as the homes that were asked: their load before the
event, and after it without any.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..arrays import Real, Whole
from .fleet import Fleet, Span
from .packed import StandingOffers
from .release import Release, Returns, peak_caps_w, shaped

SLOT_S: Final = 1800
_FEWEST: Final = 2
_MOST: Final = 12
# No home is held for longer.
MOST_HELD_S: Final = _MOST * SLOT_S


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Letting:
    """How the called homes are let go: their places in the fleet, their usual load in W, and the release."""

    places: Whole
    usual_w: Whole
    release: Release


def let_go(fleet: Fleet, told: StandingOffers, span: Span, called_w: Whole, merit: Whole) -> Letting | None:
    """Return how homes are let go after what they are called for (homes, intervals).

    None where they have told too little of the time after it for anything to be said. ``merit``: the
    fleet's places in the order in which they are called.
    """
    places = np.flatnonzero(called_w.any(axis=1))
    slots = _slots_told(fleet, told, span) if len(places) else 0
    if slots < _FEWEST:
        return None
    after_w = _baselines(fleet, told, span, range(slots))
    first = -max(_slots_before(fleet, told, span), 0)
    before_w = _baselines(fleet, told, span, range(first, 0), before=True)
    feeders = len(fleet.feeders)
    without_w = _by_feeder(fleet, after_w, feeders)
    caps_w = peak_caps_w(_by_feeder(fleet, before_w, feeders) if first else without_w, without_w)
    usual_w = after_w[places].mean(axis=1).astype(np.int64)
    called = called_w[places]
    returns = Returns(
        feeder=fleet.offers.feeder[places],
        power_w=usual_w + np.maximum(called.max(axis=1), 1),
        usual_w=usual_w,
        backlog_wh=called.sum(axis=1) * span.interval_s // 3600,
        latest=np.full(len(places), slots - 1, dtype=np.int64),
        anyway_w=after_w[places],
        slot_s=SLOT_S,
    )
    others_w = after_w.copy()
    others_w[places] = 0
    number = {int(place): index for index, place in enumerate(places)}
    order = [number[int(place)] for place in merit if int(place) in number]
    release = shaped(returns, _by_feeder(fleet, others_w, feeders), caps_w=caps_w, merit=order)
    return Letting(places=places, usual_w=usual_w, release=release)


def _slots_told(fleet: Fleet, told: StandingOffers, span: Span) -> int:
    """Return how many slots after the event all homes have told."""
    last_s = told.end_s[told.places(fleet.ven_ids), -1]
    return min(_MOST, int((last_s.min() - span.end.timestamp()) // SLOT_S))


def _slots_before(fleet: Fleet, told: StandingOffers, span: Span) -> int:
    """Return how many slots before the event all homes have told."""
    first_s = told.start_s[told.places(fleet.ven_ids), 0]
    return min(_MOST, int((span.start.timestamp() - first_s.max()) // SLOT_S))


def _baselines(
    fleet: Fleet, told: StandingOffers, span: Span, slots: range, *, before: bool = False
) -> Whole:
    """Return what homes draw anyway, of shape (homes, slots), W; what they give is no load here."""
    origin_s = (span.start if before else span.end).timestamp()
    places = told.places(fleet.ven_ids)
    found = np.zeros((len(fleet.homes), len(slots)), dtype=np.int64)
    for number, slot in enumerate(slots):
        _, baseline_w = told.baseline_at(origin_s + slot * SLOT_S)
        found[:, number] = np.maximum(baseline_w[places], 0)
    return found


def _by_feeder(fleet: Fleet, power_w: Whole, feeders: int) -> Real:
    sums = np.zeros((feeders, power_w.shape[1]))
    np.add.at(sums, fleet.offers.feeder, power_w)
    return sums
