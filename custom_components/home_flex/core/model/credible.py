"""Which readings cannot be true: no numbers, or beyond what fuse, ratings and homes allow."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from .reading import BatteryReading, ChargerReading, MeterReading, PvReading, Reading
from .site import Site

# IEC 60898-1: at five times its rating a breaker of type B has tripped at once. What feeds in has no inrush,
# but the rating may be set lower than the fuse there is, to keep peaks low, and the sun does not care.
_DRAWN, _FED_IN = 5.0, 3.0
# Devices go beyond their rating for a moment, DC sides beyond that of the AC side, and settings are guesses.
_OF_RATING, _MORE_W = 2.0, 500.0
_CHARGER_PHASES = 3
# What no device of a home is beyond: registers that hold nothing often read as their largest number, and a
# rating that is believed bounds what the device is told.
_RATED_W: Final = (0.0, 1e6)
_CURRENT_A: Final = (0.0, 1e3)
_DEGREES_C: Final = (-100.0, 200.0)
_OF_HOMES: Final[Mapping[str, tuple[float, float]]] = {
    "state_of_charge": (0.0, 1.0),
    "capacity_wh": (0.0, 1e7),
    "max_charge_w": _RATED_W,
    "max_discharge_w": _RATED_W,
    "rated_power_w": _RATED_W,
    "programme_power_w": _RATED_W,
    "min_current_a": _CURRENT_A,
    "max_current_a": _CURRENT_A,
    "temperature_c": _DEGREES_C,
    "min_c": _DEGREES_C,
    "max_c": _DEGREES_C,
}
_ANY: Final = (-math.inf, math.inf)


def why_incredible(reading: Reading, site: Site) -> str | None:
    """Return what of the reading cannot be true, in words for the log; None when all of it may be.

    Fuses bound all that is measured in the home; a rating that is not told (0) bounds nothing, and one that
    no device of a home has is none.
    """
    for name, value in _numbers(reading):
        low, high = _OF_HOMES.get(name, _ANY)
        if not math.isfinite(value) or not low <= value <= high:
            return f"{name} {value}"
    low_w, high_w = _range_w(reading, site)
    if not low_w <= reading.power_w <= high_w:
        return f"power_w {reading.power_w:.0f}, beyond {low_w:.0f} to {high_w:.0f}"
    if isinstance(reading, MeterReading):
        return _why_incredible_phase(reading, site)
    return None


def _numbers(reading: Reading) -> Iterator[tuple[str, float]]:
    for field in fields(reading):
        value = getattr(reading, field.name)
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int | float):
                yield field.name, number


def _range_w(reading: Reading, site: Site) -> tuple[float, float]:
    fuse_w = site.main_fuse_a * site.nominal_voltage_v * site.phases
    rated_w = 0.0
    match reading:
        case BatteryReading():
            rated_w = max(abs(reading.max_charge_w), abs(reading.max_discharge_w))
        case PvReading():
            rated_w = abs(reading.rated_power_w)
        case ChargerReading():
            rated_w = reading.max_current_a * site.nominal_voltage_v * _CHARGER_PHASES
    most_w = _OF_RATING * rated_w + _MORE_W if rated_w > 0 else math.inf
    return -min(_FED_IN * fuse_w, most_w), min(_DRAWN * fuse_w, most_w)


def _why_incredible_phase(reading: MeterReading, site: Site) -> str | None:
    for power_w in reading.phase_power_w:
        fuse_w = site.main_fuse_a * site.nominal_voltage_v
        if not -_FED_IN * fuse_w <= power_w <= _DRAWN * fuse_w:
            return f"phase_power_w {power_w:.0f}"
    for current_a in reading.phase_current_a:
        if abs(current_a) > _DRAWN * site.main_fuse_a:
            return f"phase_current_a {current_a:g}"
    return None
