"""What a decision amounts to: balance, whose limit is in force, whether it is kept, what had to bend."""

import math
from collections.abc import Sequence
from datetime import datetime

from ..model import BatteryReading, ChargerReading, MeterReading, Owner, PvReading
from .allocation import Allocation, Lines
from .charger import PACE
from .failsafe import FAILSAFE, Loss
from .flexibility import Flexibility
from .lines import Bound, rank
from .projection import Powers
from .rest_load import RestLoad
from .state import PowerBalance, SiteState
from .tracking import fresh_reading

_NEGLIGIBLE_W = 1.0


def balance(state: SiteState, now: datetime) -> PowerBalance | None:
    """Return where power flows, as last read; the rest is what the meter shows beyond the devices."""
    if state.meter is None:
        return None
    pv_w = battery_w = ev_charger_w = 0.0
    for device in state.devices:
        match fresh_reading(device, now):
            case PvReading(power_w=power_w):
                pv_w += power_w
            case BatteryReading(power_w=power_w):
                battery_w += power_w
            case ChargerReading(power_w=power_w):
                ev_charger_w += power_w
    return PowerBalance(
        grid_w=state.meter.power_w,
        pv_w=pv_w,
        battery_w=battery_w,
        ev_charger_w=ev_charger_w,
        rest_w=state.meter.power_w - pv_w - battery_w - ev_charger_w,
    )


def import_limit_w(asked: Sequence[Bound]) -> float | None:
    """Return the tightest import limit in force."""
    return min((b.high_w for b in asked if not b.exact and math.isfinite(b.high_w)), default=None)


def export_limit_w(asked: Sequence[Bound]) -> float | None:
    """Return the tightest export limit in force (W, >= 0)."""
    return min((-b.low_w for b in asked if not b.exact and math.isfinite(b.low_w)), default=None)


def limit_owner(asked: Sequence[Bound]) -> Owner | None:
    """Return whose tightest import limit is in force, else whose export limit, else whose target."""
    imports = [(b.high_w, rank(b.owner), b.owner) for b in asked if not b.exact and math.isfinite(b.high_w)]
    exports = [(-b.low_w, rank(b.owner), b.owner) for b in asked if not b.exact and math.isfinite(b.low_w)]
    targets = [(0.0, rank(b.owner), b.owner) for b in asked if b.exact]
    found = imports or exports or targets
    return min(found)[2] if found else None


def effective(asked: Sequence[Bound]) -> tuple[Bound, ...]:
    """Return what must be met together: the limits, and the highest target cut to fit within them."""
    limits = tuple(b for b in asked if not b.exact)
    targets = sorted((b for b in asked if b.exact), key=lambda b: rank(b.owner))
    if not targets:
        return limits
    target = targets[0]
    binding = [b for b in limits if rank(b.owner) <= rank(target.owner)]
    power_w = target.low_w
    for bound in reversed(binding):
        power_w = min(max(power_w, bound.low_w), bound.high_w)
    met = Bound(
        owner=target.owner,
        reason=target.reason,
        event_id=target.event_id,
        low_w=power_w,
        high_w=power_w,
        exact=True,
    )
    return (*binding, met)


def shortfall_w(
    asked: Sequence[Bound], load: RestLoad, devices: Sequence[Flexibility], powers: Powers
) -> float:
    """Return by how much the limits in force cannot be reached, in W (0: they can)."""
    net_w = load.latest_w[0] + sum(powers[device.device_id] for device in devices)
    missed = [max(b.low_w - net_w, net_w - b.high_w) for b in effective(asked)]
    worst_w = max(missed, default=0.0)
    # A target is met as near as the limits' margin lets it.
    return (
        worst_w
        if worst_w > max([_NEGLIGIBLE_W, *(_target_tolerance_w(b.low_w) for b in asked if b.exact)])
        else 0.0
    )


def bent(devices: Sequence[Flexibility], lines: Lines, allocation: Allocation) -> tuple[str, ...]:
    """Return what had to give way: ``not_following:<id>``, ``<reason>:<id>``, ``unreachable:<reason>``."""
    found = [f"not_following:{device.device_id}" for device in devices if device.stuck]
    by_id = {device.device_id: device for device in devices}
    for restriction in lines.restrictions:
        device = by_id[restriction.device_id]
        if restriction.device_id not in allocation.causes:
            continue
        power_w = allocation.powers[restriction.device_id]
        low_w, high_w = min(restriction.low_w, device.high_w), max(restriction.high_w, device.low_w)
        if restriction.reason != PACE and not low_w - _NEGLIGIBLE_W <= power_w <= high_w + _NEGLIGIBLE_W:
            found.append(f"{restriction.reason}:{restriction.device_id}")
    found.extend(
        f"unreachable:{joint.reason}"
        for joint in lines.joints
        if joint.violation_w(devices, allocation.powers) > _NEGLIGIBLE_W
    )
    return tuple(dict.fromkeys(found))


def limit_kept(asked: Sequence[Bound], meter: MeterReading | None, now: datetime) -> bool | None:
    """Return whether the meter now keeps the limits in force: limits within 1 %, a target within 5 %."""
    if not asked or meter is None or now - meter.time > FAILSAFE[Loss.METER].after:
        return None
    return all(
        bound.low_w - _tolerance_w(bound, bound.low_w)
        <= meter.power_w
        <= bound.high_w + _tolerance_w(bound, bound.high_w)
        for bound in effective(asked)
    )


def _tolerance_w(bound: Bound, value_w: float) -> float:
    if not math.isfinite(value_w):
        return 0.0
    return _target_tolerance_w(value_w) if bound.exact else max(20.0, 0.01 * abs(value_w))


def _target_tolerance_w(value_w: float) -> float:
    return max(100.0, 0.05 * abs(value_w))
