"""Steps that can only be taken whole (a programme, a least current): what was cut of them is mended."""

from typing import Final

import numpy as np

from ..arrays import Whole
from .offers import Need, Offers

# Among so many of the next steps one is looked for that brings what is lacking at the least cost.
LOOKED_AT: Final = 64


def made_whole(offers: Offers, step_w: Whole, taken_w: Whole, price: Whole, of: tuple[Need, int]) -> Whole:
    """Return what is taken of one interval's steps (homes, points), without parts of steps that are whole.

    A cut step is left; what then lacks is made up by the next steps in the order of price, the last by the
    cheapest that is enough; and what became more than needed is given back, dearest first. Within the caps
    of the feeders. ``of``: the need and the number of the interval.
    """
    need, interval = of
    whole = np.broadcast_to(offers.takes_whole[:, None], step_w.shape)
    cut = whole & (taken_w > 0) & (taken_w < step_w)
    if not cut.any():
        return taken_w
    # Without a step none of its home's later ones can be had.
    taken = np.where(np.maximum.accumulate(cut, axis=1), 0, taken_w)
    room = need.feeder_cap_w[:, interval].copy()
    np.subtract.at(room, offers.feeder, taken.sum(axis=1))
    lacking = int(need.power_w[interval]) - int(taken.sum())
    order = [divmod(int(place), step_w.shape[1]) for place in np.argsort(price, axis=None, kind="stable")]
    while lacking > 0:
        chosen = _next(offers, order, (step_w, taken, price), room, lacking)
        if chosen is None:
            break
        home, point, power = chosen
        taken[home, point] += power
        room[offers.feeder[home]] -= power
        lacking -= power
    return _given_back(offers, order, taken, -lacking)


def _next(
    offers: Offers, order: list[tuple[int, int]], of: tuple[Whole, Whole, Whole], room: Whole, lacking: int
) -> tuple[int, int, int] | None:
    """Return (home, point, W) to take next, None where nothing fits."""
    step_w, taken, price = of
    found: list[tuple[int, int, int]] = []
    for home, point in order:
        left = int(step_w[home, point] - taken[home, point])
        if left == 0 or (point and taken[home, :point].sum() < step_w[home, :point].sum()):
            continue
        fits = min(left, int(room[offers.feeder[home]]))
        power = left if offers.takes_whole[home] else min(fits, lacking)
        if 0 < power <= fits:
            found.append((home, point, power))
            if len(found) == LOOKED_AT:
                break
    enough = [one for one in found if one[2] >= lacking]
    if found and found[0][2] < lacking:
        return found[0]
    return min(enough, key=lambda one: (int(price[one[0], one[1]]) * one[2], one), default=None)


def _given_back(offers: Offers, order: list[tuple[int, int]], taken: Whole, beyond: int) -> Whole:
    """Return what is taken without what is not needed: ``beyond`` W more than the need, dearest first."""
    for home, point in reversed(order):
        if beyond <= 0:
            break
        power = int(taken[home, point])
        if power == 0 or taken[home, point + 1 :].any():
            continue
        less = power if offers.takes_whole[home] else min(power, beyond)
        if less <= beyond:
            taken[home, point] -= less
            beyond -= less
    return taken
