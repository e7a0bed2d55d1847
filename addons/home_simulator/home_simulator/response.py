"""How fast a power electronics device follows what it is asked."""

import math

SETTLED_W = 10.0


def approach(power_w: float, target_w: float, *, dt_s: float, time_constant_s: float) -> float:
    """First-order lag: the power ``dt_s`` later; arrives exactly once within SETTLED_W of its target.

    95 % of a change is made after three time constants.
    """
    next_w = target_w + (power_w - target_w) * math.exp(-dt_s / time_constant_s)
    return target_w if abs(next_w - target_w) < SETTLED_W else next_w
