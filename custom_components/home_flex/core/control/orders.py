"""What was ordered when, and what the device drew then."""

from collections.abc import Mapping, Sequence

from .actuation_policy import RENEW_AFTER
from .memory import DeviceMemory, Order
from .shown import tolerance_w

# Orders and reports are remembered so long.
KEPT_S = 100.0


def in_force(orders: Sequence[Order], start_s: float, end_s: float) -> tuple[Order | None, list[Order]]:
    """Return the order in force at ``start_s``, and those sent since until ``end_s``."""
    before = [order for order in orders if order.sent_s <= start_s]
    return (before[-1] if before else None), [o for o in orders if start_s < o.sent_s <= end_s]


def others_sent_s(memories: Mapping[str, DeviceMemory], device_id: str) -> float | None:
    """Return when a device other than this one was last sent an order."""
    sent = [m.orders[-1].sent_s for key, m in memories.items() if key != device_id and m.orders]
    return max(sent, default=None)


def renewed_s(order: Order, orders: Sequence[Order], power_w: float, life_s: float) -> float:
    """Return how much later an inverter that holds the limit before may show one that it swallowed.

    ``power_w`` is what it draws, < 0; it is told its limit anew while that lives for ``life_s``.
    """
    earlier = [one for one in orders if one.sent_s < order.sent_s]
    if power_w >= 0.0 or not earlier or earlier[-1].value is None:
        return 0.0
    before_w = earlier[-1].power_w
    is_held = abs(power_w - before_w) <= tolerance_w(before_w)
    return life_s * RENEW_AFTER if is_held else 0.0
