"""Small changes to a settled plan, tried one by one as long as it may be dearer than it need be."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .cycles import cycle_of
from .on_sets import fits
from .outcome import Outcome
from .parts.consumer import ready_index
from .problem import Appliance, Consumer
from .search import Move, OnSet, Search, on_move, sessions
from .sketch import FloatArray

# What a move would gain, and how it is made: few of many are.
type _Worth = tuple[float, Callable[[], Move]]

# So many are tried at most, and so many where the meter's directions were settled: there a search in whole
# numbers follows (``refine``), and over 166 homes more of them gained nothing.
MOST_TRIES = 8
FEWER_TRIES = 4
_ROUNDS = 4
_PER_ROUND = 6
_SHIFTS = (1, 4)
# What a change may lose by the marginal prices and still be tried, in least gaps.
_HOPELESS = 3.0
_LEAST_PART = 0.01


def is_close(value: float, bound: float, least_gap: float) -> bool:
    """Return whether a plan is within the least gap, or 1 %, of what nothing can be cheaper than."""
    return value - bound <= max(least_gap, _LEAST_PART * abs(bound))


def flipped(search: Search, value: float, bound: float, most_tries: int) -> None:
    """Improve a settled plan step by step, as long as it may be dearer than it need be."""
    tries = 0
    least_gap = search.context.problem.preferences.least_gap
    for _ in range(_ROUNDS):
        if is_close(value, bound, least_gap) or tries >= most_tries or search.left_s <= 0:
            return
        found = search.outcome()
        if found is None:
            return
        value = min(value, found.objective + search.session_cost())
        moves = sorted(_moves(search, found), key=lambda each: -each[0])
        better, most = None, min(tries + _PER_ROUND, most_tries)
        for gain, move in moves:
            if tries >= most or gain < -_HOPELESS * least_gap:
                break
            changed = move()
            if search.gains_at_most(changed, found, value) < least_gap:
                continue
            tries += 1
            better = search.improves(changed, value)
            if better is not None:
                value = better
                break
        if better is None:
            return


def _moves(search: Search, found: Outcome) -> Iterator[_Worth]:
    """Yield moves with what each would gain if the rest stayed as it is."""
    for consumer in search.context.problem.consumers:
        yield from _of_consumer(search, found, consumer)
    for appliance in search.context.problem.appliances:
        yield from _of_appliance(search, found, appliance)


def _of_consumer(search: Search, found: Outcome, consumer: Consumer) -> Iterator[_Worth]:
    on = search.on.get(consumer.device_id)
    if on is None:
        return
    reduced = found.reduced[search.columns((consumer.device_id, "taken"))]
    usable = np.array(consumer.available)
    usable[ready_index(consumer, len(usable)) + 1 :] &= consumer.extra_worth_per_kwh > 0
    saves = np.where(on, reduced * consumer.min_w, -reduced * consumer.max_w) / 1000
    now = sessions(on, consumer)
    for steps in _changes(on, usable, saves):
        changed = on.copy()
        changed[steps] ^= True
        begins = sessions(changed, consumer)
        if not fits(consumer, changed, search.context):
            continue
        if consumer.interruptible or begins <= (now if consumer.power_w > 0 else max(now, 1)):
            gain = float(saves[steps].sum()) + consumer.start_price * (now - begins)
            yield gain, partial(on_move, search, consumer, changed)


def _changes(on: OnSet, usable: OnSet, saves: FloatArray) -> Iterator[NDArray[np.integer]]:
    """Yield steps to flip together: single ones, the best pair, and what changes whole sessions."""
    drops, adds = np.where(on, saves, -np.inf), np.where(usable & ~on, saves, -np.inf)
    for each in (drops, adds):
        ranked = np.argsort(-each, kind="stable")[:3]
        yield from (np.array([step]) for step in ranked if np.isfinite(each[step]))
    if on.any() and (usable & ~on).any():
        yield np.array([int(drops.argmax()), int(adds.argmax())])
    edges = np.flatnonzero(np.diff(np.concatenate(([False], on, [False])).astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    for begin, end in zip(begins, ends, strict=True):
        yield from (np.array([begin]), np.array([end - 1]))
        if len(begins) > 1:
            yield np.arange(begin, end)
        yield from _grown_and_moved(int(begin), int(end), on, usable)
    for end, begin in zip(ends[:-1], begins[1:], strict=True):
        if usable[end:begin].all():
            yield np.arange(end, begin)


def _grown_and_moved(begin: int, end: int, on: OnSet, usable: OnSet) -> Iterator[NDArray[np.integer]]:
    """Yield what lets a session begin earlier, end later, or happen some steps later."""
    free = usable & ~on
    for beside in (begin - 1, end):
        if 0 <= beside < len(on) and free[beside]:
            yield np.array([beside])
    for by in _SHIFTS:
        if begin + by < end and end + by <= len(on) and free[end : end + by].all():
            yield np.concatenate((np.arange(begin, begin + by), np.arange(end, end + by)))


def _of_appliance(search: Search, found: Outcome, appliance: Appliance) -> Iterator[_Worth]:
    starts = search.columns((appliance.device_id, "start"))
    columns = np.concatenate((starts, search.columns((appliance.device_id, "skip"))))
    if appliance.running_s is not None:
        return
    reduced = found.reduced[columns]
    allowed = np.append(_may_start(search, appliance), True)
    now = int(np.argmax(search.numbers.upper[columns]))
    allowed[now] = False
    for each in np.argsort(np.where(allowed, reduced, np.inf), kind="stable")[:3]:
        if not allowed[each]:
            continue
        chosen = np.zeros(len(columns))
        chosen[each] = 1.0
        move = partial(Move, columns=columns, lower=chosen, upper=chosen)
        yield float(reduced[now] - reduced[each]), move


def _may_start(search: Search, appliance: Appliance) -> OnSet:
    return cycle_of(appliance, search.context.problem.grid.lengths_s).may_start
