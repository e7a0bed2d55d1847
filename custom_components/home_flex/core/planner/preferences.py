"""What a resident prefers, and what bending a wish costs, as prices: the plan weighs nothing else.

Per kWh where nothing else is said. They steer and are never told as money. They are written in EUR: in
another currency all of them are times its price level (``core.signals.price_level``), so that they stand to
its prices as in EUR.
"""

from dataclasses import dataclass, fields
from typing import Any

from ..model import Goal


@dataclass(frozen=True, kw_only=True, slots=True)
class BendPrices:
    """What it costs to bend each kind of limit and wish; the order of control, as prices far apart.

    ``setpoint``: to miss one that was promised, more than is paid for energy. ``fast``: to hold back a car
    that is charged at once, beyond what it then saves; an event may, and another car's hour. ``comfort`` is
    per kWh of heat and hour, ``reserve`` per kWh of charge and hour.
    """

    fuse: float = 40.0
    grid_operator: float = 20.0
    wish: float = 5.0
    setpoint: float = 2.0
    fast: float = 1.0
    comfort: float = 2.0
    reserve: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """Prices beside money.

    ``carbon_per_kg``: of what is bought; ``independence``: of a kWh bought or sold; ``earlier``: of waiting
    an hour with a kWh; ``stickiness``: of a kWh that the plan before this had elsewhere; ``least_gain``: what
    a kWh out of a battery must bring above what it cost to store, with losses and wear. ``least_gap``: money
    that is not searched for; ``equal``: prices that differ by less are equal. ``usual_import``: where no
    price is known. ``level``: what all are times those in EUR.
    """

    carbon_per_kg: float = 0.0
    independence: float = 0.0
    earlier: float = 0.0001
    stickiness: float = 0.002
    least_gain: float = 0.005
    least_gap: float = 0.01
    equal: float = 0.0001
    usual_import: float = 0.30
    level: float = 1.0
    bend: BendPrices = BendPrices()

    def scaled(self, level: float) -> Preferences:
        """Return all prices times a level; raise ValueError where it is not above zero."""
        if not level > 0.0:
            raise ValueError(f"no prices stand at a level of {level}")
        return _times(self, level)


def _times[P: (BendPrices, Preferences)](prices: P, level: float) -> P:
    """Return all prices of a dataclass, and of those within it, times a level."""
    scaled: dict[str, Any] = {}
    for field in fields(prices):
        each = getattr(prices, field.name)
        scaled[field.name] = _times(each, level) if isinstance(each, BendPrices) else each * level
    return type(prices)(**scaled)


_OF_GOAL = {
    Goal.CHEAPEST: Preferences(),
    Goal.GREENEST: Preferences(carbon_per_kg=0.3),
    Goal.MOST_INDEPENDENT: Preferences(independence=0.1),
}


def preferences_for(goal: Goal) -> Preferences:
    """Return the prices that a goal stands for."""
    return _OF_GOAL[goal]
