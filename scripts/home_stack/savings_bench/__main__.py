"""Three seasons of a real home: by rules, by plan through the real control, and with perfect foresight."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Final

from .calm import calm
from .controlled import Controlled
from .foresight import foresight_cost
from .house import House
from .rules import rule_based
from .season import import_price, season

# From noon to noon: a night that is cut in two would be one for which the car was charged, and not needed.
_SEASONS: Final = (
    datetime(2024, 4, 20, 12, tzinfo=UTC),
    datetime(2024, 10, 5, 12, tzinfo=UTC),
    datetime(2025, 1, 10, 12, tzinfo=UTC),
)
_STORED_WH: Final = 5000.0
# What a battery holds at the end is worth what it saves in so many days more, in which all is foreseen for
# everybody: at noon of a sunny day a kWh is worth little, at one of a dull day much.
_BEYOND_DAYS: Final = 2
_LEAST_CAPTURED: Final = 0.85
_MOST_CHANGED_KWH: Final = 2.0
_MOST_STARTS: Final = 2.0
_CALM_NIGHTS: Final = 5


def main() -> int:
    """Print a line for each season, and all in one JSON line; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench savings", description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="of each season, at least 3 (30)")
    parser.add_argument("--ticks", type=int, default=60, help="of control, in each half-hour (60)")
    parser.add_argument("--season", type=int, choices=range(3), help="only one of the three")
    arguments = parser.parse_args()
    chosen = _SEASONS if arguments.season is None else (_SEASONS[arguments.season],)
    totals = {"rule": 0.0, "planned": 0.0, "foresight": 0.0, "out_of_reach": 0.0}
    short_wh, is_never_dearer, calms = 0.0, True, []
    for start in chosen:
        days = season(start, arguments.days)
        prices = [import_price(days.time(step)) for step in range(days.steps)]
        # After that, a usual hour's price.
        worth = sorted(prices)[len(prices) // 2] * 0.9
        beyond = season(days.time(days.steps), _BEYOND_DAYS)
        costs, stored_wh = rule_based(days, _STORED_WH)
        empty = foresight_cost(beyond, 0.0, worth)
        rule = sum(costs) + foresight_cost(beyond, stored_wh, worth) - empty
        home = Controlled(season=days, ticks=arguments.ticks, house=House(stored_wh=_STORED_WH))
        outcome = home.run()
        planned = sum(outcome.costs) + foresight_cost(beyond, outcome.stored_wh, worth) - empty
        longer = season(start, arguments.days + _BEYOND_DAYS)
        best = foresight_cost(longer, _STORED_WH, worth) - empty
        out_of_reach = foresight_cost(longer, _STORED_WH, worth, own_use=True) - empty - best
        share = (rule - planned) / (rule - best)
        print(
            f"{start:%Y-%m-%d} {arguments.days} days: rules {rule:.2f}, planned {planned:.2f}, "
            f"foresight {best:.2f} ({out_of_reach:.2f} of it out of reach), captured {share:.1%}; "
            f"car short {outcome.short_wh / 1000:.2f} kWh, "
            f"{outcome.starts} starts, {outcome.writes} writes, {outcome.not_solved} plans not solved; "
            f"kWh left {stored_wh / 1000:.2f}, {outcome.stored_wh / 1000:.2f}",
            flush=True,
        )
        totals = {
            "rule": totals["rule"] + rule,
            "planned": totals["planned"] + planned,
            "foresight": totals["foresight"] + best,
            "out_of_reach": totals["out_of_reach"] + out_of_reach,
        }
        short_wh += outcome.short_wh
        calms.append(calm(days, min(arguments.days - 2, _CALM_NIGHTS)))
        is_never_dearer &= planned <= rule
    captured = (totals["rule"] - totals["planned"]) / (totals["rule"] - totals["foresight"])
    starts = sum(each.starts_per_night for each in calms) / len(calms)
    changed_kwh = sum(each.changed_kwh_per_replan for each in calms) / len(calms)
    print(
        json.dumps(
            {
                "rule_based_cost": round(totals["rule"], 2),
                "planned_cost": round(totals["planned"], 2),
                "perfect_foresight_cost": round(totals["foresight"], 2),
                # What a home that never sells what it stored cannot have, whatever it knows.
                "out_of_reach": round(totals["out_of_reach"], 2),
                "captured_share": round(captured, 4),
                "car_short_kwh": round(short_wh / 1000, 2),
                "starts_per_flat_night": round(starts, 2),
                "plan_change_kwh_per_replan": round(changed_kwh, 2),
            }
        )
    )
    is_calm = starts <= _MOST_STARTS and changed_kwh <= _MOST_CHANGED_KWH
    return 0 if captured >= _LEAST_CAPTURED and short_wh == 0.0 and is_never_dearer and is_calm else 1


if __name__ == "__main__":
    sys.exit(main())
