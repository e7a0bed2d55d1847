"""Which setpoints are written now, and by how much what is in force already misses what is asked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Seen
from ..model import Setpoint
from . import lapsing, observer
from .actuation import NOISE_BANDS, Telegram, actuated
from .allocation import Allocation
from .asked import Lines
from .flexibility import Flexibility, Role
from .memory import DeviceMemory
from .projection import Joint, Powers
from .rhythm import period_s
from .state import ControlMemory


def short_w(
    devices: Sequence[Flexibility],
    seen: Mapping[str, Seen[Any]],
    lines: Lines,
    allocation: Allocation,
    noise_w: float,
) -> float:
    """Return by how much what is in force now does not quite keep a limit, in W; 0 where it does."""
    in_force = {one.device_id: _in_force_w(one, seen[one.device_id], allocation) for one in devices}
    return max(
        (
            # What a lasting wish forbids may flicker with the meter's noise: to answer that costs energy.
            joint.violation_w(devices, in_force) - (NOISE_BANDS * noise_w if joint.is_kept_at_zero else 0.0)
            for joint in lines.joints
            if joint.low_w < joint.high_w
        ),
        default=0.0,
    )


def spare_w(
    device: Flexibility, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> float:
    """Return by how much a consumer's limits would be kept if it drew what it is allotted, in its own W.

    For one that draws with the share s_c at a node, where the devices draw p_i with the shares s_i, stores
    could give down to low_i, and the limit leaves the devices H:

        spare = (H - Σ s_i p_i + Σ over stores of s_i (p_i - low_i)) / s_c

    Infinite where no limit binds it, and for what is no consumer.
    """
    if device.role is not Role.CONSUMER:
        return math.inf
    return min(
        (
            _left_w(joint, devices, allocation) / device.share[joint.node]
            for joint in lines.joints
            if joint.low_w < joint.high_w and device.share[joint.node] > 0.0
        ),
        default=math.inf,
    )


def _left_w(joint: Joint, devices: Sequence[Flexibility], allocation: Allocation) -> float:
    """Return what a limit leaves at its node, with what stores could give besides, in W."""
    from_stores_w = math.fsum(
        one.share[joint.node] * max(0.0, allocation.powers[one.device_id] - one.low_w)
        for one in devices
        if one.role is Role.STORE
    )
    return joint.high_w - joint.power_w(devices, allocation.powers) + from_stores_w


def written(
    seen: Mapping[str, Seen[Any]],
    wanted: Sequence[Setpoint],
    memory: ControlMemory,
    heard_s: float,
    *,
    short_w: float,
    spares_w: Mapping[str, float],
) -> tuple[tuple[Setpoint, ...], dict[str, DeviceMemory]]:
    """Return the setpoints to write now, and the devices' memories with where their writing stands.

    ``spares_w``: by device, what its limits would leave if what is wanted were in force (see ``spare_w``).
    """
    telegram = Telegram(
        heard_s=heard_s,
        period_s=period_s(memory.meter.rhythm),
        noise_w=observer.noise_w(memory.meter),
        short_w=short_w,
    )
    releases = [one.memory.actuator.release_s for one in seen.values()]
    last_release_s = max((release_s for release_s in releases if release_s is not None), default=None)
    setpoints, memories = [], {}
    for setpoint in wanted:
        one = seen[setpoint.device_id]
        write, memories[setpoint.device_id] = actuated(
            one,
            kind_of(one.device),
            setpoint,
            replace(telegram, spare_w=spares_w[setpoint.device_id]),
            last_release_s=last_release_s,
        )
        if write is not None:
            setpoints.append(write)
            if write.value is None:
                last_release_s = one.now_s
    return tuple(setpoints), memories


def achieved_w(
    devices: Sequence[Flexibility], memories: Mapping[str, DeviceMemory], allocation: Allocation
) -> Powers:
    """Return the powers that come of what is written; of a device whose write waits for its budget, its own.

    ``memories``: with where the devices' writing stands.
    """
    own_w = {one.device_id: one.power_w for one in devices if memories[one.device_id].actuator.is_spent}
    return {**allocation.powers, **own_w}


def _in_force_w(device: Flexibility, seen: Seen[Any], allocation: Allocation) -> float:
    """Return the power that what is written now leads to; of a free device that which is expected of it."""
    written = seen.device.written
    if written is None or written.value is None or lapsing.is_over(seen):
        return allocation.powers[device.device_id]
    kind = kind_of(seen.device)
    ordered_w, power_w = kind.ordered_w(written.value, seen), allocation.powers[device.device_id]
    if kind.is_driven:
        return ordered_w
    return min(ordered_w, power_w) if ordered_w > 0 else max(ordered_w, power_w)
