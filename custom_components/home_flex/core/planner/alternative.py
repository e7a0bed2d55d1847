"""What a device could do now instead of what is planned: the home in which it does, to be solved again.

A device that runs now rests for as long as it was to run; one that waits for later begins at once. A car that
is charged at once would be charged by its hour, when that is best.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from typing import Final

from .bending import Bend, BentWish
from .plan import DevicePlan, IntentKind, Plan
from .problem import Appliance, CircuitLimit, FastCharge, LimitOwner, Problem, Series

# The limit that holds a device to what it could do instead; where any limit is bent, that is not possible.
_HELD: Final = "alternative"
_LIMITS: Final = frozenset({BentWish.CIRCUIT_LIMIT, BentWish.IMPORT_LIMIT, BentWish.EXPORT_LIMIT})
# Less is nothing: W, and Wh.
_NOTHING_W: Final = 20.0
_NOTHING_WH: Final = 5.0
_ALIKE_WH: Final = 50.0


class Instead(StrEnum):
    """What a device would do instead."""

    AT_ONCE = "at_once"
    IN_ITS_TIME = "in_its_time"
    NOT_NOW = "not_now"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A home in which one device does something else now."""

    device_id: str
    instead: Instead
    problem: Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """What a device could do instead, as differences of two plans that were both solved.

    ``money``: what the home then pays more (less where negative), ``carbon_g`` likewise, None without carbon;
    ``bent``: what is bent further.
    """

    instead: Instead
    money: float
    carbon_g: float | None
    bent: tuple[Bend, ...]


def trials(problem: Problem, plan: Plan) -> Iterator[Trial]:
    """Yield for each device of a plan what else it could do now, where there is anything.

    ``problem`` is what the plan was made of. Of the sun nothing else is asked.
    """
    hours = plan.grid.lengths_h
    for battery in (one for one in problem.batteries if one.device_id in plan.devices):
        device = plan.devices[battery.device_id]
        spare_wh = (battery.stored_wh - max(battery.reserve_wh, battery.min_wh)) * battery.efficiency
        most_w = [min(max(net_w, 0.0), battery.discharge_w) for net_w in plan.net_w]
        if _runs(device):
            yield _rests(problem, device)
        elif min(device.power_w) < -_NOTHING_W and spare_wh > _NOTHING_WH and most_w[0] > _NOTHING_W:
            given_w = _at_once(most_w, spare_wh, hours)
            yield _held(problem, device, Instead.AT_ONCE, upper_w=[-each for each in given_w])
    for car in problem.fast_charges:
        if car.device_id in plan.devices and _takes_as_much(car, plan):
            other = _in_its_time(problem, car.device_id)
            yield Trial(device_id=car.device_id, instead=Instead.IN_ITS_TIME, problem=other)
    for consumer in problem.consumers:
        yield from _of_taker(problem, plan, consumer.device_id, consumer.max_w)
    for store in problem.thermal_stores:
        yield from _of_taker(problem, plan, store.device_id, store.max_w)
    for appliance in problem.appliances:
        if appliance.device_id in plan.devices:
            yield from _started(problem, appliance, plan)


def compared(trial: Trial, plan: Plan, before: Plan) -> Alternative | None:
    """Return what doing something else costs: ``plan`` is of the trial, ``before`` of the home as it is.

    None where it is not possible: then a limit is bent, if only what the device was held to.
    """
    known = {(one.wish, one.subject_id): one.amount for one in before.bent}
    further = tuple(
        replace(one, amount=more)
        for one in plan.bent
        if (more := one.amount - known.get((one.wish, one.subject_id), 0.0)) > _NOTHING_WH
    )
    if plan.status is not before.status or any(one.wish in _LIMITS for one in further):
        return None
    is_carbon_known = plan.carbon_g is not None and before.carbon_g is not None
    return Alternative(
        instead=trial.instead,
        money=plan.money.total - before.money.total,
        carbon_g=(plan.carbon_g or 0.0) - (before.carbon_g or 0.0) if is_carbon_known else None,
        bent=further,
    )


def _takes_as_much(car: FastCharge, plan: Plan) -> bool:
    """Return whether a car would take the same if it waited: else the two cannot be compared."""
    if car.waiting is None or car.by_sun:
        return False
    taken_wh = math.fsum(
        power_w * length_h
        for power_w, length_h in zip(plan.devices[car.device_id].power_w, plan.grid.lengths_h, strict=True)
    )
    return taken_wh > _NOTHING_WH and abs(taken_wh - car.waiting.need_wh / car.waiting.efficiency) < _ALIKE_WH


