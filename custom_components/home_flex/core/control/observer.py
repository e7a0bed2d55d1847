"""What is known of each device and of the meter, learned from our own orders and from their rhythm.

One judgement comes of it, for arbiter, ledger, entities, reports and hand-back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from ..kinds.kind import Kind, Seen
from ..model import Reading
from . import hunting, response, shown
from .memory import DeviceMemory, Judgement, MeterMemory, Order, Run, Sample, Shown
from .rhythm import heard, lost_after_s, period_s
from .state import DeviceState

_METER_SAMPLES = 64
# A house in which more than this moves all the time is restless, its meter is not noisy.
_NOISE_MOST_W = 100.0
_KEPT_S = 100.0
# A free store shows within so many readings of the meter whether it covers the house.
_COVERS_AFTER = 5
_COVERS_MOST = 10
_COVERED_W = 150.0
_AT_WORK_W = 150.0
# A change of an order smaller than this proves nothing about the device.
_TELLING_W = 200.0
_UNMOVED_W = 80.0
# Power is at rest when so many readings over so long agree.
_AT_REST = 3
_CALM_S = 3.0
# No meter's values are older than this.
METER_AGE_S = 6.0


def metered(memory: MeterMemory, power_w: float | None, heard_s: float) -> MeterMemory:
    """Return the meter's memory with a reading, if it is new."""
    if power_w is None or (memory.samples and heard_s <= memory.samples[-1].heard_s):
        return memory
    return replace(
        memory,
        rhythm=heard(memory.rhythm, heard_s),
        samples=(*memory.samples, Sample(heard_s=heard_s, power_w=power_w))[-_METER_SAMPLES:],
    )


def noise_w(memory: MeterMemory) -> float:
    """Return the standard deviation of the meter's noise in W; load steps hardly count in it."""
    powers = [sample.power_w for sample in memory.samples[-32:]]
    changes = [abs(after - before) for before, after in pairwise(powers)]
    # The median of |difference of two normals| is 0.954 of their standard deviation.
    return min(_NOISE_MOST_W, median(changes) / 0.954) if changes else 0.0


def fresh_reading(device: DeviceState, memory: DeviceMemory, kind: Kind[Any], now_s: float) -> Reading | None:
    """Return the device's reading when it still says something about now."""
    if device.reading is None or now_s - device.heard_s > lost_after_s(memory.rhythm, kind.lost_after_s):
        return None
    return device.reading


def begun(device: DeviceState, now_s: float) -> DeviceMemory:
    """Return the memory of a device never seen before: one that is set already stays in hand for now."""
    if device.written is not None and device.written.value is not None:
        written = device.written
        return DeviceMemory(
            taken=written.owner, reason=written.reason, source_id=written.source_id, bound_s=now_s
        )
    return DeviceMemory()


def observed(
    seen: Seen[Any], kind: Kind[Any], meter: MeterMemory, others_sent_s: float | None, *, meter_spoke: bool
) -> DeviceMemory:
    """Return the device's memory with what it, and the meter, tell now.

    ``others_sent_s`` is when another device was last sent an order; ``meter_spoke``: since the last tick.
    """
    device, memory, now_s = seen.device, seen.memory, seen.now_s
    is_new = memory.rhythm.heard_s is None or device.heard_s > memory.rhythm.heard_s
    if is_new:
        reports = (*memory.reports, Sample(heard_s=device.heard_s, power_w=seen.reading.power_w))
        memory = replace(
            memory,
            rhythm=heard(memory.rhythm, device.heard_s),
            reports=tuple(r for r in reports if now_s - r.heard_s <= _KEPT_S)[-_METER_SAMPLES:]
            or reports[-1:],
            own_w=seen.reading.power_w if memory.taken is None else memory.own_w,
        )
    memory = _ordered(replace(seen, memory=memory), kind, meter)
    if is_new:
        memory = kind.learned(replace(seen, memory=memory))
    memory = _stepped(memory, meter, others_sent_s, now_s)
    if kind.is_driven:
        if meter_spoke:
            memory = _covering(memory, meter, now_s)
        if is_new:
            memory = _ranged(replace(seen, memory=memory))
    memory = replace(memory, hunting=hunting.calmed(memory.hunting, now_s))
    judgement = judged(replace(seen, memory=memory), kind)
    return memory if judgement is memory.judgement else replace(memory, judgement=judgement)


