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
    cut = offers.takes_whole[:, None] & (taken_w > 0) & (taken_w < step_w)
    if not cut.any():
        return taken_w
    # Without a step none of its home's later ones can be had.
    taken = np.where(np.logical_or.accumulate(cut, axis=1), np.int64(0), taken_w)
    order = np.argsort(price, axis=None, kind="stable")
    lacking = int(need.power_w[interval]) - int(taken.sum())
    mend = _Mend(offers, step_w, taken, need.feeder_cap_w[:, interval])
    open_steps = order[(step_w > taken).ravel()[order]]
    lacking = mend.take(open_steps, price, lacking)
    mend.give_back(order[(taken > 0).ravel()[order]], -lacking)
    return taken


class _Mend:
    """What is taken of one interval's steps, changed in place; steps are told by their place in the array."""

    def __init__(self, offers: Offers, step_w: Whole, taken: Whole, cap_w: Whole) -> None:
        self._offers = offers
        self._step_w = step_w
        self._taken = taken
        self._points = step_w.shape[1]
        self._room = cap_w.copy()
        np.subtract.at(self._room, offers.feeder, taken.sum(axis=1))

    def take(self, places: Whole, price: Whole, lacking: int) -> int:
        """Take steps in the order of price until nothing is lacking; return what is, negative if beyond."""
        steps = places.tolist()
        for index, step in enumerate(steps):
            if lacking <= 0:
                break
            place = step
            if self._power(step, lacking) > lacking:
                place = self._cheapest(steps[index : index + LOOKED_AT], price, lacking)
            power = self._power(place, lacking)
            self._taken[divmod(place, self._points)] += power
            self._room[self._feeder(place)] -= power
            lacking -= power
        return lacking

    def give_back(self, places: Whole, beyond: int) -> None:
        """Give back what is not needed, ``beyond`` W more than the need, the dearest of these steps first."""
        for place in reversed(places.tolist()):
            if beyond <= 0:
                break
            home, point = divmod(place, self._points)
            power = int(self._taken[home, point])
            less = power if self._offers.takes_whole[home] else min(power, beyond)
            if less <= beyond and not self._taken[home, point + 1 :].any():
                self._taken[home, point] -= less
                beyond -= less

    def _cheapest(self, places: list[int], price: Whole, lacking: int) -> int:
        enough = [place for place in places if self._power(place, lacking) >= lacking]
        return min(enough, key=lambda place: (int(price.flat[place]) * self._power(place, lacking), place))

    def _power(self, place: int, lacking: int) -> int:
        """Return how much of a step can be taken: 0 where it does not fit, or one below it is not taken."""
        home, point = divmod(place, self._points)
        if self._taken[home, :point].sum() < self._step_w[home, :point].sum():
            return 0
        left = int(self._step_w[home, point] - self._taken[home, point])
        room = int(self._room[self._feeder(place)])
        if self._offers.takes_whole[home]:
            return left if left <= room else 0
        return min(left, room, lacking)

    def _feeder(self, place: int) -> int:
        return int(self._offers.feeder[place // self._points])
