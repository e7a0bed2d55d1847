"""The reserves of the site's batteries at one tick, as demands."""

from collections.abc import Sequence
from dataclasses import replace

from ..model import BatteryReading, Owner
from .demand import Demand
from .memory import DeviceMemory
from .reserve import ReserveInput, ReserveMemory, reserve_demand
from .state import ControlMemory, DeviceState, SiteState


def kept_charge(
    state: SiteState, demands: Sequence[Demand], memory: ControlMemory, now_s: float
) -> tuple[tuple[Demand, ...], ControlMemory]:
    """Return what the reserves ask, and the memory; none is bought while an event or a limit is in force."""
    may_buy = all(demand.standing and demand.owner is not Owner.GRID_OPERATOR for demand in demands)
    kept, reserves = [], {}
    for device in state.devices:
        if device.reserve is None:
            continue
        before = memory.reserves.get(device.device_id, ReserveMemory())
        known = memory.devices.get(device.device_id, DeviceMemory())
        now = _now(device, known, may_buy=may_buy)
        demand, reserves[device.device_id] = reserve_demand(
            device.device_id, device.reserve, now, before, now_s
        )
        if demand is not None:
            kept.append(demand)
    return tuple(kept), replace(memory, reserves=reserves)


def _now(device: DeviceState, known: DeviceMemory, *, may_buy: bool) -> ReserveInput:
    reading = device.reading
    if isinstance(reading, BatteryReading):
        return ReserveInput(
            state_of_charge=reading.state_of_charge,
            power_w=reading.power_w,
            rated_w=reading.max_charge_w,
            capacity_wh=reading.capacity_wh,
            may_buy=may_buy,
        )
    last_w = known.reports[-1].power_w if known.reports else 0.0
    return ReserveInput(state_of_charge=None, power_w=last_w, rated_w=0.0, capacity_wh=0.0, may_buy=may_buy)
