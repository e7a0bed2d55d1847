"""Three seasons of a real home: by rules, by plan through the real control, and with perfect foresight."""

import argparse
import json
import math
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from statistics import fmean
from typing import Final

from .lived import Lived, lived

# From noon to noon: a night that is cut in two would be one for which the car was charged, and not needed.
_SEASONS: Final = (
    datetime(2024, 4, 20, 12, tzinfo=UTC),
    datetime(2024, 10, 5, 12, tzinfo=UTC),
    datetime(2025, 1, 10, 12, tzinfo=UTC),
)
_LEAST_CAPTURED: Final = 0.85
_MOST_CHANGED_KWH: Final = 2.0
_MOST_STARTS: Final = 2.0


def main() -> int:
    """Print a line for each season, and all in one JSON line; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench savings", description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="of each season, at least 3 (30)")
    parser.add_argument("--season", type=int, choices=range(3), help="only one of the three")
    arguments = parser.parse_args()
    chosen = _SEASONS if arguments.season is None else (_SEASONS[arguments.season],)
    seasons = []
    with get_context("forkserver").Pool(min(os.cpu_count() or 1, len(chosen))) as pool:
        for each in pool.imap(partial(lived, days=arguments.days), chosen):
            seasons.append(each)
            print(each.told, flush=True)
    figures = _together(seasons)
    print(json.dumps(figures))
    is_never_dearer = all(each.planned <= each.rule for each in seasons)
    holds = (
        figures["captured_share"] >= _LEAST_CAPTURED
        and figures["car_short_kwh"] == 0.0
        and figures["starts_per_flat_night"] <= _MOST_STARTS
        and figures["plan_change_kwh_per_replan"] <= _MOST_CHANGED_KWH
    )
    return 0 if holds and is_never_dearer else 1


def _together(seasons: Sequence[Lived]) -> dict[str, float]:
    rule, planned, foresight, out_of_reach, short_wh = (
        math.fsum(getattr(each, name) for each in seasons)
        for name in ("rule", "planned", "foresight", "out_of_reach", "short_wh")
    )
    return {
        "rule_based_cost": round(rule, 2),
        "planned_cost": round(planned, 2),
        "perfect_foresight_cost": round(foresight, 2),
        # What a home that never sells what it stored cannot have, whatever it knows.
        "out_of_reach": round(out_of_reach, 2),
        "captured_share": round((rule - planned) / (rule - foresight), 4),
        "car_short_kwh": round(short_wh / 1000, 2),
        "starts_per_flat_night": round(fmean(each.calm.starts_per_night for each in seasons), 2),
        "plan_change_kwh_per_replan": round(fmean(each.calm.changed_kwh_per_replan for each in seasons), 2),
    }


if __name__ == "__main__":
    sys.exit(main())
