"""What a dispatch's homes take back after it, from what they told they draw anyway. Pure.

What a home was kept from, it is taken to take back: as much energy, with the power by which it was called,
until the end of what it told. Its feeder is looked at as the homes that were asked: their load before the
event, and after it without any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from ..arrays import Real, Whole
from .fleet import Fleet, Span
from .release import Release, Returns, peak_caps_w, shaped
from .told import ToldOffer

SLOT_S: Final = 1800
_FEWEST: Final = 2
_MOST: Final = 12
_SLOT: Final = timedelta(seconds=SLOT_S)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Letting:
    """How the called homes are let go: their places in the fleet, their usual load in W, and the release."""

    places: Whole
    usual_w: Whole
    release: Release


def let_go(
    fleet: Fleet, told: Mapping[str, ToldOffer], span: Span, called_w: Whole, merit: Whole
) -> Letting | None:
    """Return how homes are let go after what they are called for (homes, intervals).

    None where they have told too little of the time after it for anything to be said. ``merit``: the
    fleet's places in the order in which they are called.
    """
    places = np.flatnonzero(called_w.any(axis=1))
    slots = _slots_told(fleet, told, span)
    if slots < _FEWEST or not len(places):
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


def _slots_told(fleet: Fleet, told: Mapping[str, ToldOffer], span: Span) -> int:
    """Return how many slots after the event all homes have told."""
    found = _MOST
    for ven_id in fleet.ven_ids:
        last = told[ven_id].intervals[-1].end
        found = min(found, int((last - span.end) / _SLOT))
    return found


def _slots_before(fleet: Fleet, told: Mapping[str, ToldOffer], span: Span) -> int:
    """Return how many slots before the event all homes have told."""
    found = _MOST
    for ven_id in fleet.ven_ids:
        found = min(found, int((span.start - told[ven_id].intervals[0].start) / _SLOT))
    return found


def _baselines(
    fleet: Fleet, told: Mapping[str, ToldOffer], span: Span, slots: range, *, before: bool = False
) -> Whole:
    """Return what homes draw anyway, of shape (homes, slots), W; what they give is no load here."""
    origin = span.start if before else span.end
    found = np.zeros((len(fleet.homes), len(slots)), dtype=np.int64)
    for place, ven_id in enumerate(fleet.ven_ids):
        for number, slot in enumerate(slots):
            interval = told[ven_id].at(origin + slot * _SLOT)
            found[place, number] = 0 if interval is None else max(interval.baseline_w, 0)
    return found


def _by_feeder(fleet: Fleet, power_w: Whole, feeders: int) -> Real:
    sums = np.zeros((feeders, power_w.shape[1]))
    np.add.at(sums, fleet.offers.feeder, power_w)
    return sums
