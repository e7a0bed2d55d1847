"""What own orders show of a driven device's range."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from ..kinds.kind import Seen
from . import shown
from .judging import AT_REST, is_settled
from .memory import DeviceMemory, Order, Run, Sample

# Whether power rests is read off so many seconds.
_LATELY_S = 10.0
_STILL_W = 20.0
# A larger order is sent so soon after the meter has shown that the last was not enough.
_SENT_S = 5.0
# A device gives less when it fell by so much.
_FADED_W, _FADED_SHARE = 150.0, 0.035


def ranged(seen: Seen[Any]) -> DeviceMemory:
    """Return the memory with what an order at rest shows of the device's range."""
    memory = seen.memory
    order = memory.orders[-1] if memory.orders else None
    if order is None or not order.value or not is_settled(seen, order):
        return memory
    sign = 1.0 if order.value > 0 else -1.0
    power_w = max(0.0, sign * fmean(report.power_w for report in memory.reports[-AT_REST:]))
    # Since when power is the device's own affair: it has been asked for more than this all the time.
    short = _short_orders(memory, sign, power_w)
    shown_s = (short[0] if short else order).sent_s + seen.report_window_s
    under_it = [report for report in memory.reports if report.heard_s >= shown_s]
    trend_w_per_s = sign * _trend_w_per_s(under_it)
    found = shown.Found(
        order_w=abs(order.power_w),
        power_w=power_w,
        soon_w=max(0.0, power_w + min(0.0, trend_w_per_s) * min(memory.response.report_s, default=0.0)),
        is_resting=trend_w_per_s == 0.0 and len(under_it) > AT_REST,
        is_due=seen.device.heard_s - order.sent_s >= max(seen.report_window_s, seen.window_s + _SENT_S),
    )
    side = memory.high if sign > 0 else memory.low
    if _has_faded(seen, sign, found.power_w):
        side = shown.faded(side, found.soon_w, seen.now_s)
    side = shown.settled(side, found, seen.now_s)
    return replace(memory, high=side) if sign > 0 else replace(memory, low=side)


def _trend_w_per_s(reports: Sequence[Sample]) -> float:
    """Return by how much power moves lately in W/s; 0 where that cannot be told."""
    if len(reports) <= AT_REST:
        return 0.0
    lately = [report for report in reports if reports[-1].heard_s - report.heard_s <= _LATELY_S]
    lately = lately if len(lately) > AT_REST else list(reports[-AT_REST - 1 :])
    half = len(lately) // 2
    moved_w = fmean(one.power_w for one in lately[-half:]) - fmean(one.power_w for one in lately[:half])
    if abs(moved_w) <= max(_STILL_W, 2.0 * _noise_w(lately)):
        return 0.0
    apart_s = fmean(one.heard_s for one in lately[-half:]) - fmean(one.heard_s for one in lately[:half])
    return moved_w / apart_s


def _has_faded(seen: Seen[Any], sign: float, power_w: float) -> bool:
    """Return whether the device gives plainly less than it gave, though never asked for less since."""
    short = _short_orders(seen.memory, sign, power_w)
    falling = [
        index
        for index in range(1, len(short))
        if sign * (short[index].power_w - short[index - 1].power_w) < 0
    ]
    short = short[falling[-1] :] if falling else short
    if not short:
        return False
    # Only what was told when the last of the orders before could not be seen any more counts.
    from_s = short[0].sent_s + seen.report_window_s
    since = [report for report in seen.memory.reports if report.heard_s >= from_s]
    if len(since) < 2 * AT_REST:
        return False
    fell_w = sign * fmean(report.power_w for report in since[:AT_REST]) - power_w
    return fell_w >= max(_FADED_W, _FADED_SHARE * power_w, 3.0 * _noise_w(since))


def _short_orders(memory: DeviceMemory, sign: float, power_w: float) -> Sequence[Order]:
    """Return the last orders that all ask for more than ``power_w`` >= 0, the oldest first."""
    enough_w = power_w + shown.tolerance_w(power_w)
    met = [index for index, order in enumerate(memory.orders) if sign * order.power_w <= enough_w]
    return memory.orders[met[-1] + 1 if met else 0 :]


def _noise_w(reports: Sequence[Sample]) -> float:
    """Return the standard deviation of the readings' noise in W; what moves steadily hardly counts in it."""
    changes_w = [after.power_w - before.power_w for before, after in pairwise(reports)]
    middle_w = median(changes_w)
    # The median of |difference of two normals| is 0.954 of their standard deviation.
    return median(abs(change_w - middle_w) for change_w in changes_w) / 0.954


def replaced(memory: DeviceMemory, replaced_s: float, seen: Seen[Any]) -> DeviceMemory:
    """Return the memory with what the order that was replaced had brought until then."""
    order = memory.orders[-1] if memory.orders else None
    earlier = [report.power_w for report in memory.reports if report.heard_s <= replaced_s]
    if order is None or order.value is None or not earlier:
        return memory
    power_w = earlier[-1]
    if order.value * power_w <= 0:
        return memory
    run = Run(order_w=abs(order.power_w), power_w=abs(power_w), sent_s=order.sent_s)
    if order.value > 0:
        return replace(memory, high=shown.replaced(memory.high, run, replaced_s, seen.report_window_s))
    return replace(memory, low=shown.replaced(memory.low, run, replaced_s, seen.report_window_s))
