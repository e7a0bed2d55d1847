"""The same home as a mixed-integer programme: how much cheaper than the dive the best there is would be."""

from typing import Final

from custom_components.home_flex.core.planner.integers import Effort, cheapest
from custom_components.home_flex.core.planner.planner import Solved

# How close to the best it is proven, and for how long that is tried.
_PART: Final = 0.001
_EFFORT: Final = Effort(limit_s=10.0, part=_PART)
_NOTHING: Final = 1e-6


def best_objective(solved: Solved) -> float | None:
    """Return what the best plan costs, sessions included; None where it was not proven in time."""
    found = cheapest(solved.search, solved.dived.outcome, _EFFORT)
    if found is None or found.objective - found.bound > _PART * abs(found.objective) + _NOTHING:
        return None
    return found.objective
