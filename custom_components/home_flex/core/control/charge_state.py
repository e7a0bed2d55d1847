"""CHARGE_STATE_SETPOINT: constant power that brings a battery to a state of charge by the interval's end."""

from collections.abc import Mapping, Sequence

from ..model import BatteryReading
from .demand import ChargeTo, Demand
from .flexibility import Flexibility
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
    batteries = [(d.device_id, d.reading) for d in devices if isinstance(d.reading, BatteryReading)]
    total_wh = sum(reading.capacity_wh for _, reading in batteries)
    plans = {}
    for demand in demands:
        if not isinstance(demand.asks, ChargeTo):
            continue
        for device_id, reading in batteries:
            key = (demand.source_id or "", device_id)
            plans[key] = _plan(known.get(key), demand.asks, reading, total_wh)
    return plans


def _plan(before: ChargePlan | None, asked: ChargeTo, reading: BatteryReading, total_wh: float) -> ChargePlan:
    if asked.energy_wh is not None:
        target_wh = asked.energy_wh * reading.capacity_wh / total_wh if total_wh > 0 else 0.0
    else:
        target_wh = (asked.state_of_charge or 0.0) * reading.capacity_wh
    if before is not None and (before.state_of_charge, before.target_wh) == (
        reading.state_of_charge,
        target_wh,
    ):
        return before
    missing_wh = target_wh - reading.state_of_charge * reading.capacity_wh
    reached = abs(missing_wh) <= _REACHED * reading.capacity_wh
    return ChargePlan(
        state_of_charge=reading.state_of_charge,
        target_wh=target_wh,
        power_w=0.0 if reached else missing_wh * 3600.0 / max(_SHORTEST_S, asked.left_s),
    )
