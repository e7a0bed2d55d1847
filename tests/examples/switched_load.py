"""A load that is switched on and off, as a kind of device: what it says, shows, and can do."""

from dataclasses import dataclass
from datetime import datetime

from custom_components.home_flex.core.kinds.facts import (
    Abilities,
    Measure,
    Measurements,
    Reporting,
    Sensor,
)
from custom_components.home_flex.core.model import Site


@dataclass(frozen=True, kw_only=True, slots=True)
class SwitchedLoadReading:
    """A switched load at one moment."""

    time: datetime
    power_w: float
    is_on: bool
    rated_power_w: float


def _measurements(reading: SwitchedLoadReading) -> Measurements:
    return {"power": {"power_w": reading.power_w}, "control": {"is_on": float(reading.is_on)}}


def _abilities(reading: SwitchedLoadReading, _site: Site) -> Abilities:
    return Abilities(consumption_w=reading.rated_power_w)


SWITCHED_LOAD = Reporting(
    name="Switched load",
    sensors=(
        Sensor(key="load_power", measure=Measure.POWER_W, value=lambda reading: reading.power_w),
        Sensor(
            key="load_state",
            measure=Measure.STATE,
            value=lambda reading: "on" if reading.is_on else "off",
            options=("on", "off"),
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)
