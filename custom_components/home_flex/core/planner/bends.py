"""What a solution bent: each limit and wish that has a slack, by how much and when."""

from collections.abc import Callable, Iterator

import numpy as np

from .bending import Bend, BentWish
from .limits import TightestLimit, meter_export, meter_import
from .parts.meter import ABOVE, BELOW, OVER, SPILL
from .problem import Problem
from .sketch import FloatArray, Key

# Below this much nothing was bent: kWh.
_NOTHING = 1e-3

type Values = Callable[[Key], FloatArray]


def bends(problem: Problem, values: Values) -> tuple[Bend, ...]:
    """Return all that was bent, the first in the order of control first."""
    return tuple(_all(problem, values))


def _all(problem: Problem, values: Values) -> Iterator[Bend]:
    hours = np.array(problem.grid.lengths_h)
    yield from _of_meter(BentWish.IMPORT_LIMIT, meter_import(problem), values(OVER) * hours)
    yield from _of_meter(BentWish.EXPORT_LIMIT, meter_export(problem), values(SPILL) * hours)
    for limit in problem.circuit_limits:
        beyond = values((limit.limit_id, "beyond")) + values((limit.limit_id, "lacking"))
        yield from _bend(BentWish.CIRCUIT_LIMIT, limit.limit_id, beyond * hours, total=True)
    yield from _of_cars(problem, values)
    for store in problem.thermal_stores:
        for wish, side in ((BentWish.TOO_COLD, "cold"), (BentWish.TOO_HOT, "hot")):
            yield from _bend(wish, store.device_id, values((store.device_id, side)), total=False)
    for battery in problem.batteries:
        lacking = values((battery.device_id, "lacking"))
        yield from _bend(BentWish.RESERVE, battery.device_id, lacking, total=False)
    for appliance in problem.appliances:
        if values((appliance.device_id, "skip"))[0] > 0.5:
            last = len(hours) - 1
            yield Bend(
                wish=BentWish.PROGRAMME,
                subject_id=appliance.device_id,
                amount=1.0,
                first_step=0,
                last_step=last,
            )
    if problem.commitments:
        beyond = values(ABOVE) + values(BELOW)
        for one in problem.commitments:
            bound = np.isfinite(np.array(one.lower_w)) | np.isfinite(np.array(one.upper_w))
            missed = np.where(bound, beyond * hours, 0.0)
            yield from _bend(BentWish.COMMITMENT, one.commitment_id, missed, total=True)


def _of_cars(problem: Problem, values: Values) -> Iterator[Bend]:
    """Yield what cars and loads lack by their hour, and what is held back of a fast charge."""
    hours = np.array(problem.grid.lengths_h)
    for consumer in problem.consumers:
        missed = values((consumer.device_id, "missed"))
        yield from _bend(BentWish.READY_BY, consumer.device_id, missed, total=True)
    for car in problem.fast_charges:
        held = values((car.device_id, "held")) * hours
        yield from _bend(BentWish.SLOWED, car.device_id, held, total=True)


def _of_meter(wish: BentWish, limit: TightestLimit, kwh: FloatArray) -> Iterator[Bend]:
    """Yield one bend for each limit that was exceeded where it was the tightest."""
    for index, one in enumerate(limit.limits):
        own = np.where(limit.which == index, kwh, 0.0)
        yield from _bend(wish, one.limit_id, own, total=True)


def _bend(wish: BentWish, subject_id: str, kwh: FloatArray, *, total: bool) -> Iterator[Bend]:
    steps = np.flatnonzero(kwh > _NOTHING)
    if len(steps):
        amount = float(kwh.sum() if total else kwh.max()) * 1000
        first, last = int(steps[0]), int(steps[-1])
        yield Bend(wish=wish, subject_id=subject_id, amount=amount, first_step=first, last_step=last)
