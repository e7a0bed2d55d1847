"""Which steps a consumer may run in: candidates from the relaxed solution, few enough to try them all."""

from collections.abc import Iterator

import numpy as np

from .context import Context
from .limits import meter_import
from .parts.consumer import ready_index
from .problem import Consumer, priced_peaks
from .search import OnSet, sessions
from .sessions import cheapest_sessions
from .sketch import FloatArray

# The part of its minimum from which on a relaxed power counts as on.
_COUNTS_AS_ON = 0.3
_NOTHING_KW = 1e-6


def is_settled(taken_kw: FloatArray, consumer: Consumer) -> bool:
    """Return whether a relaxed solution already runs at least at its minimum, in one session at most."""
    on = taken_kw > _NOTHING_KW
    low = on & (taken_kw < consumer.min_w / 1000 - _NOTHING_KW)
    last = np.flatnonzero(on)[-1:]
    if consumer.power_w > 0 and not consumer.interruptible and on.any() and not on[0]:
        return False
    return not np.setdiff1d(np.flatnonzero(low), last).size and sessions(on, consumer) <= 1


def fits(consumer: Consumer, on: OnSet, context: Context) -> bool:
    """Return whether there is room for what a consumer takes at least; its last step may be short."""
    steps = np.flatnonzero(on)[:-1]
    least_wh = consumer.efficiency * consumer.min_w * float(context.lengths_h[steps].sum())
    return least_wh <= max(consumer.room_wh, consumer.need_wh) + 1e-3


def candidates(
    consumer: Consumer, taken_kw: FloatArray, price: FloatArray, context: Context
) -> Iterator[OnSet]:
    """Yield different on-sets; ``price`` is what a kWh costs it in each step, by the relaxed solution."""
    seen: set[bytes] = set()
    for on in _all(consumer, taken_kw, price, context):
        key = np.packbits(on).tobytes()
        if key not in seen and fits(consumer, on, context):
            seen.add(key)
            yield on


def _all(consumer: Consumer, taken_kw: FloatArray, price: FloatArray, context: Context) -> Iterator[OnSet]:
    steps = len(context.lengths_h)
    usable = _roomy(consumer, context)
    in_time = usable & (np.arange(steps) <= ready_index(consumer, steps))
    kwh_per_kw = consumer.efficiency * context.lengths_h
    need_kwh = max(float(np.sum(taken_kw * kwh_per_kw)), consumer.need_wh / 1000)
    levels = _levels(consumer, taken_kw)
    for level_kw, count in zip(levels, (2, 1), strict=True):
        yield from _windows(consumer, in_time, level_kw, price, context)[:count]
    if not consumer.interruptible:
        yield in_time
        return
    yield usable & (taken_kw >= max(_COUNTS_AS_ON * consumer.min_w / 1000, _NOTHING_KW))
    # Duals are level where a battery or the month's peak evens things out: the prices at the meter tell more.
    at_meter = np.where(context.residual_kw < 0, context.sold, context.bought) / consumer.efficiency
    for level_kw, each_price in ((levels[0], price), (levels[0], at_meter), (levels[1], price)):
        kwh = np.where(in_time, kwh_per_kw * level_kw, 0.0)
        yield cheapest_sessions(kwh, each_price, need_kwh, consumer.start_price, runs=consumer.power_w > 0)
    last = context.last_kw.get(consumer.device_id)
    if last is not None:
        yield usable & (last > _NOTHING_KW)


def _roomy(consumer: Consumer, context: Context) -> OnSet:
    """Return the steps in which the meter's limits leave room for its least power, with what batteries give.

    All that it may run in, where there is no room in any.
    """
    available = np.array(consumer.available)
    given_kw = sum(one.discharge_w for one in context.problem.batteries) / 1000
    room_kw = meter_import(context.problem).kw + given_kw - context.residual_kw
    roomy = available & (room_kw >= consumer.min_w / 1000 - _NOTHING_KW)
    return roomy if roomy.any() else available


def _levels(consumer: Consumer, taken_kw: FloatArray) -> tuple[float, float]:
    """Return the powers to try: what the relaxed solution takes where it takes something, and the most."""
    taken = taken_kw[taken_kw > _NOTHING_KW]
    usual_kw = float(np.mean(taken)) if len(taken) else 0.0
    return max(usual_kw, consumer.min_w / 1000), consumer.max_w / 1000


def _windows(
    consumer: Consumer, usable: OnSet, level_kw: float, price: FloatArray, context: Context
) -> list[OnSet]:
    """Return the stretches of steps that hold what is needed at a power, the cheapest first.

    What they cost counts the price of each step, and that of the months' peaks on what else is drawn then.
    """
    full_kwh = np.where(usable, consumer.efficiency * context.lengths_h * level_kw, 0.0)
    reached = np.concatenate(([0.0], np.cumsum(full_kwh)))
    spent = np.concatenate(([0.0], np.cumsum(full_kwh * price)))
    firsts = np.flatnonzero(usable)
    if consumer.power_w > 0 and not consumer.interruptible:
        firsts = firsts[firsts == 0]
    ends = np.searchsorted(reached, reached[firsts] + consumer.need_wh / 1000 - 1e-6)
    fits = ends < len(reached)
    firsts, ends = firsts[fits], ends[fits]
    if not len(firsts):
        return [usable]
    drawn = context.residual_kw + level_kw
    costs = spent[ends] - spent[firsts]
    for peak in priced_peaks(context.problem):
        since, until, _ = peak.steps.indices(len(usable))
        window = zip(np.maximum(firsts, since), np.minimum(ends, until), strict=True)
        highest = np.array([drawn[first:end].max(initial=0.0) for first, end in window])
        costs += peak.per_kw * np.maximum(highest - peak.so_far_w / 1000, 0.0)
    at = np.arange(len(usable))
    order = np.argsort(costs, kind="stable")
    return [usable & (at >= firsts[which]) & (at < ends[which]) for which in order[:2]]