def _in_its_time(problem: Problem, device_id: str) -> Problem:
    """Return a home in which a car that is charged at once waits for its hour."""
    waiting = [one.waiting for one in problem.fast_charges if one.device_id == device_id]
    return replace(
        problem,
        fast_charges=tuple(one for one in problem.fast_charges if one.device_id != device_id),
        consumers=(*problem.consumers, *(one for one in waiting if one is not None)),
    )


def _of_taker(problem: Problem, plan: Plan, device_id: str, most_w: float) -> Iterator[Trial]:
    """Yield a home in which what takes now rests, or what takes later begins at once."""
    hours = plan.grid.lengths_h
    if (device := plan.devices.get(device_id)) is None:
        return
    later_wh = _next_run_wh(device.power_w, hours)
    if _runs(device):
        yield _rests(problem, device)
    elif later_wh > _NOTHING_WH:
        lower_w = _at_once([most_w] * len(hours), later_wh, hours)
        yield _held(problem, device, Instead.AT_ONCE, lower_w=lower_w)


def _runs(device: DevicePlan) -> bool:
    return abs(device.power_w[0]) > _NOTHING_W


def _rests(problem: Problem, device: DevicePlan) -> Trial:
    """Return a home in which a device does nothing for as long as it was to do something."""
    now = [0.0 for _ in takewhile(lambda each: abs(each) > _NOTHING_W, device.power_w)]
    return _held(problem, device, Instead.NOT_NOW, lower_w=now, upper_w=now)


def _held(
    problem: Problem,
    device: DevicePlan,
    instead: Instead,
    *,
    lower_w: Sequence[float] = (),
    upper_w: Sequence[float] = (),
) -> Trial:
    """Return a home in which a device is held within powers in the first steps, and free after them."""
    steps = len(problem.grid)
    limit = CircuitLimit(
        limit_id=_HELD,
        owner=LimitOwner.FUSE,
        shares={device.device_id: 1.0},
        load_w=(0.0,) * steps,
        lower_w=(*lower_w, *(-math.inf,) * (steps - len(lower_w))),
        upper_w=(*upper_w, *(math.inf,) * (steps - len(upper_w))),
    )
    return Trial(
        device_id=device.device_id,
        instead=instead,
        problem=replace(problem, circuit_limits=(*problem.circuit_limits, limit)),
    )


def _at_once(most_w: Sequence[float], energy_wh: float, hours: Series) -> list[float]:
    """Return the powers at which an energy is taken, or given, as soon as can be; nothing after that."""
    found: list[float] = []
    for power_w, length_h in zip(most_w, hours, strict=True):
        if energy_wh <= _NOTHING_WH:
            break
        found.append(min(power_w, energy_wh / length_h))
        energy_wh -= found[-1] * length_h
    return found


def _next_run_wh(power_w: Series, hours: Series) -> float:
    """Return the energy of the next steps in a row in which a device runs."""
    begin = next((at for at, each in enumerate(power_w) if each > _NOTHING_W), len(power_w))
    run = takewhile(lambda each: each[0] > _NOTHING_W, zip(power_w[begin:], hours[begin:], strict=True))
    return math.fsum(each_w * each_h for each_w, each_h in run)


def _started(problem: Problem, appliance: Appliance, plan: Plan) -> Iterator[Trial]:
    """Yield a home in which a programme that is to start later starts now."""
    kinds = [intent.kind for intent in plan.devices[appliance.device_id].intents]
    if IntentKind.START not in kinds[1:]:
        return
    length_s = len(appliance.profile_w) * appliance.part_s
    ends_s = [(bound - plan.grid.start).total_seconds() for bound in plan.grid.bounds()]
    now = replace(
        appliance,
        earliest_step=0,
        latest_end_step=next(step for step, end_s in enumerate(ends_s) if end_s >= length_s),
    )
    yield Trial(
        device_id=appliance.device_id,
        instead=Instead.AT_ONCE,
        problem=replace(
            problem,
            appliances=tuple(now if one.device_id == now.device_id else one for one in problem.appliances),
        ),
    )
