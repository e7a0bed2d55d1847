"""Orders that end by themselves: a device that goes back to its own ways is heard when it says so.

Inverters have timers of their own, other programmes write to them too, and some drop what they were told
seconds later. What such a device was told last is not in force: to count on it would make load of what is
missing, and the next order twice as large.
"""

from dataclasses import replace
from typing import Any

from ..kinds.kind import Kind, Seen
from .memory import DeviceMemory, Lapses, Order

# After so many orders in a row that ended by themselves it does not follow.
IN_VAIN = 3
# An order that stands so long lasts.
_LASTS_S = 60.0
# The meter must have shown the lapse before the order is repeated, with some seconds to spare.
_SPARE_S = 5.0
_AGAIN_FIRST_S, _AGAIN_MOST_S = 15.0, 600.0


def heard(seen: Seen[Any], kind: Kind[Any]) -> DeviceMemory:
    """Return the memory with what a new reading says of the order in force, if it says so at all.

    An order is over when the reading said that it was set and does so no more, or has not said so although
    the order's time has passed.
    """
    memory, heard_s = seen.memory, seen.device.heard_s
    written = seen.device.written
    if written is None or written.value is None or not memory.orders:
        return memory if memory.lapses == Lapses() else replace(memory, lapses=Lapses())
    lapses = memory.lapses
    if kind.is_set(seen.reading):
        if memory.orders[-1].value is None:
            # What was sent while the lapse was still on its way.
            memory = _with_order(seen, heard_s, written.value, kind.ordered_w(written.value, seen))
        set_s = heard_s if lapses.set_s is None else lapses.set_s
        lasts = heard_s - set_s >= _LASTS_S
        return replace(memory, lapses=replace(lapses, set_s=set_s, count=0 if lasts else lapses.count))
    if memory.orders[-1].value is None or not _is_over(seen):
        return memory
    memory = _with_order(seen, heard_s, None, seen.reading.power_w)
    return replace(memory, lapses=Lapses(count=lapses.count + 1, lapsed_s=heard_s))


def is_over(seen: Seen[Any]) -> bool:
    """Return whether what was written last is not in force any more, though nobody took it back."""
    written, orders = seen.device.written, seen.memory.orders
    is_held = written is not None and written.value is not None
    return is_held and seen.memory.lapses.count > 0 and bool(orders) and orders[-1].value is None


def is_in_vain(memory: DeviceMemory) -> bool:
    """Return whether one order after the other ended by itself."""
    return memory.lapses.count >= IN_VAIN


def is_repeated(seen: Seen[Any]) -> bool:
    """Return whether an order that is over is sent again now: ever more seldom."""
    lapses = seen.memory.lapses
    if lapses.lapsed_s is None:
        return False
    pause_s = max(seen.window_s + _SPARE_S, _AGAIN_FIRST_S * 2.0 ** min(lapses.count - 1, 10))
    return seen.now_s - lapses.lapsed_s >= min(_AGAIN_MOST_S, pause_s)


def _is_over(seen: Seen[Any]) -> bool:
    """Return whether a reading that says "not set" is one of the orders in force, and not of before them."""
    memory, heard_s = seen.memory, seen.device.heard_s
    freed = [index for index, order in enumerate(memory.orders) if order.value is None]
    given = memory.orders[freed[-1] + 1 if freed else 0]
    if heard_s - given.sent_s >= seen.report_window_s:
        return memory.actuator.tells
    is_clear = not freed or heard_s - memory.orders[freed[-1]].sent_s >= seen.report_window_s
    return memory.lapses.set_s is not None and is_clear


def _with_order(seen: Seen[Any], sent_s: float, value: float | None, power_w: float) -> DeviceMemory:
    order = Order(sent_s=sent_s, value=value, power_w=power_w, found_w=seen.reading.power_w)
    return replace(seen.memory, orders=(*seen.memory.orders, order), step=None)
