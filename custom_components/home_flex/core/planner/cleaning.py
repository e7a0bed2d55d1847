"""What cannot be used of a problem is left out before it is solved, and told: there is a plan all the same.

What is missing is not replaced by the kind guess: an unknown price is the dearest known one, an unknown load
the highest known one, an unknown sun nothing.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .bending import LeftOut, LeftOutCode
from .problem import (
    Appliance,
    Battery,
    CircuitLimit,
    Commitment,
    Consumer,
    FastCharge,
    LimitOwner,
    MeterLimit,
    Peak,
    Problem,
    Pv,
    Series,
    Signals,
    ThermalStore,
)
from .sketch import FloatArray

# A kWh that costs, or brings, so many times what none costs for most of a day is no spike.
_NO_SPIKE = 7.0
# No home draws as much, and none so many times what its fuse passes with what sun and batteries give.
_ABSURD_LOAD_W = 1_000_000.0
_BEYOND_FUSE = 4.0
# No battery is charged or emptied so many times an hour: a capacity in kWh for Wh is.
_FASTEST_PER_H = 20.0
# Without any load: what is usual.
_USUAL_LOAD_W = 500.0
# A state of charge may be told a little beyond its ends.
_BEYOND_END = 0.02


def cleaned(problem: Problem) -> tuple[Problem, tuple[LeftOut, ...]]:
    """Return the problem without what is missing, absurd or contradicts itself, and what that was."""
    told: list[LeftOut] = []
    signals, load_w = _signals(problem, told), _load(problem, told)
    most_w = _absurd_load_w(problem)
    usable = replace(
        problem,
        signals=signals,
        load_w=load_w,
        meter_limits=tuple(_meter_limit(one, told) for one in problem.meter_limits),
        circuit_limits=tuple(_circuit_limit(one, load_w, most_w, told) for one in problem.circuit_limits),
        commitments=tuple(one for one in problem.commitments if _is_promise(one, told)),
        peaks=tuple(_peaks(problem.peaks, told)),
        pv=tuple(_sun(one, told) for one in problem.pv),
        batteries=tuple(one for one in problem.batteries if _is_battery(one, told)),
        consumers=tuple(_consumer(one, told) for one in problem.consumers if _is_consumer(one, told)),
        fast_charges=tuple(one for one in problem.fast_charges if _is_fast(one, told)),
        appliances=tuple(one for one in problem.appliances if _is_appliance(one, told)),
        thermal_stores=tuple(one for one in problem.thermal_stores if _is_heat(one, told)),
        error_paths=tuple(one for one in problem.error_paths if _are_finite((*one.load_w, *one.available_w))),
    )
    return usable, tuple(told)


def usable_signals(problem: Problem) -> Signals:
    """Return the prices by which a problem is planned, see ``cleaned``."""
    return _signals(problem, [])


def _signals(problem: Problem, told: list[LeftOut]) -> Signals:
    signals, steps = problem.signals, len(problem.grid)
    both = np.array((signals.import_per_kwh, signals.export_per_kwh))
    is_absurd = _are_absurd(both, signals.most_per_kwh)
    _tell(told, LeftOutCode.PRICES_MISSING, "", np.isnan(both[0]) | np.isnan(both[1]))
    _tell(told, LeftOutCode.PRICES_ABSURD, "", is_absurd[0] | is_absurd[1])
    bought, sold = both
    is_bought, is_sold = ~(is_absurd | np.isnan(both))
    dearest = bought[is_bought].max() if is_bought.any() else problem.preferences.usual_import
    least = min(sold[is_sold].min(initial=0.0), 0.0)
    carbon = signals.carbon_g_per_kwh
    if carbon is not None and (len(carbon) != steps or not _are_finite(carbon)):
        told.append(LeftOut(code=LeftOutCode.CARBON_MISSING, steps=steps))
        carbon = None
    return replace(
        signals,
        import_per_kwh=_series(np.where(is_bought, bought, dearest)),
        export_per_kwh=_series(np.where(is_sold, sold, least)),
        carbon_g_per_kwh=carbon,
    )


def _are_absurd(both: FloatArray, most: float) -> NDArray[np.bool_]:
    """Return which prices, bought and sold, cannot be: all where most that are known are in another unit."""
    known = np.abs(both[0][~np.isnan(both[0])])
    if known.size and np.median(known) > most:
        return ~np.isnan(both)
    return np.abs(both) > _NO_SPIKE * most


def _load(problem: Problem, told: list[LeftOut]) -> Series:
    load_w = np.array(problem.load_w)
    is_missing, is_absurd = np.isnan(load_w), np.abs(load_w) > _absurd_load_w(problem)
    _tell(told, LeftOutCode.LOAD_MISSING, "", is_missing)
    _tell(told, LeftOutCode.LOAD_ABSURD, "", is_absurd)
    is_known = ~(is_missing | is_absurd)
    highest = load_w[is_known].max() if is_known.any() else _USUAL_LOAD_W
    return _series(np.where(is_known, load_w, highest))


def _absurd_load_w(problem: Problem) -> float:
    """Return from which load on it cannot be: in another unit, as the fuse would have gone long ago."""
    fuses = [
        max(limit.import_w)
        for limit in problem.meter_limits
        if limit.owner is LimitOwner.FUSE and max(limit.import_w) > 0.0
    ]
    given_w = sum(one.most_w for one in problem.pv) + sum(one.discharge_w for one in problem.batteries)
    credible_w = _BEYOND_FUSE * (min(fuses, default=math.inf) + given_w)
    return min(credible_w, _ABSURD_LOAD_W) if credible_w > 0.0 else _ABSURD_LOAD_W


def _sun(pv: Pv, told: list[LeftOut]) -> Pv:
    most_w = pv.most_w if math.isfinite(pv.most_w) and pv.most_w >= 0 else 0.0
    available_w = np.array(pv.available_w)
    _tell(told, LeftOutCode.PRODUCTION_MISSING, pv.device_id, np.isnan(available_w))
    _tell(told, LeftOutCode.PRODUCTION_ABSURD, pv.device_id, available_w > most_w * 1.001)
    usable = np.clip(np.nan_to_num(available_w, nan=0.0, posinf=most_w), 0.0, most_w)
    return replace(pv, available_w=_series(usable), most_w=most_w)


def _meter_limit(limit: MeterLimit, told: list[LeftOut]) -> MeterLimit:
    both = np.array((limit.import_w, limit.export_w))
    is_none = np.isnan(both) | (both < 0)
    _tell(told, LeftOutCode.LIMIT_ABSURD, limit.limit_id, is_none)
    import_w, export_w = np.where(is_none, 0.0, both)
    return replace(limit, import_w=_series(import_w), export_w=_series(export_w))


def _circuit_limit(limit: CircuitLimit, house_w: Series, most_w: float, told: list[LeftOut]) -> CircuitLimit:
    """Return a limit with numbers alone. ``house_w``: what the house takes; no load is above ``most_w``.

    What is not known of the load there is the highest that is, and that of the whole house where nothing is.
    It is the house's that is missing or absurd, and told as such.
    """
    ends = np.array((limit.upper_w, limit.lower_w))
    _tell(told, LeftOutCode.LIMIT_ABSURD, limit.limit_id, np.isnan(ends))
    upper_w, lower_w = np.where(np.isnan(ends), 0.0, ends)
    load_w = np.array(limit.load_w)
    is_known = np.abs(load_w) <= most_w
    highest = load_w[is_known].max() if is_known.any() else max(house_w)
    return replace(
        limit,
        load_w=_series(np.where(is_known, load_w, highest)),
        upper_w=_series(upper_w),
        lower_w=_series(lower_w),
    )


def _peaks(peaks: tuple[Peak, ...], told: list[LeftOut]) -> Iterator[Peak]:
    usable = [one for one in peaks if _are_finite((one.per_kw, one.so_far_w)) and one.per_kw >= 0]
    if len(usable) < len(peaks):
        told.append(LeftOut(code=LeftOutCode.PEAK_ABSURD))
    yield from (replace(one, so_far_w=max(one.so_far_w, 0.0)) for one in usable)


def _is_promise(commitment: Commitment, told: list[LeftOut]) -> bool:
    ends = (*commitment.lower_w, *commitment.upper_w)
    usable = not np.isnan(ends).any() and 0 <= commitment.price_per_kwh < math.inf
    return _keep(told, commitment.commitment_id, LeftOutCode.LIMIT_ABSURD, usable=usable)


def _is_battery(battery: Battery, told: list[LeftOut]) -> bool:
    one = battery
    rates = (one.capacity_wh, one.charge_w, one.discharge_w, one.wear_per_kwh, one.reserve_wh, one.min_wh)
    usable = _are_sizes(rates) and one.capacity_wh > 0 and 0.3 < one.efficiency <= 1
    usable = usable and max(one.charge_w, one.discharge_w) <= _FASTEST_PER_H * one.capacity_wh
    usable = usable and not math.isnan(one.max_wh)
    if not _keep(told, one.device_id, LeftOutCode.DEVICE_ABSURD, usable=usable):
        return False
    beyond_wh = _BEYOND_END * one.capacity_wh
    is_credible = -beyond_wh <= one.stored_wh <= one.capacity_wh + beyond_wh
    return _keep(told, one.device_id, LeftOutCode.STORED_ABSURD, usable=is_credible)


def _is_consumer(consumer: Consumer, told: list[LeftOut]) -> bool:
    one = consumer
    rates = (one.min_w, one.max_w, one.need_wh, one.room_wh, one.start_price, one.margin_s)
    usable = _are_sizes(rates) and one.min_w <= one.max_w and 0.3 < one.efficiency <= 1
    return _keep(told, one.device_id, LeftOutCode.DEVICE_ABSURD, usable=usable and one.max_w > 0)


def _consumer(consumer: Consumer, told: list[LeftOut]) -> Consumer:
    """Return a consumer with room for its need; one that charges though it says that it is full goes on."""
    room_wh = max(consumer.room_wh, consumer.need_wh)
    if consumer.is_assumed:
        told.append(LeftOut(code=LeftOutCode.NEED_UNKNOWN, subject_id=consumer.device_id))
    if consumer.power_w > consumer.min_w / 2 and room_wh <= 0 and not consumer.by_sun:
        told.append(LeftOut(code=LeftOutCode.FULL_BUT_CHARGES, subject_id=consumer.device_id))
        hour_wh = consumer.power_w * consumer.efficiency
        return replace(consumer, need_wh=hour_wh, room_wh=hour_wh)
    return replace(consumer, room_wh=room_wh)


def _is_fast(car: FastCharge, told: list[LeftOut]) -> bool:
    if not _keep(
        told, car.device_id, LeftOutCode.DEVICE_ABSURD, usable=_are_sizes((*car.expected_w, car.lacks_wh))
    ):
        return False
    if car.is_assumed:
        told.append(LeftOut(code=LeftOutCode.NEED_UNKNOWN, subject_id=car.device_id))
    return True


def _is_appliance(appliance: Appliance, told: list[LeftOut]) -> bool:
    one = appliance
    usable = bool(one.profile_w) and _are_sizes(
        (*one.profile_w, one.part_s, one.skip_price, one.running_s or 0.0)
    )
    return _keep(told, one.device_id, LeftOutCode.DEVICE_ABSURD, usable=usable and one.part_s > 0)


def _is_heat(store: ThermalStore, told: list[LeftOut]) -> bool:
    one = store
    usable = _are_sizes((one.max_w, one.loss_per_h, *one.heat_per_power)) and min(one.heat_per_power) > 0
    usable = usable and _are_finite((*one.low_wh, *one.high_wh, *one.drawn_w))
    if not _keep(told, one.device_id, LeftOutCode.DEVICE_ABSURD, usable=usable):
        return False
    if not _keep(told, one.device_id, LeftOutCode.STORED_ABSURD, usable=math.isfinite(one.stored_wh)):
        return False
    if one.is_assumed:
        told.append(LeftOut(code=LeftOutCode.HEAT_ASSUMED, subject_id=one.device_id))
    return True


def _keep(told: list[LeftOut], subject_id: str, code: LeftOutCode, *, usable: bool) -> bool:
    if not usable:
        told.append(LeftOut(code=code, subject_id=subject_id))
    return usable


def _tell(told: list[LeftOut], code: LeftOutCode, subject_id: str, is_wrong: NDArray[np.bool_]) -> None:
    if steps := int(np.count_nonzero(is_wrong)):
        told.append(LeftOut(code=code, subject_id=subject_id, steps=steps))


def _are_finite(values: Sequence[float]) -> bool:
    return bool(np.isfinite(np.array(values, dtype=np.float64)).all())


def _are_sizes(values: Sequence[float]) -> bool:
    sizes = np.array(values, dtype=np.float64)
    return bool(((sizes >= 0) & (sizes < math.inf)).all())


def _series(values: FloatArray) -> Series:
    return tuple(values.tolist())
