"""Which homes are called, and for how much, so that a need is met at least cost.

Steps of all homes are taken in the order of their price, first within the cap of each feeder, then within
the need: caps that lie within each other keep that optimal. Where homes have only so much energy over all
intervals, a price is put on each one's energy and moved by how much more is asked of it (Lagrange, by
subgradients). The mean of the rounds is near the optimum (Sherali and Choi, 1996); it is cut to the budgets
and filled up in the order of price. Offers are what is to be *expected* of the homes (``Offers.expected``);
of equal prices the home that stands first is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from ..arrays import Flags, Whole
from .offers import S_AN_HOUR, Need, Offers, by_feeder
from .whole_steps import made_whole

ROUNDS: Final = 16
# The first rounds are far off: they are no part of the mean.
_LEFT_OUT: Final = 3
# Called again only when so much is short for so long.
TOLERATED_SHORT: Final = 0.05
SHORT_FOR_S: Final = 120.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Dispatch:
    """What each home is called for: ``taken_w`` of shape (homes, intervals, points), of the steps offered.

    ``cost_micro`` in millionths of the currency, ``short_w`` and ``beyond_w`` of shape (intervals,): what is
    lacking to the need, and what whole steps bring beyond it.
    """

    taken_w: Whole
    cost_micro: int
    short_w: Whole
    beyond_w: Whole

    @cached_property
    def power_w(self) -> Whole:
        """What each home is called for in each interval."""
        return np.asarray(self.taken_w.sum(axis=2))

    @property
    def called(self) -> Flags:
        """Which homes are called at all."""
        return np.asarray(self.power_w.any(axis=1))


def dispatch(offers: Offers, need: Need, *, rounds: int = ROUNDS) -> Dispatch:
    """Return the calls that meet a need at least cost, or come as near to it as caps and budgets allow.

    Without budgets and whole steps it is the optimum; with budgets it is near it after ``rounds``. Raises
    ValueError where a feeder has no cap.
    """
    if len(need.feeder_cap_w) <= int(np.max(offers.feeder, initial=-1)):
        raise ValueError("each feeder has a cap")
    taken = _merit_order(offers, need, offers.step_micro)
    if not _beyond_budget(offers, taken).any():
        return _result(offers, need, taken)
    prices = offers.step_micro[offers.step_w > 0]
    spread = float(prices.max() - prices.min()) + 1
    price = np.zeros(len(offers.feeder))
    priced, total = offers.step_micro, np.zeros_like(taken)
    for number in range(1, rounds + 1):
        asked_wh = _energy_wh(offers, taken)
        error = (asked_wh - offers.budget_wh) / np.maximum(np.maximum(asked_wh, offers.budget_wh), 1)
        price = np.maximum(price + spread / (1 + number) * error, 0)
        priced = offers.step_micro + np.round(price).astype(np.int64)[:, None, None]
        taken = _merit_order(offers, need, priced)
        total += taken if number > rounds // _LEFT_OUT else 0
    mean = total // max(rounds - rounds // _LEFT_OUT, 1)
    found = [
        _result(offers, need, _within_budgets(offers, need, offers.step_micro)),
        _result(offers, need, _filled_up(offers, need, _cut_to_budgets(offers, mean), priced)),
    ]
    return min(found, key=lambda each: (int(each.short_w.sum()), each.cost_micro))


def is_lasting(samples: Sequence[tuple[float, float, float]], now_s: float) -> bool:
    """Return whether homes are to be called again: too little came in each sample of the last two minutes.

    ``samples``: (monotonic time in s, W needed, W delivered), oldest first; without one that is older than
    two minutes it is not known.
    """
    before = [sample for sample in samples if sample[0] <= now_s - SHORT_FOR_S]
    since = [sample for sample in samples if sample[0] > now_s - SHORT_FOR_S]
    return (
        bool(before)
        and bool(since)
        and all(
            delivered_w < (1 - TOLERATED_SHORT) * needed_w
            for _, needed_w, delivered_w in (before[-1], *since)
        )
    )


def _result(offers: Offers, need: Need, taken_w: Whole) -> Dispatch:
    total_w = taken_w.sum(axis=(0, 2))
    # Of one home it fits into 64 bits, of all only into Python's whole numbers.
    by_home = (taken_w * offers.step_micro).sum(axis=(1, 2)).tolist()
    cost = sum(by_home) * offers.interval_s // (1000 * S_AN_HOUR)
    return Dispatch(
        taken_w=taken_w,
        cost_micro=cost,
        short_w=np.maximum(need.power_w - total_w, 0),
        beyond_w=np.maximum(total_w - need.power_w, 0),
    )


def _energy_wh(offers: Offers, taken_w: Whole) -> Whole:
    """Return the energy that is asked of each home, rounded up."""
    energy: Whole = -(-taken_w.sum(axis=(1, 2)) * offers.interval_s // S_AN_HOUR)
    return energy


def _beyond_budget(offers: Offers, taken_w: Whole) -> Flags:
    return np.greater(_energy_wh(offers, taken_w), offers.budget_wh)


def _rest(offers: Offers, need: Need, taken_w: Whole) -> tuple[Offers, Need]:
    """Return what is still offered, and still needed, beside what is taken."""
    power_w = taken_w.sum(axis=2)
    used_w = by_feeder(power_w, offers.feeder, len(need.feeder_cap_w))
    left_wh = np.maximum(offers.budget_wh - _energy_wh(offers, taken_w), 0)
    return (
        replace(offers, step_w=offers.step_w - taken_w, budget_wh=left_wh),
        Need(
            power_w=np.maximum(need.power_w - power_w.sum(axis=0), 0),
            feeder_cap_w=np.maximum(need.feeder_cap_w - used_w, 0),
        ),
    )


def _cut_to_budgets(offers: Offers, taken_w: Whole) -> Whole:
    """Return what is taken, less by one share in all intervals of a home of which too much is asked."""
    share = np.minimum(offers.budget_wh / np.maximum(_energy_wh(offers, taken_w), 1), 1)
    cut = np.floor(taken_w * share[:, None, None]).astype(np.int64)
    in_part = offers.takes_whole[:, None, None] & (cut < offers.step_w)
    kept: Whole = np.where(np.logical_or.accumulate(in_part, axis=2), np.int64(0), cut)
    return kept


def _filled_up(offers: Offers, need: Need, taken_w: Whole, price: Whole) -> Whole:
    rest, lacking = _rest(offers, need, taken_w)
    return np.add(taken_w, _within_budgets(rest, lacking, price))


def _merit_order(offers: Offers, need: Need, price: Whole) -> Whole:
    # An interval's steps lie together: reckoning with them takes half the time.
    steps_w, prices = (np.ascontiguousarray(each.swapaxes(0, 1)) for each in (offers.step_w, price))
    taken, order = np.zeros_like(steps_w), _by_price(prices[0])
    for interval, (step_w, priced) in enumerate(zip(steps_w, prices, strict=True)):
        # Homes tell half-hours, and mostly the same prices for all of them.
        is_priced_as_before = interval > 0 and np.array_equal(priced, prices[interval - 1])
        if is_priced_as_before and _is_as_before(need, steps_w, interval):
            taken[interval] = taken[interval - 1]
            continue
        order = order if is_priced_as_before else _by_price(priced)
        found = _interval(offers, step_w, order, need, interval)
        taken[interval] = made_whole(offers, step_w, found, priced, (need, interval))
    return np.ascontiguousarray(taken.swapaxes(0, 1))


def _is_as_before(need: Need, steps_w: Whole, interval: int) -> bool:
    """Return whether an interval has the need and the steps of the one before."""
    before = interval - 1
    return (
        need.power_w[interval] == need.power_w[before]
        and np.array_equal(need.feeder_cap_w[:, interval], need.feeder_cap_w[:, before])
        and np.array_equal(steps_w[interval], steps_w[before])
    )


def _within_budgets(offers: Offers, need: Need, price: Whole) -> Whole:
    """Return merit orders of one interval after the other, the scarcest first, out of what budgets leave."""
    taken = np.zeros_like(offers.step_w)
    left_wh = offers.budget_wh.copy()
    offered_w = np.maximum(offers.step_w.sum(axis=(0, 2)), 1)
    for interval in np.argsort(-need.power_w / offered_w, kind="stable"):
        step_w = offers.step_w[:, interval]
        left_w = left_wh * S_AN_HOUR // offers.interval_s
        within: Whole = np.clip(left_w[:, None] - (step_w.cumsum(axis=1) - step_w), 0, step_w)
        within[offers.takes_whole[:, None] & (within < step_w)] = 0
        found = _interval(offers, within, _by_price(price[:, interval]), need, interval)
        taken[:, interval] = made_whole(offers, within, found, price[:, interval], (need, interval))
        left_wh -= -(-taken[:, interval].sum(axis=1) * offers.interval_s // S_AN_HOUR)
    return taken


def _by_price(price: Whole) -> Whole:
    """Return the places of one interval's steps, the cheapest first, of equal ones the first."""
    return np.argsort(price, axis=None, kind="stable")


def _interval(offers: Offers, step_w: Whole, order: Whole, need: Need, interval: int) -> Whole:
    """Return what is taken of one interval's steps (homes, points) in an order of their places."""
    feeders, points = len(need.feeder_cap_w), step_w.shape[1]
    # Small numbers are sorted by their digits, which is much faster.
    feeder = np.repeat(offers.feeder.astype(np.min_scalar_type(feeders)), points)[order]
    by_feeder_first = order[np.argsort(feeder, kind="stable")]
    offered = step_w.ravel()[by_feeder_first]
    ends = offered.cumsum()
    steps = np.bincount(offers.feeder, minlength=feeders) * points
    before = np.append(0, ends)[steps.cumsum() - steps]
    room = np.repeat(need.feeder_cap_w[:, interval] + before, steps) - (ends - offered)
    allowed = np.empty_like(offered)
    allowed[by_feeder_first] = np.clip(room, 0, offered)
    allowed = allowed[order]
    taken = np.empty_like(offered)
    taken[order] = np.clip(need.power_w[interval] - (allowed.cumsum() - allowed), 0, allowed)
    return taken.reshape(step_w.shape)
