"""Cars that wait for the sun, or for the hours that the plan finds."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Final

from ...core.control.charging import ChargeGoal, ChargeMode, ChargeWish, charge_time_s, given_s
from ...core.control.state import DeviceState
from ...core.model import ChargerReading, DeviceKind, Site, TimeGrid
from ...core.planner.problem import Consumer
from .fast_cars import TAKES_NOTHING, assumed_wh

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
    before), and in time at the latest. One of which nothing is asked by an hour has no room: its mode gives
    it the sun, and no hour of the grid is looked for.
    """
    reading, wish = one.reading, one.charge
    if not isinstance(reading, ChargerReading) or wish.mode not in _PLANNED_MODES:
        return None
    if not reading.vehicle_connected and not any(math.isfinite(goal.left_wh) for goal in wish.goals):
        return None
    watts_per_a = site.nominal_voltage_v * reading.phases
    least_a, most_a = wish.currents_a(reading.min_current_a, reading.max_current_a)
    starts_s = [(step.start - now).total_seconds() for step in grid]
    leaves_s = max((goal.deadline_s for goal in wish.goals if goal.deadline_s > 0.0), default=math.inf)
    most_w = max(least_a, most_a) * watts_per_a
    unknown_wh = assumed_wh(reading, most_w)
    goals = _goals(wish, unknown_wh, most_w, is_there=reading.vehicle_connected)
    due = min(goals, key=lambda goal: goal.deadline_s, default=None)
    session_wh = math.inf if wish.session_left_wh is None else max(0.0, wish.session_left_wh)
    room_wh = min(max((_missing_wh(goal, most_w, unknown_wh) for goal in goals), default=0.0), session_wh)
    says_full = reading.status in TAKES_NOTHING
    ready_step = len(grid)
    if due is not None:
        ready_step = sum(start_s < due.deadline_s for start_s in starts_s)
    need_wh = 0.0 if due is None else min(_missing_wh(due, most_w, unknown_wh), room_wh)
    # What is due at once has no margin.
    has_margin = due is not None and due in wish.goals and math.isfinite(due.left_wh)
    margin_s = _margin_s(due, need_wh, most_w) if due is not None and has_margin else 0.0
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
        # What it takes of the sun is no session of the plan's.
        power_w=max(0.0, reading.power_w) if room_wh > 0.0 or says_full else 0.0,
        is_assumed=due is not None and math.isinf(due.left_wh),
        by_sun=due is None and not says_full and session_wh > 0.0,
    )


def in_its_time(
    one: DeviceState, site: Site, grid: TimeGrid, now: datetime, back: datetime | None
) -> Consumer | None:
    """Return a car that does not wait as if it were to: what ``waiting_car`` returns of it then."""
    waits = replace(one, charge=replace(one.charge, mode=ChargeMode.SURPLUS))
    return waiting_car(waits, site, grid, now, back)


def _missing_wh(goal: ChargeGoal, most_w: float, unknown_wh: float) -> float:
    """Return what is missing; where nobody knows, what is assumed, as far as it fits into the time."""
    if math.isfinite(goal.left_wh):
        return goal.left_wh
    return min(unknown_wh, most_w * goal.deadline_s / 3600.0)


def _goals(wish: ChargeWish, unknown_wh: float, most_w: float, *, is_there: bool) -> list[ChargeGoal]:
    """Return what a car is to have by hours ahead.

    One that is on its cable is charged at once when its hour is past, when it is below its least charge, and
    when nobody knows how much it lacks: then its hour is as soon as that can be.
    """
    if not is_there or not most_w > 0.0:
        return [goal for goal in wish.goals if goal.deadline_s > 0.0]
    least = [ChargeGoal(left_wh=wish.minimum_left_wh, deadline_s=0.0)] * wish.below_minimum_soc
    return [
        replace(goal, deadline_s=_soonest_s(goal, unknown_wh, most_w)) if _is_at_once(goal) else goal
        for goal in (*wish.goals, *least)
        if goal.left_wh > 0.0
    ]


def _is_at_once(goal: ChargeGoal) -> bool:
    return goal.deadline_s <= 0.0 or math.isinf(goal.left_wh)


def _soonest_s(goal: ChargeGoal, unknown_wh: float, most_w: float) -> float:
    """Return when a goal is reached at the soonest; where nobody knows how much it is, by its hour."""
    soonest_s = charge_time_s(min(goal.left_wh, unknown_wh), goal.tapered_left_wh, most_w)
    return soonest_s if goal.deadline_s <= 0.0 else min(soonest_s, goal.deadline_s)


def _margin_s(due: ChargeGoal, need_wh: float, most_w: float) -> float:
    """Return how much before its hour a car is planned to be ready: what its latest start keeps, too."""
    return given_s(need_wh, due.tapered_left_wh, most_w) - charge_time_s(need_wh, 0.0, most_w)
