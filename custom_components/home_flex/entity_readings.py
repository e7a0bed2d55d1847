"""Entities of Home Assistant that the home reads besides its devices: meters of circuits, signals, helpers.

An entity is as old as what it last reported, counted on a monotonic clock from when that was seen here.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfPower,
    UnitOfTemperature,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.util.unit_conversion import TemperatureConverter

from .core.control.state import MeterState
from .core.model import MeterReading

_UNREADABLE = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})
_WATTS_PER_UNIT: Mapping[str | None, float] = {UnitOfPower.WATT: 1.0, UnitOfPower.KILO_WATT: 1000.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class CircuitMeter:
    """The entities of a circuit's own meter: power, positive = consumption, and currents by phase if any."""

    meter_id: str
    power: str
    currents: Sequence[str] = ()


@dataclass(kw_only=True)
class CircuitMeters:
    """Reads the circuits' own meters; what cannot be read is left out, and its fuse told as unwatched."""

    hass: HomeAssistant
    meters: Sequence[CircuitMeter]
    monotonic_s: Callable[[], float]
    _heard: dict[str, tuple[datetime, float]] = field(default_factory=dict)

    def read(self) -> Mapping[str, MeterState]:
        """Return what each meter told last, and when."""
        found = {}
        for meter in self.meters:
            power = self.hass.states.get(meter.power)
            power_w = power_of(power)
            if power is None or power_w is None:
                continue
            found[meter.meter_id] = MeterState(
                reading=MeterReading(
                    time=power.last_reported, power_w=power_w, phase_current_a=self._currents(meter)
                ),
                heard_s=self._heard_s(power),
            )
        return found

    def _currents(self, meter: CircuitMeter) -> tuple[float, ...]:
        """Return the currents of all phases, or none: half a picture is not one."""
        currents = [number_of(self.hass.states.get(entity_id)) for entity_id in meter.currents]
        known = tuple(current for current in currents if current is not None)
        return known if len(known) == len(currents) else ()

    def _heard_s(self, state: State) -> float:
        reported, heard_s = self._heard.get(state.entity_id, (None, 0.0))
        if reported != state.last_reported:
            heard_s = self.monotonic_s()
            self._heard[state.entity_id] = (state.last_reported, heard_s)
        return heard_s


def number_of(state: State | None) -> float | None:
    """Return the number an entity shows, None when it shows none."""
    if state is None or state.state in _UNREADABLE:
        return None
    try:
        number = float(state.state)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def power_of(state: State | None) -> float | None:
    """Return the power an entity shows in W; None when it shows none, or in a unit that is none of power."""
    number = number_of(state)
    factor = _WATTS_PER_UNIT.get(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)) if state else None
    return None if number is None or factor is None else number * factor


def temperature_c_of(state: State | None) -> float | None:
    """Return the temperature an entity shows in °C; None when it shows none, or in another unit."""
    number = number_of(state)
    unit = None if state is None else state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if number is None or unit not in TemperatureConverter.VALID_UNITS:
        return None
    return TemperatureConverter.convert(number, unit, UnitOfTemperature.CELSIUS)


def share_of(state: State | None) -> float | None:
    """Return the percentage an entity shows as a share 0 to 1; None when it shows none."""
    percent = number_of(state)
    return None if percent is None or not 0.0 <= percent <= 100.0 else percent / 100.0


def is_on(state: State | None) -> bool | None:
    """Return whether an entity is on, None when it does not say."""
    return {STATE_ON: True, STATE_OFF: False}.get(state.state) if state else None
