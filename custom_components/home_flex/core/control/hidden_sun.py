"""Whether PV stands at its own limit, so that nobody sees how much more the sun would give."""

import math
from collections.abc import Sequence

from .car_supply import claim_w
from .flexibility import Flexibility, Role
from .merit import Member

# PV that produces this near to its limit stands at it: what the sun gives beyond is not known.
_AT_LIMIT_W, _AT_LIMIT = 100.0, 0.05
# PV that leaves more to the grid than this gives all it can; a store that can take more is not full.
_GIVEN_W, _ROOM_W = 150.0, 300.0
# A car that draws less does not charge.
_CAR_DRAWS_W = 230.0


def is_sun_hidden(devices: Sequence[Flexibility], rest_w: float) -> bool:
    """Return whether PV stands at its limit and gives all that was asked, and no store could take more.

    For a car that charges already it is enough that a store before it takes its most.
    """
    asked_w = rest_w + sum(
        max(0.0, device.power_w) if device.role is Role.STORE else device.power_w for device in devices
    )
    if asked_w > _GIVEN_W or not any(_stands_at_limit(device) for device in devices):
        return False
    charges = any(device.member is Member.CAR and device.power_w > _CAR_DRAWS_W for device in devices)
    before = (
        (device, claim_w(device, math.inf, device.high_w)) for device in devices if device.role is Role.STORE
    )
    return all(
        most_w <= _ROOM_W or (charges and device.power_w > most_w - _ROOM_W) for device, most_w in before
    )


def _stands_at_limit(device: Flexibility) -> bool:
    written = device.device.written
    if device.role is not Role.PRODUCER or device.stuck or written is None or written.value is None:
        return False
    below_w = max(_AT_LIMIT_W, _AT_LIMIT * written.value)
    return written.value < device.rated_w and -device.power_w >= written.value - below_w
