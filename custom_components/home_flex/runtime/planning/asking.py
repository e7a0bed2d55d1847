"""What a plan is made from, taken from the home as it is: devices, wishes, limits ahead, and the outlook."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Final

import numpy as np

from ...core.control.demand import Demand
from ...core.control.state import DeviceState
from ...core.model import (
    BatteryReading,
    DeviceKind,
    Network,
    Owner,
    PvReading,
    Site,
    Step,
    TimeGrid,
    one_circuit,
)
from ...core.planner.preferences import Preferences
from ...core.planner.price_level import at_price_level
from ...core.planner.problem import Battery, Consumer, ErrorPath, Peak, Problem, Pv, Series
from ...core.signals import PeakPrice, most_per_kwh, price_level
from ...core.wishes import Wishes
from .fast_cars import fast_charges, is_fast
from .heat_learning import Learned
from .limits import ahead, event_limits, nobody, phase_limits
from .loads import LOAD_KINDS, planned_loads
from .outlook import Outlook
from .sun_cars import GOES_ON_S, sun_charges
from .waiting_cars import in_its_time, waiting_car

# What goes on as it is for a while where nobody plans it.
_BESIDE: Final = LOAD_KINDS | {DeviceKind.EV_CHARGER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """A home at one moment: ``devices`` with what the resident wishes of each.

    ``asked_in`` says what events and wishes demand in a step that lies ahead, and ``asked_by`` what each
    announced event would, whether or not the resident joins it, by its id; ``answers`` is another where the
    resident, or whoever sent it, has another mind of any. ``paid_in``: what a kWh of each
    event pays in a step, by its id; None where nobody said. ``on_for_s``: for how long each
    load that runs has been seen to run; ``learned``: what is known of heaters; ``month_peak_w``: what the
    meter tells as the month's peak so far, and ``month_peak_time`` when that ended; None where it does not.
    ``spared_in``: which devices the resident keeps out of the events of a step.
    """

    site: Site
    network: Network | None
    devices: Sequence[DeviceState]
    asked_in: Callable[[Step], Sequence[Demand]]
    wishes: Wishes = field(default_factory=Wishes)
    zone: tzinfo = UTC
    on_for_s: Mapping[str, float] = field(default_factory=dict)
    learned: Mapping[str, Learned] = field(default_factory=dict)
    asked_by: Mapping[str, Callable[[Step], Sequence[Demand]]] = field(default_factory=dict)
    answers: tuple[object, ...] = ()
    paid_in: Mapping[str, Callable[[Step], float | None]] = field(default_factory=dict)
    preferences: Preferences = field(default_factory=Preferences)
    month_peak_w: float | None = None
    month_peak_time: datetime | None = None
    spared_in: Callable[[Step], AbstractSet[str]] = nobody


def problem_of(home: Home, grid: TimeGrid, outlook: Outlook, now: datetime) -> Problem:
    """Return what to plan for a home.

    A car that nobody plans, or that its rule gives the sun, is part of the house's load for a while, and
    another load as it usually is; any other device that cannot be read, or that only its owner steers, is
    left out. Prices that nobody pays stand at the level of the site's currency.
    """
    able = [one for one in home.devices if one.admits(Owner.PLAN)]
    loads = planned_loads(able, home, grid, outlook, now)
    found = ahead(home.site, grid, home.asked_in, home.preferences.bend.setpoint, home.spared_in)
    pv = tuple(_pv(home.devices, grid, outlook))
    batteries = tuple(battery for one in able if (battery := _battery(one, home.wishes)) is not None)
    fast = [one for one in able if is_fast(one, home.wishes, outlook.back_at)]
    cars = tuple(
        (one, car)
        for one in able
        if one not in fast
        and (car := waiting_car(one, home.site, grid, now, outlook.back_at.get(one.device_id))) is not None
    )
    waiting = {
        one.device_id: in_its_time(one, home.site, grid, now, outlook.back_at.get(one.device_id))
        for one in fast
    }
    planned = {
        *(one.device_id for one in pv),
        *(one.device_id for one in batteries),
        *(one.device_id for one, _ in cars),
        *(one.device_id for one in fast),
        *loads.device_ids,
    }
    load_w = _load(home.devices, planned, grid, outlook, now)
    network = home.network or one_circuit(
        home.site, frozenset(one.device_id for one in home.devices), meter_id=None
    )
    circuit_limits = (
        *phase_limits(
            network,
            home.site,
            {one.device_id: one.wired_phases for one in home.devices if one.device_id in planned},
            load_w,
        ),
        *event_limits(grid, home.asked_in, home.spared_in, planned, load_w),
    )
    at_once = tuple(
        replace(car, waiting=waiting[car.device_id])
        for car in fast_charges(
            fast,
            home.wishes,
            home.site,
            grid,
            found.limits,
            circuit_limits,
            load_w,
            outlook.back_at,
        )
    )
    beside_w = (load_w, *(car.expected_w for car in at_once))
    on_sun = sun_charges(
        [(one, car) for one, car in cars if car.by_sun],
        pv,
        batteries,
        tuple(map(math.fsum, zip(*beside_w, strict=True))),
        grid,
    )
    problem = Problem(
        grid=grid,
        signals=replace(outlook.signals, most_per_kwh=most_per_kwh(home.site.currency)),
        load_w=load_w,
        meter_limits=found.limits,
        circuit_limits=circuit_limits,
        commitments=found.commitments,
        peaks=tuple(_peak(home, one) for one in outlook.peaks),
        pv=pv,
        batteries=batteries,
        consumers=(*(_as_wished(car, home.wishes) for _, car in cars if not car.by_sun), *loads.consumers),
        fast_charges=(*at_once, *on_sun),
        appliances=loads.appliances,
        thermal_stores=loads.thermal_stores,
        error_paths=_error_paths(outlook),
        preferences=home.preferences,
    )
    problem = at_price_level(problem, price_level(home.site.currency, problem.signals.import_per_kwh))
    # What is paid is lost besides where a promise is missed: however much it is, it is no reason to miss it.
    most_paid = max((max(0.0, *paid_by(home, key, grid)) for key in home.paid_in), default=0.0)
    return replace(
        problem,
        commitments=tuple(
            replace(one, price_per_kwh=one.price_per_kwh + most_paid) for one in problem.commitments
        ),
    )


def paid_by(home: Home, event_id: str, grid: TimeGrid) -> Series:
    """Return what a kWh of an event pays in each step; 0 where nobody said, or it does not run."""
    paid_in = home.paid_in.get(event_id)
    return tuple(0.0 if paid_in is None else paid_in(step) or 0.0 for step in grid)


def _load(
    devices: Sequence[DeviceState],
    planned: AbstractSet[str],
    grid: TimeGrid,
    outlook: Outlook,
    now: datetime,
) -> Series:
    """Return the house's load with the cars and loads that nobody plans; NaN where there is no forecast."""
    expected = np.full(len(grid), math.nan) if outlook.load is None else outlook.load.expected_w
    unplanned = [one for one in devices if one.kind in _BESIDE and one.device_id not in planned]
    usual = [each for one in unplanned if (each := outlook.loads.get(one.device_id)) is not None]
    expected = sum((each.expected_w for each in usual), expected)
    beside_w = math.fsum(
        max(0.0, one.reading.power_w)
        for one in unplanned
        if one.reading is not None and one.device_id not in outlook.loads
    )
    return tuple(
        load_w + (beside_w if (step.start - now).total_seconds() < GOES_ON_S else 0.0)
        for load_w, step in zip(expected.tolist(), grid, strict=True)
    )


