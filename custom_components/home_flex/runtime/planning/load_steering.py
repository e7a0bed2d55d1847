"""What a plan asks of loads: heat to be made, programmes to be started, loads to be switched on.

A load that is told a state cannot take a part of its power: it runs in a step of which the plan has it take
half or more. What is missing then, or is too much, the next plan sees in its temperature or its energy.
"""

import math
from collections.abc import Iterable
from datetime import datetime

from ...core.control.demand import Demand, Envelope, device
from ...core.control.state import DeviceState
from ...core.kinds.heat_pump import HeatPumpReading
from ...core.kinds.switched_load import SwitchedLoadReading
from ...core.kinds.water_heater import WaterHeaterReading
from ...core.model import DeviceKind, Owner
from ...core.planner.plan import Intent, IntentKind, Plan, PlanStatus
from .loads import LOAD_KINDS
from .steering import SOURCE_ID, reason_of


def load_demands(plan: Plan, now: datetime, devices: Iterable[DeviceState]) -> tuple[Demand, ...]:
    """Return what the plan demands of loads at ``now``; a safe rule is no plan."""
    index = plan.grid.index_at(now)
    if index is None or plan.status is PlanStatus.SAFE_RULE:
        return ()
    return tuple(
        Demand(
            owner=Owner.PLAN,
            scope=device(one.device_id),
            asks=envelope,
            reason=reason_of(planned, index),
            source_id=SOURCE_ID,
            # A lock is held through the minimum times, in which it seems not to be needed.
            standing=envelope.high_w > 0.0,
        )
        for one in devices
        if one.kind in LOAD_KINDS
        and (planned := plan.devices.get(one.device_id)) is not None
        and (envelope := _envelope(one, planned.intents[index])) is not None
    )


def _envelope(one: DeviceState, intent: Intent) -> Envelope | None:
    """Return what a load is asked; nothing where it rests by itself until somebody wants something of it.

    A heat pump heats by itself: where the plan has it take nothing it is locked, as long as comfort lets it.
    """
    least_w = _least_w(one, intent)
    if least_w > 0.0:
        return Envelope(low_w=least_w)
    if one.kind is DeviceKind.HEAT_PUMP and intent.kind is IntentKind.OFF:
        return Envelope(high_w=0.0)
    return None


def _least_w(one: DeviceState, intent: Intent) -> float:
    """Return the least power of the level that comes next to what is planned; 0 for none."""
    if intent.kind is IntentKind.START:
        return math.inf
    if intent.kind not in {IntentKind.TAKE, IntentKind.SURPLUS}:
        return 0.0
    match one.reading:
        case WaterHeaterReading(step_w=step_w, least_power_w=least_w, rated_power_w=rated_w) if step_w > 0:
            return min(intent.power_w, rated_w) if intent.power_w >= least_w else 0.0
        case WaterHeaterReading() | HeatPumpReading() | SwitchedLoadReading() as reading:
            return math.inf if intent.power_w >= reading.rated_power_w / 2.0 else 0.0
    return 0.0
