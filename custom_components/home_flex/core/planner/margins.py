"""Ready a little early: a margin before a deadline, given up where it would cost the wish itself."""

from typing import Final

import numpy as np

from .outcome import Outcome
from .parts.consumer import ready_index
from .problem import Consumer
from .search import Move, Search
from .sketch import FloatArray

MISSED_KWH: Final = 1e-3


def early_index(consumer: Consumer, lengths_h: FloatArray) -> int:
    """Return the step by whose end it is to be ready: the wanted one, or the first by which it can be."""
    most_wh = np.array(consumer.available) * consumer.max_w * consumer.efficiency * lengths_h
    first = int(np.searchsorted(np.cumsum(most_wh), consumer.need_wh - 1.0))
    return min(max(_wanted_index(consumer, lengths_h), first), ready_index(consumer, len(lengths_h)))


def _wanted_index(consumer: Consumer, lengths_h: FloatArray) -> int:
    """Return the last step that ends no later than the margin before its deadline; at least the first."""
    last = ready_index(consumer, len(lengths_h))
    ends_s = np.cumsum(lengths_h) * 3600
    return int(max(np.searchsorted(ends_s, ends_s[last] - consumer.margin_s + 1.0) - 1, 0))


def keep_margins(search: Search) -> None:
    """Let each consumer be ready early."""
    for one in search.context.problem.consumers:
        search.make(_ready_at(search, one, early_index(one, search.context.lengths_h)))


def give_up_margins(search: Search, found: Outcome) -> bool:
    """Let those that would miss something be ready at their deadline; return whether there are any."""
    lengths_h = search.context.lengths_h
    late = [
        one
        for one in search.context.problem.consumers
        if found.values[search.columns((one.device_id, "missed"))].sum() > MISSED_KWH
        and search.numbers.upper[_missed_at(search, one, early_index(one, lengths_h))] > 0
        and early_index(one, lengths_h) < ready_index(one, len(lengths_h))
    ]
    for one in late:
        search.make(_ready_at(search, one, ready_index(one, len(lengths_h))))
    return bool(late)


def margins_given_up(search: Search) -> dict[str, float]:
    """Return by how many seconds of their margin consumers may be later than they would like."""
    lengths_h = search.context.lengths_h
    late: dict[str, float] = {}
    for one in search.context.problem.consumers:
        wanted, end = _wanted_index(one, lengths_h), early_index(one, lengths_h)
        if search.numbers.upper[_missed_at(search, one, end)] <= 0:
            end = ready_index(one, len(lengths_h))
        if one.need_wh > 0 and wanted < end:
            late[one.device_id] = 3600 * float(lengths_h[wanted + 1 : end + 1].sum())
    return late


def _missed_at(search: Search, consumer: Consumer, index: int) -> int:
    return int(search.columns((consumer.device_id, "missed"))[index])


def _ready_at(search: Search, consumer: Consumer, index: int) -> Move:
    stored = search.columns((consumer.device_id, "stored"))
    missed = search.columns((consumer.device_id, "missed"))
    need, misses = np.zeros(len(stored)), np.zeros(len(stored))
    need[index:] = consumer.need_wh / 1000
    misses[index] = np.inf
    return Move(
        columns=np.concatenate((stored, missed)),
        lower=np.concatenate((need, np.zeros(len(stored)))),
        upper=np.concatenate((search.numbers.upper[stored], misses)),
    )
