"""What share of its orders a driven device gives: learned, so that a weak one is told more at once.

A device that gives the share k of each order u is not at its end: more asked brings more. The power reckoned
for an order is φ(u) = k u, the load of the house is L, and the meter g comes to rest at L + φ(u). To bring it
to T the device is told

    u' = φ⁻¹(T - L) = u + (T - L - φ(u)) / k

which leaves the share 1 - (real k) / k of what was missing: with k = 1 half of it for a device that gives
half, none when k is right. That converges for 0 < real k < 2 k only; so a share that the device tells is
believed where the meter showed as much of an order. When k is learned anew, L moves by as much as φ(u) moves
the other way: where the meter comes to rest stays as it was reckoned, and nothing jumps.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from ..kinds.kind import Kind, Seen
from .memory import DeviceMemory, Shown
from .shown import share_of

# Weaker ones are told no more than this makes of it; none is reckoned with much more than it is told.
LEAST, MOST = 0.4, 1.1
# Where orders differ by so much, their powers tell a share from a bound.
_APART_W = 250.0
# Nearer to what is reckoned than this it is right: readings are not better.
_RIGHT = 0.1
# So near must the share of what was asked more, and of what the meter shows, lie: what is left of an error
# is then at most half of it, also for the weakest.
_LIKE = 0.2


def learned(seen: Seen[Any], kind: Kind[Any]) -> DeviceMemory:
    """Return the memory with the share of its orders that a driven device was found to give at rest.

    What is remembered of its orders and of its range is reckoned anew where that changes.
    """
    memory = seen.memory
    high, low = _side(memory.high, memory), _side(memory.low, memory)
    if high is memory.high and low is memory.low:
        return memory
    memory = replace(memory, high=high, low=low, step=None, response=replace(memory.response, share=None))
    known = replace(seen, memory=memory)
    orders = tuple(
        one if one.value is None else replace(one, power_w=kind.ordered_w(one.value, known))
        for one in memory.orders
    )
    return replace(memory, orders=orders)


def rebooked_w(before: DeviceMemory, after: DeviceMemory) -> float:
    """Return what of the order in force counted ``before`` and does not ``after``, in W: it is load now."""
    value = after.orders[-1].value if after.orders else None
    return 0.0 if value is None else value * (share_of(before, value) - share_of(after, value))


def _side(shown: Shown, memory: DeviceMemory) -> Shown:
    """Return one direction of the device's range with the share that it gives of its orders."""
    if (strong := _stronger(shown)) is not None:
        return Shown(share=strong)
    by_meter = memory.response.share
    found = _found(shown.settled) if shown.bound_w is None else None
    if found is None or by_meter is None or abs(by_meter - found) > _LIKE * found:
        return shown
    share = min(MOST, max(LEAST, shown.share * found))
    # Its pairs were reckoned by the share before.
    return shown if abs(share / shown.share - 1.0) <= _RIGHT else Shown(share=share)


def _stronger(shown: Shown) -> float | None:
    """Return the share of one that gives plainly more at rest than is reckoned of a weak one, else None.

    No end of its range makes a device give more, so one order is enough to tell. Where the load is reckoned
    by the device's own power, the meter alone would never correct a share that is too small.
    """
    if not shown.settled or shown.share >= 1.0:
        return None
    order_w, gave_w = shown.settled[-1]
    return min(1.0, shown.share * gave_w / order_w) if gave_w > (1.0 + _RIGHT) * order_w else None


def _found(settled: Sequence[tuple[float, float]]) -> float | None:
    """Return the share of what was reckoned that came, where it is that of every change too."""
    for (one_w, gave_w), (other_w, other_gave_w) in combinations(reversed(settled), 2):
        if abs(one_w - other_w) < _APART_W:
            continue
        share = (one_w * gave_w + other_w * other_gave_w) / (one_w**2 + other_w**2)
        slope = (gave_w - other_gave_w) / (one_w - other_w)
        return share if abs(slope - share) <= _LIKE * share else None
    return None
