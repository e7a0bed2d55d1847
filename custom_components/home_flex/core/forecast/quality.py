"""How good forecasts are: their errors of the last weeks beside those of "like yesterday"."""

from dataclasses import dataclass

import numpy as np

from .forecast import FloatArray
from .history import History
from .outlook import LEVELS, Outlook
from .tracks import Track

_LEAST_STEPS = 48


@dataclass(frozen=True, kw_only=True, slots=True)
class Yesterday:
    """The naive outlook: as a day ago, or as the last day that was measured; for two days ahead twice."""

    history: History
    _DAYS = 7

    def at(self, first: int, steps: int) -> Outlook | None:
        """Return the outlook from an index on; None where a time of day was not measured for a week."""
        a_day = self.history.steps_a_day
        day = np.full(a_day, np.nan)
        for back in range(1, self._DAYS + 1):
            day = np.where(np.isfinite(day), day, self.history.window(first - back * a_day, a_day))
        if not np.isfinite(day).all():
            return None
        return Outlook(first=first, expected_w=np.resize(day, steps))


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """Errors over ``steps`` measured steps, in W; ``bias_w`` is above 0 when more came than was expected.

    ``pinball_w`` is the mean over 10, 50 and 90 %, ``coverage`` the share between 10 and 90 %: 0.8 is
    honest. Both are None without quantiles. ``naive_…``: of "like yesterday" over the same steps.
    """

    steps: int
    mae_w: float
    rmse_w: float
    bias_w: float
    naive_mae_w: float
    naive_rmse_w: float
    pinball_w: float | None = None
    coverage: float | None = None

    @property
    def is_worse_than_naive(self) -> bool:
        """Whether "like yesterday" missed by less, in squares: what a mean is made for, and a plan needs.

        A hundredth more, or a W, is no difference.
        """
        return self.rmse_w > 1.01 * self.naive_rmse_w + 1.0


def quality(tracked: Track, naive: Track, rows: slice, counted: FloatArray | None = None) -> Quality | None:
    """Return the quality over some rows of both tracks; None with too few measured steps.

    ``counted`` (rows, steps) is not 0 where a step counts: for the sun, by daylight.
    """
    errors, naive_errors = tracked.errors_w[rows], naive.errors_w[rows]
    known = np.isfinite(errors) & np.isfinite(naive_errors)
    if counted is not None:
        known &= counted[rows] > 0
    if known.sum() < _LEAST_STEPS:
        return None
    measured = tracked.measured_w[rows][known]
    quantiles = tracked.quantiles_w[:, rows][:, known]
    has_quantiles = bool(np.isfinite(quantiles).all())
    return Quality(
        steps=int(known.sum()),
        mae_w=float(np.abs(errors[known]).mean()),
        rmse_w=float(np.sqrt((errors[known] ** 2).mean())),
        bias_w=float(errors[known].mean()),
        naive_mae_w=float(np.abs(naive_errors[known]).mean()),
        naive_rmse_w=float(np.sqrt((naive_errors[known] ** 2).mean())),
        pinball_w=_pinball(measured, quantiles) if has_quantiles else None,
        coverage=float(((measured >= quantiles[0]) & (measured <= quantiles[-1])).mean())
        if has_quantiles
        else None,
    )


def _pinball(measured: FloatArray, quantiles: FloatArray) -> float:
    losses = [
        np.maximum(level * (measured - row), (level - 1) * (measured - row)).mean()
        for level, row in zip(LEVELS, quantiles, strict=True)
    ]
    return float(np.mean(losses))
