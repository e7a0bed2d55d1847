"""When a charge has to begin so that its target is reached in time."""

import math
from dataclasses import dataclass

from .model import ChargerInput

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

    ``latest_start_s`` from now, negative once past, None without a deadline or at the target. ``slack_s`` is
    the time left less what full power needs. ``needed_w`` is the mean power that would just make it.
    """

    latest_start_s: float | None = None
    slack_s: float = math.inf
    needed_w: float = 0.0
    must: bool = False


def charge_time_s(left_wh: float, tapered_wh: float, power_w: float) -> float:
    """Return how long ``left_wh`` takes at ``power_w``, of which ``tapered_wh`` goes at half of it."""
    if left_wh <= 0.0:
        return 0.0
    if power_w <= 0.0:
        return math.inf
    tapered_wh = min(max(tapered_wh, 0.0), left_wh)
    return 3600.0 * (left_wh - tapered_wh + tapered_wh / _TAPER) / power_w


def promise(charger: ChargerInput, power_w: float) -> Promise:
    """Return what is owed to the vehicle when it can have ``power_w``.

    Past the hour the charge goes on to its target.
    """
    left_wh = charger.target_left_wh
    if charger.deadline_s is None or left_wh is None or left_wh <= 0.0:
        return Promise()
    fastest_s = charge_time_s(left_wh, charger.tapered_left_wh, power_w)
    likely_s = fastest_s / _YIELD
    latest_s = charger.deadline_s - likely_s - max(_MARGIN_S, _MARGIN * likely_s)
    needed_w = 3600.0 * left_wh / charger.deadline_s if charger.deadline_s > 0.0 else math.inf
    return Promise(
        latest_start_s=latest_s,
        slack_s=charger.deadline_s - fastest_s,
        needed_w=needed_w,
        must=latest_s <= 0.0,
    )
