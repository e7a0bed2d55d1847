"""The same home as a mixed-integer programme: how much cheaper than the dive the best there is would be."""

from dataclasses import dataclass
from typing import Final

from custom_components.home_flex.core.planner.integers import Effort, cheapest
from custom_components.home_flex.core.planner.planner import Solved

_PART: Final = 0.001
_NOTHING: Final = 1e-6
# To 0.1 %, for as long as anybody would wait; and as it is searched in the background of a home.
BEST: Final = Effort(limit_s=10.0, part=_PART)
BACKGROUND: Final = Effort(limit_s=2.0, gap=0.005)


@dataclass(frozen=True, kw_only=True, slots=True)
class Searched:
    """What the cheapest plan found costs, sessions included; ``is_proven``: none is cheaper by 0.1 %."""

    objective: float
    is_proven: bool


def searched(solved: Solved, effort: Effort) -> Searched:
    """Return the cheapest plan that is found, at the worst the one that was dived to."""
    dived = solved.dived.objective
    found = cheapest(solved.search, solved.dived.outcome, effort)
    if found is None:
        return Searched(objective=dived, is_proven=False)
    return Searched(
        objective=min(found.objective, dived),
        is_proven=found.objective - found.bound <= _PART * abs(found.objective) + _NOTHING,
    )
