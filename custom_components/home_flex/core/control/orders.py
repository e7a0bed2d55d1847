"""What was ordered when, and what the device drew then."""

from collections.abc import Mapping, Sequence

from .memory import DeviceMemory, Order

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
