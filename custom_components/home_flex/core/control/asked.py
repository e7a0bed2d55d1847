"""What the lines of control ask at one moment, and what they leave of each device."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..model import Owner
from .flexibility import Flexibility, Restriction, interval_w
from .lines import rank
from .order import Order
from .projection import Intervals, Joint


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Which line moved a device, and why."""

    owner: Owner
    reason: str
    source_id: str | None
    is_standing: bool = False


def cause_of(line: Joint | Restriction) -> Cause:
    """Return a line as the cause of what it moves."""
    return Cause(owner=line.owner, reason=line.reason, source_id=line.source_id, is_standing=line.standing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A power that a line wants of one device: a battery on its way to a state of charge."""

    device_id: str
    power_w: float
    cause: Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """Everything that the lines of control ask at this moment.

    ``order`` is who moves first when several could. ``are_passing``: some of it ends by itself, so that a
    device once taken stays taken until then.
    """

    restrictions: tuple[Restriction, ...]
    joints: tuple[Joint, ...]
    wishes: tuple[Wish, ...]
    order: Order
    are_passing: bool = False

    def of_device(self, device_id: str) -> list[Restriction]:
        """Return the restrictions of one device."""
        return [restriction for restriction in self.restrictions if restriction.device_id == device_id]

    def insists(self, device_id: str) -> bool:
        """Return whether the resident wants a device to draw, whatever lower lines ask."""
        return any(
            restriction.owner is Owner.RESIDENT and restriction.low_w > 0.0
            for restriction in self.of_device(device_id)
        )

    def binding(self, owner: Owner) -> Lines:
        """Return the lines as they bind ``owner``'s: what a higher one wishes of a device is taken."""
        taken = tuple(
            Restriction(
                owner=wish.cause.owner,
                device_id=wish.device_id,
                reason=wish.cause.reason,
                source_id=wish.cause.source_id,
                low_w=wish.power_w,
                high_w=wish.power_w,
            )
            for wish in self.wishes
            if rank(wish.cause.owner) < rank(owner)
        )
        return replace(self, restrictions=self.restrictions + taken)


def intervals(devices: Sequence[Flexibility], lines: Lines, last: Owner) -> Intervals:
    """Return what the lines down to ``last`` leave of each device."""
    return {
        device.device_id: interval_w(device.low_w, device.high_w, lines.of_device(device.device_id), last)
        for device in devices
    }
