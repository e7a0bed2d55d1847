"""What a decision amounts to: balance, whose limit is in force, whether it is kept, what had to bend."""

import math
from collections.abc import Collection, Mapping, Sequence

from ..model import (
    BatteryReading,
    ChargerReading,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Reading,
)
from .allocation import Allocation
from .asked import Lines
from .demand import Demand, Envelope, Target
from .flexibility import Flexibility
from .lines import rank
from .load import RestLoad
from .projection import Powers
from .response import is_turned
from .state import LimitSource, PowerBalance

_NEGLIGIBLE_W = 1.0


def balance(
    meter: MeterReading | None, readings: Mapping[str, Reading], unread: Collection[DeviceKind] = ()
) -> PowerBalance | None:
    """Return where power flows, as last read; the rest is what the meter shows beyond the devices.

    ``unread``: the kinds of the devices that cannot be read; what those draw is not known.
    """
    if meter is None:
        return None
    pv_w = battery_w = ev_charger_w = 0.0
    for reading in readings.values():
        match reading:
            case PvReading(power_w=power_w):
                pv_w += power_w
            case BatteryReading(power_w=power_w):
                battery_w += power_w
            case ChargerReading(power_w=power_w):
                ev_charger_w += power_w
    return PowerBalance(
        grid_w=meter.power_w,
        pv_w=None if DeviceKind.PV in unread else pv_w,
        battery_w=None if DeviceKind.BATTERY in unread else battery_w,
        ev_charger_w=None if DeviceKind.EV_CHARGER in unread else ev_charger_w,
        rest_w=None if unread else meter.power_w - pv_w - battery_w - ev_charger_w,
    )


def import_limit_w(asked: Sequence[Demand]) -> float | None:
    """Return the tightest import limit in force."""
    return min((high_w for high_w, _ in _imports(asked)), default=None)


def export_limit_w(asked: Sequence[Demand]) -> float | None:
    """Return the tightest export limit in force (W, >= 0)."""
    return min((export_w for export_w, _ in _exports(asked)), default=None)


def import_limited_by(asked: Sequence[Demand]) -> LimitSource | None:
    """Return whose the tightest import limit in force is; of two that are equal the higher line's."""
    return _source(_imports(asked))


def export_limited_by(asked: Sequence[Demand]) -> LimitSource | None:
    """Return whose the tightest export limit in force is; of two that are equal the higher line's."""
    return _source(_exports(asked))


def limit_owner(asked: Sequence[Demand]) -> Owner | None:
    """Return whose tightest import limit is in force, else whose export limit, else whose target."""
    targets = [(0.0, demand) for demand in asked if isinstance(demand.asks, Target)]
    for found in (_imports(asked), _exports(asked), targets):
        if (source := _source(found)) is not None:
            return source.owner
    return None


def _source(limits: Sequence[tuple[float, Demand]]) -> LimitSource | None:
    """Return whose the smallest of the limits is."""
    if not limits:
        return None
    _, demand = min(limits, key=lambda one: (one[0], rank(one[1].owner)))
    return LimitSource(owner=demand.owner, source_id=demand.source_id)


def _imports(asked: Sequence[Demand]) -> list[tuple[float, Demand]]:
    return [
        (demand.asks.high_w, demand)
        for demand in asked
        if isinstance(demand.asks, Envelope) and math.isfinite(demand.asks.high_w)
    ]


def _exports(asked: Sequence[Demand]) -> list[tuple[float, Demand]]:
    # Subtracted from zero, so that it never becomes minus zero.
    return [
        (0.0 - demand.asks.low_w, demand)
        for demand in asked
        if isinstance(demand.asks, Envelope) and math.isfinite(demand.asks.low_w)
    ]


