"""A charger's configuration keys (OCPP 1.6 section 9): read once for each boot, whatever it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ocpp.v16 import call  # type: ignore[import-untyped]  # the library has no types

from . import fields
from .asking import ask
from .session import Payload, Session
from .settings import Patience
from .shapes import Abilities, Unit

_STACK_LEVEL: Final = "ChargeProfileMaxStackLevel"
_UNITS: Final = "ChargingScheduleAllowedChargingRateUnit"
_SWITCHES: Final = "ConnectorSwitch3to1PhaseSupported"
_CONNECTORS: Final = "NumberOfConnectors"
_FEATURES: Final = "SupportedFeatureProfiles"
_KEYS: Final = (_STACK_LEVEL, _UNITS, _SWITCHES, _CONNECTORS, _FEATURES)
# Worth a question each to a charger that takes one key at a time.
_NEEDED: Final = (_STACK_LEVEL, _UNITS, _SWITCHES)
_HIGHEST_STACK_LEVEL: Final = 100
# Current and Power by the standard; some write the unit itself.
_UNIT_WORDS: Final = {
    "current": Unit.AMPERES,
    "a": Unit.AMPERES,
    "amps": Unit.AMPERES,
    "power": Unit.WATTS,
    "w": Unit.WATTS,
    "watts": Unit.WATTS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """What a charger says it can; ``connectors`` and ``features`` None and empty while it does not say."""

    highest_level: int = 0
    units: frozenset[Unit] = frozenset()
    switches_phases: bool = False
    connectors: int | None = None
    features: frozenset[str] = frozenset()

    def abilities(self, *, shares: bool) -> Abilities:
        """Return what it can do with charging profiles; ``shares``: other sockets of it are used too."""
        return Abilities(
            highest_level=self.highest_level,
            units=self.units,
            switches_phases=self.switches_phases,
            shares=shares,
        )


async def read_configuration(session: Session, patience: Patience) -> Configuration:
    """Ask for the keys that matter, at once, and one by one where the charger refuses that."""
    answer = await ask(session, call.GetConfiguration(key=list(_KEYS)), patience)
    told = _entries(answer)
    if not answer:
        for key in _NEEDED:
            answer = await ask(session, call.GetConfiguration(key=[key]), patience)
            told |= _entries(answer)
            if not answer:
                break
    return _read(told)


async def read_values(session: Session, patience: Patience, keys: tuple[str, ...]) -> dict[str, Any]:
    """Ask for these keys; return their values by their names as asked for, of those it tells."""
    told = _entries(await ask(session, call.GetConfiguration(key=list(keys)), patience))
    return {key: told[key.lower()] for key in keys if key.lower() in told}


def read_units(value: object) -> frozenset[Unit]:
    """Return the units that a list of words names; none where none is understood."""
    words = {word.strip().lower() for word in str(value or "").split(",")}
    return frozenset(unit for word, unit in _UNIT_WORDS.items() if word in words)


def _read(told: Mapping[str, Any]) -> Configuration:
    values = {key: told.get(key.lower()) for key in _KEYS}
    level = fields.integer(values, _STACK_LEVEL)
    connectors = fields.integer(values, _CONNECTORS)
    return Configuration(
        highest_level=min(level, _HIGHEST_STACK_LEVEL) if level is not None and level >= 0 else 0,
        units=read_units(values[_UNITS]),
        switches_phases=str(values[_SWITCHES]).lower() == "true",
        connectors=connectors if connectors is not None and connectors > 0 else None,
        features=frozenset(
            word.strip().lower() for word in str(values[_FEATURES] or "").split(",") if word.strip()
        ),
    )


def _entries(answer: Payload) -> dict[str, Any]:
    """Return the values of a GetConfiguration answer by their keys in lower case: spelling varies."""
    keys = answer.get("configurationKey")
    if not isinstance(keys, list):
        return {}
    return {
        key.lower(): entry.get("value")
        for entry in keys
        if isinstance(entry, dict) and isinstance(key := entry.get("key"), str)
    }
