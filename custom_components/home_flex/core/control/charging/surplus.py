"""Whether a car charges on surplus: it starts on enough of it, and stops by the energy it owes."""

import math
from dataclasses import dataclass, replace

from .contactor import Contactor

# A start needs so much more than the smallest power: what hardly carries the car is a cloud's edge.
_ENOUGH = 1.15
START_AFTER_S = 10.0
# What has carried the smallest power for so long is no cloud's edge.
_CARRIED_AFTER_S = 600.0
# What a car may buy of all that it charges on the sun; as a part of what the sun gives, so much.
_BOUGHT_SHARE = 0.15
BOUGHT_PER_SUN = _BOUGHT_SHARE / (1.0 - _BOUGHT_SHARE)
# A stop costs a closing, whatever the phases, and what the sun gives while the vehicle wakes, by phase.
_CLOSING_WH, _WAKING_WH_PER_PHASE = 25.0, 20.0
# With the hour's closings used up a stop lasts: a gap is worth bridging for longer.
_LAST_CLOSING = 2.0
# Who owes so many times the limit is not kept for the contactor's sake.
_OWES_MUCH = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class SunMemory:
    """Whether the sun carries the car and since when, since when a start has enough, and what it owes.

    ``carried_since_s``: since when there is as much as the car may take at least, if not enough for a start.
    """

    on: bool = False
    since_s: float = -math.inf
    enough_since_s: float | None = None
    carried_since_s: float | None = None
    debt_wh: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SunShare:
    """What the sun leaves for one car, and what the car takes at least.

    ``drawn_w`` is what it draws now, ``debt_limit_wh`` how much it may owe before it stops, and
    ``bought_per_sun`` what it may buy for each part of sun without owing it. ``may_start``:
    its contactor may close; ``may_stop``: it starts again when paused. ``tries_w``: on so much it is let in
    once, for nobody knows whether it needs ``minimum_w``.
    """

    share_w: float
    minimum_w: float
    drawn_w: float
    debt_limit_wh: float
    bought_per_sun: float = BOUGHT_PER_SUN
    may_start: bool = True
    may_stop: bool = True
    tries_w: float = math.inf


def enough_w(minimum_w: float) -> float:
    """Return the surplus on which a car starts whose smallest power is ``minimum_w``."""
    return _ENOUGH * minimum_w


def debt_limit_wh(phases: int, *, may_close_again: bool) -> float:
    """Return how much a car on ``phases`` may owe before it stops: about what stopping would cost.

    Who waits so long never pays more than twice what who knows the clouds would, however long they are.
    """
    limit_wh = _CLOSING_WH + _WAKING_WH_PER_PHASE * phases
    return limit_wh if may_close_again else _LAST_CLOSING * limit_wh


def followed(sun: SunMemory, share: SunShare, contactor: Contactor, now_s: float, dt_s: float) -> SunMemory:
    """Return whether the car goes on, starts or stops, ``dt_s`` after the last time.

    A gap is bridged at the smallest current until what is owed for it reaches the limit: short clouds cost
    no closing and long ones little energy, whatever their rhythm.
    """
    if not sun.on:
        return _awaited(sun, share, now_s)
    need_w = min(share.minimum_w, share.drawn_w)
    sun_w = max(0.0, share.share_w)
    debt_wh = max(0.0, sun.debt_wh + _owed_w(need_w, sun_w, share.bought_per_sun) * dt_s / 3600.0)
    is_free = contactor.settled(now_s) or not contactor.on
    limit_wh = share.debt_limit_wh if is_free else _OWES_MUCH * share.debt_limit_wh
    if share.may_stop and debt_wh >= limit_wh and sun_w < need_w:
        return SunMemory()
    return replace(sun, debt_wh=debt_wh)


def _awaited(sun: SunMemory, share: SunShare, now_s: float) -> SunMemory:
    """Return the memory of a car that stands: it starts on enough sun, or on what has long carried it."""
    carries = share.share_w >= min(share.minimum_w, share.tries_w)
    carried_s = _since(sun.carried_since_s, now_s, holds=carries)
    enough_s = _since(sun.enough_since_s, now_s, holds=share.share_w >= enough_w(share.minimum_w))
    is_enough = enough_s is not None and now_s - enough_s >= START_AFTER_S
    is_carried = carried_s is not None and now_s - carried_s >= _CARRIED_AFTER_S
    if share.may_start and (is_enough or is_carried):
        return SunMemory(on=True, since_s=now_s)
    return SunMemory(enough_since_s=enough_s, carried_since_s=carried_s)


def _since(before_s: float | None, now_s: float, *, holds: bool) -> float | None:
    """Return since when something holds, None while it does not."""
    if not holds:
        return None
    return now_s if before_s is None else before_s


def _owed_w(need_w: float, sun_w: float, bought_per_sun: float) -> float:
    """Return by how much the debt grows, in W.

    d debt/dt = n - s - r min(n, s), never below 0: n is what the car draws at its smallest current, s the
    sun for it, and r what may be bought for each part of sun. So a thin cloud is bridged for good, a dark
    one for a short while, and what the sun gives beyond the smallest current makes good what was bought.
    """
    return need_w - sun_w - bought_per_sun * min(need_w, sun_w)
