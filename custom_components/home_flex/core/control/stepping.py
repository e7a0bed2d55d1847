"""A new order, and what its step teaches about the device and the meter."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..kinds.kind import Kind, Seen
from . import hunting, lapsing, response, shown
from .judging import TELLING_W
from .memory import DeviceMemory, MeterMemory, Order, Step
from .orders import KEPT_S
from .ranging import replaced
from .rhythm import period_s


def ordered(seen: Seen[Any], kind: Kind[Any], meter: MeterMemory) -> DeviceMemory:
    """Return the memory with a new order, and the step that it may be to learn from."""
    device, memory = seen.device, seen.memory
    if device.written is None or device.changed_s is None:
        return memory
    sent_s = device.changed_s
    if lapsing.is_over(seen):
        # What ended by itself is an order anew when it is repeated, also with the value that it had.
        sent_s = max(sent_s, device.written_s or sent_s)
    if memory.orders and sent_s <= memory.orders[-1].sent_s:
        return memory
    if kind.is_driven:
        memory = replaced(memory, sent_s, seen)
    value = device.written.value
    reports = [report.power_w for report in memory.reports if report.heard_s <= sent_s]
    order = Order(
        sent_s=sent_s,
        value=value,
        power_w=kind.ordered_w(value, seen),
        found_w=reports[-1] if reports else memory.own_w,
    )
    earlier = memory.orders
    if earlier and earlier[-1].value is not None:
        # What it means has changed since, where the vehicle has woken or shown its phases.
        earlier = (*earlier[:-1], replace(earlier[-1], power_w=kind.ordered_w(earlier[-1].value, seen)))
    orders = (*earlier, order)
    older = [index for index, one in enumerate(orders) if seen.now_s - one.sent_s > KEPT_S]
    memory = replace(
        memory,
        orders=orders[older[-1] :] if older else orders,
        hunting=hunting.stepped(memory.hunting, orders, seen.window_s, period_s(meter.rhythm)),
    )
    closed = response.learned(memory.response, memory.step) if memory.step else memory.response
    told = [sample.power_w for sample in meter.samples if sample.heard_s <= order.sent_s]
    meter_w = told[-1] if told else 0.0
    step = response.begun(memory.orders, meter_w, order.found_w, meter.open_w)
    if step is not None and (not step.is_alone if kind.is_driven else not _tells(memory)):
        step = None
    if step is not None:
        tells = _rests(memory.orders, seen.report_window_s, is_limit=not kind.is_driven)
        step = replace(step, tells=tells, is_limit=not kind.is_driven)
    onwards = _joined(memory.onwards, memory.orders)
    if onwards is None and step is not None and step.tells and not step.is_limit:
        onwards = step
    return replace(memory, response=closed, step=step, onwards=onwards)


def stepped(
    memory: DeviceMemory, meter: MeterMemory, others_sent_s: float | None, now_s: float
) -> DeviceMemory:
    """Return the memory with what the newest readings of meter and device show of the step under way."""
    step, onwards = (_watched(one, memory, meter, others_sent_s) for one in (memory.step, memory.onwards))
    taught = memory.response
    if step is not None and response.is_over(step, now_s, meter.rhythm):
        taught = response.tried(response.learned(taught, step), step)
        step = None
    if onwards is not None and response.is_over(onwards, now_s, meter.rhythm):
        taught = response.opposed(taught, onwards)
        onwards = None
    return replace(memory, response=taught, step=step, onwards=onwards)


def _watched(
    step: Step | None, memory: DeviceMemory, meter: MeterMemory, others_sent_s: float | None
) -> Step | None:
    if step is None:
        return None
    last_s = step.sent_s + (step.seen[-1][0] if step.seen else 0.0)
    news = meter.samples[-1] if meter.samples and meter.samples[-1].heard_s > last_s + 1e-6 else None
    disturbed = not step.is_alone or (others_sent_s is not None and others_sent_s >= step.sent_s)
    return response.watched(step, None if disturbed else news, memory.reports[-1] if memory.reports else None)


def _joined(onwards: Step | None, orders: Sequence[Order]) -> Step | None:
    """Return the orders that all went one way, with the newest, as one step; None where it goes back."""
    if onwards is None or orders[-1].value is None:
        return None
    further_w = orders[-1].power_w - orders[-2].power_w
    if further_w * onwards.delta_w < 0.0:
        return None
    return replace(onwards, delta_w=onwards.delta_w + further_w, seen=(), told=())


def _rests(orders: Sequence[Order], window_s: float, *, is_limit: bool) -> bool:
    """Return whether a device's own reading has nothing older left to show than the newest of its orders.

    Its order before was sent a window ago; or all that it was told since then is what it draws.
    """
    newest = orders[-1]
    for order in reversed(orders[:-1]):
        if newest.sent_s - order.sent_s >= window_s:
            return True
        if not is_limit or abs(order.power_w - newest.found_w) > shown.tolerance_w(order.power_w):
            return False
    return True


def _tells(memory: DeviceMemory) -> bool:
    """Return whether a new limit must show: it is the first, and below the power, or the one before held."""
    report_w = memory.orders[-1].found_w
    if len(memory.orders) < 2 or memory.orders[-2].value is None:
        return abs(report_w) - abs(memory.orders[-1].power_w) >= response.LEARN_FROM_W
    order_w = memory.orders[-2].power_w
    return abs(report_w) > TELLING_W and abs(report_w - order_w) <= shown.tolerance_w(order_w)
