"""What a plan comes to, reckoned from its powers and what it was made from: no version judges itself.

Energies in Wh, powers in W (positive = consumption). Prices that nobody knows are left out of cost, loads
and sun that nobody knows count as 0, for one version as for the other.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from home_flex_core.planner import LimitOwner, PlanStatus
from home_flex_core.planner.problem import Battery, Consumer, Problem, ThermalStore

_SOLVED: Final = frozenset({PlanStatus.SOLVED.value})
_LEAST_PRICE: Final = 1e-6

type Powers = Mapping[str, Sequence[float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What a plan comes to.

    ``cost``: of the horizon less what is stored at its end, in kWh at the mean price of the scenario, so that
    homes of every currency add up. ``violations_wh``: beyond limits of meter, circuits and batteries.
    ``missed_wh``: of what residents wished for. ``undelivered_wh``: outside what an event or an accepted
    offer allows. ``unsolved``: 1 where no plan was found, or the search was stopped. ``cpu_s``: of one plan.
    """

    cost: float
    violations_wh: float
    missed_wh: float
    undelivered_wh: float
    unsolved: float
    cpu_s: float


def figures(problem: Problem, powers: Powers, *, status: str, cpu_s: float) -> Figures:
    """Return what the powers of a plan come to. Raises ValueError where they are none of this problem."""
    steps = len(problem.grid)
    if any(len(each) != steps or not all(map(math.isfinite, each)) for each in powers.values()):
        raise ValueError("a plan's powers are not one number for each step")
    net_w = [
        _known(load) + sum(each[step] for each in powers.values()) for step, load in enumerate(problem.load_w)
    ]
    return Figures(
        cost=_cost(problem, powers, net_w) / _mean_price(problem),
        violations_wh=sum(_beyond(problem, powers, net_w)),
        missed_wh=sum(_missed(problem, powers)),
        undelivered_wh=sum(_undelivered(problem, net_w)),
        unsolved=float(status not in _SOLVED),
        cpu_s=cpu_s,
    )


def _cost(problem: Problem, powers: Powers, net_w: Sequence[float]) -> float:
    signals, hours = problem.signals, problem.grid.lengths_h
    metered = sum(
        _known(signals.import_per_kwh[step] if net > 0 else signals.export_per_kwh[step])
        * net
        * hours[step]
        / 1000
        for step, net in enumerate(net_w)
    )
    peaks = sum(
        one.per_kw * max(0.0, max(net_w[one.steps], default=0.0) - one.so_far_w) / 1000
        for one in problem.peaks
    )
    return metered + peaks + sum(_of_stores(problem, powers))


def _of_stores(problem: Problem, powers: Powers) -> Iterator[float]:
    """Yield what using each store costs: its wear, less what it holds at the end more than at the start."""
    mean, hours = _mean_price(problem), problem.grid.lengths_h
    for battery in problem.batteries:
        power_w = powers.get(battery.device_id, ())
        given_wh = -sum(min(0.0, watts) * length for watts, length in zip(power_w, hours, strict=False))
        worth = mean if battery.end_worth_per_kwh is None else battery.end_worth_per_kwh
        gained_wh = _stored(battery, power_w, hours)[-1] - battery.stored_wh
        yield (given_wh * battery.wear_per_kwh - gained_wh * battery.efficiency * worth) / 1000
    for store in problem.thermal_stores:
        ratio = sum(store.heat_per_power) / len(store.heat_per_power)
        of_heat = mean / max(ratio, 0.1)
        worth = of_heat if store.end_worth_per_kwh is None else store.end_worth_per_kwh
        gained_wh = _heat(store, powers.get(store.device_id, ()), hours)[-1] - store.stored_wh
        yield -gained_wh * worth / 1000
    for consumer in problem.consumers:
        taken_wh = _taken(consumer, powers.get(consumer.device_id, ()), hours, len(hours))
        extra_wh = max(0.0, min(taken_wh, consumer.room_wh) - consumer.need_wh)
        yield -extra_wh * consumer.extra_worth_per_kwh / 1000


