"""A B breaker as a thermal state.

With i the current over the rated one: state' = (i^2 - state) / tau, and it trips at 1.13^2, the largest
square that IEC 60898-1 lets it carry for ever; above 3 times the rated current it trips at once. The time
constant of 30 s is the fast side of what makers draw; the norm itself bounds only 1.13, 1.45 and 2.55.
"""

import math

TAU_S = 30.0
TRIPS_AT = 1.13**2
MAGNETIC = 3.0


def trips_after_s(current: float, before: float = 0.0) -> float:
    """Return after how long ``current`` trips a breaker that carried ``before``; both over the rated one."""
    if current >= MAGNETIC:
        return 0.0
    if current**2 <= TRIPS_AT:
        return math.inf
    return TAU_S * math.log((current**2 - before**2) / (current**2 - TRIPS_AT))


class Breaker:
    """One phase's breaker; ``tripped`` stays."""

    def __init__(self, rated_a: float) -> None:
        """Start cold."""
        self._rated_a = rated_a
        self.state = 0.0
        self.tripped = False
        self._settled = False

    def step(self, current_a: float, seconds: float) -> None:
        """Carry a current; the first one counts as carried for long."""
        current = abs(current_a) / self._rated_a
        if not self._settled:
            self.state, self._settled = min(current**2, 1.0), True
        self.state += (current**2 - self.state) * (1.0 - math.exp(-seconds / TAU_S))
        self.tripped = self.tripped or self.state >= TRIPS_AT or current >= MAGNETIC
