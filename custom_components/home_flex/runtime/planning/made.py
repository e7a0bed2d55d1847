"""A plan that was made, with all it was made from: what reasons, offers and questions are asked of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from ...core.planner.cleaning import usable_signals
from ...core.planner.plan import Plan
from ...core.planner.problem import Problem
from ...core.wishes.local_time import next_time
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

    @property
    def cost_today(self) -> float:
        """What is bought less what is sold until midnight by the home's clock; of a step it cuts its part."""
        signals = usable_signals(self.problem)
        until, cost = next_time(time(), self.made_at, self.home.zone), 0.0
        for index, (step, length_h) in enumerate(zip(self.plan.grid, self.plan.grid.lengths_h, strict=True)):
            share = min(max((until - step.start) / (step.end - step.start), 0.0), 1.0)
            kwh = self.plan.net_w[index] / 1000 * length_h * share
            cost += kwh * (signals.import_per_kwh if kwh > 0.0 else signals.export_per_kwh)[index]
        return cost

    def with_plan(self, plan: Plan) -> MadePlan:
        """Return the same with another plan of the same problem."""
        return replace(self, plan=plan, stretches=stretches_of(plan))


def stretches_of(plan: Plan) -> dict[str, tuple[Stretch, ...]]:
    """Return what each device does in a plan, stretch by stretch."""
    return {key: tuple(stretches(plan, device)) for key, device in plan.devices.items()}
