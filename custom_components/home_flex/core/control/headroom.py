"""How warm a circuit breaker is, and how much of it may be used so that a step of load cannot trip it.

A first-order thermal model: with i = I / In the state goes to i² with a time constant, and the breaker trips
at 1.13² (IEC 60898-1: 1.13 In does not trip within an hour). The time constant stands for the lower band of
makers' curves: 6.6 s at 2.55 In from cold, where the standard asks for at least 1 s.
"""

import math

TAU_S = 30.0
TRIPS_AT = 1.13**2
# A breaker of type B trips at once from 3 In on; never plan near it.
MAGNETIC = 2.5
# The step of load to expect where no larger one was seen: what one socket circuit can add to a phase.
LEAST_STEP_A = 16.0
# What reading, deciding and writing take beside the meter's and the device's delays.
OWN_DELAY_S = 1.5


def heated(state: float, current_ratio: float, for_s: float) -> float:
    """Return the thermal state after ``current_ratio`` (I / In) has flowed ``for_s`` more; 0 is cold."""
    left = math.exp(-for_s / TAU_S)
    return current_ratio**2 * (1.0 - left) + state * left


def trips_in_s(state: float, current_ratio: float) -> float:
    """Return how long ``current_ratio`` may flow on until the breaker trips; infinite when it never does."""
    if state >= TRIPS_AT:
        return 0.0
    square = current_ratio**2
    return TAU_S * math.log((square - state) / (square - TRIPS_AT)) if square > TRIPS_AT else math.inf


def loop_delay_s(*, meter_age_s: float, meter_period_s: float, dead_time_s: float) -> float:
    """Return how long an overload lasts until the devices have answered it, at worst."""
    return meter_age_s + meter_period_s + dead_time_s + OWN_DELAY_S


def usable_a(fuse_a: float, delay_s: float, largest_step_a: float) -> float:
    """Return up to which current a phase may be planned so that its fuse survives the largest step of load.

    Solves i0² x e + (i0 + s)² x (1 - e) = 1.13² for the lasting i0, with s the step / In and e = exp(-delay /
    tau): after ``delay_s`` at i0 + s the breaker, warm from i0, is just about to trip. At most the rating.
    ``largest_step_a`` is what was seen on one phase in a week; less than 16 A counts as 16 A.
    """
    step = max(largest_step_a, LEAST_STEP_A) / fuse_a
    passing = 1.0 - math.exp(-delay_s / TAU_S)
    root = (step * passing) ** 2 - step**2 * passing + TRIPS_AT
    lasting = math.sqrt(root) - step * passing if root > 0 else 0.0
    return fuse_a * max(0.0, min(1.0, lasting, MAGNETIC - step))
