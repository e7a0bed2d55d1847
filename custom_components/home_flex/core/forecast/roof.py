"""What the roof will give: a clear sky, what this roof makes of it by the time of day, and the weather.

The envelope is what the roof gave at its best (its tilt, its shadows, its inverter's end); the index is how
much of that it gives. It is that of the last weeks, to which each day returns from the one before, and for
the next hours what the last half-hours gave.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .forecast import FloatArray
from .history import HALF_HOUR_S, History, faded
from .outlook import LEVELS, Outlook, weighted_quantiles
from .sun import Place, clear_sky

_DAYS: Final = 28
_LEAST_DAYS: Final = 2
_BEST: Final = 0.9
# Weather returns to its mean: of how far yesterday was from it, so much is left a day later. The index of
# three days, taken as it is, missed by 5 % more a day ahead, and by 8 % more two days ahead.
_KEPT_EACH_DAY: Final = 0.3
# Clouds of two hours ago tell little that those of the last half-hour do not: weighted so, the first two
# hours miss by 4 % less over six months of a real roof than with the mean of two hours.
_LAST_S: Final = 2 * 3600
_COUNTS_EACH_HALF_HOUR: Final = 0.4
_CARRIED: Final = 0.9
_KEPT_EACH_HALF_HOUR: Final = 0.93
# The little light of a morning tells little: what was expected counts as so much of a half-hour at its best.
_EXPECTED_HALF_HOURS: Final = 0.1
# Below this the sun is in the haze and the hills: what the roof makes of it says nothing.
_LEAST_IRRADIANCE: Final = 30.0
_HIGHEST_INDEX: Final = 1.6


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Roof:
    """A history of production (0 or more) with the clear sky of each of its steps, in W/m2."""

    history: History
    place: Place
    clear: FloatArray

    @classmethod
    def of(cls, history: History, place: Place) -> Roof:
        """Return a roof; what is not known at night is 0."""
        clear = clear_sky(history.middle_s(0, len(history)), place)
        dark = np.isnan(history.values_w) & (clear <= 0)
        filled = History(
            start=history.start, step_s=history.step_s, values_w=np.where(dark, 0.0, history.values_w)
        )
        return cls(history=filled, place=place, clear=clear)

    def at(self, first: int, steps: int) -> Outlook | None:
        """Return the outlook from an index on; None with less than two days of history."""
        a_day = self.history.steps_a_day
        low = max(0, first - _DAYS * a_day)
        days = (first - low) // a_day
        if days < _LEAST_DAYS or first > len(self.history):
            return None
        low = first - days * a_day
        produced = self.history.values_w[low:first].reshape(days, a_day)
        clear = self.clear[low:first].reshape(days, a_day)
        envelope = _envelope(produced, clear)
        best = clear * envelope
        mean = _index(produced, best)
        if mean is None:
            return None
        indices = self._indices(produced[-1], best[-1], mean, steps)
        ahead = clear_sky(self.history.middle_s(first, steps), self.place)
        best_ahead = ahead * np.resize(envelope, steps)
        spread = _spread(produced, best)
        return Outlook(
            first=first,
            expected_w=best_ahead * indices,
            quantiles_w={
                level: best_ahead * np.clip(indices + miss, 0.0, _HIGHEST_INDEX)
                for level, miss in zip(LEVELS, spread - mean, strict=True)
            },
        )

    def _indices(self, produced: FloatArray, best: FloatArray, mean: float, steps: int) -> FloatArray:
        """Return the index of each step ahead; ``produced`` and ``best`` of the last 24 hours."""
        step_s = self.history.step_s
        whole = _index(produced, best)
        beyond = whole - mean if whole is not None else 0.0
        days = 1.0 + np.arange(steps) // self.history.steps_a_day
        indices: FloatArray = np.asarray(mean + beyond * _KEPT_EACH_DAY**days, dtype=np.float64)
        last = int(_LAST_S / step_s)
        known = np.isfinite(produced[-last:])
        # In the polar night there is no best: then any number of it is as good.
        expected = _EXPECTED_HALF_HOURS * HALF_HOUR_S / step_s * max(float(best.max()), 1.0)
        counts = faded(_COUNTS_EACH_HALF_HOUR, last, step_s)[::-1][known]
        could = float((counts * best[-last:][known]).sum())
        gave = float((counts * produced[-last:][known]).sum())
        now = min((gave + expected * float(indices[0])) / (could + expected), _HIGHEST_INDEX)
        indices += (now - indices[0]) * _CARRIED * faded(_KEPT_EACH_HALF_HOUR, steps, step_s)
        return indices


def _envelope(produced: FloatArray, clear: FloatArray) -> FloatArray:
    """Return W for each W/m2 by the step of the (rolling) day: nine in ten days gave less."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(clear >= _LEAST_IRRADIANCE, produced / clear, np.nan)
    beside = np.concatenate((np.roll(ratio, 1, axis=1), ratio, np.roll(ratio, -1, axis=1)))
    known = np.isfinite(beside).any(axis=0)
    if not known.any():
        return np.zeros(ratio.shape[1])
    (best,) = weighted_quantiles(beside[:, known], np.ones((len(beside), 1)), (_BEST,))
    steps = np.arange(ratio.shape[1])
    envelope: FloatArray = np.interp(steps, steps[known], best, period=ratio.shape[1])
    return envelope


def _index(produced: FloatArray, best: FloatArray) -> float | None:
    """Return how much of its best the roof gave; None in the dark and where nothing is known."""
    known = np.isfinite(produced)
    could = float(best[known].sum())
    lit = best.max() if best.size else 0.0
    if could <= 0 or lit <= 0:
        return None
    return min(float(produced[known].sum()) / could, _HIGHEST_INDEX)


def _spread(produced: FloatArray, best: FloatArray) -> FloatArray:
    """Return the index at each level, over all lit steps of the days."""
    lit = np.isfinite(produced) & (best > 0.05 * best.max())
    found: FloatArray = np.quantile(produced[lit] / best[lit], LEVELS) if lit.any() else np.zeros(len(LEVELS))
    return found
