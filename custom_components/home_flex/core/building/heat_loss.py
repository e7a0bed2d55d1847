"""What a building in use loses per kelvin, or why the data do not support a figure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .budget import UNSEEN_SHARE, budget_share
from .days import Balance, BuildingDay, Period, balance
from .fits import Fit, average, regression

LEAST_DAYS: Final = 21
LEAST_DAYS_SHARE: Final = 0.7
LEAST_DIFFERENCE_K: Final = 8.0
LEAST_HEATING_SHARE: Final = 0.5
SURE_HEATING_SHARE: Final = 0.6
MOST_HALF_WIDTH_SHARE: Final = 0.25
REGRESSION_DAYS: Final = 42
# Nine of ten of a normal distribution lie within so many standard deviations.
NINE_OF_TEN: Final = 1.645


class Method(StrEnum):
    """How a figure was found."""

    AVERAGE = "average"
    REGRESSION = "regression"


class Lacking(StrEnum):
    """Why there is no figure."""

    TOO_FEW_DAYS = "too_few_days"
    TOO_MILD = "too_mild"
    TOO_LITTLE_HEATING = "too_little_heating"
    HOT_WATER_UNKNOWN = "hot_water_unknown"
    TOO_UNCERTAIN = "too_uncertain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Support:
    """What a period has to go by.

    ``days`` that count of ``asked_days``; ``mean_difference_k``: indoor over outdoor; ``heating_share``: of
    all heat but the sun's. Both 0 without days.
    """

    days: int
    asked_days: int
    mean_difference_k: float = 0.0
    heating_share: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatLoss:
    """The mean coefficient *in use*, airing included, in W/K: not the design value of the fabric.

    In nine of ten such buildings the truth lies within ``half_width_w_per_k``.
    ``is_unsure``: heating was less than 60 % of the heat, and such figures tend to be low.
    """

    loss_w_per_k: float
    half_width_w_per_k: float
    method: Method
    is_unsure: bool
    support: Support


@dataclass(frozen=True, kw_only=True, slots=True)
class NoHeatLoss:
    """No figure: what was lacking, and what there was. ``half_width_share`` where that was too much."""

    lacking: Lacking
    support: Support
    half_width_share: float | None = None


def heat_loss(period: Period, *, unseen_share: float = UNSEEN_SHARE) -> HeatLoss | NoHeatLoss:
    """Return what a building lost per kelvin in a period, or what it would take to tell.

    At least 21 days and 70 % of the period, 8 K between indoors and outdoors, half of the heat from heating
    and a half-width of at most 25 % are asked for. Periods of 42 days and more are told by regression,
    shorter ones by averaging.
    """
    taken = period.taken
    if len(taken) < max(LEAST_DAYS, LEAST_DAYS_SHARE * period.asked_days):
        support = Support(days=len(taken), asked_days=period.asked_days)
        return NoHeatLoss(lacking=Lacking.TOO_FEW_DAYS, support=support)
    sums = balance(taken)
    support = _support(taken, sums, period.asked_days)
    lacking = _lacking(taken, support)
    if lacking is not None:
        return NoHeatLoss(lacking=lacking, support=support)
    fit, method = _fit(sums, period.asked_days)
    spread = math.hypot(
        fit.scatter_w_per_k,
        fit.aperture_w_per_k,
        fit.loss_w_per_k * budget_share(taken, sums, period.source, unseen_share=unseen_share),
    )
    half_width_w_per_k = NINE_OF_TEN * spread
    if not 0.0 < half_width_w_per_k <= MOST_HALF_WIDTH_SHARE * fit.loss_w_per_k:
        share = half_width_w_per_k / fit.loss_w_per_k if fit.loss_w_per_k > 0.0 else None
        return NoHeatLoss(lacking=Lacking.TOO_UNCERTAIN, support=support, half_width_share=share)
    return HeatLoss(
        loss_w_per_k=fit.loss_w_per_k,
        half_width_w_per_k=half_width_w_per_k,
        method=method,
        is_unsure=support.heating_share < SURE_HEATING_SHARE,
        support=support,
    )


def _support(days: Sequence[BuildingDay], sums: Balance, asked_days: int) -> Support:
    heat_wh = float(sums.heat_wh.sum())
    return Support(
        days=len(days),
        asked_days=asked_days,
        mean_difference_k=sums.mean_difference_k,
        heating_share=sum(each.heating_wh for each in days) / heat_wh if heat_wh > 0.0 else 0.0,
    )


def _lacking(days: Sequence[BuildingDay], support: Support) -> Lacking | None:
    if support.mean_difference_k < LEAST_DIFFERENCE_K:
        return Lacking.TOO_MILD
    if any(each.hot_water_wh is None for each in days):
        return Lacking.HOT_WATER_UNKNOWN
    if support.heating_share < LEAST_HEATING_SHARE:
        return Lacking.TOO_LITTLE_HEATING
    return None


def _fit(sums: Balance, asked_days: int) -> tuple[Fit, Method]:
    fitted = regression(sums) if asked_days >= REGRESSION_DAYS else None
    if fitted is None:
        return average(sums), Method.AVERAGE
    return fitted, Method.REGRESSION
