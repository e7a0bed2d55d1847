"""How homes are let go after an event, and which are called at all: what comes back makes no new peak.

What a device was kept from it takes back afterwards: a car its charge, a heat pump its heat. Each home is let
go at the slot from which its return fits lowest under the load of its feeder, and is in time. A home of which
the return does not fit under the feeder's cap is not called: where loads cannot wait, releasing them well is
not enough, and fewer are called. On the wire a home is held by an import limit until its slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..arrays import Flags, Real, Whole
from .offers import S_AN_HOUR

NOT_CALLED: Final = -1
# Homes are placed one by one; so often each is looked at again beside all others.
_SWEEPS: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Returns:
    """What homes take back after an event, in slots of ``slot_s`` from its end on; arrays of shape (homes,).

    A called home draws ``usual_w`` on the mean again once it has caught up, is short of ``backlog_wh`` at the
    end of the event and of ``usual_w`` more for each hour that it is held beyond; released, it draws
    ``power_w`` until it has caught up, which it must have at the end of slot ``latest``. ``anyway_w`` (homes,
    slots): what it draws when it is not called. ``feeder``: the number of each home's. Powers in W.
    """

    feeder: Whole
    power_w: Whole
    usual_w: Whole
    backlog_wh: Whole
    latest: Whole
    anyway_w: Whole
    slot_s: int

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot come back."""
        if self.anyway_w.shape[0] != len(self.feeder) or self.slot_s <= 0:
            raise ValueError("what homes draw anyway is an array of (homes, slots)")
        if np.any(self.usual_w < 0) or np.any(self.backlog_wh < 0) or np.any(self.anyway_w < 0):
            raise ValueError("a home takes back at least nothing")
        if np.any(self.power_w <= self.usual_w):
            raise ValueError("to catch up a home draws more than usually")

    def slots_needed(self, home: int, starts: Whole) -> Whole:
        """Return for how many slots a home catches up when it is let go at each of these slots."""
        lacking_ws = self.backlog_wh[home] * S_AN_HOUR + self.usual_w[home] * starts * self.slot_s
        needed: Whole = -(-lacking_ws // ((self.power_w[home] - self.usual_w[home]) * self.slot_s))
        return needed


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Release:
    """When each home is let go (slot, ``NOT_CALLED`` where it is not called), and the load of each feeder.

    ``load_w`` has shape (feeders, slots); ``late``: homes that are called and cannot catch up in time.
    """

    start: Whole
    load_w: Real
    late: Flags

    @property
    def called(self) -> Flags:
        """Which homes are called."""
        return np.not_equal(self.start, NOT_CALLED)


def peak_caps_w(before_w: Real, without_event_w: Real) -> Real:
    """Return each feeder's cap: its peak before the event, or after it without any, which may be higher.

    Both of shape (feeders, slots).
    """
    caps: Real = np.maximum(before_w.max(axis=1), without_event_w.max(axis=1))
    return caps


def shaped(returns: Returns, other_w: Real, *, caps_w: Real | None, merit: Sequence[int]) -> Release:
    """Return whom to call, in the order of ``merit``, and when to let each go.

    ``other_w`` (feeders, slots): what else the feeders carry after the event. With ``caps_w`` None all are
    called; else those whose return fits under their feeder's cap, in time, beside those called before them.
    """
    load = other_w.astype(np.float64)
    np.add.at(load, returns.feeder, returns.anyway_w)
    start = np.full(len(returns.feeder), NOT_CALLED, dtype=np.int64)
    late = np.zeros(len(start), dtype=np.bool_)
    for home in merit:
        own = load[returns.feeder[home]]
        own -= returns.anyway_w[home]
        found, peak, is_late = _lowest(returns, home, own)
        if caps_w is not None and (is_late or peak > caps_w[returns.feeder[home]]):
            own += returns.anyway_w[home]
            continue
        start[home], late[home] = found, is_late
        own += _drawn(returns, home, found)
    for _ in range(_SWEEPS):
        for home in sorted(
            np.flatnonzero(start != NOT_CALLED), key=lambda each: (returns.latest[each], each)
        ):
            own = load[returns.feeder[home]]
            own -= _drawn(returns, home, int(start[home]))
            start[home], _, late[home] = _lowest(returns, home, own)
            own += _drawn(returns, home, int(start[home]))
    return Release(start=start, load_w=load, late=late)


def _drawn(returns: Returns, home: int, start: int) -> Real:
    """Return what a called home draws in each slot when it is let go at one."""
    slots = returns.anyway_w.shape[1]
    needed = int(returns.slots_needed(home, np.array([start]))[0])
    drawn = np.full(slots, float(returns.usual_w[home]))
    drawn[:start] = 0
    drawn[start : start + needed] = returns.power_w[home]
    return drawn


def _lowest(returns: Returns, home: int, load: Real) -> tuple[int, float, bool]:
    """Return (slot, peak while it catches up, whether that is too late) of the lowest place beside a load.

    Of equal ones the earliest; where none is in time, the earliest of all.
    """
    slots = len(load)
    starts = np.arange(slots)
    needed = returns.slots_needed(home, starts)
    starts = starts[starts + needed <= min(int(returns.latest[home]) + 1, slots)]
    is_late = len(starts) == 0
    if is_late:
        starts = np.array([0])
    lengths = np.clip(needed[starts], 1, slots - starts)
    peaks = _highest(load, starts, lengths) + returns.power_w[home]
    best = int(np.argmin(peaks))
    return int(starts[best]), float(peaks[best]), is_late


def _highest(load: Real, starts: Whole, lengths: Whole) -> Real:
    """Return the highest value of each stretch, by a table of stretches of 1, 2, 4, … slots."""
    table = [load]
    while (half := 2 ** (len(table) - 1)) * 2 <= len(load):
        table.append(np.maximum(table[-1][:-half], table[-1][half:]))
    level = np.frexp(lengths.astype(np.float64))[1] - 1
    highest = np.empty(len(starts))
    for number, row in enumerate(table):
        chosen = level == number
        first, last = starts[chosen], starts[chosen] + lengths[chosen] - 2**number
        highest[chosen] = np.maximum(row[first], row[last])
    return highest
