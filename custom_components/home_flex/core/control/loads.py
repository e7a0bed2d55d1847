"""What loads do when nobody asks: left alone, run by the sun, warmed for comfort, or kept off.

What would be exported runs them in the order of merit. One that runs by the sun may buy a little rather than
stop: it stops by the energy it bought, not by a timer. W, positive = consumption; Wh; monotonic seconds.
"""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from ..model import Owner
from .flexibility import Flexibility, Restriction, Role
from .levels import Call, Use
from .memory import LoadMemory
from .order import Order, Stop

# As with cars: started after so long with so much more than it needs, stopped by an energy debt.
START_AFTER_S = 30.0
START_MARGIN_W = 100.0
DEBT_WH = 40.0
# A gap between two decisions is no time in which a load bought, or waited.
_LONGEST_GAP_S = 10.0


def holds(devices: Sequence[Flexibility]) -> tuple[Restriction, ...]:
    """Return what loads keep against all lines but those of safety: minimum times, and comfort."""
    return tuple(
        Restriction(
            owner=hold.owner,
            device_id=device.device_id,
            reason=hold.reason,
            low_w=hold.power_w,
            standing=True,
            firm=True,
        )
        for device in devices
        if device.load is not None and not device.stuck and device.low_w < device.high_w
        for hold in device.load.holds
        if hold.power_w > device.low_w
    )


def used(
    devices: Sequence[Flexibility], order: Order, rest_w: float, now_s: float
) -> tuple[Flexibility, ...]:
    """Return the devices, each load with what it does by its policy and who says so."""
    takers = [key for place in order.up if place.stop is Stop.RANGE for key in place.device_ids]
    free = sorted(filter(_is_free, devices), key=lambda one: takers.index(one.device_id))
    first = takers.index(free[0].device_id) if free else 0
    before = frozenset(takers[:first])
    sun_w = -rest_w - math.fsum(_drawn_w(one, before) for one in devices)
    runs: dict[str, _Run] = {}
    for one in free:
        run = _run(one, one.memory.load, sun_w, now_s)
        runs[one.device_id] = run
        sun_w -= run.power_w
    return tuple(_used(device, runs.get(device.device_id)) for device in devices)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """What the sun makes of a load now."""

    power_w: float
    memory: LoadMemory


def _is_free(device: Flexibility) -> bool:
    """Return whether surplus may run the device."""
    load = device.load
    return (
        load is not None and load.call is Call.FREE and not device.stuck and device.device.admits(Owner.PLAN)
    )


def _drawn_w(device: Flexibility, before: AbstractSet[str]) -> float:
    """Return what a device takes of the sun before the loads that run by it, or adds to it.

    A store that gives is no sun, and one that comes after the loads leaves them what it takes.
    """
    if _is_free(device):
        return 0.0
    if device.role is Role.STORE:
        return max(0.0, device.power_w) if device.device_id in before else 0.0
    return max(0.0, device.power_w) if device.load is None and device.role is Role.CONSUMER else device.wish_w


def _run(device: Flexibility, memory: LoadMemory, sun_w: float, now_s: float) -> _Run:
    """Return the level that the sun pays for, begun late and ended by what was bought."""
    rest_w, least_w = _ends_w(device)
    since_s = now_s - memory.at_s if memory.at_s is not None else 0.0
    hours = min(max(0.0, since_s), _LONGEST_GAP_S) / 3600.0
    memory = replace(memory, at_s=now_s)
    if memory.wants:
        debt_wh = max(0.0, memory.debt_wh + (least_w - sun_w) * hours)
        memory = replace(memory, debt_wh=debt_wh, wants=debt_wh < DEBT_WH, enough_s=None)
    elif sun_w < least_w + START_MARGIN_W:
        memory = replace(memory, enough_s=None)
    else:
        enough_s = now_s if memory.enough_s is None else memory.enough_s
        memory = replace(memory, enough_s=enough_s, wants=now_s - enough_s >= START_AFTER_S, debt_wh=0.0)
    power_w = device.at_most_w(max(sun_w, least_w)) if memory.wants else rest_w
    return _Run(power_w=_within(device, power_w), memory=memory)


def _ends_w(device: Flexibility) -> tuple[float, float]:
    """Return what a load draws at rest, and at least when it runs."""
    levels = device.load.levels if device.load is not None else ()
    rest_w = device.slows_to_w
    return rest_w, min((one.power_w for one in levels if one.power_w > rest_w), default=math.inf)


def _used(device: Flexibility, run: _Run | None) -> Flexibility:
    load = device.load
    if load is None or device.stuck or load.call is Call.ALONE:
        return device
    if run is not None:
        device = replace(device, memory=replace(device.memory, load=run.memory))
        return _set(device, run.power_w, _use_of_run(device, run))
    waiting = replace(device.memory.load, wants=False, enough_s=None)
    device = replace(device, memory=replace(device.memory, load=waiting))
    if load.call is Call.FREE or not device.device.admits(load.owner):
        return device
    use = Use(owner=load.owner, reason=load.reason)
    if load.call is Call.MUST:
        must_w = load.levels[load.must].power_w
        return _set(device, must_w, None if load.levels[load.must] is load.levels[load.rests] else use)
    rest_w = device.slows_to_w
    runs = device.power_w > rest_w + START_MARGIN_W or device.memory.taken is not None
    return _set(device, rest_w, use if load.is_held or runs else None)


def _use_of_run(device: Flexibility, run: _Run) -> Use | None:
    if run.memory.wants:
        return Use(owner=Owner.PLAN, reason="surplus_used")
    is_held = device.load is not None and device.load.is_held
    return Use(owner=Owner.PLAN, reason="no_surplus") if is_held else None


def _set(device: Flexibility, power_w: float, use: Use | None) -> Flexibility:
    if device.load is None:
        return device
    kept = replace(device.load, use=use or device.load.use)
    return replace(device, wish_w=_within(device, power_w), load=kept)


def _within(device: Flexibility, power_w: float) -> float:
    return min(max(power_w, device.low_w), device.high_w)
