"""Between which powers a device may have been when the meter was read.

What was ordered within the device's window may be visible or not.
"""

from typing import Any

from ..kinds.kind import Kind, Seen
from . import response, shown
from .memory import Judgement, Order, Sample
from .orders import in_force, renewed_s

# No meter's values are older than this.
METER_AGE_S = 6.0
# So much of an order must show, else it may not have been answered yet.
_SHOWS = 0.3
# An order counts as under way a moment before it was sent.
_SENT_S = 0.001


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
    window_s = _window_s(seen, kind, meter_s)
    if not kind.is_driven:
        window_s = min(window_s, _shown_s(seen, kind, meter_s, period))
    before, during = in_force(memory.orders, meter_s - window_s, meter_s)
    if not during:
        return _under(before, seen, kind, meter_s)
    orders = during if before is None else [before, *during]
    powers = [kind.ordered_w(order.value, seen) for order in orders]
    if before is None:
        powers.append(during[0].found_w)
    is_freed = memory.lapses.count > 0 or any(order.value is None for order in orders)
    if not kind.is_driven or before is None or is_freed:
        powers.append(power_w)
    if is_freed:
        # Nobody knows what it does by itself, and it may be idle.
        powers.append(0.0)
    return min(powers), max(powers)


def _under(order: Order | None, seen: Seen[Any], kind: Kind[Any], meter_s: float) -> tuple[float, float]:
    """Return between which powers the device is under the one order that stands."""
    power_w = seen.reading.power_w
    if order is None or order.value is None:
        return power_w, power_w
    ordered_w = kind.ordered_w(order.value, seen)
    if seen.memory.lapses.count:
        # It may be over once more.
        return min(power_w, ordered_w, 0.0), max(power_w, ordered_w, 0.0)
    if kind.is_driven or abs(power_w - ordered_w) <= shown.tolerance_w(ordered_w):
        return ordered_w, ordered_w
    late_s = seen.report_window_s + renewed_s(order, seen.memory.orders, power_w, kind.life_s)
    if seen.memory.wakes or meter_s - order.sent_s <= late_s:
        # The meter may show what the device has not told yet. What a vehicle may draw is planned for, so that
        # a load that hides behind it until it wakes overloads nothing.
        return min(power_w, ordered_w), max(power_w, ordered_w)
    if power_w < 0.0 or ordered_w < 0.0:
        # What produces less than its limit has no more sun: the limit says nothing of what it gives.
        return power_w, max(power_w, ordered_w)
    return min(power_w, ordered_w) if seen.memory.draws_max_w is None else power_w, power_w


def _window_s(seen: Seen[Any], kind: Kind[Any], meter_s: float) -> float:
    """Return the window, kept open while neither meter nor device shows the last orders: phantoms else."""
    longest_s = min(response.LONGEST_S, max(3.0 * seen.window_s, seen.report_window_s + 6.0))
    window_s = seen.window_s
    for order in reversed(seen.memory.orders):
        age_s = meter_s - order.sent_s
        if age_s > longest_s or _has_shown(seen, order, must_show=kind.is_driven):
            break
        window_s = max(window_s, age_s + _SENT_S)
    return window_s


def _has_shown(seen: Seen[Any], order: Order, *, must_show: bool) -> bool:
    """Return whether what an order changed shows, or is too little to tell.

    A limit may leave everything as it is: only one that is a step to learn from is waited for.
    """
    asked_w = order.power_w - order.found_w
    if order.value is None or abs(asked_w) < response.LEARN_FROM_W:
        return True
    step = seen.memory.step if seen.memory.step and seen.memory.step.sent_s == order.sent_s else None
    if not must_show and (step is None or len(seen.memory.orders) == 1):
        return True
    by_meter = step.seen[-1][1] if step is not None and step.seen else 0.0
    # A reading with the wrong sign shows it too: it moves, the other way.
    by_report: float = abs(seen.reading.power_w - order.found_w) / abs(asked_w)
    return max(by_meter, by_report) >= _SHOWS


def _shown_s(seen: Seen[Any], kind: Kind[Any], meter_s: float, period: float) -> float:
    """Return after how long the meter must show a limit that the device itself reported to keep.

    A report p heard at t tells of a moment in [t - W, t], where W is the longest time until the device's own
    reading shows an order. It shows the newest order n where no other in force then explains it:

        |p - φ(n)| ≤ tolerance,  and  |p - φ(j)| > tolerance  for each j ≠ n in force within [t - W, t]
    """
    memory = seen.memory
    order = memory.orders[-1] if memory.orders else None
    if order is None or order.value is None:
        return response.LONGEST_S
    for report in memory.reports:
        if report.heard_s > order.sent_s and _tells_of(report, order, seen, kind):
            shows_s = report.heard_s + METER_AGE_S + period
            return meter_s - order.sent_s if meter_s >= shows_s else response.LONGEST_S
    return response.LONGEST_S


def _tells_of(report: Sample, newest: Order, seen: Seen[Any], kind: Kind[Any]) -> bool:
    """Return whether a report can be of the newest order alone (see ``_shown_s``)."""
    limit_w = kind.ordered_w(newest.value, seen)
    if abs(report.power_w - limit_w) > shown.tolerance_w(limit_w):
        return False
    before, during = in_force(seen.memory.orders, report.heard_s - seen.report_window_s, report.heard_s)
    earlier = [one for one in (before, *during) if one is not None and one is not newest]
    powers = [kind.ordered_w(one.value, seen) for one in earlier if one.value is not None]
    if during and (before is None or before.value is None):
        powers.append(during[0].found_w)
    return all(abs(report.power_w - power_w) > shown.tolerance_w(power_w) for power_w in powers)
