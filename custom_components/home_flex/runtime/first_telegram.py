"""The wait for the meter after a start: until it has spoken nobody knows what the house draws.

What devices were told before stands meanwhile. To decide without the meter would be to take the house's load
for nothing: a battery that a former life had give power would be told to rest, and for as long as that order
may take to show, the meter's first telegrams could mean anything.
"""

from collections.abc import Callable, Mapping

from ..core.control.rhythm import UNKNOWN_LOST_S
from ..core.model import DeviceKind
from .device_slot import NOT_READ_YET, DeviceSlot


class FirstTelegram:
    """Whether the site's first telegram is still waited for, as long as one of unknown rhythm may take."""

    def __init__(self, slots: Mapping[str, DeviceSlot], monotonic_s: Callable[[], float]) -> None:
        """Begin to wait with the first question; a site without a meter waits for none."""
        self._slots = slots
        self._monotonic_s = monotonic_s
        self._asked_s: float | None = None
        self._is_over = False

    def is_awaited(self, *, in_hand: bool) -> bool:
        """Return whether to wait on; ``in_hand``: a former life told devices something that is in force.

        One that cannot be reached is waited for only where there is something to keep.
        """
        if self._is_over:
            return False
        now_s = self._monotonic_s()
        self._asked_s = now_s if self._asked_s is None else self._asked_s
        meters = [slot for slot in self._slots.values() if slot.kind is DeviceKind.GRID_METER]
        self._is_over = now_s - self._asked_s >= UNKNOWN_LOST_S or not any(
            slot.heard_s < 0.0 and (in_hand or slot.link_reason == NOT_READ_YET) for slot in meters
        )
        return not self._is_over
