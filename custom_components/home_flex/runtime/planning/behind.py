"""Which devices fell behind the plan: what they do no longer leads where it does."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ...core.control.state import DeviceState
from ...core.model import BatteryReading, ChargerReading
from ...core.planner.plan import Plan
from .made import MadePlan

# A battery that holds this much more or less than planned, of its capacity, calls for a new plan.
_BATTERY_BEHIND: Final = 0.1
# So does a car that lacks so much. Minutes of waking up, and one percent of a large battery, where its state
# of charge is told in whole percents, are less.
_CAR_BEHIND_WH: Final = 1000.0


def behind_of(made: MadePlan, devices: Iterable[DeviceState], now: datetime) -> frozenset[str]:
    """Return batteries that hold much more, or less, than planned for ``now``, and cars that lack much."""
    then = {one.device_id: one for one in made.home.devices}
    return frozenset(
        one.device_id
        for one in devices
        if _is_battery_behind(made.plan, one, now) or _is_car_behind(made, then.get(one.device_id), one, now)
    )


def _is_battery_behind(plan: Plan, one: DeviceState, now: datetime) -> bool:
    reading, planned_wh = one.reading, _stored_wh(plan, one.device_id, now)
    if not isinstance(reading, BatteryReading) or planned_wh is None:
        return False
    missing_wh = planned_wh - reading.state_of_charge * reading.capacity_wh
    return abs(missing_wh) > _BATTERY_BEHIND * reading.capacity_wh


def _stored_wh(plan: Plan, device_id: str, now: datetime) -> float | None:
    """Return what the plan has stored at ``now``, a straight line between the ends of its steps."""
    index, device = plan.grid.index_at(now), plan.devices.get(device_id)
    if not index or device is None or device.stored_wh is None:
        return None
    begin, end = plan.grid.bounds()[index : index + 2]
    share = (now - begin) / (end - begin)
    return device.stored_wh[index - 1] * (1.0 - share) + device.stored_wh[index] * share


def _is_car_behind(made: MadePlan, then: DeviceState | None, one: DeviceState, now: datetime) -> bool:
    reading = one.reading
    if not isinstance(reading, ChargerReading) or not reading.vehicle_connected or then is None:
        return False
    # What the sun is expected to give a car is promised by nobody.
    if any(each.by_sun for each in made.problem.fast_charges if each.device_id == one.device_id):
        return False
    taken_wh = _taken_wh(then, one)
    planned_wh = _planned_wh(made, one.device_id, now)
    return taken_wh is not None and planned_wh - taken_wh > _CAR_BEHIND_WH


def _taken_wh(then: DeviceState, one: DeviceState) -> float | None:
    """Return what a car took between two states: as its charger counts, else by what its goals lack less.

    None where nobody knows.
    """
    before, after = then.reading, one.reading
    if isinstance(before, ChargerReading) and isinstance(after, ChargerReading):
        counted_before, counted = before.session_energy_wh, after.session_energy_wh
        # A session that begins anew counts from nothing.
        if counted_before is not None and counted is not None:
            return counted - counted_before if counted >= counted_before else counted
    lacked = [goal.left_wh for goal in then.charge.goals]
    lacks = [goal.left_wh for goal in one.charge.goals]
    if not lacked or max(lacked) == math.inf:
        return None
    return max(lacked) - max(lacks, default=0.0)


def _planned_wh(made: MadePlan, device_id: str, now: datetime) -> float:
    """Return what the plan has had a device take since it was made."""
    device = made.plan.devices.get(device_id)
    if device is None:
        return 0.0
    return math.fsum(
        power_w * max(0.0, (min(step.end, now) - max(step.start, made.made_at)).total_seconds()) / 3600.0
        for power_w, step in zip(device.power_w, made.plan.grid, strict=True)
    )
