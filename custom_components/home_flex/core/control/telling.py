"""What each device is told, and who holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Kind, Seen, Told
from ..model import Owner, Setpoint
from . import lapsing
from .allocation import Allocation, allocate
from .asked import Lines
from .exceeding import lowered
from .flexibility import Flexibility
from .memory import DeviceMemory, Judgement
from .response import is_turned

# One refusal, or two, may be a busy link; a device that refuses so many writes in a row is made up for.
REFUSES_AFTER = 3


def flexibility(seen: Seen[Any]) -> Flexibility:
    """Return what the device can do; one that does as it likes only what it does."""
    return kind_of(seen.device).flexibility(seen, stuck=_is_stuck(seen))


def wanted_of(
    devices: Sequence[Flexibility],
    seen: Mapping[str, Seen[Any]],
    lines: Lines,
    lines_now: Lines,
    allocation: Allocation,
    rest_w: float,
) -> tuple[tuple[Setpoint, ...], dict[str, DeviceMemory]]:
    """Return what each device is to be told, and who holds it.

    ``lines_now``, for those that do as they like, are without what was before.
    """
    setpoints, memories = [], {}
    for device in devices:
        one = seen[device.device_id]
        kind = kind_of(device.device)
        memory = device.memory
        if is_turned(memory.response):
            memories[device.device_id] = memory
            setpoints.append(_setpoint(device, kind, replace(memory, taken=None), None))
            continue
        if device.stuck:
            told = _told_if_it_followed(one, devices, lines_now, rest_w)
            told = lowered(told, device, one, kind, devices, lines_now, allocation)
        else:
            told = kind.told(device, devices, lines, allocation, one.now_s)
        if (cause := told.cause) is not None:
            memory = replace(
                memory,
                taken=cause.owner,
                reason=cause.reason,
                source_id=cause.source_id,
                bound_s=one.now_s,
                is_standing=cause.is_standing and (memory.taken is None or memory.is_standing),
            )
        memories[device.device_id] = memory
        setpoints.append(_setpoint(device, kind, memory, told.value))
    return tuple(setpoints), memories


def _is_stuck(seen: Seen[Any]) -> bool:
    """Return whether a device does as it likes, whatever it is told, or takes no order at all."""
    is_refusing = seen.device.refusals >= REFUSES_AFTER
    is_free = is_refusing or lapsing.is_over(seen)
    return is_free or seen.memory.judgement is Judgement.NOT_FOLLOWED or is_turned(seen.memory.response)


def _told_if_it_followed(
    seen: Seen[Any], devices: Sequence[Flexibility], lines: Lines, rest_w: float
) -> Told:
    """Return what a device that does not follow is told, so that it does what is right once it does again."""
    kind = kind_of(seen.device)
    able = kind.flexibility(seen, stuck=False)
    others = tuple(able if one.device_id == able.device_id else one for one in devices)
    return kind.told(able, others, lines, allocate(others, lines, rest_w), seen.now_s)


def _setpoint(device: Flexibility, kind: Kind[Any], memory: DeviceMemory, value: float | None) -> Setpoint:
    is_held = memory.taken is not None
    return Setpoint(
        device_id=device.device_id,
        quantity=device.quantity or kind.quantity,
        value=value if is_held else None,
        owner=memory.taken if memory.taken is not None else Owner.PLAN,
        reason=memory.reason if is_held else "own_control",
        source_id=memory.source_id,
        life_s=kind.life_s,
        phases=device.intent.phases if is_held and device.intent is not None else None,
    )