def _beyond(problem: Problem, powers: Powers, net_w: Sequence[float]) -> Iterator[float]:
    hours = problem.grid.lengths_h
    for limit in problem.meter_limits:
        if limit.owner is not LimitOwner.EVENT:
            yield _outside(net_w, [-most for most in limit.export_w], limit.import_w, hours)
    for circuit in problem.circuit_limits:
        at_w = [
            _known(load) + sum(share * _at(powers, name, step) for name, share in circuit.shares.items())
            for step, load in enumerate(circuit.load_w)
        ]
        yield _outside(at_w, circuit.lower_w, circuit.upper_w, hours)
    for battery in problem.batteries:
        stored = _stored(battery, powers.get(battery.device_id, ()), hours)
        low = min(battery.min_wh, battery.stored_wh)
        high = max(min(battery.max_wh, battery.capacity_wh), battery.stored_wh)
        yield max(0.0, max(stored) - high, low - min(stored))
    for pv in problem.pv:
        at_w = [-_at(powers, pv.device_id, step) for step in range(len(hours))]
        yield _outside(
            at_w, [0.0] * len(hours), [min(_known(each), pv.most_w) for each in pv.available_w], hours
        )


def _missed(problem: Problem, powers: Powers) -> Iterator[float]:
    hours = problem.grid.lengths_h
    for consumer in problem.consumers:
        power_w = powers.get(consumer.device_id, ())
        yield max(0.0, consumer.need_wh - _taken(consumer, power_w, hours, consumer.ready_step))
    for car in problem.fast_charges:
        power_w = powers.get(car.device_id, (0.0,) * len(hours))
        yield _outside(power_w, car.expected_w, [math.inf] * len(hours), hours)
    for battery in problem.batteries:
        stored = _stored(battery, powers.get(battery.device_id, ()), hours)
        yield max(0.0, min(battery.reserve_wh, battery.stored_wh) - min(stored))
    for appliance in problem.appliances:
        needed_wh = sum(appliance.profile_w) * appliance.part_s / 3600
        done_s = min(appliance.running_s or 0.0, appliance.part_s * len(appliance.profile_w))
        done_wh = needed_wh * done_s / (appliance.part_s * len(appliance.profile_w))
        power_w = powers.get(appliance.device_id, ())
        yield max(0.0, needed_wh - done_wh - sum(w * h for w, h in zip(power_w, hours, strict=False)))
    for store in problem.thermal_stores:
        stored = _heat(store, powers.get(store.device_id, ()), hours)
        yield max(0.0, *(low - heat for low, heat in zip(store.low_wh, stored, strict=True)))


def _undelivered(problem: Problem, net_w: Sequence[float]) -> Iterator[float]:
    hours = problem.grid.lengths_h
    for promise in problem.commitments:
        yield _outside(net_w, promise.lower_w, promise.upper_w, hours)
    for limit in problem.meter_limits:
        if limit.owner is LimitOwner.EVENT:
            yield _outside(net_w, [-most for most in limit.export_w], limit.import_w, hours)


def _outside(
    power_w: Sequence[float], low_w: Sequence[float], high_w: Sequence[float], hours: Sequence[float]
) -> float:
    """Return the energy outside of bounds; a bound that nobody knows binds nothing."""
    return sum(
        max(0.0, watts - high, low - watts) * length
        for watts, low, high, length in zip(power_w, low_w, high_w, hours, strict=True)
    )


def _stored(battery: Battery, power_w: Sequence[float], hours: Sequence[float]) -> list[float]:
    held = [battery.stored_wh]
    for watts, length in zip(power_w, hours, strict=False):
        moved_wh = watts * length
        held.append(
            held[-1] + (moved_wh * battery.efficiency if moved_wh > 0 else moved_wh / battery.efficiency)
        )
    return held


def _heat(store: ThermalStore, power_w: Sequence[float], hours: Sequence[float]) -> list[float]:
    """Return the heat at the end of each step."""
    held, heat = [], store.stored_wh
    for step, length in enumerate(hours):
        watts = power_w[step] if step < len(power_w) else 0.0
        heat *= math.exp(-store.loss_per_h * length)
        heat += (watts * store.heat_per_power[step] - store.drawn_w[step]) * length
        held.append(heat)
    return held


def _taken(consumer: Consumer, power_w: Sequence[float], hours: Sequence[float], until: int) -> float:
    pairs = zip(power_w[:until], hours[:until], strict=False)
    return sum(watts * length for watts, length in pairs) * consumer.efficiency


def _mean_price(problem: Problem) -> float:
    known = [abs(each) for each in problem.signals.import_per_kwh if math.isfinite(each)]
    return max(_LEAST_PRICE, sum(known) / len(known) if known else 1.0)


def _at(powers: Powers, name: str, step: int) -> float:
    return powers[name][step] if name in powers else 0.0


def _known(value: float) -> float:
    return value if math.isfinite(value) else 0.0
