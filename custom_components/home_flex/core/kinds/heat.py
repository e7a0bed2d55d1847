"""What heats: between a floor that comfort asks for and a most that nothing may exceed.

Degrees Celsius and K; W, Wh, seconds.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..control.levels import Call
from ..control.memory import DeviceMemory
from ..control.merit import Member
from ..control.policy import Comfort, Off, Surplus
from ..model import Owner, Reading
from .facts import Measure, Sensor
from .kind import Seen
from .load import ALONE, FREE, OFF, Called, Load

# Comfort calls this far above its floor, and until it is so much warmer; what is warm rests so long.
FLOOR_MARGIN_K = 0.5
BAND_K = 2.0
_UNKNOWN = Called(call=Call.ALONE, owner=Owner.RESIDENT, reason="temperature_unknown")
_KEPT = Called(call=Call.ALONE, owner=Owner.RESIDENT, reason="comfort")
_COMFORT = Called(call=Call.MUST, owner=Owner.RESIDENT, reason="comfort")
_WARM = Called(call=Call.NEVER, owner=Owner.DEVICE_SAFETY, reason="warm_enough")
_NO_SUN = Called(call=Call.NEVER, owner=Owner.PLAN, reason="no_call_for_heat")


class HeatReading(Reading, Protocol):
    """What every heater says: its temperature (None: not known), and between which it may be."""

    @property
    def temperature_c(self) -> float | None:
        """The temperature that is kept: of the water, of the rooms."""
        ...

    @property
    def min_c(self) -> float:
        """The least that is still comfortable."""
        ...

    @property
    def max_c(self) -> float:
        """The most that is allowed."""
        ...


def temperature(key: str) -> Sensor[Any]:
    """Return the row of the temperature that is kept; ``key`` names it."""
    return Sensor(
        key=key, measure=Measure.TEMPERATURE_C, value=lambda reading: reading.temperature_c, optional=True
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Between which temperatures heat is kept; ``is_ours``: our policy keeps it, not the device itself."""

    min_c: float
    max_c: float
    surplus: bool
    is_ours: bool

    @property
    def band_k(self) -> float:
        """How far it warms, or cools, before its call is over."""
        return min(BAND_K, (self.max_c - self.min_c) / 3.0)


class Heat[R: HeatReading](Load[R]):
    """A kind of load that heats; what it may lose until it heats again is reckoned with."""

    member = Member.HEAT

    @abstractmethod
    def cooling_k_per_s(self, reading: R) -> float:
        """Return how fast it cools when it does not heat, K per second; 0 when that is not known."""

    def called(self, seen: Seen[R]) -> Called:
        """Return comfort's call, the sun's, or that it is warm enough.

        Without a temperature nothing is called for, and only lines of safety take its heat.
        """
        bounds, load = _bounds(seen), seen.memory.load
        if isinstance(seen.device.policy, Off):
            return OFF
        if _known(seen.reading.temperature_c) is None:
            return _UNKNOWN
        if load.is_warm:
            return _WARM
        if not bounds.is_ours:
            return _KEPT if load.warms else ALONE
        if load.warms:
            return _COMFORT
        return FREE if bounds.surplus else _NO_SUN

    def learned(self, seen: Seen[R]) -> DeviceMemory:
        """Return the memory with whether comfort calls, and whether it is warm enough."""
        memory = super().learned(seen)
        bounds, temperature_c = _bounds(seen), _known(seen.reading.temperature_c)
        if temperature_c is None:
            return replace(memory, load=replace(memory.load, warms=False, is_warm=False))
        load = memory.load
        off_s = self.times_s(seen.reading)[1]
        ahead_c = temperature_c - self.cooling_k_per_s(seen.reading) * off_s
        floor_c = bounds.min_c + (bounds.band_k if load.warms else 0.0) + FLOOR_MARGIN_K
        ceiling_c = bounds.max_c - (bounds.band_k if load.is_warm else 0.0)
        return replace(
            memory,
            load=replace(load, warms=ahead_c <= floor_c, is_warm=temperature_c >= ceiling_c),
        )


def _bounds[R: HeatReading](seen: Seen[R]) -> Bounds:
    """Return what the policy keeps, never beyond what the device allows."""
    reading = seen.reading
    match seen.device.policy:
        case Comfort(min_c=min_c, max_c=max_c, surplus=surplus):
            most_c = min(max_c, reading.max_c)
            return Bounds(min_c=min(min_c, most_c), max_c=most_c, surplus=surplus, is_ours=True)
        case Surplus():
            return Bounds(min_c=reading.min_c, max_c=reading.max_c, surplus=True, is_ours=True)
    return Bounds(min_c=reading.min_c, max_c=reading.max_c, surplus=False, is_ours=False)


def _known(temperature_c: float | None) -> float | None:
    return temperature_c if temperature_c is not None and math.isfinite(temperature_c) else None
