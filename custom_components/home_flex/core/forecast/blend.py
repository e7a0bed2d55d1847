"""The home's own outlook on its sun blended with one from outside, each as far as it proved itself.

An outside forecast knows the weather and not the roof: one slow factor takes its bias away, where that would
have helped. Further ahead it is mostly better, for the next hours mostly worse than what the roof just gave:
each lead time has its own shares.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .forecast import FloatArray
from .history import History
from .outlook import Outlook
from .tracks import Track

_LEADS_S: Final = (0, 2 * 3600, 6 * 3600)
_LEAST_STEPS: Final = 48
_FACTORS: Final = (0.5, 2.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """What someone else forecast: ``said`` holds, for each past step and those ahead, what was said of it."""

    said: History

    def at(self, first: int, steps: int) -> Outlook | None:
        """Return the outlook from an index on: NaN where nothing was said, None where nothing at all was."""
        expected = np.maximum(self.said.window(first, steps), 0.0)
        return Outlook(first=first, expected_w=expected) if np.isfinite(expected).any() else None


def unbiased(tracked: Track) -> Track:
    """Return a track times what was measured for each W expected in the rows before, where that helps.

    It helps when it would have made the absolute error of those rows smaller, the factor of the older half
    being tried on the newer one.
    """
    expected = tracked.expected_w.copy()
    for row in range(len(expected)):
        rows = tracked.learned_from(row)
        middle = (rows.start + rows.stop) // 2
        tried = _factor(tracked, slice(rows.start, middle))
        newer = slice(middle, rows.stop)
        said, measured = tracked.expected_w[newer], tracked.measured_w[newer]
        with np.errstate(invalid="ignore"):
            gain = np.abs(measured - said) - np.abs(measured - tried * said)
        if np.nansum(gain) > 0:
            expected[row] = tracked.expected_w[row] * _factor(tracked, rows)
    return replace(tracked, expected_w=expected)


def _factor(tracked: Track, rows: slice) -> float:
    said, measured = tracked.expected_w[rows], tracked.measured_w[rows]
    known = np.isfinite(said) & np.isfinite(measured)
    total = float(said[known].sum())
    if known.sum() < _LEAST_STEPS or total <= 0:
        return 1.0
    return min(max(float(measured[known].sum()) / total, _FACTORS[0]), _FACTORS[1])


def blended(own: Track, other: Track) -> Track:
    """Return both in one, each with the share of its inverse mean squared error of the rows before.

    After J. M. Bates and C. W. J. Granger, The combination of forecasts, Operational Research Quarterly 20
    (1969) 451, without the correlation of the two, which so few weeks do not tell well. The steps of which
    the other says nothing are one's own; the quantiles are one's own, moved along.
    """
    lead = np.searchsorted(np.array(_LEADS_S), np.arange(own.steps) * own.step_s, side="right") - 1
    both = np.isfinite(own.errors_w) & np.isfinite(other.errors_w)
    own_squares = np.where(both, own.errors_w**2, 0.0)
    other_squares = np.where(both, other.errors_w**2, 0.0)
    share = np.zeros_like(own.expected_w)
    for row in range(len(own.firsts)):
        rows = own.learned_from(row)
        steps, own_sum, other_sum = (
            np.bincount(lead, weights=values[rows].sum(axis=0), minlength=len(_LEADS_S))
            for values in (both, own_squares, other_squares)
        )
        known = (steps >= _LEAST_STEPS) & (own_sum + other_sum > 0)
        share[row] = np.where(known, own_sum / np.where(known, own_sum + other_sum, 1.0), 0.0)[lead]
    moved: FloatArray = np.where(
        np.isfinite(other.expected_w), share * (other.expected_w - own.expected_w), 0.0
    )
    return replace(
        own,
        source="blend",
        expected_w=own.expected_w + moved,
        quantiles_w=np.maximum(own.quantiles_w + moved, 0.0),
    )
