"""The one judgement of a device: followed, saturated, not followed, unknown."""

from collections.abc import Sequence
from typing import Any

from ..kinds.kind import Kind, Seen
from . import lapsing, response, shown
from .memory import DeviceMemory, Judgement, Order
from .orders import KEPT_S, in_force

# A change of an order smaller than this proves nothing about the device.
TELLING_W = 200.0
_UNMOVED_W = 80.0
_SOME_OF_THE_WAY = 0.2
# Power is at rest when so many readings over so long agree.
AT_REST = 3
_CALM_S = 3.0


def judged(seen: Seen[Any], kind: Kind[Any]) -> Judgement:
    """Return whether the device does what it was told last.

    The power measured decides, and never a setpoint that the device shows to have: an order is followed once
    power is where it asks for, or is seen to move there.
    """
    memory, power_w = seen.memory, seen.reading.power_w
    if lapsing.is_in_vain(memory):
        return Judgement.NOT_FOLLOWED
    order = memory.orders[-1] if memory.orders else None
    if order is None or order.value is None:
        return Judgement.UNKNOWN
    if seen.device.heard_s <= order.sent_s:
        # What it tells is older than what it was told.
        return memory.judgement
    ordered_w = kind.ordered_w(order.value, seen)
    if _is_within(power_w, (ordered_w,), kind) or _is_on_its_way(seen, kind, order, ordered_w):
        return Judgement.FOLLOWED
    waits = Judgement.UNKNOWN if memory.judgement is not Judgement.NOT_FOLLOWED else memory.judgement
    if not is_settled(seen, order):
        return waits
    if _is_saturated(memory, ordered_w, power_w):
        return Judgement.SATURATED
    if memory.actuator.resent >= 2 and has_swallowed(seen, kind):
        return Judgement.NOT_FOLLOWED
    return waits


def _is_within(power_w: float, asked_w: Sequence[float], kind: Kind[Any]) -> bool:
    """Return whether power is between what was asked for, or within the widest of limits."""
    low_w, high_w = min(asked_w), max(asked_w)
    above_low = power_w >= low_w - shown.tolerance_w(low_w)
    below_high = power_w <= high_w + shown.tolerance_w(high_w)
    if kind.is_driven:
        return above_low and below_high
    # A limit of zero is one for drawing or for giving, as the device does.
    return below_high if (high_w or power_w) > 0.0 else above_low


def _is_on_its_way(seen: Seen[Any], kind: Kind[Any], order: Order, ordered_w: float) -> bool:
    """Return whether power, until the order must show, is on the way to it: a slow ramp is no disobedience.

    It has moved there, or a device that followed does what the orders before asked. One that merely stays
    where it was found, or rests, has shown nothing yet.
    """
    heard_s, power_w = seen.device.heard_s, seen.reading.power_w
    before, during = in_force(seen.memory.orders, heard_s - seen.report_window_s, heard_s)
    earlier = [one for one in (before, *during) if one is not None and one is not order]
    earlier_w = [kind.ordered_w(one.value, seen) for one in earlier if one.value is not None]
    way_w = [ordered_w, *earlier_w]
    if before is None or before.value is None:
        way_w.append(order.found_w)
    if not _is_within(power_w, way_w, kind):
        return False
    if _has_moved(power_w - order.found_w, ordered_w - order.found_w):
        return True
    if seen.memory.judgement is not Judgement.FOLLOWED:
        return False
    if kind.is_driven:
        return bool(abs(power_w) > shown.tolerance_w(0.0))
    # A limit far above what was drawn anyway has proven nothing.
    return any(abs(power_w - one_w) <= shown.tolerance_w(one_w) for one_w in earlier_w)


