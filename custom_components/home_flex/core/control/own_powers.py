"""What each device would do if nobody asked anything, in W."""

import math
from collections.abc import Sequence

from .flexibility import Flexibility, Role
from .order import Order
from .policy import CoverHouse, LeaveAlone
from .projection import Powers
from .sharing import shared

# A store that charges or discharges more than this does something.
AT_WORK_W = 150.0


def own_powers(devices: Sequence[Flexibility], order: Order, rest_w: float) -> Powers:
    """Return what each device would do by itself, or by its policy, if nobody asked anything.

    Stores that cover the house take what the rest leaves over and give what it lacks, together. One whose own
    ways are not known does so, when it is held, up to what it did before it was taken; so it neither exports
    what was meant for the house, nor charges from the grid. A free one at its end does its most already; of
    free ones that work against each other nobody knows which one covers the house, so each goes on.
    """
    powers = {device.device_id: device.wish_w for device in devices}
    opposed = _opposed(devices)
    covers = {
        one.device_id: cover
        for one in devices
        if not one.stuck and one.device_id not in opposed and (cover := _cover(one)) is not None
    }
    covering = [device for device in devices if device.device_id in covers]
    ranges = {
        device.device_id: (max(low_w, device.low_w), min(high_w, device.high_w))
        for device in covering
        for low_w, high_w in [covers[device.device_id]]
    }
    net_w = rest_w + math.fsum(power_w for device_id, power_w in powers.items() if device_id not in covers)
    return {**powers, **shared(-net_w, covering, ranges, order.sharing, order.now_s)}


def _opposed(devices: Sequence[Flexibility]) -> set[str]:
    """Return the free stores that are at work while another charges what they give, or gives it."""
    free = [
        one
        for one in devices
        if one.role is Role.STORE and one.memory.taken is None and isinstance(one.device.policy, LeaveAlone)
    ]
    charging = {one.device_id for one in free if one.power_w > AT_WORK_W}
    giving = {one.device_id for one in free if one.power_w < -AT_WORK_W}
    return charging | giving if charging and giving else set()


def _cover(device: Flexibility) -> tuple[float, float] | None:
    """Return within which powers a store answers what the meter would show; None when it does not."""
    if device.role is not Role.STORE:
        return None
    match device.device.policy:
        case CoverHouse(low_w=low_w, high_w=high_w):
            return low_w, high_w
        case LeaveAlone() if device.memory.covers:
            return -math.inf, math.inf
        case LeaveAlone() if device.memory.taken is not None:
            return min(device.memory.own_w, 0.0), max(device.memory.own_w, 0.0)
        case LeaveAlone() if device.memory.covers is None:
            return _at_its_end(device)
    return None


def _at_its_end(device: Flexibility) -> tuple[float, float] | None:
    """Return how far a free store goes on by itself that was seen to rest where it can do no more.

    An order to do its most would change nothing, and end what it does by itself.
    """
    if device.power_w >= 0.0 and device.memory.high.bound_w is not None:
        return device.power_w, math.inf
    if device.power_w <= 0.0 and device.memory.low.bound_w is not None:
        return -math.inf, device.power_w
    return None
