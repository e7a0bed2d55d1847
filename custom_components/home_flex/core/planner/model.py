"""The model of a home: its parts, their matrix, and the numbers of one problem."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .context import Context
from .numbers import Numbers
from .parts import (
    AppliancePart,
    BatteryPart,
    CircuitsPart,
    ConsumerPart,
    Expecting,
    FastChargePart,
    MeterPart,
    Part,
    SunPart,
    ThermalPart,
)
from .parts.own_use import OWN_USE, own_use
from .problem import Problem, priced_peaks
from .sketch import Matrix, Sketch


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Model:
    """A matrix and all that it depends on."""

    shape: Hashable
    matrix: Matrix
    offers: bool


def parts_of(problem: Problem, *, offers: bool) -> tuple[Part, ...]:
    """Return what a problem consists of, in the order in which it is laid; ``offers``: also their rows."""
    return (
        MeterPart(peaks=priced_peaks(problem), has_commitments=bool(problem.commitments), offers=offers),
        CircuitsPart(limits=problem.circuit_limits),
        *own_use(problem),
        *(SunPart(pv=one) for one in problem.pv),
        *(BatteryPart(battery=one) for one in problem.batteries),
        *(ConsumerPart(consumer=one) for one in problem.consumers),
        *(FastChargePart(car=one) for one in problem.fast_charges),
        *(AppliancePart(appliance=one, lengths_s=problem.grid.lengths_s) for one in problem.appliances),
        *(ThermalPart(store=one) for one in problem.thermal_stores),
    )


def shape_of(problem: Problem, *, offers: bool = False) -> Hashable:
    """Return all that the matrix of a problem depends on: while it is equal, the matrix is the same."""
    return (problem.grid.lengths_s, tuple(part.shape for part in parts_of(problem, offers=offers)))


def model_of(problem: Problem, *, offers: bool = False) -> Model:
    """Return the matrix of a problem."""
    sketch = Sketch(
        lengths_h=np.array(problem.grid.lengths_h),
        shares=dict(_shares(problem)),
    )
    for part in parts_of(problem, offers=offers):
        part.lay(sketch)
    return Model(shape=shape_of(problem, offers=offers), matrix=sketch.drawn(), offers=offers)


def _shares(problem: Problem) -> Iterator[tuple[str, Mapping[str, float]]]:
    yield from ((limit.limit_id, limit.shares) for limit in problem.circuit_limits)
    yield from ((OWN_USE, part.shares) for part in own_use(problem))


def numbers_of(model: Model, context: Context) -> Numbers:
    """Return the bounds and costs of a problem whose shape the model has."""
    numbers = Numbers.blank(model.matrix)
    for part in parts_of(context.problem, offers=model.offers):
        part.fill(numbers, context)
    return numbers


def expecting(model: Model, problem: Problem) -> tuple[Expecting, ...]:
    """Return the parts in which something follows from forecasts of load and sun."""
    parts = parts_of(problem, offers=model.offers)
    return tuple(part for part in parts if isinstance(part, Expecting))
