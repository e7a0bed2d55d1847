"""Outlooks of the last weeks beside what was measured: what errors, quality and blends are taken from.

The last row is the present outlook, whose steps are still to come: whatever is learned for a row is learned
from rows whose steps were over before it, so that the present is treated as every past one was.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .forecast import FloatArray
from .history import History, IntArray
from .outlook import LEVELS, Outlooks

LOOKED_BACK_S: Final = 28 * 86_400
EACH_S: Final = 3 * 3600
_ROWS_A_DAY: Final = 86_400 // EACH_S


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Track:
    """One row for each outlook; ``firsts``: the steps, counted from 1970, at which they were made, in order.

    ``expected_w`` and ``measured_w`` are (rows, steps), ``quantiles_w`` (levels, rows, steps) for ``LEVELS``;
    NaN is what there was no outlook on, and what was not measured or lies ahead.
    """

    source: str
    step_s: int
    firsts: IntArray
    expected_w: FloatArray
    quantiles_w: FloatArray
    measured_w: FloatArray

    @property
    def steps(self) -> int:
        """How many steps each outlook has."""
        return int(self.expected_w.shape[1])

    @property
    def errors_w(self) -> FloatArray:
        """What was measured less what was expected, in W."""
        errors: FloatArray = self.measured_w - self.expected_w
        return errors

    def learned_from(self, row: int) -> slice:
        """Return the rows of the last four weeks that were over when a row was made."""
        first = self.firsts[row]
        low = np.searchsorted(self.firsts, first - LOOKED_BACK_S // self.step_s)
        return slice(int(low), int(np.searchsorted(self.firsts, first - self.steps, side="right")))

    @property
    def is_present(self) -> bool:
        """Whether there is a present outlook."""
        return bool(np.isfinite(self.expected_w[-1]).all())

    @property
    def is_wide(self) -> bool:
        """Whether the present outlook has quantiles."""
        return bool(np.isfinite(self.quantiles_w[:, -1]).all())


def made_at(history: History) -> IntArray:
    """Return the steps at which outlooks are made: every three hours of the last eight weeks, and its end."""
    each, now = EACH_S // history.step_s, history.base + len(history)
    # The first four weeks teach the rows of the last four.
    low = max(history.base, now - 2 * LOOKED_BACK_S // history.step_s)
    return np.array([*range(low + -low % each, now, each), now], dtype=np.int64)


def track(
    ways: Outlooks,
    history: History,
    firsts: IntArray,
    steps: int,
    *,
    source: str,
    before: Track | None = None,
) -> Track:
    """Return the outlooks made at some steps beside what was measured.

    ``before`` is a track from a while ago, whose rows are not made again.
    """
    expected = np.full((len(firsts), steps), np.nan)
    quantiles = np.full((len(LEVELS), len(firsts), steps), np.nan)
    kept: dict[int, int] = {}
    if before is not None and (before.steps, before.step_s) == (steps, history.step_s):
        kept = {int(first): row for row, first in enumerate(before.firsts)}
        rows = [row for row, first in enumerate(firsts) if int(first) in kept]
        taken = [kept[int(firsts[row])] for row in rows]
        expected[rows], quantiles[:, rows] = before.expected_w[taken], before.quantiles_w[:, taken]
    for row, first in enumerate(firsts):
        outlook = ways.at(int(first) - history.base, steps) if int(first) not in kept else None
        if outlook is not None:
            expected[row] = outlook.expected_w
            for index, level in enumerate(LEVELS):
                quantiles[index, row] = outlook.quantiles_w.get(level, np.nan)
    return Track(
        source=source,
        step_s=history.step_s,
        firsts=firsts,
        expected_w=expected,
        quantiles_w=quantiles,
        measured_w=np.array([history.window(int(first) - history.base, steps) for first in firsts]),
    )


def widened(tracked: Track) -> Track:
    """Return a track whose outer quantiles are as wide as the rows before each would have needed.

    Conformalised quantile regression after Y. Romano, E. Patterson and E. J. Candès (2019), in its scaled
    form: the score is how far outside its band a measurement lay, in widths of the band, below 0 inside; the
    band grows at both ends by the score that the nominal share of measurements did not exceed.
    """
    low, high = tracked.quantiles_w[0], tracked.quantiles_w[-1]
    width = high - low
    with np.errstate(invalid="ignore", divide="ignore"):
        outside = np.maximum(low - tracked.measured_w, tracked.measured_w - high) / width
    scores = np.where(np.isfinite(outside) & (width > 1.0), outside, np.nan)
    quantiles = tracked.quantiles_w.copy()
    grown = 0.0
    for row in range(len(tracked.firsts)):
        if row % _ROWS_A_DAY == 0:  # four weeks do not tell another score three hours later
            grown = _score(scores[tracked.learned_from(row)], tracked.steps)
        quantiles[0, row] = np.maximum(low[row] - grown * width[row], 0.0)
        quantiles[-1, row] = high[row] + grown * width[row]
    return replace(tracked, quantiles_w=quantiles)


def _score(scores: FloatArray, least: int) -> float:
    """Return the score that the nominal share did not exceed; a band is narrowed by a quarter at most."""
    known = scores[np.isfinite(scores)]
    if len(known) < least:
        return 0.0
    return max(float(np.quantile(known, LEVELS[-1] - LEVELS[0])), -0.25)
