"""Whole watt-hours out of sums and shares: half up, and nothing is lost between neighbours."""

from collections.abc import Sequence
from fractions import Fraction


def half_up(value: Fraction | int) -> int:
    """Return the nearest whole number; a half goes up, towards the larger."""
    value = Fraction(value)
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def rounded(values: Sequence[Fraction]) -> tuple[int, ...]:
    """Return whole numbers whose sum is that of the values, rounded once.

    Cumulative rounding: each is what the rounded running sum grows by, so that none is off by more than 1.
    """
    total = Fraction(0)
    done = 0
    whole = []
    for value in values:
        total += value
        now = half_up(total)
        whole.append(now - done)
        done = now
    return tuple(whole)
