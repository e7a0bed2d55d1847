"""Loads that are told a state and not a power: their levels, and what is called for when nobody asks.

Terms of S2: a level is an operation mode of OMBC, its times are the timers of transitions. W, K, seconds.
"""

from dataclasses import dataclass
from enum import StrEnum

from ..model import Owner
from .merit import Member


class Call(StrEnum):
    """What a load's policy and its state call for."""

    ALONE = "alone"  # it does as it likes
    FREE = "free"  # surplus may run it
    MUST = "must"  # it runs, whatever the sun gives
    NEVER = "never"  # it does not run


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One state that a load can be told, as the setpoint's value, and the power reckoned for it (>= 0)."""

    value: float
    power_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """The power that only a line of safety may take from a load, and why it keeps it."""

    power_w: float
    owner: Owner
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """Who sets a load to what it does now, when no line moves it."""

    owner: Owner
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadUse:
    """A load at one tick.

    ``levels`` rise with power; it ``rests`` at the level of this index, and is left alone there unless it
    ``is_held`` off by its policy. At ``must`` it does what is called for. ``owner`` and ``reason`` are whose
    call it is and why, for MUST and NEVER; ``use`` is what comes of it.
    """

    member: Member
    levels: tuple[Level, ...]
    call: Call
    rests: int = 0
    must: int = -1
    is_held: bool = False
    owner: Owner = Owner.PLAN
    reason: str = ""
    holds: tuple[Hold, ...] = ()
    use: Use | None = None

    def at_most(self, power_w: float) -> Level:
        """Return the highest level that draws no more than ``power_w``, the lowest when none does."""
        return [self.levels[0], *(level for level in self.levels if level.power_w <= power_w + 1.0)][-1]

    def at_least_w(self, power_w: float) -> float:
        """Return the power of the lowest level that draws ``power_w``, of the highest when none does."""
        return next((one.power_w for one in self.levels if one.power_w >= power_w - 1e-6), self.most_w)

    @property
    def most_w(self) -> float:
        """The power of the highest level."""
        return self.levels[-1].power_w
