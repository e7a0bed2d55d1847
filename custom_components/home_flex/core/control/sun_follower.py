"""Which car takes more sun as soon as there is some: PV need not be held back for what it draws now."""

import math
from collections.abc import Sequence

from .charging import Reason
from .flexibility import Flexibility, Role
from .lines import SAFETY
from .memory import Judgement
from .merit import Member
from .projection import Joint, Powers
from .response import is_prompt

_BY_SUN = frozenset({Reason.SURPLUS, Reason.MINIMUM, Reason.PROBE})
# A car that draws less does not charge.
_CHARGES_W = 230.0
# What is exported is left to a car that was just told to draw so much more, and no less than noise.
_MORE_W, _EXPORTED_W = 150.0, 150.0
_AT_LIMIT_W = 100.0
# A new limit, and the meter behind it, have shown after so long.
_SHOWS_S = 5.0


def is_followed_promptly(device: Flexibility) -> bool:
    """Return whether a device does what it is told, and has shown that it does so within seconds."""
    memory = device.memory
    return not device.stuck and memory.judgement is not Judgement.NOT_FOLLOWED and is_prompt(memory.response)


def has_store(devices: Sequence[Flexibility]) -> bool:
    """Return whether a battery may make up for the sun before the car does, unseen by the meter."""
    return any(device.role is Role.STORE for device in devices)


def takes_w(device: Flexibility, joint: Joint, devices: Sequence[Flexibility], powers: Powers) -> float:
    """Return the power that a device takes at most before a limit must hold PV back, W at its allocation.

    A car that charges by the sun, and has shown that it answers soon, follows PV up and down within seconds:
    as long as nothing is exported, or the car has just been told to take it, PV is let produce for the most
    that the car can draw. Under a cloud the limit then stays where it was, and when the sun is back it is
    seen, and no write of the inverter is spent. Any other car counts with what it draws, for it takes what it
    may when it likes, as does one beside a battery. The grid operator's limit is kept to the watt.
    """
    power_w = powers[device.device_id]
    if device.member is not Member.CAR:
        return power_w
    drawn_w = min(power_w, max(0.0, device.power_w))
    if joint.owner in SAFETY or not _follows(device) or has_store(devices):
        return drawn_w
    is_told_more = power_w > device.power_w + _MORE_W
    drawing = {one.device_id: one.power_w for one in devices}
    if not is_told_more and joint.violation_w(devices, drawing) > _EXPORTED_W:
        return drawn_w
    return max(drawn_w, _most_w(device))


def kept_w(allowed_w: float, producer: Flexibility, joint: Joint, devices: Sequence[Flexibility]) -> float:
    """Return the limit of a producer at a joint: the one in force while a car follows and makes up for it.

    It is lowered only when something is exported, and raised only when PV stands at it and more is drawn: by
    the house, or by a car that asks so whether the sun has more. What is reckoned just after a change is
    wrong by as much as the meter is late.
    """
    state = producer.device
    held_w = None if state.written is None else state.written.value
    is_followed = not has_store(devices) and any(_follows(one) for one in devices)
    if held_w is None or joint.owner in SAFETY or not is_followed:
        return allowed_w
    if state.changed_s is not None and state.heard_s - state.changed_s < _SHOWS_S:
        return held_w
    spare_w = joint.power_w(devices, {one.device_id: one.power_w for one in devices}) - joint.low_w
    if allowed_w < held_w:
        return allowed_w if spare_w < -_EXPORTED_W else held_w
    stands = -producer.power_w >= held_w - _AT_LIMIT_W
    return allowed_w if stands and spare_w > _EXPORTED_W else held_w


def _follows(device: Flexibility) -> bool:
    return (
        device.intent is not None
        and device.intent.reason in _BY_SUN
        and device.power_w > _CHARGES_W
        and is_followed_promptly(device)
    )


def _most_w(device: Flexibility) -> float:
    vehicle_w = device.memory.draws_max_w
    _, most_a = device.device.charge.currents_a(0.0, math.inf)
    return min(
        device.declared_high_w, most_a * device.watts_per_a, math.inf if vehicle_w is None else vehicle_w
    )
