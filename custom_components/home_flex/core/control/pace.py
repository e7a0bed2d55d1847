"""When a consumer may be raised: what it is allowed rises slowly, and falls at once."""

from collections.abc import Sequence
from dataclasses import replace

from ..model import Owner
from .allocation import Allocation, Lines
from .flexibility import Flexibility, Restriction, Role

# A paused consumer starts again only after this long with room for its smallest power and a margin.
RESTART_AFTER_S = 30.0
RESTART_MARGIN = 1.1
# What it may draw is raised at most this often, and not for less than this share of its smallest power.
RAISE_EVERY_S = 5.0
SMALLEST_RAISE = 1 / 12
PACE = "pace"


def may_raise(device: Flexibility, now_s: float) -> bool:
    """Return whether the last change is long enough ago."""
    changed_s = device.device.changed_s
    return changed_s is None or now_s - changed_s >= RAISE_EVERY_S


def paced(
    devices: Sequence[Flexibility], lines: Lines, allocation: Allocation, now_s: float, *, stale: bool
) -> tuple[tuple[Restriction, ...], tuple[Flexibility, ...]]:
    """Return what keeps consumers from being raised now, and the devices with their timers carried on.

    Lowering is never delayed, nor is a hand-back, nor what the resident insists on. Nothing is raised on a
    meter that is ``stale``: it missed a telegram.
    """
    restrictions, devices_on = [], []
    for device in devices:
        held_w = _held_w(device, lines)
        room_since_s = None
        wanted_w = allocation.powers[device.device_id]
        if held_w is not None and wanted_w > held_w + 1.0:
            is_paused = held_w < device.smallest_w - 1.0
            if is_paused:
                enough = wanted_w >= min(device.smallest_w * RESTART_MARGIN, device.high_w) and not stale
                room_since_s = (device.memory.room_since_s or now_s) if enough else None
                allowed = room_since_s is not None and now_s - room_since_s >= RESTART_AFTER_S
            else:
                large = wanted_w - held_w >= SMALLEST_RAISE * device.smallest_w - 1.0
                allowed = not stale and may_raise(device, now_s) and (large or wanted_w >= device.high_w)
            if not allowed:
                # In the highest line, so that none breaks it; nobody is told that the fuse did it.
                restrictions.append(
                    Restriction(
                        owner=Owner.FUSE,
                        device_id=device.device_id,
                        reason=PACE,
                        high_w=0.0 if is_paused else held_w,
                    )
                )
        if room_since_s != device.memory.room_since_s:
            device = replace(device, memory=replace(device.memory, room_since_s=room_since_s))  # noqa: PLW2901 # the same device, with its timer
        devices_on.append(device)
    return tuple(restrictions), tuple(devices_on)


def _held_w(device: Flexibility, lines: Lines) -> float | None:
    """Return what a held consumer is allowed now; None for what may be raised at any time."""
    written = device.device.written
    if device.role is not Role.CONSUMER or device.stuck or written is None or written.value is None:
        return None
    if device.memory.taken is None or lines.insists(device.device_id):
        return None
    return written.value * device.watts_per_a
