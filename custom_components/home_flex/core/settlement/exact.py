"""Whole numbers and cents out of sums and shares: half up, and nothing is lost between neighbours."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

CENT: Final = Decimal("0.01")


def half_up(value: Fraction | int) -> int:
    """Return the nearest whole number; a half goes up, towards the larger."""
    value = Fraction(value)
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def decimal_text(value: Decimal, unit: Decimal = CENT) -> str:
    """Return a decimal rounded to whole units, a half away from nothing; nothing has no sign."""
    return str(value.quantize(unit, ROUND_HALF_UP) + 0)


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
