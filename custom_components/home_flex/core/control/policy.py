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
    """A device takes what would be exported."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Off:
    """A device draws nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comfort:
    """Heat is kept from falling below ``min_c`` and from rising above ``max_c``, in degrees Celsius.

    ``surplus``: between them what would be exported is taken.
    """

    min_c: float
    max_c: float
    surplus: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError for a floor that is not below the most."""
        if not self.min_c < self.max_c:
            raise ValueError(f"the floor of {self.min_c} °C is not below the most, {self.max_c} °C")


@dataclass(frozen=True, kw_only=True, slots=True)
class StartWithin:
    """A programme starts once: with the sun from ``earliest_s`` on, at ``latest_s`` at last (monotonic)."""

    earliest_s: float
    latest_s: float


type Policy = LeaveAlone | CoverHouse | Follow | Surplus | Off | Comfort | StartWithin
