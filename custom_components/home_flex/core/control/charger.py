"""A charger's current: when it may be raised, and how far a vehicle that wakes may go."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..model import ChargerReading, DeviceKind, Owner
from .allocation import Allocation, Cause, Lines, intervals
from .flexibility import Flexibility, Restriction, interval_w
from .lines import rank

# A paused vehicle starts again only after this long with room for its smallest current and a margin.
RESTART_AFTER_S = 30.0
RESTART_MARGIN = 1.1
# A current is raised at most this often, and not for less than this.
RAISE_EVERY_S = 5.0
SMALLEST_RAISE_A = 0.5
# Where the vehicle does not use its limit, the limit follows the room in steps of this.
SPARE_STEP_A = 1.0
# A vehicle that draws more than this is awake.
DRAWING_W = 500.0
PACE = "pace"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerLimit:
    """The current per phase to allow, and which line keeps it below the largest (None: none does)."""

    current_a: float
    cause: Cause | None


def pace(
    devices: Sequence[Flexibility], allocation: Allocation, now: datetime, *, in_force: bool
) -> tuple[tuple[Restriction, ...], tuple[Flexibility, ...]]:
    """Return what keeps chargers from being raised now, and the devices with their timers carried on.

    Lowering is never delayed, nor is a hand-back, nor what the resident asked for (charge now).
    """
    restrictions, devices_on = [], []
    for device in devices:
        written_a = _written_a(device)
        wanted_w = allocation.powers[device.device_id]
        room_since = None
        if (
            written_a is not None
            and (in_force or device.memory.taken is Owner.FUSE)
            and not device.device.charge_now
            and not device.stuck
            and wanted_w > written_a * device.watts_per_a + 1.0
        ):
            paused = written_a * device.watts_per_a < device.smallest_w - 1.0
            if paused:
                enough = wanted_w >= min(device.smallest_w * RESTART_MARGIN, device.high_w)
                room_since = (device.memory.room_since or now) if enough else None
                allowed = room_since is not None and (now - room_since).total_seconds() >= RESTART_AFTER_S
            else:
                large = (
                    wanted_w - written_a * device.watts_per_a >= SMALLEST_RAISE_A * device.watts_per_a - 1.0
                )
                allowed = _may_raise(device, now) and (large or wanted_w >= device.high_w)
            if not allowed:
                restrictions.append(
                    Restriction(
                        owner=Owner.FUSE,
                        device_id=device.device_id,
                        reason=PACE,
                        high_w=0.0 if paused else written_a * device.watts_per_a,
                    )
                )
        if room_since != device.memory.room_since:
            device = replace(device, memory=replace(device.memory, room_since=room_since))  # noqa: PLW2901 # the same device, with its timer
        devices_on.append(device)
    return tuple(restrictions), tuple(devices_on)


def charger_limit(
    device: Flexibility,
    reading: ChargerReading,
    devices: Sequence[Flexibility],
    lines: Lines,
    allocation: Allocation,
    now: datetime,
) -> ChargerLimit:
    """Return the current to allow.

    Where a line lowers the vehicle's draw, that is the limit. Where the vehicle draws less than it could, the
    limit is what it draws and the room that is left, so that no limit breaks when it wakes; a vehicle asleep
    still gets its smallest current when the batteries can make up for it, and one that draws is not paused
    for what it might draw.
    """
    power_w = allocation.powers[device.device_id]
    written_a = _written_a(device)
    if device.stuck and written_a is not None:
        return ChargerLimit(current_a=written_a, cause=_kept(device))
    if power_w < device.high_w - 1.0:
        cause = allocation.causes.get(device.device_id)
        if cause is not None and _above(device, cause.owner):
            # A line that the resident's override stands above holds nothing: tell which one does.
            cause = _cap(device, power_w, devices, lines, allocation)[1] or cause
        kept = cause is None or cause.reason == PACE
        return ChargerLimit(
            current_a=_floor(power_w / device.watts_per_a, 0.1), cause=_kept(device) if kept else cause
        )
    cap_w, cause = _cap(device, power_w, devices, lines, allocation)
    if cap_w >= device.limit_high_w - 1.0:
        return ChargerLimit(current_a=float(reading.max_current_a), cause=None)
    current_a = max(
        _floor(cap_w / device.watts_per_a, SPARE_STEP_A),
        math.ceil(power_w / device.watts_per_a * 10 - 0.01) / 10,
    )
    if current_a < reading.min_current_a:
        reach_w = _reach_w(device, power_w, devices, lines, allocation)
        keeps = power_w > DRAWING_W or reach_w >= device.smallest_w
        current_a = float(reading.min_current_a) if keeps else 0.0
    if (
        written_a is not None
        and power_w / device.watts_per_a <= written_a < current_a
        and not _may_raise(device, now)
    ):
        current_a = written_a
    return ChargerLimit(current_a=min(current_a, reading.max_current_a), cause=cause or _kept(device))


def _written_a(device: Flexibility) -> float | None:
    if device.kind is not DeviceKind.EV_CHARGER or device.device.written is None:
        return None
    return device.device.written.value


def _may_raise(device: Flexibility, now: datetime) -> bool:
    changed = device.device.changed_at
    return changed is None or (now - changed).total_seconds() >= RAISE_EVERY_S


def _kept(device: Flexibility) -> Cause | None:
    """Return the line that holds the device already."""
    if device.memory.taken is None:
        return None
    return Cause(owner=device.memory.taken, reason=device.memory.reason, event_id=device.memory.event_id)


def _floor(current_a: float, step_a: float) -> float:
    return round(math.floor(current_a / step_a + 1e-6) * step_a, 1)


def _restricted_w(device: Flexibility, lines: Lines) -> float:
    """Return what the lines leave of the charger's own range, whatever the vehicle draws."""
    return interval_w(0.0, device.limit_high_w, lines.of_device(device.device_id), Owner.PLAN)[1]


