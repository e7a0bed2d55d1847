"""Which homes are called for a need, for how much, and until when they are held. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from ..arrays import Real, Whole
from .calls import Held
from .dispatch import Dispatch
from .fleet import Fleet
from .needs import Wanted
from .packed import StandingOffers
from .proof import Proven, called_w, dispatch_surely
from .returning import SLOT_S, Letting, let_go

REBOUND: Final = "rebound"
_ROUNDS: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Choice:
    """What came of a need. Arrays are in the order of ``fleet``; (homes, intervals) are W.

    ``rank``: each home's place in the order of merit. ``marginal_micro``: the highest price of what is taken.
    ``left_out``: homes that would have been called, and why they are not. ``held``: None where homes are let
    go at the end, all at once.
    """

    fleet: Fleet
    called_w: Whole
    expected_w: Whole
    share: Real
    rank: Whole
    cost_micro: int
    marginal_micro: int
    short_w: Whole
    beyond_w: Whole
    left_out: Mapping[str, str]
    held: Held | None = None

    def held_until(self, place: int, end: datetime) -> datetime | None:
        """Return until when a home is held beyond the ``end`` of the need; None: it is let go then."""
        if self.held is None or self.held.until[place] <= 0:
            return None
        return end + timedelta(seconds=int(self.held.until[place]) * self.held.slot_s)


def choose(fleet: Fleet, wanted: Wanted, known: Proven, told: StandingOffers) -> Choice:
    """Return the calls that meet a need with nine in ten, at least cost, and make no new peak after it.

    Homes of which the return does not fit under their feeder's peak are left out, and others are looked for.
    """
    need = wanted.need(fleet.feeders)
    rank = merit(fleet, known)
    order = np.argsort(rank)
    allowed = np.ones(len(fleet.homes), dtype=np.bool_)
    for number in range(_ROUNDS):
        offers = fleet.offers.only(allowed)
        found = dispatch_surely(offers, need, known)
        called = called_w(offers, found, known)
        letting = let_go(fleet, told, wanted.span, called, order) if wanted.is_shaped else None
        refused = np.zeros_like(allowed) if letting is None else _refused(letting, len(allowed))
        if not refused.any():
            break
        allowed &= ~refused
        if number == _ROUNDS - 1:
            found, called = _without(found, refused, need.power_w), np.where(refused[:, None], 0, called)
    taken = found.taken_w > 0
    return Choice(
        fleet=fleet,
        called_w=called,
        expected_w=found.power_w,
        share=known.share,
        rank=rank,
        cost_micro=found.cost_micro,
        marginal_micro=int(fleet.offers.step_micro[taken].max()) if taken.any() else 0,
        short_w=found.short_w,
        beyond_w=found.beyond_w,
        left_out={fleet.homes[place].ven_id: REBOUND for place in np.flatnonzero(~allowed)},
        held=None if letting is None else _held(letting, len(allowed)),
    )


def merit(fleet: Fleet, known: Proven) -> Whole:
    """Return each home's place in the order of merit, the first 0: by the price of what is to be expected.

    Of equal prices the one that has proven more goes first, then the one that stands first.
    """
    price = fleet.offers.step_micro[:, :, 0].min(axis=1, initial=np.iinfo(np.int64).max)
    order = np.lexsort((np.arange(len(price)), -known.share, price / known.share))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def _refused(letting: Letting, homes: int) -> np.ndarray:
    found = np.zeros(homes, dtype=np.bool_)
    found[letting.places[~letting.release.called]] = True
    return found


def _held(letting: Letting, homes: int) -> Held:
    limit_w = np.zeros(homes, dtype=np.int64)
    until = np.zeros(homes, dtype=np.int64)
    limit_w[letting.places] = letting.usual_w
    until[letting.places] = np.maximum(letting.release.start, 0)
    return Held(limit_w=limit_w, until=until, slot_s=SLOT_S)


def _without(found: Dispatch, refused: np.ndarray, need_w: Whole) -> Dispatch:
    taken_w = np.where(refused[:, None, None], np.int64(0), found.taken_w)
    total_w = taken_w.sum(axis=(0, 2))
    return replace(found, taken_w=taken_w, short_w=np.maximum(need_w - total_w, 0))
