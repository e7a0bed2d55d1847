"""Homes that report what their meters do not show.

What a home says it delivered is held against what its meter and its baseline say of the same events. A single
home's baseline is uncertain, so that no single event tells: over several, errors cancel and a habit stays.
"""

from enum import IntEnum
from typing import Final

import numpy as np

from ..arrays import Flags, Whole

FEWEST_EVENTS: Final = 3
# The half width holds nine in ten: so many of its standard deviations (normal distribution).
_HALF_WIDTHS: Final = 1.645
# Beyond so many standard deviations of the sum it is no chance (one in a thousand).
_SURE: Final = 3.1
# Less than so much of what is reported shows at the meter.
LEAST_SHOWN: Final = 0.5


class Judgement(IntEnum):
    """What a home's reports are, beside its meter."""

    UNKNOWN = 0
    """Too few events that both know."""
    BORNE_OUT = 1
    DOUBTFUL = 2
    """The meter shows less than half of it, which may be chance."""
    CONTRADICTED = 3
    """The meter shows less than half of it, and that is no chance."""


def judged(reported_wh: Whole, metered_wh: Whole, half_width_wh: Whole, known: Flags) -> Whole:
    """Return a ``Judgement`` for each home, from arrays of (homes, events), Wh in the direction asked for.

    ``metered_wh``: by its meter and baseline, of which ``half_width_wh`` holds nine in ten; ``known``: both
    were there. Who reports less than was delivered is borne out. Raises ValueError for a half width that is
    not above 0 where something is known.
    """
    if np.any(known & (half_width_wh <= 0)):
        raise ValueError("an uncertainty is above 0 Wh")
    reported = np.where(known, reported_wh, 0).sum(axis=1)
    metered = np.where(known, metered_wh, 0).sum(axis=1)
    deviation = np.sqrt((np.where(known, half_width_wh, 0) / _HALF_WIDTHS) ** 2 @ np.ones(known.shape[1]))
    shows_less = metered < LEAST_SHOWN * reported
    is_sure = LEAST_SHOWN * reported - metered > _SURE * deviation
    verdict = np.where(
        shows_less, np.where(is_sure, Judgement.CONTRADICTED, Judgement.DOUBTFUL), Judgement.BORNE_OUT
    )
    few = known.sum(axis=1) < FEWEST_EVENTS
    found: Whole = np.where(few, Judgement.UNKNOWN, verdict).astype(np.int64)
    return found
