"""What would make bent wishes possible: looked for beside the event loop, once for each plan."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from ...core.planner.bending import Bend
from ...core.planner.plan import Plan, PlanStatus
from ...core.planner.problem import Problem
from ...core.planner.smallest_change import Change
from ..seldom import SeldomWarnings
from .made import MadePlan
from .showing import WaysOut

_LOGGER = logging.getLogger(__name__)

# Of more wishes than these, which come first in the order of control, nobody looks for a way out.
_MOST_BENT: Final = 3
# Each change is planned again several times.
_TIMEOUT_S: Final = 120.0


class FindsChanges(Protocol):
    """Solves beside the event loop, one thing at a time, and leaves the plan's own model alone."""

    async def changes(self, problem: Problem, plan: Plan, bend: Bend) -> tuple[Change, ...]:
        """Return the smallest changes that make what a plan bent possible."""
        ...


class ChangeService:
    """Holds what would make possible what the last plan bent."""

    def __init__(self, *, finds: FindsChanges, monotonic_s: Callable[[], float]) -> None:
        """Start with nothing found."""
        self._finds = finds
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._plan: MadePlan | None = None
        self._found: Mapping[Bend, tuple[Change, ...]] = {}

    def of(self, made: MadePlan) -> tuple[WaysOut, ...]:
        """Return what a plan bent, and the changes that make it possible."""
        found = self._found if made is self._plan else {}
        return tuple(WaysOut(bend, found.get(bend)) for bend in made.plan.bent)

    async def make(self, made: MadePlan) -> None:
        """Look for what a plan bent; what was found stands with that plan. It is looked for once only."""
        if made is self._plan:
            return
        found: dict[Bend, tuple[Change, ...]] = {}
        if made.plan.status in {PlanStatus.SOLVED, PlanStatus.STOPPED}:
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    for bend in made.plan.bent[:_MOST_BENT]:
                        found[bend] = await self._finds.changes(made.problem, made.plan, bend)
            except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
                self._warnings.warn(
                    "changes", "What would make bent wishes possible could not be reckoned", exc_info=True
                )
        self._plan, self._found = made, found
