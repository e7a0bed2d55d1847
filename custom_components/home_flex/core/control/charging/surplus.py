"""Whether a car charges on surplus: it starts on enough of it, and stops by the energy it owes."""

import math
from dataclasses import dataclass, replace

from .contactor import Contactor

START_MARGIN_W = 100.0
START_AFTER_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SunMemory:
    """Whether the sun carries the car and since when, since when a start has enough, and what it owes."""

    on: bool = False
    since_s: float = -math.inf
    enough_since_s: float | None = None
    debt_wh: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SunShare:
    """What the sun leaves for one car, and what the car takes at least.

    ``drawn_w`` is what it draws now, ``debt_limit_wh`` how much it may owe before it stops. ``may_start``:
    its contactor may close; ``may_stop``: it starts again when paused.
    """

    share_w: float
    minimum_w: float
    drawn_w: float
    debt_limit_wh: float
    may_start: bool = True
    may_stop: bool = True


def followed(sun: SunMemory, share: SunShare, contactor: Contactor, now_s: float, dt_s: float) -> SunMemory:
    """Return whether the car goes on, starts or stops, ``dt_s`` after the last time.

    A gap is bridged at the smallest current until what is bought for it reaches the limit: short clouds cost
    no closing and long ones little energy, whatever their rhythm.
    """
    if not sun.on:
        if share.share_w < share.minimum_w + START_MARGIN_W:
            return SunMemory()
        since_s = now_s if sun.enough_since_s is None else sun.enough_since_s
        starts = share.may_start and now_s - since_s >= START_AFTER_S
        if starts:
            return SunMemory(on=True, since_s=now_s)
        return SunMemory(enough_since_s=since_s)
    short_w = min(share.minimum_w, share.drawn_w) - share.share_w
    sun = replace(sun, debt_wh=sun.debt_wh + short_w * dt_s / 3600.0 if short_w > 0.0 else 0.0)
    owes = sun.debt_wh >= share.debt_limit_wh
    if owes and share.may_stop and (contactor.settled(now_s) or not contactor.on):
        return SunMemory()
    return sun
