"""What a device does when no demand binds it; evaluated at every tick, never frozen.

The plan fills policies per interval; the resident's modes and these rules are what runs without a plan.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaveAlone:
    """The device is under its own control."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverHouse:
    """A store takes the site's surplus and covers its need, within [low_w, high_w]: the meter shows zero."""

    low_w: float = -math.inf
    high_w: float = math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class Follow:
    """A device takes ``power_w``."""

    power_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Surplus:
    """A device takes what would be exported.

    ``keep_smallest``: it keeps its smallest power when there is less (minimum and surplus), else it stops.
    """

    keep_smallest: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Off:
    """A device draws nothing."""


type Policy = LeaveAlone | CoverHouse | Follow | Surplus | Off