def possible_w(seen: Seen[Any], kind: Kind[Any], meter_s: float, period: float) -> tuple[float, float]:
    """Return between which powers the device may have been when the meter was read at ``meter_s``.

    What was ordered within the window may be visible or not. A driven device is reckoned with its orders,
    so that a steady error shows at the meter; one that is limited, with what it reports below its limit.
    ``period`` is that of the meter, in seconds.
    """
    memory, reading = seen.memory, seen.reading
    power_w = reading.power_w
    if memory.judgement is Judgement.NOT_FOLLOWED or response.is_turned(memory.response):
        return power_w, power_w
    window_s = _window_s(seen, meter_s)
    if not kind.is_driven:
        window_s = min(window_s, _shown_s(seen, kind, meter_s, period))
    before, during = _in_force(memory.orders, meter_s - window_s, meter_s)
    if not during:
        if before is None or before.value is None:
            return power_w, power_w
        ordered_w = kind.ordered_w(before.value, seen)
        if kind.is_driven or abs(power_w - ordered_w) <= shown.tolerance_w(ordered_w):
            return ordered_w, ordered_w
        if power_w < 0.0 or ordered_w < 0.0:
            # What produces less than its limit has no more sun: the limit says nothing of what it gives.
            return power_w, max(power_w, ordered_w)
        return min(power_w, ordered_w) if memory.draws_max_w is None else power_w, power_w
    orders = during if before is None else [before, *during]
    powers = [kind.ordered_w(order.value, seen) for order in orders]
    if before is None:
        powers.append(_report_before_w(memory, during[0]))
    is_freed = any(order.value is None for order in orders)
    if not kind.is_driven or before is None or is_freed:
        powers.append(power_w)
    if is_freed:
        # Nobody knows what it does by itself, and it may be idle.
        powers.append(0.0)
    return min(powers), max(powers)


def judged(seen: Seen[Any], kind: Kind[Any]) -> Judgement:
    """Return whether the device does what it was told last."""
    memory, reading = seen.memory, seen.reading
    order = memory.orders[-1] if memory.orders else None
    if order is None or order.value is None:
        return Judgement.UNKNOWN
    before, during = _in_force(memory.orders, seen.device.heard_s - seen.report_window_s, seen.device.heard_s)
    powers = [
        kind.ordered_w(one.value, seen)
        for one in (before, *during)
        if one is not None and one.value is not None
    ]
    if before is None or before.value is None:
        powers.append(_report_before_w(memory, order))
    power_w = reading.power_w
    # The way from the power before to the one asked for is also right: a slow ramp is no disobedience.
    low_w, high_w = min(powers), max(powers)
    above_low = power_w >= low_w - shown.tolerance_w(low_w)
    below_high = power_w <= high_w + shown.tolerance_w(high_w)
    if kind.is_driven and above_low and below_high:
        return Judgement.FOLLOWED
    if not kind.is_driven and (below_high if high_w > 0 else above_low):
        return Judgement.FOLLOWED
    if not _is_settled(seen, order):
        return Judgement.UNKNOWN if memory.judgement is not Judgement.NOT_FOLLOWED else memory.judgement
    if _is_saturated(memory, kind.ordered_w(order.value, seen), power_w):
        return Judgement.SATURATED
    if memory.actuator.resent >= 2 and has_swallowed(seen, kind):
        return Judgement.NOT_FOLLOWED
    return Judgement.UNKNOWN if memory.judgement is not Judgement.NOT_FOLLOWED else memory.judgement


