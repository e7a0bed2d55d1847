"""What devices could do now instead of what is planned, and what it costs: once for each plan, when asked."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from ...core.planner.alternative import Alternative, compared, trials
from ...core.planner.plan import Plan, PlanStatus
from ...core.planner.problem import Problem
from ..seldom import SeldomWarnings
from .made import MadePlan

_LOGGER = logging.getLogger(__name__)

# Each device is planned once more.
_TIMEOUT_S: Final = 120.0


class PlansAgain(Protocol):
    """Solves beside the event loop, one thing at a time, and leaves the plan's own model alone."""

    async def plan(self, problem: Problem) -> Plan:
        """Return a plan of what might be."""
        ...


class AlternativeService:
    """Holds what the devices of the last plan could do instead."""

    def __init__(self, *, plans: PlansAgain, monotonic_s: Callable[[], float]) -> None:
        """Start with nothing reckoned."""
        self._plans = plans
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._making = asyncio.Lock()
        self._plan: MadePlan | None = None
        self._found: Mapping[str, Alternative] = {}

    def known(self, made: MadePlan) -> Mapping[str, Alternative] | None:
        """Return what is reckoned, nothing while that goes on; None where somebody has to ask for it."""
        if made is self._plan:
            return self._found
        return {} if self._making.locked() else None

    async def of(self, made: MadePlan) -> Mapping[str, Alternative]:
        """Return by device what it could do instead, reckoned by the first who asks; without what failed."""
        async with self._making:
            if made is not self._plan:
                self._found = await self._reckoned(made)
                self._plan = made
            return self._found

    async def _reckoned(self, made: MadePlan) -> Mapping[str, Alternative]:
        found: dict[str, Alternative] = {}
        if made.plan.status is not PlanStatus.SOLVED:
            return found
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                # The home as it is, too, so that both are planned alike.
                before = await self._plans.plan(made.problem)
                for trial in trials(made.problem, made.plan):
                    other = compared(trial, await self._plans.plan(trial.problem), before)
                    if other is not None:
                        found[trial.device_id] = other
        except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
            self._warnings.warn(
                "alternatives", "What devices could do instead could not be reckoned", exc_info=True
            )
        return found


def alternative_document(one: Alternative) -> dict[str, Any]:
    """Return an alternative as JSON values, money in the site's currency."""
    return {
        "instead": one.instead.value,
        "costs": round(one.money, 4),
        "carbon_g": None if one.carbon_g is None else round(one.carbon_g, 1),
        "bent": [
            {"wish": each.wish.value, "subject_id": each.subject_id, "amount": round(each.amount, 3)}
            for each in one.bent
        ],
    }