def _peak(home: Home, price: PeakPrice) -> Peak:
    """Return the price of a month's peak, above what it was already: only the first has reached anything.

    Until its first quarter-hour is over a meter may still tell the peak of the month before.
    """
    reached_w, ended = home.month_peak_w or 0.0, home.month_peak_time
    if price.first_step > 0 or (ended is not None and ended <= price.since):
        reached_w = 0.0
    return Peak(
        per_kw=price.price_per_kw,
        so_far_w=max(price.free_w, reached_w),
        first_step=price.first_step,
        end_step=price.end_step,
    )


def _pv(devices: Sequence[DeviceState], grid: TimeGrid, outlook: Outlook) -> Iterator[Pv]:
    for one in devices:
        if not isinstance(one.reading, PvReading):
            continue
        forecast = outlook.production.get(one.device_id)
        available = (math.nan,) * len(grid) if forecast is None else tuple(forecast.expected_w.tolist())
        yield Pv(
            device_id=one.device_id,
            available_w=available,
            most_w=one.reading.rated_power_w,
            curtailable=one.admits(Owner.PLAN),
        )


def _as_wished(car: Consumer, wishes: Wishes) -> Consumer:
    return replace(car, interruptible=not wishes.charger(car.device_id).in_one_go)


def _battery(one: DeviceState, wishes: Wishes) -> Battery | None:
    reading = one.reading
    if not isinstance(reading, BatteryReading) or not reading.capacity_wh > 0.0:
        return None
    reserve_wh = 0.0 if one.reserve is None else one.reserve.reserve * reading.capacity_wh
    stored_wh = reading.state_of_charge * reading.capacity_wh
    if one.reserve is not None and not one.reserve.restore:
        # Nobody wants it charged back: it is to keep what it has.
        reserve_wh = max(0.0, min(reserve_wh, stored_wh))
    return Battery(
        device_id=one.device_id,
        capacity_wh=reading.capacity_wh,
        stored_wh=stored_wh,
        charge_w=abs(reading.max_charge_w),
        discharge_w=abs(reading.max_discharge_w),
        reserve_wh=reserve_wh,
        # What is sold from a battery is seldom allowed, and never before somebody said so.
        may_export=False,
        may_import=wishes.battery(one.device_id).grid_charging,
        may_feed_cars=one.feeds_cars.down_to <= 0.0 or reading.state_of_charge > one.feeds_cars.down_to,
    )


def _error_paths(outlook: Outlook) -> tuple[ErrorPath, ...]:
    """Return how the forecasts missed on the same past days; production only where every roof has as many."""
    load = () if outlook.load is None else outlook.load.error_paths_w
    roofs = [forecast.error_paths_w for forecast in outlook.production.values()]
    count = min((len(load), *(len(paths) for paths in roofs)))
    return tuple(
        ErrorPath(
            load_w=tuple(load[index].tolist()),
            available_w=tuple(
                math.fsum(float(paths[index][step]) for paths in roofs) for step in range(len(load[index]))
            ),
        )
        for index in range(count)
    )
