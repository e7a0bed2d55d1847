"""Numbers that are published once: summed, noised, rounded, kept, and ever after served as they are kept.

Who asks again gets the same number, so that no noise averages out. Each home's part of a number is bounded
before it is summed, so that the noise (Laplace's, as in Dwork et al., 2006) hides any one home's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ..arrays import Real, Whole

# What one home's part is bounded to, as its mean power in the slot.
MOST_OF_A_HOME_W: Final = 4000
# By home and number; what a home has spent over a year is told to it.
EPSILON: Final = 1.0
ROUNDED_TO_WH_A_HOME: Final = 100


class Key(NamedTuple):
    """What a number is of: cohort, figure ("import"), slot (UTC epoch // its length) and its length."""

    cohort: str
    figure: str
    slot: int
    slot_s: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What is published, and what each home has spent of its privacy (the sum of epsilons)."""

    numbers_wh: Mapping[Key, int]
    spent: Mapping[str, float]


def publish(
    kept: Published,
    keys: Sequence[Key],
    homes: Sequence[str],
    energy_wh: Whole,
    uniform: Callable[[int], Real],
) -> Published:
    """Return what is published once these numbers are; those that were published before stay as they are.

    ``energy_wh`` (homes, numbers); ``uniform(n)`` draws n numbers from [0, 1), which nobody can guess.
    """
    new = [index for index, key in enumerate(keys) if key not in kept.numbers_wh]
    if not new:
        return kept
    lengths_s = np.array([keys[index].slot_s for index in new])
    most_wh = MOST_OF_A_HOME_W * lengths_s / 3600
    sums = np.clip(energy_wh[:, new], -most_wh, most_wh).sum(axis=0)
    noised = sums + _laplace(uniform(len(new)), most_wh / EPSILON)
    unit = ROUNDED_TO_WH_A_HOME * len(homes)
    numbers = (np.round(noised / unit) * unit).astype(np.int64).tolist()
    added = dict(zip((keys[index] for index in new), numbers, strict=True))
    spent = {home: kept.spent.get(home, 0.0) + EPSILON * len(new) for home in homes}
    return Published(numbers_wh={**kept.numbers_wh, **added}, spent={**kept.spent, **spent})


def _laplace(uniform: Real, scale: Real) -> Real:
    """Return Laplace's noise from uniform numbers of [0, 1), by its inverse distribution."""
    centred = np.clip(uniform, 1e-12, 1 - 1e-12) - 0.5
    noise: Real = -scale * np.sign(centred) * np.log1p(-2 * np.abs(centred))
    return noise
