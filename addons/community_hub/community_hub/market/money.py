"""Money and energy in whole units, and how a whole is parted without anything lost.

A price is in whole millionths of the currency a kWh ("micro"), an energy in whole Wh: their product is in
whole billionths of the currency ("nano"). So nothing is rounded until a statement is made.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..arrays import Whole

NANO_A_UNIT: Final = 10**9


def parted(totals: Whole, weights: Whole, *, first_turn: int = 0) -> Whole:
    """Return the parts of each total by weight, by the largest remainder: they sum to it exactly.

    ``totals`` of shape (slots,) may be negative; ``weights`` of shape (slots, homes) are at least 0, the
    homes in the order of their ids. Of equal remainders those come first whose turn it is: in slot number n
    (counted from ``first_turn``) the order of ids begins at the (n mod homes)-th, so that none is favoured
    for long. Raises ValueError for a negative weight, and for a total that nobody can take.
    """
    if np.any(weights < 0):
        raise ValueError("a weight is at least 0")
    sums = weights.sum(axis=1)
    if np.any((sums == 0) & (totals != 0)):
        raise ValueError("a total can only be parted among weights")
    divisors = np.maximum(sums, 1)
    each, rest = np.divmod(totals, divisors)
    fine = rest[:, None] * weights
    parts = each[:, None] * weights + fine // divisors[:, None]
    left = totals - parts.sum(axis=1)
    homes = weights.shape[1]
    turns = (np.arange(homes) - first_turn - np.arange(len(totals))[:, None]) % max(homes, 1)
    # Largest remainder first, then whose turn it is: one whole number says both.
    order = np.argsort(turns - (fine % divisors[:, None]) * homes, axis=1)
    more: Whole = np.zeros_like(parts)
    np.put_along_axis(more, order, (np.arange(homes) < left[:, None]).astype(np.int64), axis=1)
    more += parts
    return more


def in_smallest_unit(amounts_nano: Sequence[int], places: int = 2) -> tuple[int, ...]:
    """Return amounts in the smallest unit of the currency, of which the sum is that of all, rounded once.

    None is off by a whole unit; of equal remainders the first come first. Half a unit of the sum goes up.
    """
    unit = NANO_A_UNIT // 10**places
    whole = [amount // unit for amount in amounts_nano]
    left = (2 * sum(amounts_nano) + unit) // (2 * unit) - sum(whole)
    by_rest = sorted(range(len(whole)), key=lambda index: (-(amounts_nano[index] % unit), index))
    for index in by_rest[:left]:
        whole[index] += 1
    return tuple(whole)
