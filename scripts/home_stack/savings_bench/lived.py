"""One season: by rules, by plan through the real control, and with perfect foresight."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .calm import Calm, calm
from .controlled import Controlled
from .foresight import foresight_cost
from .house import House
from .rules import rule_based
from .season import import_price, season

_STORED_WH: Final = 5000.0
# What a battery holds at the end is worth what it saves in so many days more, in which all is foreseen for
# everybody: at noon of a sunny day a kWh is worth little, at one of a dull day much.
_BEYOND_DAYS: Final = 2
_CALM_NIGHTS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Lived:
    """What came of one season; costs with what the battery holds at its end."""

    rule: float
    planned: float
    foresight: float
    out_of_reach: float
    short_wh: float
    calm: Calm
    told: str


def lived(start: datetime, *, days: int) -> Lived:
    """Live through one season by rules and by plan, and reckon what foresight would have paid."""
    lasts = season(start, days)
    prices = [import_price(lasts.time(step)) for step in range(lasts.steps)]
    # After that, a usual hour's price.
    worth = sorted(prices)[len(prices) // 2] * 0.9
    beyond = season(lasts.time(lasts.steps), _BEYOND_DAYS)
    costs, stored_wh = rule_based(lasts, _STORED_WH)
    empty = foresight_cost(beyond, 0.0, worth)
    rule = sum(costs) + foresight_cost(beyond, stored_wh, worth) - empty
    outcome = Controlled(season=lasts, house=House(stored_wh=_STORED_WH)).run()
    planned = sum(outcome.costs) + foresight_cost(beyond, outcome.stored_wh, worth) - empty
    longer = season(start, days + _BEYOND_DAYS)
    best = foresight_cost(longer, _STORED_WH, worth) - empty
    out_of_reach = foresight_cost(longer, _STORED_WH, worth, own_use=True) - empty - best
    return Lived(
        rule=rule,
        planned=planned,
        foresight=best,
        out_of_reach=out_of_reach,
        short_wh=outcome.short_wh,
        calm=calm(lasts, min(days - 2, _CALM_NIGHTS)),
        told=f"{start:%Y-%m-%d} {days} days: rules {rule:.2f}, planned {planned:.2f}, "
        f"foresight {best:.2f} ({out_of_reach:.2f} of it out of reach), "
        f"captured {(rule - planned) / (rule - best):.1%}; car short {outcome.short_wh / 1000:.2f} kWh, "
        f"{outcome.starts} starts, {outcome.writes} writes, {outcome.not_solved} plans not solved; "
        f"kWh left {stored_wh / 1000:.2f}, {outcome.stored_wh / 1000:.2f}",
    )