def has_swallowed(seen: Seen[Any], kind: Kind[Any]) -> bool:
    """Return whether the last order has had its time, and neither device nor meter moved with it."""
    memory = seen.memory
    if not memory.orders or memory.orders[-1].value is None or response.is_mirrored(memory.response):
        return False
    order = _first_in_vain(memory, seen.now_s)
    sent_s = max(order.sent_s, memory.actuator.resent_s or order.sent_s)
    if seen.device.heard_s - sent_s < seen.report_window_s:
        return False
    newest = memory.orders[-1]
    ordered_w = kind.ordered_w(newest.value, seen)
    power_w = seen.reading.power_w
    if not kind.is_driven:
        excess_w = power_w - ordered_w if ordered_w >= 0 and power_w >= 0 else ordered_w - power_w
        return bool(excess_w > shown.tolerance_w(ordered_w))
    before_w = order.found_w
    last = next((one for one in reversed(memory.orders) if one.sent_s < order.sent_s), None)
    # A weak device falls short of each order, and yet moves with each change of it.
    asked_w = ordered_w - (before_w if last is None or last.value is None else last.power_w)
    if abs(asked_w) < TELLING_W or abs(power_w - ordered_w) <= shown.tolerance_w(ordered_w):
        return False
    if (level := response.plateau(memory.step) if memory.step else None) is not None and level > 0.3:
        return False
    moved_w = power_w - before_w
    if abs(moved_w + asked_w) <= shown.tolerance_w(asked_w):
        # It did as much of the opposite: an order that was answered, by a device or a reading that is turned.
        return False
    return not _has_moved(moved_w, asked_w) and not _is_saturated(memory, ordered_w, power_w)


def is_settled(seen: Seen[Any], order: Order) -> bool:
    """Return whether an order has had its effect: its time is over, or power moved with it and rests."""
    reports = seen.memory.reports
    powers = [report.power_w for report in reports[-AT_REST:]]
    if not _is_calm(powers):
        return False
    if seen.device.heard_s - order.sent_s >= seen.report_window_s:
        return True
    if any(order.sent_s - seen.report_window_s < one.sent_s < order.sent_s for one in seen.memory.orders):
        # What is told may be of the order before.
        return False
    since = [report for report in reports if report.heard_s >= order.sent_s]
    if len(since) < AT_REST:
        return False
    lately = [report.power_w for report in since if since[-1].heard_s - report.heard_s <= _CALM_S]
    if since[-1].heard_s - since[0].heard_s < _CALM_S or not _is_calm(lately):
        return False
    before_w = order.found_w
    asked_w = order.power_w - before_w
    return abs(asked_w) >= TELLING_W and (powers[-1] - before_w) / asked_w >= _SOME_OF_THE_WAY


def _has_moved(moved_w: float, asked_w: float) -> bool:
    """Return whether power went some of the way that was asked for."""
    return moved_w * asked_w > 0.0 and abs(moved_w) >= max(_UNMOVED_W, _SOME_OF_THE_WAY * abs(asked_w))


def _is_calm(powers: Sequence[float]) -> bool:
    return max(powers) - min(powers) <= shown.tolerance_w(powers[-1])


def _first_in_vain(memory: DeviceMemory, now_s: float) -> Order:
    """Return the first of the last orders that all ask for more of the same and found the power unmoved."""
    found = memory.orders[-1]
    # Of an order so old that those before it are forgotten nobody knows how much more it asked for.
    known = [one for one in memory.orders[:-1] if now_s - one.sent_s <= KEPT_S]
    for earlier in reversed(known):
        is_more = earlier.value is not None and (found.power_w - earlier.power_w) * earlier.power_w > 0
        if not is_more or abs(found.found_w - earlier.found_w) > _UNMOVED_W:
            break
        found = earlier
    return found


def _is_saturated(memory: DeviceMemory, ordered_w: float, power_w: float) -> bool:
    side = memory.high if ordered_w > 0 else memory.low
    return (
        side.bound_w is not None
        and abs(ordered_w) > abs(power_w)
        and abs(ordered_w) >= side.bound_w - 60.0
        and ordered_w * power_w >= 0
    )
