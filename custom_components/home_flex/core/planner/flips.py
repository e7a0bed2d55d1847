"""Small changes to a settled plan, tried one by one as long as it may be dearer than it need be."""

from collections.abc import Iterator

import numpy as np

from .cycles import cycle_of
from .outcome import Outcome
from .parts.consumer import ready_index
from .problem import Appliance, Consumer
from .search import Move, OnSet, Search, on_move

_TRIES = 40
_ROUNDS = 6
_PER_ROUND = 8
_LEAST_GAP = 0.01
_LEAST_PART = 0.01


def is_close(value: float, bound: float) -> bool:
    """Return whether a plan is within 1 ct, or 1 %, of what nothing can be cheaper than."""
    return value - bound <= max(_LEAST_GAP, _LEAST_PART * abs(bound))


def flipped(search: Search, value: float, bound: float) -> None:
    """Improve a settled plan step by step."""
    tries = 0
    for _ in range(_ROUNDS):
        if is_close(value, bound) or tries >= _TRIES or search.left_s <= 0:
            return
        found = search.outcome()
        if found is None:
            return
        value = min(value, found.objective + search.session_cost())
        moves = sorted(_moves(search, found), key=lambda each: -each[0])[:_PER_ROUND]
        better = None
        for _gain, move in moves:
            tries += 1
            better = search.improves(move, value)
            if better is not None:
                value = better
                break
        if better is None:
            return


def _moves(search: Search, found: Outcome) -> Iterator[tuple[float, Move]]:
    """Yield moves with what each would gain if the rest stayed as it is."""
    for consumer in search.context.problem.consumers:
        yield from _of_consumer(search, found, consumer)
    for appliance in search.context.problem.appliances:
        yield from _of_appliance(search, found, appliance)


def _of_consumer(search: Search, found: Outcome, consumer: Consumer) -> Iterator[tuple[float, Move]]:
    on = search.on.get(consumer.device_id)
    if on is None:
        return
    columns = search.columns((consumer.device_id, "taken"))
    reduced = found.reduced[columns]
    usable = np.array(consumer.available)
    usable[ready_index(consumer, len(usable)) + 1 :] &= consumer.extra_worth_per_kwh > 0
    drops = np.where(on, reduced * consumer.min_w / 1000, -np.inf)
    adds = np.where(usable & ~on, -reduced * consumer.max_w / 1000, -np.inf)
    drop, add = int(drops.argmax()), int(adds.argmax())
    changes: list[tuple[float, tuple[int, ...]]] = []
    changes += [(float(drops[each]), (each,)) for each in np.argsort(-drops, kind="stable")[:3]]
    changes += [(float(adds[each]), (each,)) for each in np.argsort(-adds, kind="stable")[:3]]
    changes.append((float(drops[drop] + adds[add]), (drop, add)))
    changes += [(float(drops[each]), (each,)) for each in _ends(on)]
    changes += [(float(adds[each]), (each,)) for each in _beside(on & usable, usable)]
    for gain, steps in changes:
        if np.isfinite(gain) and _is_allowed(consumer, changed := _changed(on, steps)):
            yield gain, on_move(search, consumer, changed)


def _is_allowed(consumer: Consumer, on: OnSet) -> bool:
    begins = int(on[0]) + int(np.count_nonzero(on[1:] & ~on[:-1]))
    return consumer.interruptible or begins <= 1


def _changed(on: OnSet, steps: tuple[int, ...]) -> OnSet:
    changed = on.copy()
    changed[list(steps)] ^= True
    return changed


def _ends(on: OnSet) -> list[int]:
    """Return the steps at the ends of sessions."""
    before, after = np.roll(on, 1), np.roll(on, -1)
    before[0] = after[-1] = False
    return [int(each) for each in np.flatnonzero(on & ~(before & after))]


def _beside(on: OnSet, usable: OnSet) -> list[int]:
    """Return the steps beside sessions that are off and may be used."""
    before, after = np.roll(on, 1), np.roll(on, -1)
    before[0] = after[-1] = False
    return [int(each) for each in np.flatnonzero(usable & ~on & (before | after))]


def _of_appliance(search: Search, found: Outcome, appliance: Appliance) -> Iterator[tuple[float, Move]]:
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
        yield float(reduced[now] - reduced[each]), Move(columns=columns, lower=chosen, upper=chosen)


def _may_start(search: Search, appliance: Appliance) -> OnSet:
    return cycle_of(appliance, search.context.problem.grid.lengths_s).may_start
