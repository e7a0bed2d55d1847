"""What section 14a EnWG leaves to controllable devices in Germany: BNetzA BK6-22-300, annex 1, number 4.5.

While the grid operator dims, the registered devices may together draw this much *from the grid*: the house's
own load does not count, and what the home produces itself comes on top. W, positive = consumption.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """The ruling's figures; ``factors`` are the simultaneity factors by number of devices.

    A heat pump's or cooling's rating beyond ``large_w`` leaves it ``large_share`` of it. The regulator may
    change the factors, so each set has a day from which it holds.
    """

    valid_from: date
    smallest_w: float
    large_w: float
    large_share: float
    factors: Mapping[int, float]
    factor_beyond: float


RULES = (
    Rule(
        valid_from=date(2024, 1, 1),
        smallest_w=4200.0,
        large_w=11000.0,
        large_share=0.4,
        factors={1: 1.0, 2: 0.80, 3: 0.75, 4: 0.70, 5: 0.65, 6: 0.60, 7: 0.55, 8: 0.50},
        factor_beyond=0.45,
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """What is registered with the grid operator: how many devices, and the thermal ones' ratings.

    ``count`` is what the installer states. Several heat pumps are summed into one rating, so are coolings.
    """

    count: int
    heat_pumps_w: float = 0.0
    cooling_w: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupLimit:
    """What the group may draw from the grid; ``below_floor``: less than is guaranteed was told."""

    limit_w: float
    below_floor: bool


def rule_on(day: date) -> Rule:
    """Return the rule that holds on ``day``; before the first, the first."""
    return max(
        (rule for rule in RULES if rule.valid_from <= day), key=lambda rule: rule.valid_from, default=RULES[0]
    )


def group_floor_w(registered: Registered, day: date) -> float:
    """Return what a home with an energy management system is always left, for all devices together.

    4.5.2: smallest + (n - 1) x f(n) x smallest, where the larger of 0.4 x heat pumps and 0.4 x cooling stands
    for the first when one of them is above 11 kW. Raises ValueError when none is registered.
    """
    if registered.count < 1:
        raise ValueError("no device is registered")
    rule = rule_on(day)
    thermal_w = max(registered.heat_pumps_w, registered.cooling_w)
    first_w = rule.large_share * thermal_w if thermal_w > rule.large_w else rule.smallest_w
    factor = rule.factors.get(registered.count, rule.factor_beyond)
    return first_w + (registered.count - 1) * factor * rule.smallest_w


def device_floor_w(thermal_w: float, day: date) -> float:
    """Return what a device that is controlled directly is left; ``thermal_w`` is 0 for one that is neither.

    4.5.1: 4.2 kW, or 0.4 x the rating of a heat pump or cooling above 11 kW.
    """
    rule = rule_on(day)
    return rule.large_share * thermal_w if thermal_w > rule.large_w else rule.smallest_w


def group_limit(floor_w: float, told_w: float | None) -> GroupLimit:
    """Return the group's limit while dimmed: the floor for a relay, which tells no value, else what was told.

    Less than the floor is obeyed and marked. Raises ValueError for what is no limit: negative or no number.
    """
    if told_w is None:
        return GroupLimit(limit_w=floor_w, below_floor=False)
    if not told_w >= 0:
        raise ValueError(f"not a limit: {told_w}")
    return GroupLimit(limit_w=told_w, below_floor=told_w < floor_w)


def allowance_w(limit_w: float, *, produced_w: float, house_w: float) -> float:
    """Return what the members may draw together: the limit, and what the house leaves of its production.

    ``produced_w`` is what PV and discharging batteries give (0 or more), ``house_w`` what all else than the
    members draws.
    """
    return limit_w + max(0.0, produced_w - house_w)
