"""How much of what homes offered has come so far, and what reserve a need wants for it to be met."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..arrays import Real, Whole
from .dispatch import Dispatch, dispatch
from .offers import Need, Offers

# A home begins as if it had answered so many events as the fleet does on the mean.
PSEUDO_EVENTS: Final = 5
LEAST_SHARE: Final = 0.05
# The need is met with nine in ten (a normal distribution's quantile), as far as homes fail apart.
SURELY: Final = 1.2816
_ROUNDS: Final = 6


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Proven:
    """Of each home: the share of what it was called for that came, and the variance of that share."""

    share: Real
    variance: Real


def proven(delivered_wh: Whole, called_wh: Whole) -> Proven:
    """Return what homes have proven, from events of shape (homes, events); 0 Wh called is no event of theirs.

    Each event counts alike, between nothing and all that was called for: to bring more makes up for nothing.
    Homes of few events are near the fleet's mean; a fleet without any is believed.
    """
    asked = called_wh > 0
    ratio = np.where(asked, np.clip(delivered_wh / np.maximum(called_wh, 1), 0, 1), 0)
    events = asked.sum(axis=1)
    mean = float(ratio.sum() / asked.sum()) if asked.any() else 1.0
    share = (ratio.sum(axis=1) + PSEUDO_EVENTS * mean) / (events + PSEUDO_EVENTS)
    square = np.where(asked, (ratio - share[:, None]) ** 2, 0)
    fleet = float(square.sum() / asked.sum()) if asked.any() else 0.0
    variance = (square.sum(axis=1) + PSEUDO_EVENTS * fleet) / (events + PSEUDO_EVENTS)
    return Proven(share=np.clip(share, LEAST_SHARE, 1), variance=variance)


def dispatch_surely(offers: Offers, need: Need, known: Proven) -> Dispatch:
    """Return calls of which the need comes with nine in ten, at least cost, as far as offers allow.

    What is called for is in ``taken_w`` what is *expected* of it; ``called_w`` says for how much to call.
    """
    expected = offers.expected(known.share)
    found = dispatch(expected, need)
    for _ in range(_ROUNDS):
        lacking_w = need.power_w + _reserve_w(found, known) - found.power_w.sum(axis=0)
        if np.all(lacking_w <= 0) or np.all(found.short_w[lacking_w > 0] > 0):
            break
        more = Need(power_w=need.power_w + _reserve_w(found, known), feeder_cap_w=need.feeder_cap_w)
        found = dispatch(expected, more)
    return Dispatch(
        taken_w=found.taken_w,
        cost_micro=found.cost_micro,
        short_w=np.maximum(need.power_w - found.power_w.sum(axis=0), 0),
        beyond_w=np.maximum(found.power_w.sum(axis=0) - need.power_w, 0),
    )


def called_w(offers: Offers, found: Dispatch, known: Proven) -> Whole:
    """Return for how much each home is called in each interval, so that what is expected of it comes."""
    asked = np.ceil(found.power_w / known.share[:, None]).astype(np.int64)
    called: Whole = np.minimum(asked, offers.step_w.sum(axis=2))
    return called


def _reserve_w(found: Dispatch, known: Proven) -> Whole:
    called = found.power_w / known.share[:, None]
    spread = np.sqrt((called**2 * known.variance[:, None]).sum(axis=0))
    reserve: Whole = np.ceil(SURELY * spread).astype(np.int64)
    return reserve