def has_swallowed(seen: Seen[Any], kind: Kind[Any]) -> bool:
    """Return whether the last order has had its time, and neither device nor meter moved with it."""
    memory = seen.memory
    if not memory.orders or memory.orders[-1].value is None or response.is_mirrored(memory.response):
        return False
    order = _first_in_vain(memory)
    sent_s = max(order.sent_s, memory.actuator.resent_s or order.sent_s)
    if seen.device.heard_s - sent_s < seen.report_window_s:
        return False
    newest = memory.orders[-1]
    ordered_w = kind.ordered_w(newest.value, seen)
    power_w = seen.reading.power_w
    if not kind.is_driven:
        excess_w = power_w - ordered_w if ordered_w >= 0 and power_w >= 0 else ordered_w - power_w
        return bool(excess_w > shown.tolerance_w(ordered_w))
    before_w = _report_before_w(memory, order)
    last = next((one for one in reversed(memory.orders) if one.sent_s < order.sent_s), None)
    # A weak device falls short of each order, and yet moves with each change of it.
    asked_w = ordered_w - (before_w if last is None or last.value is None else last.power_w)
    if abs(asked_w) < _TELLING_W or abs(power_w - ordered_w) <= shown.tolerance_w(ordered_w):
        return False
    if (level := response.plateau(memory.step) if memory.step else None) is not None and level > 0.3:
        return False
    moved_w = (power_w - before_w) * (1.0 if asked_w > 0 else -1.0)
    moved = moved_w >= max(80.0, 0.2 * abs(asked_w))
    return not moved and not _is_saturated(memory, ordered_w, power_w)


def _first_in_vain(memory: DeviceMemory) -> Order:
    """Return the first of the last orders that all ask for more of the same and found the power unmoved."""
    found = memory.orders[-1]
    for earlier in reversed(memory.orders[:-1]):
        is_more = earlier.value is not None and (found.power_w - earlier.power_w) * earlier.power_w > 0
        if not is_more or abs(found.found_w - earlier.found_w) > _UNMOVED_W:
            break
        found = earlier
    return found


def window_s(memory: DeviceMemory, kind: Kind[Any], meter: MeterMemory) -> float:
    """Return the longest time from an order of this device until the meter shows it, in seconds."""
    learned_s = response.meter_window_s(memory.response, kind.window_s, meter.rhythm)
    return min(response.LONGEST_S, learned_s * memory.hunting.slower)


def report_window_s(memory: DeviceMemory, kind: Kind[Any]) -> float:
    """Return the longest time from an order until the device's own reading shows it, in seconds."""
    return response.report_window_s(memory.response, kind.report_window_s, memory.rhythm)


def _window_s(seen: Seen[Any], meter_s: float) -> float:
    """Return the window, kept open while neither meter nor device shows the order: a phantom else."""
    memory = seen.memory
    if len(memory.orders) < 2 or memory.orders[-1].value is None or memory.step is None:
        return seen.window_s
    order, step = memory.orders[-1], memory.step
    age_s = meter_s - order.sent_s
    longest_s = min(response.LONGEST_S, max(3.0 * seen.window_s, seen.report_window_s + 6.0))
    if step.sent_s != order.sent_s or not seen.window_s < age_s <= longest_s:
        return seen.window_s
    by_report = (seen.reading.power_w - step.report_w) / step.delta_w
    by_meter = step.seen[-1][1] if step.seen else 0.0
    return longest_s if by_report < 0.3 and by_meter < 0.3 else seen.window_s


def _shown_s(seen: Seen[Any], kind: Kind[Any], meter_s: float, period: float) -> float:
    """Return after how long the meter must show a limit that the device itself reported to keep."""
    memory = seen.memory
    order = memory.orders[-1] if memory.orders else None
    if order is None or order.value is None:
        return response.LONGEST_S
    limit_w = kind.ordered_w(order.value, seen)
    for report in memory.reports:
        if report.heard_s > order.sent_s and abs(report.power_w - limit_w) <= shown.tolerance_w(limit_w):
            shows_s = report.heard_s + METER_AGE_S + period
            return meter_s - order.sent_s if meter_s >= shows_s else response.LONGEST_S
    return response.LONGEST_S


def _in_force(orders: Sequence[Order], start_s: float, end_s: float) -> tuple[Order | None, list[Order]]:
    """Return the order in force at ``start_s``, and those sent since until ``end_s``."""
    before = [order for order in orders if order.sent_s <= start_s]
    return (before[-1] if before else None), [o for o in orders if start_s < o.sent_s <= end_s]


