"""CHARGE_STATE_SETPOINT: constant power that brings a battery to a state of charge by the interval's end."""

from collections.abc import Mapping, Sequence

from .demand import ChargeTo, Demand
from .flexibility import Flexibility, Role
from .memory import ChargePlan

# The last seconds before the end are not used to make up for an error: power would grow without bound.
_SHORTEST_S = 60.0
_REACHED = 0.002

type ChargePlans = Mapping[tuple[str, str], ChargePlan]


def charge_plans(
    known: ChargePlans, demands: Sequence[Demand], devices: Sequence[Flexibility]
) -> ChargePlans:
    """Return the power per (source id, battery), reckoned anew when the state of charge or target changed.

    A target in Wh is split between several batteries in proportion to their capacity.
    """
    stores = [device for device in devices if device.role is Role.STORE]
    total_wh = sum(store.capacity_wh for store in stores)
    plans = {}
    for demand in demands:
        if not isinstance(demand.asks, ChargeTo):
            continue
        for store in stores:
            key = (demand.source_id or "", store.device_id)
            plans[key] = _plan(known.get(key), demand.asks, store, total_wh)
    return plans


def _plan(before: ChargePlan | None, asked: ChargeTo, store: Flexibility, total_wh: float) -> ChargePlan:
    if asked.energy_wh is not None:
        target_wh = asked.energy_wh * store.capacity_wh / total_wh if total_wh > 0 else 0.0
    else:
        target_wh = (asked.state_of_charge or 0.0) * store.capacity_wh
    if before is not None and (before.state_of_charge, before.target_wh) == (
        store.state_of_charge,
        target_wh,
    ):
        return before
    missing_wh = target_wh - store.state_of_charge * store.capacity_wh
    reached = abs(missing_wh) <= _REACHED * store.capacity_wh
    return ChargePlan(
        state_of_charge=store.state_of_charge,
        target_wh=target_wh,
        power_w=0.0 if reached else missing_wh * 3600.0 / max(_SHORTEST_S, asked.left_s),
    )
