"""A better plan, looked for in the background: what a dive missed, found in whole numbers.

It takes up to some seconds, and is asked for only where a plan may be dearer than it need be.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from .burning import without_burning
from .dive import Dived
from .plan import Plan, PlanStatus
from .planner import Planner, Solved, planned
from .problem import Problem

# There is time to come nearer to the best than a dive does: to this part of its least gap, or of the cost.
_NEARER, _PART = 0.5, 0.001


class Refiner:
    """Refines plans with a model of its own; ``clock`` tells monotonic seconds.

    It is used by one thread at a time. No search takes much longer than ``limit_s``, and neither does what
    it starts from.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, limit_s: float = 2.0) -> None:
        """Start without a model."""
        self._planner = Planner(clock=clock, limit_s=limit_s)
        self._limit_s = limit_s

    def refined(self, problem: Problem, plan: Plan) -> Plan:
        """Return a plan that is better by more than leaving ``plan`` costs, else ``plan`` itself.

        What is proven of its gap on the way is kept in either. A plan that was not searched to its end, and
        one whose gap is not worth it, comes back as it is.
        """
        if plan.status is not PlanStatus.SOLVED or plan.gap <= _aim(problem):
            return plan
        solved = self._planner.solve(problem, plan)
        if isinstance(solved, Plan):
            return plan
        dived, aim = solved.dived, _aim(problem)
        cost = dived.bound + plan.gap
        if dived.objective <= cost - aim:
            # From another start the dive found a cheaper one by itself.
            plan, cost = solved.explained, dived.objective
        if cost - dived.bound <= max(aim, _PART * abs(dived.bound)):
            return plan
        return _refined(solved, plan, cost, self._limit_s)


def _aim(problem: Problem) -> float:
    """Return what a plan may be dearer than the best, in money."""
    return _NEARER * problem.preferences.least_gap


def _refined(solved: Solved, plan: Plan, cost: float, limit_s: float) -> Plan:
    """Return a plan found in whole numbers that is better than ``plan``, which costs ``cost``, or that."""
    # highspy is there, or nothing would have been solved.
    from .integers import Effort, cheapest  # noqa: PLC0415 # it is loaded where a plan is refined

    search, dived, aim = solved.search, solved.dived, _aim(solved.problem)
    found = cheapest(search, dived.outcome, Effort(limit_s=limit_s, gap=aim / 2))
    if found is None:
        return plan
    bound = max(dived.bound, found.bound)
    kept = replace(plan, gap=min(plan.gap, max(cost - bound, 0.0)))
    if found.objective > cost - aim:
        return kept
    for move in found.moves:
        search.make(move)
    search.until_s = search.clock() + limit_s
    outcome = search.outcome()
    if outcome is None:
        return kept
    outcome = without_burning(search, outcome)
    if not outcome.is_optimal:
        return kept
    better = Dived(outcome=outcome, objective=outcome.objective + search.session_cost(), bound=bound)
    if better.objective > cost - aim:
        return kept
    refined = planned(search, better, plan.left_out)
    return replace(solved, dived=better, plan=refined).explained