def _ordered(seen: Seen[Any], kind: Kind[Any], meter: MeterMemory) -> DeviceMemory:
    """Return the memory with a new order, and the step that it may be to learn from."""
    device, memory = seen.device, seen.memory
    if device.written is None or device.changed_s is None:
        return memory
    if memory.orders and device.changed_s <= memory.orders[-1].sent_s:
        return memory
    if kind.is_driven:
        memory = _replaced(memory, device.changed_s, seen)
    value = device.written.value
    reports = [report.power_w for report in memory.reports if report.heard_s <= device.changed_s]
    order = Order(
        sent_s=device.changed_s,
        value=value,
        power_w=kind.ordered_w(value, seen),
        found_w=reports[-1] if reports else memory.own_w,
    )
    orders = (*memory.orders, order)
    older = [index for index, one in enumerate(orders) if seen.now_s - one.sent_s > _KEPT_S]
    memory = replace(
        memory,
        orders=orders[older[-1] :] if older else orders,
        hunting=hunting.stepped(memory.hunting, orders, seen.window_s, period_s(meter.rhythm)),
    )
    closed = response.learned(memory.response, memory.step) if memory.step else memory.response
    earlier = [sample.power_w for sample in meter.samples if sample.heard_s <= order.sent_s]
    meter_w = earlier[-1] if earlier else 0.0
    step = response.begun(memory.orders, meter_w, _report_before_w(memory, order), meter.open_w)
    if not kind.is_driven and not _tells(memory):
        step = None
    if step is not None and len(memory.orders) > 1:
        rested_s = order.sent_s - memory.orders[-2].sent_s
        step = replace(step, tells=rested_s >= seen.report_window_s)
    return replace(memory, response=closed, step=step)


def _stepped(
    memory: DeviceMemory, meter: MeterMemory, others_sent_s: float | None, now_s: float
) -> DeviceMemory:
    step = memory.step
    if step is None:
        return memory
    last_s = step.sent_s + (step.seen[-1][0] if step.seen else 0.0)
    news = meter.samples[-1] if meter.samples and meter.samples[-1].heard_s > last_s + 1e-6 else None
    disturbed = others_sent_s is not None and others_sent_s >= step.sent_s
    step = response.watched(step, None if disturbed else news, memory.reports[-1] if memory.reports else None)
    if response.is_over(step, now_s, meter.rhythm):
        return replace(memory, response=response.learned(memory.response, step), step=None)
    return replace(memory, step=step)


def _covering(memory: DeviceMemory, meter: MeterMemory, now_s: float) -> DeviceMemory:
    """Return the memory with what a free store shows of its own ways at this reading of the meter.

    One that covers the house and goes the right way, but not far enough, has shown how far it goes.
    """
    if memory.taken is not None or not meter.samples or not memory.reports:
        return memory
    if memory.orders and (memory.orders[-1].value is not None):
        return memory
    power_w = memory.reports[-1].power_w
    grid_w = meter.samples[-1].power_w
    if memory.covers is None and abs(power_w) > _AT_WORK_W and abs(grid_w) < _COVERED_W:
        # Most batteries do, and one that does is best left alone.
        memory = replace(memory, covers=True, covered=_COVERS_AFTER)
    if abs(power_w) > _AT_WORK_W and abs(grid_w) >= _COVERED_W and power_w * grid_w < 0:
        return _at_its_end(memory, power_w, now_s) if memory.covers is not False else memory
    if abs(power_w) > _AT_WORK_W:
        covered = memory.covered + (1 if abs(grid_w) < _COVERED_W else -2)
    elif abs(grid_w) > 2 * _COVERED_W and abs(power_w) < _COVERED_W / 3:
        covered = memory.covered - 1
    else:
        return memory
    covered = max(-_COVERS_MOST, min(_COVERS_MOST, covered))
    if memory.high.bound_w is not None and power_w > memory.high.bound_w:
        memory = replace(memory, high=Shown())
    if memory.low.bound_w is not None and -power_w > memory.low.bound_w:
        memory = replace(memory, low=Shown())
    known = True if covered >= _COVERS_AFTER else False if covered <= -_COVERS_AFTER else memory.covers
    return replace(memory, covered=covered, covers=known)


