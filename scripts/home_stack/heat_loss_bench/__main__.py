"""``scripts/bench heat-loss``: whether a building's loss is found or refused, and a retrofit seen."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, pstdev

import numpy as np

from custom_components.home_flex.core.building.days import BuildingDay, HeatSource, Period
from custom_components.home_flex.core.building.heat_loss import HeatLoss, NoHeatLoss, heat_loss
from custom_components.home_flex.core.building.retrofit import Comparison, compare

from .houses import drawn, lived, retrofitted
from .measured import days_of, errors, first_day, source, truth_w_per_k
from .weather import winter

_DAYS = 180
_LENGTHS = (28, 42, 90, 150)
_JUDGED = 42
_LEAST_COVERED, _LEAST_FOUND, _RETROFIT = 0.87, 0.70, 0.10


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One window of one house: what was said, and what was true in W/K."""

    said: HeatLoss | NoHeatLoss
    true_w_per_k: float


def main() -> int:
    """Print the table and the line, and say whether the targets were met."""
    parser = argparse.ArgumentParser(prog="scripts/bench heat-loss", description=__doc__)
    parser.add_argument("--homes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    runs = _estimates(random, options.homes)
    print(f"{'days':>5}{'kept':>8}{'bias':>8}{'spread':>8}{'half-width':>12}{'covers':>8}  refused")
    for length, of_length in runs.items():
        print(_row(length, of_length))
    found, alarms, compared = _retrofits(random, options.homes)
    judged = runs[_JUDGED]
    line = {
        "runs": len(judged),
        "kept": sum(isinstance(run.said, HeatLoss) for run in judged),
        "coverage_of_90": round(_covered(judged), 3),
        "bias_share": round(fmean(_errors(judged)), 4),
        "half_width_share": round(_half_width(judged), 3),
        "refused": dict(
            Counter(run.said.lacking.value for run in judged if isinstance(run.said, NoHeatLoss))
        ),
        "retrofits_compared": compared,
        "retrofit_found": round(found, 3),
        "false_alarms": round(alarms, 3),
    }
    print(json.dumps(line))
    return 0 if _covered(judged) >= _LEAST_COVERED and found >= _LEAST_FOUND and alarms == 0.0 else 1


def _estimates(random: np.random.Generator, homes: int) -> dict[int, list[Run]]:
    houses = drawn(random, homes)
    weather = winter(random, homes, _DAYS)
    true = lived(random, houses, weather)
    days = days_of(random, houses, errors(random, houses), weather, true)
    runs: dict[int, list[Run]] = {length: [] for length in _LENGTHS}
    for length, of_length in runs.items():
        for house in range(homes):
            first = int(random.integers(0, _DAYS - length))
            said = _said(days[house], source(houses, house), first, length)
            of_length.append(Run(said=said, true_w_per_k=truth_w_per_k(true, house, first, length)))
    return runs


def _said(days: Sequence[BuildingDay], heat: HeatSource, first: int, length: int) -> HeatLoss | NoHeatLoss:
    # These houses have no party walls and no unheated rooms.
    return heat_loss(_period(days, heat, first, length), unseen_share=0.0)


def _period(days: Sequence[BuildingDay], heat: HeatSource, first: int, length: int) -> Period:
    start = first_day() + timedelta(days=first)
    return Period(start=start, end=start + timedelta(days=length), days=tuple(days), source=heat)


def _retrofits(random: np.random.Generator, homes: int) -> tuple[float, float, int]:
    """Return the share of retrofits found, that of unchanged homes called changed, and of how many."""
    houses = drawn(random, homes)
    errs = errors(random, houses)
    first = int((_DAYS - _JUDGED) / 2)
    told: dict[str, list[list[BuildingDay]]] = {}
    for name, after in (
        ("before", houses),
        ("same", retrofitted(random, houses, 0.0)),
        ("less", retrofitted(random, houses, _RETROFIT)),
    ):
        weather = winter(random, homes, _DAYS)
        told[name] = days_of(random, after, errs, weather, lived(random, after, weather))
    found, alarms, compared = 0, 0, 0
    for house in range(homes):
        heat = source(houses, house)
        before, same, less = (_period(told[name][house], heat, first, _JUDGED) for name in told)
        unchanged, changed = compare(before, same), compare(before, less)
        if isinstance(unchanged, Comparison) and isinstance(changed, Comparison):
            compared += 1
            found += changed.is_less
            alarms += unchanged.is_less or unchanged.is_more
    return found / max(1, compared), alarms / max(1, compared), compared


def _errors(runs: Sequence[Run]) -> list[float]:
    return [run.said.loss_w_per_k / run.true_w_per_k - 1 for run in runs if isinstance(run.said, HeatLoss)]


def _covered(runs: Sequence[Run]) -> float:
    return fmean(
        abs(run.said.loss_w_per_k - run.true_w_per_k) <= run.said.half_width_w_per_k
        for run in runs
        if isinstance(run.said, HeatLoss)
    )


def _half_width(runs: Sequence[Run]) -> float:
    return fmean(
        run.said.half_width_w_per_k / run.said.loss_w_per_k for run in runs if isinstance(run.said, HeatLoss)
    )


def _row(length: int, runs: Sequence[Run]) -> str:
    errs = _errors(runs)
    refused = Counter(run.said.lacking.value for run in runs if isinstance(run.said, NoHeatLoss))
    return (
        f"{length:5}{len(errs) / len(runs):8.0%}{fmean(errs):8.1%}{pstdev(errs):8.1%}"
        f"{_half_width(runs):12.1%}"
        f"{_covered(runs):8.1%}  " + ", ".join(f"{name} {count}" for name, count in refused.most_common())
    )


if __name__ == "__main__":
    sys.exit(main())
