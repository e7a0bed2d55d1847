"""Whether PV stands at its own limit, so that nobody sees how much more the sun would give."""

import math
from collections.abc import Sequence

from ..kinds import kind_of
from .actuation import NOISE_BANDS
from .car_supply import claim_w
from .charging import Sun
from .flexibility import Flexibility, Role
from .load import RestLoad
from .memory import MeterMemory
from .merit import Member
from .observer import noise_w
from .response import loop_delay_s

# PV that produces this near to its limit stands at it: what the sun gives beyond is not known.
_AT_LIMIT_W, _AT_LIMIT = 100.0, 0.05
# PV that leaves more to the grid than this gives all it can, or has yet to be asked for more.
_GIVEN_W = 150.0
# A store that can take more is not full.
_ROOM_W = 300.0
# After so long the meter shows what PV was lowered by.
_SETTLES_S = 4.0
# A car that draws less does not charge.
_CAR_DRAWS_W = 230.0


def sun_seen(devices: Sequence[Flexibility], rest: RestLoad, meter: MeterMemory, now_s: float) -> Sun:
    """Return how much of the sun is seen: all of it, or as much as was asked, when no store could take more.

    For a car that charges already it is enough that a store before it takes its most.
    """
    stands = any(_stands_at_limit(device) for device in devices)
    rises = any(_was_just_raised(device, meter, now_s) for device in devices)
    charges = any(device.member is Member.CAR and device.power_w > _CAR_DRAWS_W for device in devices)
    if not (stands or rises):
        return Sun.SHOWN
    if not _are_full(devices, charges=charges):
        # PV is let produce for a store at its most: one that gives way to a car waits for PV like the grid.
        return Sun.ASKED if charges else Sun.SHOWN
    asked_w = rest.low_w[0] + sum(
        max(0.0, device.power_w) if device.role is Role.STORE else device.power_w for device in devices
    )
    is_given = asked_w <= max(_GIVEN_W, NOISE_BANDS * noise_w(meter))
    if not (stands and is_given):
        return Sun.ASKED
    if charges and any(_was_just_lowered(device, now_s) for device in devices):
        return Sun.SETTLES
    # A car that charges keeps what it has: who lowers it lowers PV, which costs a write more.
    return Sun.HIDDEN if charges or any(_may_be_raised(device) for device in devices) else Sun.HELD


def _are_full(devices: Sequence[Flexibility], *, charges: bool) -> bool:
    before = (
        (device, claim_w(device, math.inf, device.high_w)) for device in devices if device.role is Role.STORE
    )
    return all(
        most_w <= _ROOM_W or (charges and device.power_w > most_w - _ROOM_W) for device, most_w in before
    )


def _limit_w(device: Flexibility) -> float | None:
    """Return the limit that holds PV below its rating, None where none does."""
    written = device.device.written
    if device.role is not Role.PRODUCER or device.stuck or written is None or written.value is None:
        return None
    return written.value if written.value < device.rated_w else None


def _stands_at_limit(device: Flexibility) -> bool:
    limit_w = _limit_w(device)
    return limit_w is not None and is_near_limit(device.power_w, limit_w)


def _may_be_raised(device: Flexibility) -> bool:
    """Return whether PV that stands at its limit has a write left to raise it."""
    policy = kind_of(device.device).actuation
    has_write = policy.writes_per_min is None or (
        device.memory.actuator.tokens >= policy.kept_for_lowering + 1.0
    )
    return has_write and _stands_at_limit(device)


def is_near_limit(power_w: float, limit_w: float) -> bool:
    """Return whether PV of a power (W, 0 or less) gives so nearly what it may that its limit may hold it."""
    return -power_w >= limit_w - max(_AT_LIMIT_W, _AT_LIMIT * limit_w)


def _was_just_raised(device: Flexibility, meter: MeterMemory, now_s: float) -> bool:
    """Return whether a limit that PV stood at was raised so lately that PV need not have followed yet."""
    orders = device.memory.orders
    if _limit_w(device) is None or len(orders) < 2:
        return False
    last, before_w = orders[-1], orders[-2].value
    if last.value is None or before_w is None or last.value <= before_w:
        return False
    is_recent = now_s - last.sent_s < loop_delay_s(device.memory.response, meter.rhythm)
    return is_recent and is_near_limit(last.found_w, before_w)


def _was_just_lowered(device: Flexibility, now_s: float) -> bool:
    """Return whether the limit of PV was lowered so lately that the meter need not show it yet."""
    orders = device.memory.orders
    if device.role is not Role.PRODUCER or not orders or now_s - orders[-1].sent_s >= _SETTLES_S:
        return False
    value, before_w = orders[-1].value, orders[-2].value if len(orders) > 1 else None
    return value is not None and (before_w is None or value < before_w)
