"""How warm a circuit breaker is, and how much of it may be used so that a step of load cannot trip it.

A first-order thermal model: with i = I / In the state goes to i² with a time constant, and the breaker trips
at 1.13² (IEC 60898-1: 1.13 In does not trip within an hour). The time constant stands for the lower band of
makers' curves: 6.6 s at 2.55 In from cold, where the standard asks for at least 1 s.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

TAU_S = 30.0
TRIPS_AT = 1.13**2
# The step of load to expect where no larger one was seen: what one socket circuit can add to a phase.
LEAST_STEP_A = 16.0
# As near as the current is told that may be planned.
_NEAR_A = 0.01


@dataclass(frozen=True, slots=True)
class Answer:
    """A car that draws ``current_a`` on a phase, and after how long a step of load is answered by it."""

    delay_s: float
    current_a: float


def heated(state: float, current_ratio: float, for_s: float) -> float:
    """Return the thermal state after ``current_ratio`` (I / In) has flowed ``for_s`` more; 0 is cold."""
    left = math.exp(-for_s / TAU_S)
    return current_ratio**2 * (1.0 - left) + state * left


def unanswered_a(fuse_a: float, step_a: float) -> float:
    """Return up to which current a phase may be planned so that ``step_a`` more may flow for ever.

    Nobody sees the step, so nothing answers it: with it the phase carries 1.13 times the rating, which never
    trips the breaker. At most the rating.
    """
    return max(0.0, min(fuse_a, math.sqrt(TRIPS_AT) * fuse_a - step_a))


def usable_among_a(fuse_a: float, rest_a: float, answers: Sequence[Answer], step_a: float) -> float:
    """Return up to which current a phase may be planned whose cars answer a step one after the other.

    The breaker, warm from what flows for long, is just about to trip when the step has been answered. Who
    answers soon takes a part of the overload back while a slower one is still under way: after each delay the
    current falls by what that car drew, at most to the rating. The cars keep the
    proportions of what they draw. Of ``step_a`` counts what the fuse could carry beyond ``rest_a`` (>= 0): a
    house that draws more trips it without any car. So never more than twice the rating is reckoned with, far
    from the 3 In that trip a breaker of type B at once. At most the rating; the rest alone where no car fits.
    """
    drawn_a = math.fsum(answer.current_a for answer in answers)
    step_a = min(step_a, max(0.0, fuse_a - rest_a))
    soonest = sorted(answers, key=lambda answer: answer.delay_s)
    low_a, high_a = 0.0, max(0.0, fuse_a - rest_a)

    def holds(cars_a: float) -> bool:
        parts = [Answer(one.delay_s, one.current_a / drawn_a * cars_a) for one in soonest]
        return _survives(fuse_a, rest_a + cars_a, step_a, parts)

    if drawn_a <= 0.0 or holds(high_a):
        return rest_a + high_a
    while high_a - low_a > _NEAR_A:
        middle_a = (low_a + high_a) / 2
        low_a, high_a = (middle_a, high_a) if holds(middle_a) else (low_a, middle_a)
    return rest_a + low_a


def _survives(fuse_a: float, lasting_a: float, step_a: float, soonest: Sequence[Answer]) -> bool:
    state, current_a, at_s = (lasting_a / fuse_a) ** 2, lasting_a + step_a, 0.0
    for answer in soonest:
        state = heated(state, current_a / fuse_a, answer.delay_s - at_s)
        if state > TRIPS_AT:
            return False
        at_s, current_a = answer.delay_s, max(min(current_a, fuse_a), current_a - answer.current_a)
    return True
