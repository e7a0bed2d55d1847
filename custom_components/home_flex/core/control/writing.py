"""Which setpoints are written now, and by how much what is in force already misses what is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Seen
from ..model import Setpoint
from . import lapsing, observer
from .actuation import NOISE_BANDS, Telegram, actuated
from .allocation import Allocation, Lines
from .flexibility import Flexibility
from .memory import DeviceMemory
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


def written(
    seen: Mapping[str, Seen[Any]],
    wanted: Sequence[Setpoint],
    memory: ControlMemory,
    heard_s: float,
    *,
    short_w: float,
) -> tuple[tuple[Setpoint, ...], dict[str, DeviceMemory]]:
    """Return the setpoints to write now, and the devices' memories with where their writing stands."""
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
            one, kind_of(one.device), setpoint, telegram, last_release_s=last_release_s
        )
        if write is not None:
            setpoints.append(write)
            if write.value is None:
                last_release_s = one.now_s
    return tuple(setpoints), memories


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
