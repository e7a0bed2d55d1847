"""When a charge has to begin so that its goals are reached in time."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .model import ChargeGoal

# Vehicles take less than they were seen to take when they are cold or nearly full.
_YIELD = 0.9
_TAPER = 0.5
_MARGIN_S = 900.0
_MARGIN = 0.1
# Once begun, a charge waits again only when its latest start moves at once by more than this: the resident
# has changed his mind, or there is more power. What its own charging wins is no reason to stop it.
WORTH_WAITING_S = 1800.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """What is owed to one vehicle.

    ``latest_start_s`` from now, negative once past, None without a goal that is not reached. ``slack_s`` is
    the time left less what full power needs. ``needed_w`` is the mean power that would just make it. Of
    several goals the most pressing counts in each.
    """

    latest_start_s: float | None = None
    slack_s: float = math.inf
    needed_w: float = 0.0
    must: bool = False


def charge_time_s(left_wh: float, tapered_wh: float, power_w: float) -> float:
    """Return how long ``left_wh`` takes at ``power_w``, of which ``tapered_wh`` goes at half of it."""
    if power_w <= 0.0:
        return math.inf
    tapered_wh = min(max(tapered_wh, 0.0), left_wh)
    return 3600.0 * (left_wh - tapered_wh + tapered_wh / _TAPER) / power_w


def given_s(left_wh: float, tapered_wh: float, power_w: float) -> float:
    """Return how long before its hour a charge begins at the latest: ``charge_time_s`` and the margin.

    The margin is for a vehicle that takes less than it showed or told, and to be ready a little early: at
    least a quarter of an hour.
    """
    likely_s = charge_time_s(left_wh, tapered_wh, power_w) / _YIELD
    return likely_s + max(_MARGIN_S, _MARGIN * likely_s)


def promise(goals: Iterable[ChargeGoal], power_w: float) -> Promise:
    """Return what is owed to a vehicle that can have ``power_w``: enough for each of its goals.

    Charged at that power from its latest start on, it reaches the earlier goals on its way to the later ones.
    Past the hour the charge goes on to its target.
    """
    owed = [_of_one(goal, power_w) for goal in goals if goal.left_wh > 0.0]
    if not owed:
        return Promise()
    latest_s = min(latest_s for latest_s, _, _ in owed)
    return Promise(
        latest_start_s=latest_s,
        slack_s=min(slack_s for _, slack_s, _ in owed),
        needed_w=max(needed_w for _, _, needed_w in owed),
        must=latest_s <= 0.0,
    )


def _of_one(goal: ChargeGoal, power_w: float) -> tuple[float, float, float]:
    """Return the latest start, the slack and the power needed for one goal, as Promise means them."""
    fastest_s = charge_time_s(goal.left_wh, goal.tapered_left_wh, power_w)
    latest_s = goal.deadline_s - given_s(goal.left_wh, goal.tapered_left_wh, power_w)
    needed_w = 3600.0 * goal.left_wh / goal.deadline_s if goal.deadline_s > 0.0 else math.inf
    return latest_s, goal.deadline_s - fastest_s, needed_w
