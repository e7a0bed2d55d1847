"""Cars that wait for the sun, or for the hours that the plan finds."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Final

from ...core.control.charging import ChargeGoal, ChargeMode, charge_time_s, given_s
from ...core.control.state import DeviceState
from ...core.model import ChargerReading, DeviceKind, Site, TimeGrid
from ...core.planner.problem import Consumer

# A car that is away, and of which nothing is learned, is expected back so long before it must be ready.
_BACK_BEFORE_S: Final = 12 * 3600.0
# A car in these modes waits.
_PLANNED_MODES: Final = frozenset({ChargeMode.SURPLUS, ChargeMode.MINIMUM_SURPLUS})


def waiting_car(
    one: DeviceState, site: Site, grid: TimeGrid, now: datetime, back: datetime | None
) -> Consumer | None:
    """Return a car in a mode that waits: what it is to have by its most pressing hour.

    It is taken to be there until its last hour, or as long as the plan reaches where it has none. One that is
    away and is to be ready by an hour is expected ``back`` when it usually is (None: not known, some hours
    before), and in time at the latest.
    """
    reading, wish = one.reading, one.charge
    if not isinstance(reading, ChargerReading) or wish.mode not in _PLANNED_MODES:
        return None
    if not reading.vehicle_connected and not any(math.isfinite(goal.left_wh) for goal in wish.goals):
        return None
    watts_per_a = site.nominal_voltage_v * reading.phases
    least_a, most_a = wish.currents_a(reading.min_current_a, reading.max_current_a)
    goals = [goal for goal in wish.goals if goal.deadline_s > 0.0]
    starts_s = [(step.start - now).total_seconds() for step in grid]
    leaves_s = max((goal.deadline_s for goal in goals), default=math.inf)
    due = min(goals, key=lambda goal: goal.deadline_s, default=None)
    most_w = max(least_a, most_a) * watts_per_a
    room_wh = min(
        max((_missing_wh(goal, most_w) for goal in goals), default=0.0),
        math.inf if wish.session_left_wh is None else max(0.0, wish.session_left_wh),
    )
    ready_step = len(grid)
    if due is not None:
        ready_step = sum(start_s < due.deadline_s for start_s in starts_s)
    need_wh = 0.0 if due is None else min(_missing_wh(due, most_w), room_wh)
    margin_s = 0.0 if due is None else _margin_s(due, need_wh, most_w)
    comes_s = -math.inf
    if not reading.vehicle_connected:
        comes_s = leaves_s - _BACK_BEFORE_S if back is None else (back - now).total_seconds()
        # Who wants it ready by an hour brings it in time: that word is stronger than a habit.
        if due is not None:
            comes_s = min(comes_s, due.deadline_s - charge_time_s(need_wh, 0.0, most_w) - margin_s)
    return Consumer(
        device_id=one.device_id,
        kind=DeviceKind.EV_CHARGER,
        min_w=least_a * watts_per_a,
        max_w=most_w,
        available=tuple(comes_s <= start_s < leaves_s for start_s in starts_s),
        need_wh=need_wh,
        room_wh=room_wh,
        ready_step=ready_step,
        efficiency=1.0,
        margin_s=margin_s,
        power_w=max(0.0, reading.power_w),
    )


def in_its_time(
    one: DeviceState, site: Site, grid: TimeGrid, now: datetime, back: datetime | None
) -> Consumer | None:
    """Return a car that does not wait as if it were to: what ``waiting_car`` returns of it then."""
    waits = replace(one, charge=replace(one.charge, mode=ChargeMode.SURPLUS))
    return waiting_car(waits, site, grid, now, back)


def _missing_wh(goal: ChargeGoal, most_w: float) -> float:
    """Return what is missing; where nobody knows how much, all that fits into the time."""
    return goal.left_wh if math.isfinite(goal.left_wh) else most_w * goal.deadline_s / 3600.0


def _margin_s(due: ChargeGoal, need_wh: float, most_w: float) -> float:
    """Return how much before its hour a car is planned to be ready: what its latest start keeps, too."""
    return given_s(need_wh, due.tapered_left_wh, most_w) - charge_time_s(need_wh, 0.0, most_w)
