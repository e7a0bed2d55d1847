"""Loads as a plan takes them: heat as a leaky store, programmes, and what is to run some hours each day."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Final, Protocol

from ...core.control.policy import StartWithin, Surplus
from ...core.control.state import DeviceState
from ...core.kinds.appliance import ApplianceReading, ApplianceStatus, programme
from ...core.kinds.heat import FLOOR_MARGIN_K
from ...core.kinds.heat_pump import HeatPumpReading
from ...core.kinds.switched_load import SwitchedLoadReading
from ...core.kinds.water_heater import WaterHeaterReading
from ...core.model import DeviceKind, TimeGrid
from ...core.planner.problem import Appliance, Consumer, ThermalStore
from ...core.wishes import Wishes
from ...core.wishes.local_time import next_time
from .heat_learning import Learned
from .outlook import Outlook

LOAD_KINDS: Final = frozenset(
    {DeviceKind.SWITCHED_LOAD, DeviceKind.APPLIANCE, DeviceKind.HEAT_PUMP, DeviceKind.WATER_HEATER}
)
# The parts of a programme's profile.
_PART_S: Final = 300.0
# Warmer than where comfort itself calls for heat, so that the plan comes first.
_FLOOR_K: Final = FLOOR_MARGIN_K + 0.2
_MIDNIGHT: Final = time()
# How fast rooms cool that are not learned yet, K/h: those of a light house, with a time constant of 40 h,
# 20 K above outside. A house that cools slower stores more than it is planned to.
_ASSUMED_COOLING: Final = 0.5


class _Home(Protocol):
    """What of a home loads are planned by."""

    @property
    def wishes(self) -> Wishes: ...

    @property
    def zone(self) -> tzinfo: ...

    @property
    def on_for_s(self) -> Mapping[str, float]: ...

    @property
    def learned(self) -> Mapping[str, Learned]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedLoads:
    """The loads that are planned."""

    consumers: tuple[Consumer, ...] = ()
    appliances: tuple[Appliance, ...] = ()
    thermal_stores: tuple[ThermalStore, ...] = ()

    @property
    def device_ids(self) -> frozenset[str]:
        """Whose they are."""
        kinds = (self.consumers, self.appliances, self.thermal_stores)
        return frozenset(one.device_id for kind in kinds for one in kind)


def planned_loads(
    devices: Sequence[DeviceState], home: _Home, grid: TimeGrid, outlook: Outlook, now: datetime
) -> PlannedLoads:
    """Return the loads that the resident lets run by the sun, and the programmes that are to be started.

    Those of which too little is known to plan them are none of them: they go on by themselves.
    """
    switched = (_switched(one, home, grid, outlook, now) for one in devices)
    appliances = (_appliance(one, home, grid, now) for one in devices)
    heat = (_heat(one, home, grid, outlook) for one in devices if isinstance(one.policy, Surplus))
    return PlannedLoads(
        consumers=tuple(each for each in switched if each is not None),
        appliances=tuple(each for each in appliances if each is not None),
        thermal_stores=tuple(each for each in heat if each is not None),
    )


def _switched(
    one: DeviceState, home: _Home, grid: TimeGrid, outlook: Outlook, now: datetime
) -> Consumer | None:
    """Return a load that is to run some hours today, less what it has run since midnight."""
    reading, hours = one.reading, home.wishes.device(one.device_id).hours_a_day
    if not isinstance(reading, SwitchedLoadReading) or not isinstance(one.policy, Surplus) or hours <= 0.0:
        return None
    if not reading.rated_power_w > 0.0:
        return None
    left_s = (next_time(_MIDNIGHT, now, home.zone) - now).total_seconds()
    # On a grid the day ends with the last step that begins before midnight.
    ready_step = sum((start - now).total_seconds() < left_s for start, _ in grid)
    fits_wh = reading.rated_power_w * left_s / 3600.0
    need_wh = reading.rated_power_w * hours - outlook.used_today_wh.get(one.device_id, 0.0)
    need_wh = min(max(0.0, need_wh), fits_wh)
    return Consumer(
        device_id=one.device_id,
        kind=one.kind,
        min_w=reading.rated_power_w,
        max_w=reading.rated_power_w,
        available=tuple(index < ready_step for index in range(len(grid))),
        need_wh=need_wh,
        room_wh=need_wh,
        ready_step=ready_step,
        efficiency=1.0,
        margin_s=0.0,
        power_w=max(0.0, reading.power_w),
    )


def _appliance(one: DeviceState, home: _Home, grid: TimeGrid, now: datetime) -> Appliance | None:
    """Return a programme that runs, as a fact, or one that is to be started within its time."""
    reading, policy = one.reading, one.policy
    if not isinstance(reading, ApplianceReading):
        return None
    chosen = programme(reading)
    parts = max(1, round(chosen.length_s / _PART_S))
    part_s = chosen.length_s / parts
    bounds_s = [(bound - now).total_seconds() for bound in grid.bounds()]
    running_s = None
    # One that runs for longer than was told is about to end.
    if reading.status is ApplianceStatus.RUNNING:
        running_s = min(home.on_for_s.get(one.device_id, 0.0), (parts - 1) * part_s)
        latest_end_step = len(grid)
    elif reading.status is ApplianceStatus.READY and isinstance(policy, StartWithin):
        left_s = policy.latest_s - policy.earliest_s + chosen.length_s
        in_time = sum(bound_s <= left_s for bound_s in bounds_s) - 1
        soonest = next((i for i, each_s in enumerate(bounds_s) if each_s >= chosen.length_s), len(grid))
        # Too late is as soon as it can be.
        latest_end_step = max(in_time, min(soonest, len(grid)))
    else:
        return None
    return Appliance(
        device_id=one.device_id,
        profile_w=(chosen.power_w,) * parts,
        part_s=part_s,
        earliest_step=0,
        latest_end_step=latest_end_step,
        running_s=running_s,
    )


def _heat(one: DeviceState, home: _Home, grid: TimeGrid, outlook: Outlook) -> ThermalStore | None:
    """Return a heater as a store between its temperatures, of which is drawn what it usually gives.

    What is stored is counted in the electricity that it takes to put it there, so that a heat pump's
    coefficient of performance need not be known.
    """
    reading = one.reading
    if not isinstance(reading, WaterHeaterReading | HeatPumpReading) or reading.temperature_c is None:
        return None
    usual = outlook.loads.get(one.device_id)
    usual_w = None if usual is None else float(usual.expected_w.mean())
    learned = home.learned.get(one.device_id, Learned())
    drawn_w, wh_per_k = _leak(reading, usual_w, learned)
    band_k = reading.max_c - reading.min_c
    if not (math.isfinite(wh_per_k) and wh_per_k > 0.0 and band_k > _FLOOR_K):
        return None
    if not (math.isfinite(reading.temperature_c) and reading.rated_power_w > 0.0):
        return None
    steps = len(grid)
    return ThermalStore(
        device_id=one.device_id,
        kind=one.kind,
        stored_wh=(reading.temperature_c - reading.min_c) * wh_per_k,
        low_wh=(_FLOOR_K * wh_per_k,) * steps,
        high_wh=(band_k * wh_per_k,) * steps,
        max_w=reading.rated_power_w,
        heat_per_power=(1.0,) * steps,
        drawn_w=(drawn_w,) * steps,
        is_assumed=isinstance(reading, HeatPumpReading) and _cooling(reading, learned) is None,
    )


def _leak(
    reading: WaterHeaterReading | HeatPumpReading, usual_w: float | None, learned: Learned
) -> tuple[float, float]:
    """Return what is drawn from a store of heat in W, and its Wh for each kelvin; 0: not known.

    What a device tells of itself comes before what was learned of it.
    """
    if isinstance(reading, WaterHeaterReading):
        wh_per_k = reading.wh_per_k or learned.wh_per_k or 0.0
        lost_w = reading.losses_w or (learned.cooling_k_per_h or 0.0) * wh_per_k
        return max(0.0, lost_w if usual_w is None else usual_w), wh_per_k
    # What holds a house at its temperature is what it loses: of it follows what warms it by a kelvin.
    held_w = max(0.0, usual_w or 0.0)
    return held_w, held_w / (_cooling(reading, learned) or _ASSUMED_COOLING)


def _cooling(reading: HeatPumpReading, learned: Learned) -> float | None:
    """Return by how many kelvin an hour rooms cool without their heat pump; None: not known yet."""
    known = reading.cooling_k_per_h or learned.cooling_k_per_h
    return known if known is not None and known > 0.0 else None
