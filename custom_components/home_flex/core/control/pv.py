"""How much an inverter may produce while export is limited."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import DeviceKind, Owner, PvReading
from .allocation import Allocation, Cause, Lines, intervals
from .flexibility import Flexibility
from .projection import Intervals

# Well above what the sun gives now the limit moves in steps, so that the inverter is not written each second,
# and an inverter that is still free stays so.
_COARSE_W = 500.0
_FAR_SHARE = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductionLimit:
    """What the inverter may produce (W, >= 0), and which line limits it (None: none does)."""

    limit_w: float
    cause: Cause | None


def production_limit_w(
    device: Flexibility,
    reading: PvReading,
    devices: Sequence[Flexibility],
    lines: Lines,
    allocation: Allocation,
) -> ProductionLimit:
    """Return the most that may be produced with the batteries charging as fast as they may.

    It does not depend on the sun, which nobody knows while the inverter is limited. Several inverters
    keep what they give, and share what is left by their rated power.
    """
    written = device.device.written
    if device.stuck and written is not None and written.value is not None:
        memory = device.memory
        kept = Cause(owner=memory.taken or Owner.PLAN, reason=memory.reason, event_id=memory.event_id)
        return ProductionLimit(limit_w=written.value, cause=kept)
    limit_w, cause = reading.rated_power_w, None
    for joint in lines.joints:
        if not math.isfinite(joint.low_w) or device.share[joint.node] <= 0:
            continue
        allowed = intervals(devices, lines.binding(joint.owner), Owner.PLAN)
        consumed_w = sum(
            other.share[joint.node] * max(allocation.powers[other.device_id], _most_w(other, allowed))
            for other in devices
            if other.kind is not DeviceKind.PV or other.stuck
        )
        inverters = [other for other in devices if other.kind is DeviceKind.PV and not other.stuck]
        # Where a higher line broke this one, what was reached counts, so that it is not taken back here.
        low_w = min(joint.low_w, joint.power_w(devices, allocation.powers))
        spare_w = consumed_w - low_w + joint.power_w(inverters, allocation.powers)
        rated_w = sum(other.share[joint.node] * _rated_w(other) for other in inverters)
        part_w = max(0.0, spare_w) * reading.rated_power_w / rated_w if rated_w > 0 else 0.0
        if (allowed_w := part_w - allocation.powers[device.device_id]) < limit_w:
            limit_w = max(0.0, allowed_w)
            cause = Cause(owner=joint.owner, reason=joint.reason, event_id=joint.event_id)
    spare_w = limit_w + reading.power_w
    held_w = written.value if written is not None else None
    if cause is not None and spare_w > _COARSE_W:
        if held_w is None and spare_w > _FAR_SHARE * reading.rated_power_w:
            return ProductionLimit(limit_w=reading.rated_power_w, cause=None)
        if held_w is not None and held_w <= limit_w and held_w + reading.power_w > _COARSE_W:
            limit_w = held_w
        else:
            limit_w = math.floor(limit_w / _COARSE_W) * _COARSE_W
    return ProductionLimit(limit_w=float(math.floor(limit_w)), cause=cause)


def _rated_w(device: Flexibility) -> float:
    return device.reading.rated_power_w if isinstance(device.reading, PvReading) else 0.0


def _most_w(device: Flexibility, allowed: Intervals) -> float:
    return allowed[device.device_id][1] if device.kind is DeviceKind.BATTERY else -math.inf
