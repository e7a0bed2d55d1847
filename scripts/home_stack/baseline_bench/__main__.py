"""``scripts/bench baseline``: bias, error and honesty of each rule on fleets whose truth is known."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from .asking import AFTER, METHODS, Found, answers

_MOST_BIAS, _MOST_BIAS_OF_A_FLEET = 0.01, 0.02
_LEAST_COVERED, _MOST_COVERED = 0.86, 0.94


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One method over all fleets: shares of the energy that would have been imported."""

    name: str
    bias_share: float
    bias_share_of_fleets: float
    bias_share_worst: float
    rmse_w: float
    coverage: float
    answered: int


def main() -> int:
    """Print the table and the line, and say whether the targets were met."""
    parser = argparse.ArgumentParser(prog="scripts/bench baseline", description=__doc__)
    parser.add_argument("--homes", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=6)
    options = parser.parse_args()
    found: dict[str, dict[int, list[Found]]] = defaultdict(dict)
    with ProcessPoolExecutor() as processes:
        fleets = processes.map(partial(answers, homes=options.homes), range(options.seeds))
        for seed, of_fleet in enumerate(fleets):
            for name, answered in of_fleet.items():
                found[name][seed] = answered
            print(f"fleet {seed + 1} of {options.seeds}", file=sys.stderr, flush=True)
    rows = {name: _row(name, found[name]) for name in METHODS}
    print(f"{'':22}{'bias':>8}{'of fleets':>11}{'worst':>8}{'RMSE W':>8}{'covers':>8}{'events':>8}")
    for row in rows.values():
        print(
            f"{row.name:22}{row.bias_share:8.1%}{row.bias_share_of_fleets:11.1%}{row.bias_share_worst:8.1%}"
            f"{row.rmse_w:8.0f}{row.coverage:8.1%}{row.answered:8}"
        )
    best = rows[AFTER]
    line = {
        "recommended": best.name,
        "bias_share": round(best.bias_share, 4),
        "bias_share_worst_fleet": round(best.bias_share_worst, 4),
        "rmse_w": round(best.rmse_w, 1),
        "coverage_of_90": round(best.coverage, 4),
        "history_best_bias_share": round(
            min(row.bias_share_of_fleets for name, row in rows.items() if not name.startswith(AFTER)), 4
        ),
    }
    print(json.dumps(line))
    is_met = (
        abs(best.bias_share) < _MOST_BIAS
        and best.bias_share_worst < _MOST_BIAS_OF_A_FLEET
        and _LEAST_COVERED <= best.coverage <= _MOST_COVERED
    )
    return 0 if is_met else 1


def _row(name: str, fleets: Mapping[int, Sequence[Found]]) -> Row:
    biases = [_bias_share(answers_of_fleet) for answers_of_fleet in fleets.values()]
    every = [answer for answers_of_fleet in fleets.values() for answer in answers_of_fleet]
    errors_w = [(answer.said_wh - answer.true_wh) * 4 / answer.quarters for answer in every]
    told = [answer for answer in every if answer.half_width_wh is not None]
    return Row(
        name=name,
        bias_share=fmean(biases),
        bias_share_of_fleets=fmean(abs(bias) for bias in biases),
        bias_share_worst=max(abs(bias) for bias in biases),
        rmse_w=fmean(error_w**2 for error_w in errors_w) ** 0.5,
        coverage=fmean(abs(answer.off_wh) <= (answer.half_width_wh or 0) for answer in told),
        answered=len(every),
    )


def _bias_share(found: Sequence[Found]) -> float:
    return sum(answer.said_wh - answer.true_wh for answer in found) / sum(answer.true_wh for answer in found)


if __name__ == "__main__":
    sys.exit(main())
