"""What a stored kWh is worth on average over the forecast and how forecasts missed on past days.

A plan is made for the days that are expected, and a kWh kept for an evening that then draws less is kept in
vain. What is settled stays settled; the rest is solved again for each past error, from where it stands.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from .context import context_of
from .model import numbers_of
from .numbers import Numbers
from .outcome import Outcome
from .problem import ErrorPath, Problem, Pv
from .search import Search
from .sketch import FloatArray, IndexArray

# More paths than these move the average little.
_MOST_PATHS: Final = 6


def average_worth(search: Search, found: Outcome) -> Mapping[str, FloatArray]:
    """Return by battery what a kWh stored at the end of each step is worth, ``found`` being one of the cases.

    Empty without batteries or past errors. The search is left with the bounds that it had.
    """
    context, model = search.context, search.model
    problem = context.problem
    if not problem.batteries or not problem.error_paths:
        return {}
    cases = [
        numbers_of(model, context_of(_missed(problem, path), context.last_kw))
        for path in problem.error_paths[:_MOST_PATHS]
    ]
    columns, rows = _changed(search.numbers, numbers_of(model, context), cases)
    outcomes = [found]
    for case in cases:
        _bound(search, case, columns, rows)
        outcome = search.outcome() if search.left_s > 0 else None
        if outcome is not None and outcome.is_optimal:
            outcomes.append(outcome)
    _bound(search, search.numbers, columns, rows)
    energies = {one.device_id: model.matrix.rows[(one.device_id, "energy")] for one in problem.batteries}
    return {
        device_id: -np.mean([outcome.duals[where] for outcome in outcomes], axis=0)
        for device_id, where in energies.items()
    }


def _missed(problem: Problem, path: ErrorPath) -> Problem:
    """Return the problem as it is if the forecasts miss by a path; each roof misses by its share."""
    load_w = np.maximum(np.array(problem.load_w) + np.array(path.load_w), 0.0)
    total_w = np.sum([np.array(one.available_w) for one in problem.pv], axis=0)
    share = 1.0 + np.array(path.available_w) / np.maximum(total_w, 1.0)
    return replace(
        problem,
        load_w=tuple(load_w.tolist()),
        pv=tuple(_shared(one, share) for one in problem.pv),
    )


def _shared(pv: Pv, share: FloatArray) -> Pv:
    available_w = np.clip(np.array(pv.available_w) * share, 0.0, pv.most_w)
    return replace(pv, available_w=tuple(available_w.tolist()))


def _changed(settled: Numbers, plain: Numbers, cases: list[Numbers]) -> tuple[IndexArray, IndexArray]:
    """Return the columns and the rows whose bounds some case changes, but for what the search has settled."""
    columns = np.zeros(len(plain.lower), dtype=np.bool_)
    rows = np.zeros(len(plain.row_lower), dtype=np.bool_)
    for case in cases:
        columns |= (case.lower != plain.lower) | (case.upper != plain.upper)
        rows |= (case.row_lower != plain.row_lower) | (case.row_upper != plain.row_upper)
    columns &= (settled.lower == plain.lower) & (settled.upper == plain.upper)
    return np.flatnonzero(columns).astype(np.int32), np.flatnonzero(rows).astype(np.int32)


def _bound(search: Search, numbers: Numbers, columns: IndexArray, rows: IndexArray) -> None:
    search.solver.bound(columns, numbers.lower[columns], numbers.upper[columns])
    search.solver.bound_rows(rows, numbers.row_lower[rows], numbers.row_upper[rows])
