"""What an entity's state means in our units; what means nothing is told, and is never made up.

The unit is the state's own: people and integrations change it (kW for W), so that no profile can know it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from .port import Entity
from .roles import Measure

type Value = float | bool | str

UNAVAILABLE, UNKNOWN, RESTORED = "unavailable", "unknown", "restored"

# Float accepts more than Home Assistant writes: underscores, spaces, "infinity".
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

# What one unit of each is in ours, by the names that Home Assistant gives units.
POWER_UNITS: Final = {"mW": 0.001, "W": 1.0, "kW": 1e3, "MW": 1e6}
CURRENT_UNITS: Final = {"mA": 0.001, "A": 1.0}
_UNITS: Final[Mapping[Measure, Mapping[str, float]]] = {
    Measure.POWER_W: POWER_UNITS,
    Measure.ENERGY_WH: {
        "mWh": 0.001,
        "Wh": 1.0,
        "kWh": 1e3,
        "MWh": 1e6,
        "kJ": 1 / 3.6,
        "MJ": 1e3 / 3.6,
        "GJ": 1e6 / 3.6,
    },
    Measure.CURRENT_A: CURRENT_UNITS,
    Measure.VOLTAGE_V: {"mV": 0.001, "V": 1.0, "kV": 1e3},
    Measure.SHARE: {"%": 0.01},
}
_CELSIUS: Final = {"°C": (0.0, 1.0), "°F": (32.0, 5.0 / 9.0), "K": (273.15, 1.0)}
_FLAGS: Final = {"on": True, "off": False, "true": True, "false": False}


class Lack(StrEnum):
    """Why a role has no value."""

    MISSING = "entity_missing"
    DISABLED = "entity_disabled"
    UNAVAILABLE = "entity_unavailable"
    NO_VALUE = "entity_no_value"
    UNKNOWN_WORD = "entity_unknown_word"
    WRONG_UNIT = "entity_wrong_unit"
    SILENT = "entity_silent"
    NOT_CHOSEN = "entity_not_chosen"


# What does not come back by waiting, and the trouble of a device that has lost something so.
GONE: Final = frozenset({Lack.MISSING, Lack.DISABLED})
ENTITIES_GONE: Final = "entities_gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoValue:
    """That a role has no value, why, and what was found, for the log."""

    lack: Lack
    found: str


def is_available(entity: Entity) -> bool:
    """Return whether the entity is there and its integration stands behind what it shows."""
    state = entity.state
    return state is not None and state.text != UNAVAILABLE and state.attributes.get(RESTORED) is not True


def why_not(entity: Entity) -> NoValue | None:
    """Return why nothing can be read of an entity nor told to it, None when it can."""
    found = entity.entity_id or "an entity that was removed"
    if entity.is_disabled:
        return NoValue(lack=Lack.DISABLED, found=f"{found} is disabled")
    if entity.entity_id is None:
        return NoValue(lack=Lack.MISSING, found=found)
    if not is_available(entity):
        return NoValue(lack=Lack.UNAVAILABLE, found=f"{found} is not available")
    return None


def read(
    entity: Entity,
    measure: Measure | None,
    *,
    attribute: str | None = None,
    unit: str | None = None,
    words: Mapping[str, str] | None = None,
) -> Value | NoValue:
    """Return what an entity shows, as ``measure`` wants it.

    A measured number comes in our unit; ``unit`` is taken where the state names none. Without a measure a
    number is one in the smallest unit we have for it (W, A), and everything else a text.
    """
    if (lack := why_not(entity)) is not None:
        return lack
    assert entity.state is not None  # noqa: S101 # what shows nothing is not available
    shown: Any = entity.state.text if attribute is None else entity.state.attributes.get(attribute)
    if shown is None or shown == UNKNOWN or shown == "":  # noqa: PLR1714 # a list or a mapping may be shown
        return NoValue(lack=Lack.NO_VALUE, found=f"{entity.entity_id} shows no value")
    stated = entity.state.unit if attribute is None else None
    found = _meant(shown, measure, stated or unit, words or {})
    if isinstance(found, Lack):
        told = f"{shown!r} in {stated or unit or 'no unit'}"
        return NoValue(lack=found, found=f"{entity.entity_id} shows {told}")
    return found


def number(shown: object) -> float | None:
    """Return the number that is shown; None for text with a comma, NaN, infinity and all that is none."""
    if isinstance(shown, bool):
        return None
    if not isinstance(shown, int | float) and not (isinstance(shown, str) and _NUMBER.fullmatch(shown)):
        return None
    try:
        value = float(shown)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def units_of_measure(measure: Measure) -> list[str]:
    """Return the units that a measured role can be read in."""
    return list(_CELSIUS if measure is Measure.TEMPERATURE_C else _UNITS.get(measure, {}))


def units_of(unit: str | None) -> float:
    """Return how many W or A a unit is; 1 for units of neither."""
    return POWER_UNITS.get(unit or "", CURRENT_UNITS.get(unit or "", 1.0))


def _meant(shown: Any, measure: Measure | None, unit: str | None, words: Mapping[str, str]) -> Value | Lack:
    match measure:
        case None:
            value = number(shown)
            return str(shown) if value is None else value * units_of(unit)
        case Measure.STATUS:
            return words.get(str(shown).lower(), Lack.UNKNOWN_WORD)
        case Measure.FLAG:
            word = words.get(str(shown).lower(), str(shown).lower())
            return _FLAGS.get(word, Lack.UNKNOWN_WORD)
    if (value := number(shown)) is None:
        return Lack.NO_VALUE
    return _measured(value, measure, unit)


def _measured(value: float, measure: Measure, unit: str | None) -> float | Lack:
    if measure is Measure.COUNT:
        return value if value >= 0 else Lack.NO_VALUE
    if measure is Measure.TEMPERATURE_C:
        if unit not in _CELSIUS:
            return Lack.WRONG_UNIT
        zero, scale = _CELSIUS[unit]
        return (value - zero) * scale
    factor = _UNITS[measure].get(unit or "")
    if factor is None:
        return Lack.WRONG_UNIT
    if measure is Measure.SHARE and not 0.0 <= value * factor <= 1.0:
        return Lack.NO_VALUE
    return value * factor if math.isfinite(value * factor) else Lack.NO_VALUE
