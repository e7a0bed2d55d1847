"""A coefficient from a period's balance, with the error of the fit alone."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .days import Balance, Floats

# What a home's windows let in, as square metres that let in all, and how far homes differ
# (standard deviation).
USUAL_APERTURE_M2: Final = 3.0
APERTURE_SPREAD_M2: Final = 1.8
# Heat stays in walls for days: residuals are alike for so long.
_LAGS_DAYS: Final = 5
# Columns that are more alike than this (condition number of the scaled columns) cannot be told apart.
_MOST_ALIKE: Final = 1e4


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """``loss_w_per_k`` with the standard deviations that the days' scatter and an assumed aperture leave."""

    loss_w_per_k: float
    scatter_w_per_k: float
    aperture_w_per_k: float = 0.0


def average(period: Balance) -> Fit:
    """Return all heat over all kelvin-hours, with a usual aperture for the sun.

    The averaging idea of ISO 9869-1 for a whole building: what is stored in walls averages out.
    """
    kelvin_hours = float(period.kelvin_hours.sum())
    sun_wh_per_m2 = float(period.sun_wh_per_m2.sum())
    heat_wh = period.heat_wh + USUAL_APERTURE_M2 * period.sun_wh_per_m2
    loss_w_per_k = float(heat_wh.sum()) / kelvin_hours
    residual_wh = heat_wh - loss_w_per_k * period.kelvin_hours
    variance = _long_run(residual_wh[:, None], period.day)[0, 0]
    return Fit(
        loss_w_per_k=loss_w_per_k,
        scatter_w_per_k=float(np.sqrt(variance)) / kelvin_hours,
        aperture_w_per_k=APERTURE_SPREAD_M2 * sun_wh_per_m2 / kelvin_hours,
    )


def regression(period: Balance) -> Fit | None:
    """Return the loss by least squares of ``heat = H x kelvin-hours - A x sun + C x change``.

    ``change``: of the indoor temperature. A co-heating regression through the origin with what the building
    stores; the error by W. Newey and K. West, Econometrica 55 (1987) 703, over five days. None when the days
    do not tell the three apart.
    """
    found = _least_squares(_columns(period), period.heat_wh, period.day)
    if found is None:
        return None
    solved, spread = found
    return Fit(loss_w_per_k=float(solved[0]), scatter_w_per_k=float(np.sqrt(spread[0, 0])))


def joint_regression(before: Balance, after: Balance, *, same_windows: bool) -> tuple[float, float] | None:
    """Return the loss after over the loss before, and its standard deviation, by one fit over both periods.

    What the building stores is one number for both, and so is what its windows let in unless they were
    changed: two periods tell these apart better than one. None when even they do not.
    """
    kinds = (_columns(before), _columns(after))
    width = 2 if same_windows else 4
    columns = np.zeros((len(before.day) + len(after.day), width + 2))
    rows = (slice(len(before.day)), slice(len(before.day), None))
    for index, (each, at) in enumerate(zip(kinds, rows, strict=True)):
        columns[at, index] = each[:, 0]
        columns[at, 2 if same_windows else 2 + index] = each[:, 1]
        columns[at, -1] = each[:, 2]
    # The periods are winters apart, whatever dates they have.
    day = np.concatenate((before.day, before.day.max() + 365 + after.day - after.day.min()))
    found = _least_squares(columns, np.concatenate((before.heat_wh, after.heat_wh)), day)
    if found is None or min(found[0][:2]) <= 0.0:
        return None
    (loss_before, loss_after), spread = found[0][:2], found[1]
    slope = np.array([-loss_after / loss_before**2, 1 / loss_before])
    return float(loss_after / loss_before), float(np.sqrt(slope @ spread[:2, :2] @ slope))


def _columns(period: Balance) -> Floats:
    return np.column_stack((period.kelvin_hours, -period.sun_wh_per_m2, period.indoor_change_k))


def _least_squares(columns: Floats, heat_wh: Floats, day: Floats) -> tuple[Floats, Floats] | None:
    """Return coefficients and their covariance; an empty column's coefficient is 0."""
    scale = np.abs(columns).max(axis=0)
    is_used = scale > 1e-6
    used = columns[:, is_used]
    if not is_used[0] or len(day) <= used.shape[1] or np.linalg.cond(used / scale[is_used]) > _MOST_ALIKE:
        return None
    inverse = np.linalg.inv(used.T @ used)
    solution = inverse @ used.T @ heat_wh
    residual_wh = heat_wh - used @ solution
    spread = inverse @ _long_run(used * residual_wh[:, None], day) @ inverse
    solved, covariance = np.zeros(len(scale)), np.zeros((len(scale), len(scale)))
    solved[is_used] = solution
    covariance[np.ix_(is_used, is_used)] = spread * len(day) / (len(day) - used.shape[1])
    return solved, covariance


def _long_run(moments: Floats, day: Floats) -> Floats:
    """Return the covariance of a sum of moments (days x terms); days near each other are alike (Bartlett)."""
    apart = np.abs(day[:, None] - day[None, :])
    weights = np.clip(1.0 - apart / (_LAGS_DAYS + 1), 0.0, None)
    result: Floats = moments.T @ weights @ moments
    return result
