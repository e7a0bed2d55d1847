"""Which steps a consumer may run in: candidates from the relaxed solution, cheap enough to try them all."""

from collections.abc import Iterator

import numpy as np

from .context import Context
from .parts.consumer import ready_index
from .problem import Consumer
from .search import OnSet, sessions
from .sessions import cheapest_sessions
from .sketch import FloatArray

# The parts of its minimum from which on a relaxed power counts as on.
_COUNTS_AS_ON = (0.3, 0.7)
_BEST_WINDOWS = 3


def is_settled(taken_kw: FloatArray, consumer: Consumer) -> bool:
    """Return whether a relaxed solution already runs at least at its minimum, in one session at most."""
    on = taken_kw > 1e-6
    low = on & (taken_kw < consumer.min_w / 1000 - 1e-6)
    last = np.flatnonzero(on)[-1:]
    return not np.setdiff1d(np.flatnonzero(low), last).size and sessions(on, consumer) <= 1


def candidates(
    consumer: Consumer, taken_kw: FloatArray, price: FloatArray, context: Context
) -> Iterator[OnSet]:
    """Yield different on-sets; ``price`` is what a kWh costs it in each step, by the relaxed solution."""
    seen: set[bytes] = set()
    for on in _all(consumer, taken_kw, price, context):
        key = np.packbits(on).tobytes()
        if key not in seen:
            seen.add(key)
            yield on


def _all(consumer: Consumer, taken_kw: FloatArray, price: FloatArray, context: Context) -> Iterator[OnSet]:
    lengths_h = context.lengths_h
    usable = np.array(consumer.available)
    full_kwh = consumer.efficiency * consumer.max_w / 1000 * lengths_h
    wanted_kwh = float(np.sum(consumer.efficiency * taken_kw * lengths_h))
    need_kwh = max(min(wanted_kwh, 1e9), consumer.need_wh / 1000)
    yield from _windows(consumer, usable, full_kwh, price, need_kwh)
    if not consumer.interruptible:
        yield np.zeros(len(usable), dtype=np.bool_)
        return
    for part in _COUNTS_AS_ON:
        yield usable & (taken_kw >= max(part * consumer.min_w / 1000, 1e-6))
    in_time = usable & (np.arange(len(usable)) <= ready_index(consumer, len(usable)))
    usual_kw = float(np.mean(taken_kw[taken_kw > 1e-6])) if (taken_kw > 1e-6).any() else 0.0
    for level_kw in (max(usual_kw, consumer.min_w / 1000), consumer.max_w / 1000, consumer.min_w / 1000):
        kwh = np.where(in_time, consumer.efficiency * lengths_h * level_kw, 0.0)
        yield cheapest_sessions(kwh, price, need_kwh, consumer.start_price, runs=consumer.power_w > 0)
    last = context.last_kw.get(consumer.device_id)
    if last is not None:
        yield usable & (last > 1e-3)
    yield np.zeros(len(usable), dtype=np.bool_)


def _windows(
    consumer: Consumer, usable: OnSet, full_kwh: FloatArray, price: FloatArray, need_kwh: float
) -> Iterator[OnSet]:
    """Yield the cheapest stretches of steps that hold what is needed, and the first of them."""
    steps = len(usable)
    limit = ready_index(consumer, steps) + 1
    reached = np.concatenate(([0.0], np.cumsum(np.where(usable, full_kwh, 0.0))))
    spent = np.concatenate(([0.0], np.cumsum(np.where(usable, full_kwh * price, 0.0))))
    firsts = np.flatnonzero(usable[:limit])
    if consumer.power_w > 0 and not consumer.interruptible:
        firsts = firsts[firsts == 0]
    ends = np.searchsorted(reached, reached[firsts] + need_kwh - 1e-6)
    fits = ends <= limit
    firsts, ends = firsts[fits], ends[fits]
    if not len(firsts):
        yield usable & (np.arange(steps) < limit)
        return
    costs = spent[ends] - spent[firsts]
    best = [*np.argsort(costs, kind="stable")[:_BEST_WINDOWS], 0]
    for which in best:
        at = np.arange(steps)
        yield usable & (at >= firsts[which]) & (at < ends[which])
        yield usable & (at >= firsts[which]) & (at < min(ends[which] + 1, limit))
