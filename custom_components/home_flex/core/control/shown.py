"""How far a device has shown that it goes: saturation becomes its range, and is released when it recovers.

Saturation is incremental: more was asked, and nothing more came. A device that always gives half of what it
is told is weak, not saturated, and is simply told more.
"""

from dataclasses import dataclass, replace

from .memory import DeviceMemory, Run, Shown

# More asked must bring at least this much more, else there is no more.
_SLOPE = 0.25
_PAIRS = 8
_MARGIN_W = 60.0
_MARGIN_SHARE = 1.03
_TEST_FROM_W = 500.0
# One that gives less than this of its first large order may be at its end.
_SHORT = 0.75
# A device that gives nothing at all shows no bound: it does not follow.
_NOTHING_W = 80.0
# What lies so near a bound is at it.
_NEAR_W = 30.0
# A bound lies so far beyond what is given before it follows a power that rests.
_LOOSE_W = 60.0
_FIRST_WAIT_S = 60.0
_LONGEST_WAIT_S = 900.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an order at rest brought, in W >= 0 in the order's direction.

    ``soon_w`` is what it will have become once it can be answered: less than ``power_w`` where power falls
    under the order. ``is_resting``: power neither falls nor rises. ``is_due``: a larger order would have been
    sent by now if there was one to send.
    """

    order_w: float
    power_w: float
    soon_w: float
    is_resting: bool = True
    is_due: bool = True


def settled(shown: Shown, found: Found, now_s: float) -> Shown:
    """Return the bound after what an order at rest brought."""
    order_w, power_w = found.order_w, found.power_w
    if power_w < _NOTHING_W:
        return shown
    pairs = (*(pair for pair in shown.settled if abs(pair[0] - order_w) > 1.0), (order_w, power_w))[-_PAIRS:]
    shown = replace(shown, settled=pairs)
    if shown.bound_w is not None:
        return _with_bound(shown, shown.bound_w, found, now_s)
    for other_order_w, other_power_w in pairs[:-1]:
        apart_w = abs(order_w - other_order_w)
        most_w = max(power_w, other_power_w)
        if apart_w < max(250.0, 0.1 * order_w) or max(order_w, other_order_w) < most_w + tolerance_w(most_w):
            continue
        grown_w = (power_w - other_power_w) * (1.0 if order_w > other_order_w else -1.0)
        if grown_w < _SLOPE * apart_w:
            return _bounded(shown, found.soon_w if order_w > other_order_w else most_w, now_s)
    # Where an order grew before, what that brought tells as much as a test would.
    may_test = found.is_due and shown.tested_w is None and shown.run is None and len(pairs) == 1
    if may_test and order_w > _TEST_FROM_W and power_w < _SHORT * order_w:
        return replace(shown, tested_w=_beyond(power_w, 1.1))
    return replace(shown, tested_w=None) if len(pairs) > 1 else shown


def replaced(shown: Shown, order: Run, replaced_s: float, window_s: float) -> Shown:
    """Return what is shown after an ``order`` that was replaced at ``replaced_s`` before it came to rest.

    Orders that grew while power hardly did, for longer than the ``window_s`` that a device needs to show an
    order, prove that there is no more; one that brought its share begins anew.
    """
    if shown.bound_w is not None or order.power_w < _NOTHING_W:
        return replace(shown, run=None)
    if (run := shown.run) is None or order.order_w <= run.order_w:
        # What still falls to a smaller order says nothing of what that brings.
        is_falling = order.power_w > order.order_w + tolerance_w(order.order_w)
        return replace(shown, run=None if is_falling else order)
    asked_w = order.order_w - run.order_w
    if asked_w < max(250.0, 0.1 * order.order_w):
        return shown
    larger_s = order.sent_s if run.larger_s is None else run.larger_s
    if replaced_s - larger_s < window_s:
        return replace(shown, run=replace(run, larger_s=larger_s))
    is_short = order.order_w > order.power_w + tolerance_w(order.power_w)
    if not is_short or order.power_w - run.power_w >= _SLOPE * asked_w:
        return replace(shown, run=order)
    return _bounded(shown, order.power_w, replaced_s)


def ended(shown: Shown, power_w: float, now_s: float) -> Shown:
    """Return what a device shows that by itself goes no further than ``power_w`` >= 0, though it should."""
    if shown.bound_w is not None and abs(shown.bound_w - _beyond(power_w, _MARGIN_SHARE)) < _MARGIN_W:
        return _probed(shown, now_s) if shown.probe_s is not None and now_s >= shown.probe_s else shown
    return _bounded(shown, power_w, now_s)


def faded(shown: Shown, soon_w: float, now_s: float) -> Shown:
    """Return what a device shows that gives less and less for an order that stands; ``soon_w`` >= 0."""
    return _bounded(shown, soon_w, now_s) if shown.bound_w is None and soon_w >= _NOTHING_W else shown


def limit_w(shown: Shown, declared_w: float, now_s: float) -> float:
    """Return how far the device may be ordered now, >= 0; a bound is probed from time to time."""
    if shown.tested_w is not None:
        return min(declared_w, shown.tested_w)
    if shown.bound_w is None:
        return declared_w
    if shown.probe_s is not None and now_s >= shown.probe_s:
        return min(declared_w, 1.1 * shown.bound_w + 100.0)
    return min(declared_w, shown.bound_w)


def share_of(memory: DeviceMemory, value: float | None) -> float:
    """Return which share of a setpoint of ``value`` W a driven device gives; 1 until another is known."""
    return 1.0 if value is None else (memory.high if value > 0.0 else memory.low).share


def tolerance_w(power_w: float) -> float:
    """Return how far measured power may lie from an order in W."""
    return max(100.0, 0.06 * abs(power_w))


def _with_bound(shown: Shown, bound_w: float, found: Found, now_s: float) -> Shown:
    order_w, power_w = found.order_w, found.power_w
    if found.soon_w > bound_w + _NEAR_W:
        return Shown(share=shown.share)
    if order_w > bound_w + 1.0:
        if shown.probe_s is not None and now_s < shown.probe_s:
            return shown
        # A bound that was foreseen while power fell may lie below where it came to rest.
        end_w = _beyond(found.soon_w, _MARGIN_SHARE)
        return replace(_probed(shown, now_s), bound_w=max(bound_w, end_w))
    if power_w > bound_w - _NEAR_W:
        # It gives all that it is let: the next order may go a step further.
        return replace(shown, wait_s=_FIRST_WAIT_S, probe_s=now_s) if found.is_resting else shown
    if order_w <= bound_w - _MARGIN_W:
        return shown
    if found.is_resting:
        return (
            _bounded(shown, power_w, now_s) if bound_w - _beyond(power_w, _MARGIN_SHARE) > _LOOSE_W else shown
        )
    short_w = (bound_w - _MARGIN_W) / _MARGIN_SHARE - found.soon_w
    return _bounded(shown, found.soon_w, now_s) if short_w > max(150.0, 0.1 * bound_w) else shown


def _probed(shown: Shown, now_s: float) -> Shown:
    """Return the bound after a probe that brought no more: the next one waits twice as long."""
    wait_s = min(_LONGEST_WAIT_S, 2.0 * shown.wait_s)
    return replace(shown, wait_s=wait_s, probe_s=now_s + wait_s)


def _bounded(shown: Shown, power_w: float, now_s: float) -> Shown:
    wait_s = max(_FIRST_WAIT_S, shown.wait_s)
    return replace(
        shown,
        bound_w=_beyond(power_w, _MARGIN_SHARE),
        wait_s=wait_s,
        probe_s=now_s + wait_s,
        tested_w=None,
        run=None,
    )


def _beyond(power_w: float, share: float) -> float:
    return share * power_w + _MARGIN_W
