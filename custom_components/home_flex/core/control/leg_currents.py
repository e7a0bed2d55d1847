"""What hangs between the lines of a grid without neutral, found from the currents of the lines and the power.

Legs x, y, z lie between the lines 1-2, 2-3 and 3-1. At a power factor of one the lines carry
I1² = x² + z² + xz, I2² = x² + y² + xy, I3² = y² + z² + yz, and the power is V (x + y + z). Differences of the
squares are then linear in the legs: I1² - I2² = (z - y)(x + y + z), I2² - I3² = (x - z)(x + y + z).
Currents in A, signed like power for the legs: positive = consumption.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

from .phase_currents import Bounds, inaccuracy_a, line_current_a

# The lines between which each leg hangs, and the legs that meet at each line.
LINES_OF_LEG = {1: (1, 2), 2: (2, 3), 3: (3, 1)}
LEGS_OF_LINE = {1: (1, 3), 2: (1, 2), 3: (2, 3)}
# However the legs are loaded, none and no two that meet carry more than this times the line's current.
_MOST_OF_LINE = 2.0 / math.sqrt(3.0)
# With less power than this per volt the legs cannot be told apart.
_LEAST_SUM_A = 1.0


def leg_currents_a(
    lines_a: Sequence[float | None], power_w: float, voltage_v: float, *, produces: bool = True
) -> Mapping[tuple[int, ...], Bounds]:
    """Return the bounds of each leg, and of each sum of two that meet, by the numbers of the legs.

    ``lines_a``: the currents of three lines, of which one may be None, not told. Nothing where more is
    missing. ``produces`` False: nothing that hangs there feeds in.
    """
    told = [abs(current) for current in lines_a if current is not None]
    if len(told) < 2:
        return {}
    sum_a = power_w / voltage_v
    off_a = inaccuracy_a(told)
    every = _complete(lines_a, told, sum_a, off_a)
    most_a = [max(lines[index] for lines in every) + off_a for index in range(3)]
    solved = [(lines, _legs(lines, sum_a)) for lines in every] if abs(sum_a) > _LEAST_SUM_A else []
    bounds = [_around(lines, legs, off_a, sum_a) for lines, legs in solved]
    if not produces:
        bounds = [legs for legs in bounds if all(leg.high >= 0 for leg in legs)]
    least = -math.inf if produces else 0.0
    return {
        legs: _hull(
            [
                Bounds(sum(one[leg - 1].low for leg in legs), sum(one[leg - 1].high for leg in legs))
                for one in bounds
            ],
            least,
            _MOST_OF_LINE * _most_a(legs, most_a),
        )
        for legs in ((1,), (2,), (3,), *LEGS_OF_LINE.values())
    }


def _complete(
    lines_a: Sequence[float | None], told: Sequence[float], sum_a: float, off_a: float
) -> list[tuple[float, ...]]:
    """Return the three lines' currents; where one is not told, those that fit the power and the others.

    The two told and the power make a triangle, and the third line carries the sum of the two, turned by 60
    degrees one way or the other. A flat triangle turns far for a small error, so each is tried with its own.
    """
    if len(told) == 3:
        return [tuple(told)]
    found = []
    for one, other in itertools.product(*((max(0.0, a - off_a), a, a + off_a) for a in told)):
        squares = one**2 + other**2
        cosine = (sum_a**2 - squares) / (2 * one * other) if one * other > 0 else 0.0
        angle = math.acos(min(1.0, max(-1.0, cosine)))
        for turned in (math.pi / 3 - angle, math.pi / 3 + angle):
            third = math.sqrt(max(0.0, squares + 2 * one * other * math.cos(turned)))
            rest = iter((one, other))
            found.append(tuple(third if current is None else next(rest) for current in lines_a))
    return found


def _legs(lines: Sequence[float], sum_a: float) -> tuple[float, float, float]:
    first, second, third = (current**2 for current in lines)
    beyond, besides = (first - second) / sum_a, (second - third) / sum_a
    leg = (sum_a - 2 * beyond - besides) / 3
    return leg + beyond + besides, leg, leg + beyond


def _around(lines: Sequence[float], legs: Sequence[float], off_a: float, sum_a: float) -> tuple[Bounds, ...]:
    """Return bounds as wide as what the readings may be off, and as the lines do not fit the legs found."""
    misfit_a = max(
        abs(lines[line - 1] - line_current_a(legs[one - 1], legs[other - 1]))
        for line, (one, other) in LEGS_OF_LINE.items()
    )
    wide_a = off_a * (1.0 + 4.0 / 3.0 * math.fsum(lines) / abs(sum_a)) + misfit_a
    return tuple(Bounds(leg - wide_a, leg + wide_a) for leg in legs)


def _most_a(legs: Sequence[int], most_a: Sequence[float]) -> float:
    """Return the current of the line where two legs meet, or the smaller of those that one hangs between."""
    shared = set.intersection(*(set(LINES_OF_LEG[leg]) for leg in legs))
    return min(most_a[line - 1] for line in shared)


def _hull(found: Sequence[Bounds], least: float, most: float) -> Bounds:
    low = min((bounds.low for bounds in found), default=-most)
    high = max((bounds.high for bounds in found), default=most)
    return Bounds(max(low, -most, least), max(min(high, most), least))
