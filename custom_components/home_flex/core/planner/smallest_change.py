"""When a wish is bent: the smallest changes that would make it possible, each planned again to be sure.

What is tried follows from what was bent: less of it, later, a higher limit, an event that is left, a battery
that may charge from the grid, a lower reserve. Only what then meets the wish is proposed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .bending import Bend, BentWish
from .plan import Plan, PlanStatus
from .planner import Planner
from .problem import Problem
from .proposals import ChangeKind, Proposal, proposals

_MOST: Final = 3
# What is bent by less is not bent: of its unit.
_NOTHING: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A change that makes a wish possible: of whose setting (a device's, limit's or promise's id).

    ``money``: what the plan with it costs more than the one without; ``carbon_g`` likewise.
    """

    kind: ChangeKind
    subject_id: str
    amount: float
    money: float
    carbon_g: float | None
    plan: Plan


class SmallestChanges:
    """Finds changes; ``clock`` tells monotonic seconds, no plan takes much longer than ``limit_s``."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, limit_s: float = 2.0) -> None:
        """Start without a model."""
        self._planner = Planner(clock=clock, limit_s=limit_s)

    def of(self, problem: Problem, plan: Plan, bend: Bend) -> tuple[Change, ...]:
        """Return up to three changes without which a wish stays bent; none where none is known."""
        found: list[Change] = []
        for proposal in proposals(problem, bend):
            if len(found) < _MOST and (change := self._smallest(proposal, plan, bend)) is not None:
                found.append(change)
        return tuple(found)

    def _smallest(self, proposal: Proposal, plan: Plan, bend: Bend) -> Change | None:
        """Return the least amount that is enough, found by halving; None where the most is not."""
        few, many = proposal.least, proposal.most
        best = self._meets(proposal, few, plan, bend)
        if best is None:
            best = self._meets(proposal, many, plan, bend) if many > few else None
            if best is None:
                return None
            few += 1
            while few < many:
                middle = (few + many) // 2
                tried = self._meets(proposal, middle, plan, bend)
                if tried is None:
                    few = middle + 1
                else:
                    best, many = tried, middle
        amount, solved = proposal.part * best[0], best[1]
        is_carbon_known = solved.carbon_g is not None and plan.carbon_g is not None
        return Change(
            kind=proposal.kind,
            subject_id=proposal.subject_id,
            amount=amount,
            money=solved.money.total - plan.money.total,
            carbon_g=(solved.carbon_g or 0.0) - (plan.carbon_g or 0.0) if is_carbon_known else None,
            plan=solved,
        )

    def _meets(self, proposal: Proposal, parts: int, plan: Plan, bend: Bend) -> tuple[int, Plan] | None:
        solved = self._planner.plan(proposal.made(parts * proposal.part), plan)
        if solved.status not in (PlanStatus.SOLVED, PlanStatus.STOPPED):
            return None
        return None if _is_worse(solved, plan, bend) else (parts, solved)


def _is_worse(solved: Plan, plan: Plan, bend: Bend) -> bool:
    """Return whether the wish is still bent, or another is bent instead."""
    before = {(one.wish, one.subject_id): one.amount for one in plan.bent}
    before.pop((bend.wish, bend.subject_id), None)
    return any(
        one.wish is not BentWish.READY_EARLY
        and one.amount > before.get((one.wish, one.subject_id), 0.0) + _NOTHING
        for one in solved.bent
    )
