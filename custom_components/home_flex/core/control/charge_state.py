"""CHARGE_STATE_SETPOINT: constant power that brings a battery to a state of charge by the interval's end."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..events.model import Command, PayloadType
from ..model import BatteryReading
from .flexibility import Flexibility
from .state import ChargePlan

# The last seconds before the end are not used to make up for an error: power would grow without bound.
_SHORTEST_S = 60.0
_REACHED = 0.002

type ChargePlans = Mapping[tuple[str, str], ChargePlan]


def charge_plans(
    known: ChargePlans, commands: Sequence[Command], devices: Sequence[Flexibility], now: datetime
) -> ChargePlans:
    """Return the power per (event, battery), reckoned anew when the state of charge or the target changed.

    A target in Wh is split between several batteries in proportion to their capacity.
    """
    batteries = [(d.device_id, d.reading) for d in devices if isinstance(d.reading, BatteryReading)]
    total_wh = sum(reading.capacity_wh for _, reading in batteries)
    plans = {}
    for command in commands:
        if command.type is not PayloadType.CHARGE_STATE_SETPOINT:
            continue
        for device_id, reading in batteries:
            if command.is_energy:
                target_wh = command.value * reading.capacity_wh / total_wh if total_wh > 0 else 0.0
            else:
                target_wh = command.value * reading.capacity_wh
            key = (command.event_id, device_id)
            before = known.get(key)
            if (
                before is not None
                and before.state_of_charge == reading.state_of_charge
                and before.target_wh == target_wh
            ):
                plans[key] = before
                continue
            missing_wh = target_wh - reading.state_of_charge * reading.capacity_wh
            left_s = max(_SHORTEST_S, (command.interval_end - now).total_seconds())
            reached = abs(missing_wh) <= _REACHED * reading.capacity_wh
            plans[key] = ChargePlan(
                state_of_charge=reading.state_of_charge,
                target_wh=target_wh,
                power_w=0.0 if reached else missing_wh * 3600.0 / left_s,
            )
    return plans
