"""What a resident prefers, and what bending a wish costs, as prices: the plan weighs nothing else.

Per kWh in the site's currency where nothing else is said. They steer and are never told as money.
"""

from dataclasses import dataclass
from enum import StrEnum


class Goal(StrEnum):
    """What the resident wants of a plan."""

    CHEAPEST = "cheapest"
    GREENEST = "greenest"
    MOST_INDEPENDENT = "most_independent"


@dataclass(frozen=True, kw_only=True, slots=True)
class BendPrices:
    """What it costs to bend each kind of limit and wish; the order of control, as prices far apart.

    ``comfort`` is per kWh of heat and hour, ``reserve`` per kWh of charge and hour.
    """

    fuse: float = 40.0
    grid_operator: float = 20.0
    wish: float = 5.0
    comfort: float = 2.0
    reserve: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """Prices beside money.

    ``carbon_per_kg``: of what is bought; ``independence``: of a kWh bought or sold; ``earlier``: of waiting
    an hour with a kWh; ``stickiness``: of a kWh that the plan before this had elsewhere; ``least_gain``: what
    a kWh out of a battery must bring above what it cost to store, with losses and wear.
    """

    carbon_per_kg: float = 0.0
    independence: float = 0.0
    earlier: float = 0.0001
    stickiness: float = 0.002
    least_gain: float = 0.005
    bend: BendPrices = BendPrices()


_OF_GOAL = {
    Goal.CHEAPEST: Preferences(),
    Goal.GREENEST: Preferences(carbon_per_kg=0.3),
    Goal.MOST_INDEPENDENT: Preferences(independence=0.1),
}


def preferences_for(goal: Goal) -> Preferences:
    """Return the prices that a goal stands for."""
    return _OF_GOAL[goal]
