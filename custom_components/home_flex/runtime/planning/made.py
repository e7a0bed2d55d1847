"""A plan that was made, with all it was made from: what reasons, offers and questions are asked of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ...core.planner.plan import Plan
from ...core.planner.problem import Problem
from .asking import Home
from .outlook import Outlook
from .showing import ForecastView, Stretch, stretches


@dataclass(frozen=True, kw_only=True, slots=True)
class MadePlan:
    """A plan, what it was made of and when, and what each device does in it, stretch by stretch.

    ``forecasts``: how good those it was made with were, of the house (``measured.LOAD``) and of devices.
    """

    plan: Plan
    problem: Problem
    home: Home
    outlook: Outlook
    made_at: datetime
    stretches: Mapping[str, tuple[Stretch, ...]]
    forecasts: Mapping[str, ForecastView] = field(default_factory=dict)

    def with_plan(self, plan: Plan) -> MadePlan:
        """Return the same with another plan of the same problem."""
        return replace(self, plan=plan, stretches=stretches_of(plan))


def stretches_of(plan: Plan) -> dict[str, tuple[Stretch, ...]]:
    """Return what each device does in a plan, stretch by stretch."""
    return {key: tuple(stretches(plan, device)) for key, device in plan.devices.items()}