def _at_its_end(memory: DeviceMemory, power_w: float, now_s: float) -> DeviceMemory:
    """Return the memory with the range of a free store that rests although more is needed."""
    powers = [report.power_w for report in memory.reports[-_AT_REST:]]
    if len(powers) < _AT_REST or max(powers) - min(powers) > shown.tolerance_w(power_w):
        return memory
    if power_w > 0:
        return replace(memory, high=shown.ended(memory.high, power_w, now_s))
    return replace(memory, low=shown.ended(memory.low, -power_w, now_s))


def _replaced(memory: DeviceMemory, replaced_s: float, seen: Seen[Any]) -> DeviceMemory:
    """Return the memory with what the order that was replaced had brought until then."""
    order = memory.orders[-1] if memory.orders else None
    earlier = [report.power_w for report in memory.reports if report.heard_s <= replaced_s]
    if order is None or order.value is None or not earlier:
        return memory
    power_w = earlier[-1]
    if order.value * power_w <= 0:
        return memory
    run = Run(order_w=abs(order.value), power_w=abs(power_w), sent_s=order.sent_s)
    if order.value > 0:
        return replace(memory, high=shown.replaced(memory.high, run, replaced_s, seen.report_window_s))
    return replace(memory, low=shown.replaced(memory.low, run, replaced_s, seen.report_window_s))


def _ranged(seen: Seen[Any]) -> DeviceMemory:
    """Return the memory with what an order at rest shows of the device's range."""
    memory = seen.memory
    order = memory.orders[-1] if memory.orders else None
    if order is None or order.value is None or not _is_settled(seen, order):
        return memory
    power_w = seen.reading.power_w
    if order.value > 0:
        return replace(memory, high=shown.settled(memory.high, order.value, max(0.0, power_w), seen.now_s))
    if order.value < 0:
        return replace(memory, low=shown.settled(memory.low, -order.value, max(0.0, -power_w), seen.now_s))
    return memory


def _tells(memory: DeviceMemory) -> bool:
    """Return whether a new limit must show: it is the first, and below the power, or the one before held."""
    report_w = _report_before_w(memory, memory.orders[-1])
    if len(memory.orders) < 2 or memory.orders[-2].value is None:
        return abs(report_w) - abs(memory.orders[-1].power_w) >= response.LEARN_FROM_W
    order_w = memory.orders[-2].power_w
    return abs(report_w) > _TELLING_W and abs(report_w - order_w) <= shown.tolerance_w(order_w)


def _is_settled(seen: Seen[Any], order: Order) -> bool:
    """Return whether an order has had its effect: its time is over, or power moved with it and rests."""
    reports = seen.memory.reports[-_AT_REST:]
    powers = [report.power_w for report in reports]
    is_calm = max(powers) - min(powers) <= shown.tolerance_w(powers[-1])
    if seen.device.heard_s - order.sent_s >= seen.report_window_s:
        return is_calm
    if len(reports) < _AT_REST or reports[0].heard_s < order.sent_s or not is_calm:
        return False
    before_w = _report_before_w(seen.memory, order)
    asked_w = order.power_w - before_w
    moved = abs(asked_w) >= _TELLING_W and (powers[-1] - before_w) / asked_w >= 0.2
    return moved and reports[-1].heard_s - reports[0].heard_s >= _CALM_S


def _is_saturated(memory: DeviceMemory, ordered_w: float, power_w: float) -> bool:
    side = memory.high if ordered_w > 0 else memory.low
    return (
        side.bound_w is not None
        and abs(ordered_w) > abs(power_w)
        and abs(ordered_w) >= side.bound_w - 60.0
        and ordered_w * power_w >= 0
    )


def _report_before_w(memory: DeviceMemory, order: Order) -> float:
    earlier = [report.power_w for report in memory.reports if report.heard_s <= order.sent_s]
    return earlier[-1] if earlier else memory.own_w


def others_sent_s(memories: Mapping[str, DeviceMemory], device_id: str) -> float | None:
    """Return when a device other than this one was last sent an order."""
    sent = [m.orders[-1].sent_s for key, m in memories.items() if key != device_id and m.orders]
    return max(sent, default=None)
