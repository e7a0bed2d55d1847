"""Makes plans: clean, solve, dive, read; when nothing comes of it the plan before, or the safe rule.

A plan takes some milliseconds of processor time. It is made in an executor, one at a time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .averaging import average_worth
from .bending import LeftOut, LeftOutCode
from .cleaning import cleaned
from .context import Context, context_of
from .dive import Dived, dive
from .margins import margins_given_up
from .model import Model, model_of, numbers_of, shape_of
from .outcome import LinearSolver
from .plan import Plan
from .problem import Problem
from .reading import read
from .rules import kept, safe_plan
from .search import Search
from .sketch import FloatArray
from .why import explained


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Solved:
    """A plan with all it was made of: what reasons, offers and choices are asked of."""

    search: Search
    dived: Dived
    plan: Plan

    @property
    def problem(self) -> Problem:
        """Return what it was made of, without what was left out."""
        return self.search.context.problem

    @property
    def explained(self) -> Plan:
        """Return the plan with its reasons."""
        return explained(self.problem, self.plan)


class Planner:
    """Plans one home; the matrix is kept as long as nothing but numbers changes.

    ``clock`` tells monotonic seconds; no plan takes much longer than ``limit_s``. ``offers``: the matrix also
    has the rows of what may be offered (``envelope``).
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, limit_s: float = 2.0, offers: bool = False
    ) -> None:
        """Start without a model; without a solver every plan is the safe rule."""
        self._clock = clock
        self._offers = offers
        self._limit_s = limit_s
        self._solver = _solver()
        self._model: Model | None = None

    @property
    def has_solver(self) -> bool:
        """Return whether highspy is there."""
        return self._solver is not None

    def plan(self, problem: Problem, before: Plan | None = None) -> Plan:
        """Return a plan, always. ``before`` is the plan until now; None where what decides has changed."""
        solved = self.solve(problem, before)
        return solved if isinstance(solved, Plan) else solved.explained

    def solve(self, problem: Problem, before: Plan | None = None) -> Solved | Plan:
        """Return a plan with what it was made of; the plan alone where it was not solved."""
        usable, left_out = cleaned(problem)
        if self._solver is None:
            return safe_plan(usable, (*left_out, LeftOut(code=LeftOutCode.NO_SOLVER)))
        started_s, solves = time.thread_time(), self._solver.solves
        search = self._search(self._solver, usable, context_of(usable, last_kw(usable, before)))
        dived = dive(search)
        if dived is None:
            return kept(usable, before, left_out) or safe_plan(usable, left_out)
        plan = planned(search, dived, left_out)
        plan = replace(plan, solves=self._solver.solves - solves, cpu_s=time.thread_time() - started_s)
        return Solved(search=search, dived=dived, plan=plan)

    def _search(self, solver: LinearSolver, problem: Problem, context: Context) -> Search:
        shape = shape_of(problem, offers=self._offers)
        if self._model is None or self._model.shape != shape:
            self._model = model_of(problem, offers=self._offers)
            numbers = numbers_of(self._model, context)
            solver.load(numbers, len(problem.grid))
        else:
            numbers = numbers_of(self._model, context)
            solver.renew(numbers)
        until_s = self._clock() + self._limit_s
        return Search(
            solver=solver,
            model=self._model,
            numbers=numbers,
            context=context,
            clock=self._clock,
            until_s=until_s,
        )


def planned(search: Search, dived: Dived, left_out: tuple[LeftOut, ...]) -> Plan:
    """Return the plan of a search that stands at what was dived to."""
    worth = average_worth(search, dived.outcome)
    return read(search.context, search.numbers, dived, left_out, margins_given_up(search), worth)


def last_kw(problem: Problem, before: Plan | None) -> dict[str, FloatArray]:
    """Return what the plan before had each device take in the steps of a problem; 0 where it says nothing."""
    if before is None:
        return {}
    bounds = np.array([bound.timestamp() for bound in before.grid.bounds()])
    starts = np.array([bound.timestamp() for bound in problem.grid.bounds()[:-1]])
    which = np.searchsorted(bounds, starts, side="right") - 1
    which[(which < 0) | (which >= len(before.grid))] = -1
    return {
        device_id: np.where(which >= 0, np.array(device.power_w)[which] / 1000, 0.0)
        for device_id, device in before.devices.items()
    }


def _solver() -> LinearSolver | None:
    """Return a solver, None where highspy is not installed; it is loaded only where plans are made."""
    try:
        from .solver import Solver  # noqa: PLC0415 # it may be missing
    except ImportError:
        return None
    return Solver()
