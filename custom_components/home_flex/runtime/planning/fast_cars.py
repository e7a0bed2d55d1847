"""Cars that the resident has charged at once: what they are expected to take, and until when."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...core.control.charging import ChargeMode
from ...core.control.state import DeviceState
from ...core.model import ChargerReading, ChargerStatus, Site, TimeGrid
from ...core.planner.problem import CircuitLimit, FastCharge, LimitOwner, MeterLimit, Series
from ...core.wishes import Wishes

type _Powers = NDArray[np.float64]

# Where nobody knows how much a car takes until it is full: what a large one takes that is empty.
_UNKNOWN_WH: Final = 60_000.0
# One that has taken as much and still charges goes on for so long.
_GOES_ON_H: Final = 1.0
# These take nothing by themselves until their driver, or their own timer, has them go on.
TAKES_NOTHING: Final = frozenset({ChargerStatus.SUSPENDED_EV, ChargerStatus.FINISHING})


def is_fast(one: DeviceState, wishes: Wishes, back_at: Mapping[str, datetime]) -> bool:
    """Return whether the resident has a car charged at once: one on its cable, or one expected back.

    Of one that is away it is known when it usually is back (``back_at``), and what it is then to have.
    """
    reading = one.reading
    if not isinstance(reading, ChargerReading):
        return False
    if reading.vehicle_connected:
        return one.charge.mode is ChargeMode.FAST or wishes.charger(one.device_id).charge_now
    is_told = any(math.isfinite(goal.left_wh) for goal in one.charge.goals)
    return one.charge.mode is ChargeMode.FAST and is_told and one.device_id in back_at


def fast_charges(
    devices: Iterable[DeviceState],
    wishes: Wishes,
    site: Site,
    grid: TimeGrid,
    limits: Sequence[MeterLimit],
    circuits: Sequence[CircuitLimit],
    load_w: Series,
    back_at: Mapping[str, datetime],
) -> tuple[FastCharge, ...]:
    """Return what cars take in each step, as much as the limits leave beside the house, who is first first.

    How much one takes in all is what its goals lack, or its session may still take; where neither is told,
    as much as a large empty battery, less what this session has given it.
    """
    at_meter, in_circuits = np.nan_to_num(np.array(load_w)), [np.nan_to_num(one.load_w) for one in circuits]
    found = []
    for one in sorted(devices, key=lambda each: each.charge.priority):
        insists = wishes.charger(one.device_id).charge_now or not one.charge.may_slow
        rooms = [
            np.array(limit.import_w) - at_meter
            for limit in limits
            if not (insists and limit.owner is LimitOwner.EVENT)
        ]
        rooms += [
            (np.array(limit.upper_w) - drawn_w) / share
            for limit, drawn_w in zip(circuits, in_circuits, strict=True)
            if (share := limit.shares.get(one.device_id, 0.0)) > 0.0
            and not (insists and limit.owner is LimitOwner.EVENT)
        ]
        least_w, most_w = _powers_w(one, site)
        lacks_wh, is_assumed = left_wh(one, most_w)
        comes_step = _comes_step(one, back_at.get(one.device_id), grid)
        taken_w = np.array(tuple(_walk(rooms, least_w, most_w, lacks_wh, grid, comes_step)))
        at_meter = at_meter + taken_w
        in_circuits = [
            drawn_w + limit.shares.get(one.device_id, 0.0) * taken_w
            for limit, drawn_w in zip(circuits, in_circuits, strict=True)
        ]
        found.append(
            FastCharge(
                device_id=one.device_id,
                expected_w=tuple(taken_w.tolist()),
                comes_step=comes_step,
                insists=insists,
                lacks_wh=max(0.0, lacks_wh - float(taken_w @ np.array(grid.lengths_h))),
                is_assumed=is_assumed,
            )
        )
    return tuple(found)


def _powers_w(one: DeviceState, site: Site) -> tuple[float, float]:
    """Return the least and the most that a car takes; one that charges freely takes what it takes now."""
    reading, wish = one.reading, one.charge
    assert isinstance(reading, ChargerReading)  # noqa: S101 # only chargers are asked for
    least_a, most_a = wish.currents_a(reading.min_current_a, reading.max_current_a)
    if not most_a > 0.0:
        return 0.0, 0.0
    most_w = most_a * site.nominal_voltage_v * reading.phases
    is_free = reading.current_limit_a is None or reading.current_limit_a >= most_a
    takes = reading.power_w >= least_a * site.nominal_voltage_v
    if is_free and takes and reading.status is ChargerStatus.CHARGING:
        most_w = min(most_w, reading.power_w)
    return most_w * min(least_a / most_a, 1.0), most_w


def left_wh(one: DeviceState, most_w: float) -> tuple[float, bool]:
    """Return what a car still takes, and whether that is only assumed."""
    reading, wish = one.reading, one.charge
    assert isinstance(reading, ChargerReading)  # noqa: S101 # only chargers are asked for
    most_wh = math.inf if wish.session_left_wh is None else max(0.0, wish.session_left_wh)
    told_wh = max((goal.left_wh for goal in wish.goals), default=math.inf)
    if math.isfinite(told_wh):
        return min(told_wh, most_wh), False
    if reading.status in TAKES_NOTHING:
        return 0.0, False
    unknown_wh = assumed_wh(reading, most_w)
    return min(unknown_wh, most_wh), most_wh > unknown_wh


def assumed_wh(reading: ChargerReading, most_w: float) -> float:
    """Return what a car is taken to lack where nobody knows: a large battery, less what it was given."""
    # One that only prepares tells what the session before gave.
    given_wh = reading.session_energy_wh if reading.in_session else None
    if given_wh is None or not 0.0 <= given_wh < math.inf:
        given_wh = 0.0
    return max(_UNKNOWN_WH - given_wh, most_w * _GOES_ON_H)


def _comes_step(one: DeviceState, back: datetime | None, grid: TimeGrid) -> int:
    """Return the first step in which a car is there from its beginning; one that is late may come at once."""
    reading = one.reading
    if back is None or (isinstance(reading, ChargerReading) and reading.vehicle_connected):
        return 0
    return sum(step.start < back for step in grid)


def _walk(
    rooms: Sequence[_Powers],
    least_w: float,
    most_w: float,
    left_wh: float,
    grid: TimeGrid,
    comes_step: int,
) -> Iterator[float]:
    """Yield what is taken step by step until nothing is left; nothing where the room is below its least."""
    for step, hours in enumerate(grid.lengths_h):
        room_w = min((float(room[step]) for room in rooms), default=math.inf)
        power_w = min(most_w, room_w)
        is_there = step >= comes_step and power_w >= least_w > 0.0
        taken_w = min(power_w, left_wh / hours) if is_there else 0.0
        left_wh -= taken_w * hours
        yield taken_w
