"""Other futures of a solved plan: forecasts that miss as they once did, with what is on or off as planned."""

from dataclasses import dataclass, replace

import numpy as np

from .context import context_of
from .model import numbers_of
from .problem import ErrorPath, Problem, Series
from .search import Search
from .sketch import FloatArray, IndexArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Settled:
    """The bounds that the dive changed: what is on or off when, and which way the meter goes."""

    columns: IndexArray
    lower: FloatArray
    upper: FloatArray


def settled(search: Search) -> Settled:
    """Return what a dive settled."""
    numbers, free = search.numbers, numbers_of(search.model, search.context)
    changed = (numbers.lower != free.lower) | (numbers.upper != free.upper)
    columns = np.flatnonzero(changed).astype(np.int32)
    return Settled(columns=columns, lower=numbers.lower[columns], upper=numbers.upper[columns])


def in_path(search: Search, path: ErrorPath, bounds: Settled) -> Search:
    """Return a search in which the forecasts miss by an error path; the solver has its numbers."""
    context = context_of(missed(search.context.problem, path), search.context.last_kw)
    numbers = numbers_of(search.model, context)
    numbers.lower[bounds.columns] = bounds.lower
    numbers.upper[bounds.columns] = bounds.upper
    search.solver.renew(numbers)
    return replace(search, numbers=numbers, context=context, on=dict(search.on))


def missed(problem: Problem, path: ErrorPath) -> Problem:
    """Return a problem whose forecasts miss by an error path; each plant has its part of the sun's error."""
    sun_w = (
        np.sum([pv.available_w for pv in problem.pv], axis=0) if problem.pv else np.zeros(len(problem.grid))
    )
    factor = np.where(sun_w > 0, 1 + np.array(path.available_w) / np.maximum(sun_w, 1.0), 1.0)
    return replace(
        problem,
        load_w=_series(np.maximum(np.array(problem.load_w) + np.array(path.load_w), 0.0)),
        pv=tuple(
            replace(pv, available_w=_series(np.clip(np.array(pv.available_w) * factor, 0.0, pv.most_w)))
            for pv in problem.pv
        ),
    )


def _series(values: FloatArray) -> Series:
    return tuple(values.tolist())