def effective(asked: Sequence[Demand]) -> tuple[Envelope, ...]:
    """Return what must be met together: the limits, and the highest target cut to fit within them.

    A target comes last, as an envelope without width.
    """
    targets = sorted((d for d in asked if isinstance(d.asks, Target)), key=lambda d: rank(d.owner))
    limits = [d for d in asked if isinstance(d.asks, Envelope)]
    if not targets or not isinstance(targets[0].asks, Target):
        return tuple(d.asks for d in limits if isinstance(d.asks, Envelope))
    binding = [
        d.asks for d in limits if isinstance(d.asks, Envelope) and rank(d.owner) <= rank(targets[0].owner)
    ]
    power_w = targets[0].asks.power_w
    for envelope in reversed(binding):
        power_w = min(max(power_w, envelope.low_w), envelope.high_w)
    return (*binding, Envelope(low_w=power_w, high_w=power_w))


def shortfall_w(
    asked: Sequence[Demand], load: RestLoad, devices: Sequence[Flexibility], powers: Powers
) -> float:
    """Return by how much the demands at the meter cannot be reached, in W (0: they can)."""
    net_w = load.latest_w + sum(powers[device.device_id] for device in devices)
    missed = [max(e.low_w - net_w, net_w - e.high_w) for e in effective(asked)]
    worst_w = max(missed, default=0.0)
    # A target is met as near as the limits' margin lets it.
    tolerated_w = [_target_tolerance_w(d.asks.power_w) for d in asked if isinstance(d.asks, Target)]
    return worst_w if worst_w > max([_NEGLIGIBLE_W, *tolerated_w]) else 0.0


def bent(
    devices: Sequence[Flexibility], lines: Lines, allocation: Allocation, spent: Collection[str] = ()
) -> tuple[str, ...]:
    """Return what had to give way; ``spent``: the ids of the devices whose writes wait for their budgets.

    ``not_following:<id>``, ``turned:<id>``, ``write_budget:<id>``, ``<reason>:<id>``,
    ``unreachable:<reason>``.
    """
    found = [
        f"{'turned' if is_turned(device.memory.response) else 'not_following'}:{device.device_id}"
        for device in devices
        if device.stuck
    ]
    found.extend(
        f"{device.intent.reason}:{device.device_id}"
        for device in devices
        if device.intent is not None and device.intent.must and device.intent.current_a is not None
    )
    found.extend(f"write_budget:{device_id}" for device_id in spent)
    by_id = {device.device_id: device for device in devices}
    for restriction in lines.restrictions:
        device = by_id[restriction.device_id]
        if restriction.device_id not in allocation.causes:
            continue
        power_w = allocation.powers[restriction.device_id]
        low_w, high_w = min(restriction.low_w, device.high_w), max(restriction.high_w, device.low_w)
        if not low_w - _NEGLIGIBLE_W <= power_w <= high_w + _NEGLIGIBLE_W:
            found.append(f"{restriction.reason}:{restriction.device_id}")
    found.extend(
        f"unreachable:{joint.reason}"
        for joint in lines.joints
        if not joint.is_headroom and joint.violation_w(devices, allocation.powers) > _NEGLIGIBLE_W
    )
    return tuple(dict.fromkeys(found))


def keeps(asked: Sequence[Demand], power_w: float, *, counted_w: float | None = None) -> bool | None:
    """Return whether a power keeps the demands: limits within 1 %, a target within 5 %; None: none is asked.

    ``counted_w`` is what counts against a limit for drawing, where that is not ``power_w``.
    """
    envelopes = effective(asked)
    if not envelopes:
        return None
    counted_w = power_w if counted_w is None else counted_w
    return all(
        envelope.low_w - _tolerance_w(envelope, envelope.low_w) <= power_w
        and (power_w if envelope.low_w == envelope.high_w else counted_w)
        <= envelope.high_w + _tolerance_w(envelope, envelope.high_w)
        for envelope in envelopes
    )


def _tolerance_w(envelope: Envelope, value_w: float) -> float:
    if not math.isfinite(value_w):
        return 0.0
    is_target = envelope.low_w == envelope.high_w
    return _target_tolerance_w(value_w) if is_target else max(20.0, 0.01 * abs(value_w))


def _target_tolerance_w(value_w: float) -> float:
    return max(100.0, 0.05 * abs(value_w))