def _cap(
    device: Flexibility, power_w: float, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> tuple[float, Cause | None]:
    """Return the largest limit that breaks no line if the vehicle uses it, and the line that sets it."""
    cap_w, cause = device.limit_high_w, None
    restricted_w = _restricted_w(device, lines)
    if restricted_w < cap_w:
        for restriction in lines.of_device(device.device_id):
            if restriction.reason != PACE and restriction.high_w <= restricted_w:
                cause = Cause(
                    owner=restriction.owner, reason=restriction.reason, event_id=restriction.event_id
                )
        cap_w = restricted_w
    for joint in lines.joints:
        if device.share[joint.node] > 0 and math.isfinite(joint.high_w) and not _above(device, joint.owner):
            slack_w = (joint.high_w - joint.power_w(devices, allocation.powers)) / device.share[joint.node]
            if power_w + max(0.0, slack_w) < cap_w:
                cap_w = power_w + max(0.0, slack_w)
                cause = Cause(owner=joint.owner, reason=joint.reason, event_id=joint.event_id)
    return cap_w, cause


def _reach_w(
    device: Flexibility, power_w: float, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> float:
    """Return how far the vehicle could go with all help of the batteries."""
    allowed = intervals(devices, lines, Owner.PLAN)
    reach_w = _restricted_w(device, lines)
    for joint in lines.joints:
        if device.share[joint.node] > 0 and not _above(device, joint.owner):
            least = {
                d.device_id: min(allocation.powers[d.device_id], allowed[d.device_id][0])
                if d.kind is DeviceKind.BATTERY
                else allocation.powers[d.device_id]
                for d in devices
            }
            slack_w = (joint.high_w - joint.power_w(devices, least)) / device.share[joint.node]
            reach_w = min(reach_w, power_w + slack_w)
    return reach_w


def _above(device: Flexibility, owner: Owner) -> bool:
    """Return whether the resident's override of this charger stands above ``owner``'s line."""
    return device.device.charge_now and rank(owner) >= rank(Owner.RESIDENT)
