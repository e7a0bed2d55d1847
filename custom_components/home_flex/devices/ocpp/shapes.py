"""The shapes in which a limit can be told to a charger, and which of them this charger takes and obeys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import Any, Final, Self


class Purpose(StrEnum):
    """ChargingProfilePurposeType, OCPP 1.6 section 7.12, best first: the narrowest that can be had."""

    TX = "TxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    CHARGE_POINT_MAX = "ChargePointMaxProfile"


class Unit(StrEnum):
    """ChargingRateUnitType, section 7.14."""

    AMPERES = "A"
    WATTS = "W"


class Timing(StrEnum):
    """When a profile begins and ends, by our clock, by the charger's as it shows it, or by its session.

    One that lasts does so until it is replaced or cleared: also when the charger's clock is wrong, and also
    when we are gone.
    """

    ENDING = "ending"
    ENDING_BY_ITS_CLOCK = "ending_by_its_clock"
    LASTING = "lasting"
    RELATIVE_ENDING = "relative_ending"
    RELATIVE_LASTING = "relative_lasting"


class Level(StrEnum):
    """The stack level, seen from the highest that the charger says it has."""

    HIGHEST = "highest"
    BELOW = "below"
    ZERO = "zero"


# What the charger does not end by itself.
LASTING: Final = frozenset({Timing.LASTING, Timing.RELATIVE_LASTING})


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One way to tell a limit. ``whole_charger`` is connector 0; ``tells_phases`` writes ``numberPhases``."""

    purpose: Purpose
    unit: Unit = Unit.AMPERES
    timing: Timing = Timing.ENDING
    level: Level = Level.HIGHEST
    whole_charger: bool = False
    tells_phases: bool = True

    def stack_level(self, highest: int) -> int:
        """Return the stack level of this shape in a charger that has levels 0 to ``highest``."""
        return {Level.HIGHEST: highest, Level.BELOW: max(0, highest - 1), Level.ZERO: 0}[self.level]

    def fits(self, abilities: Abilities) -> bool:
        """Return whether a charger may be told this: its unit is taken, and no other socket is held back."""
        is_unit = not abilities.units or self.unit in abilities.units
        return is_unit and not (self.whole_charger and abilities.shares)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            purpose=Purpose(document["purpose"]),
            unit=Unit(document["unit"]),
            timing=Timing(document["timing"]),
            level=Level(document["level"]),
            whole_charger=bool(document["whole_charger"]),
            tells_phases=bool(document["tells_phases"]),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Abilities:
    """What a charger says of its charging profiles in its configuration (section 9.4).

    ``units`` is empty while it told none. ``shares`` is set where other sockets of the charger are used too:
    what is told to all of it would hold them back.
    """

    highest_level: int = 0
    units: frozenset[Unit] = frozenset()
    switches_phases: bool = False
    shares: bool = False


# What each way to differ from the usual shape costs: what is often needed is tried early, what stays in the
# charger when we are gone late. Another clock is no cure for a refusal.
_TIMING_COST: Final = {
    Timing.ENDING: 0,
    Timing.ENDING_BY_ITS_CLOCK: 3,
    Timing.LASTING: 2,
    Timing.RELATIVE_ENDING: 1,
    Timing.RELATIVE_LASTING: 2,
}
_LEVEL_COST: Final = {Level.HIGHEST: 0, Level.BELOW: 1, Level.ZERO: 1}
_PURPOSES: Final = tuple(Purpose)


@lru_cache(maxsize=32)
def shapes(abilities: Abilities, *, in_transaction: bool) -> tuple[Shape, ...]:
    """Return all shapes that make sense for a charger, in the order in which they are worth a try."""
    return tuple(
        sorted(_possible(abilities, in_transaction=in_transaction), key=lambda s: _cost(s, abilities))
    )


def default_shapes(abilities: Abilities) -> tuple[Shape, ...]:
    """Return the shapes in which a lasting default can be told: relative to each session, without an end."""
    return tuple(
        shape
        for shape in shapes(abilities, in_transaction=False)
        if shape.purpose is Purpose.TX_DEFAULT
        and shape.timing is Timing.RELATIVE_LASTING
        and shape.level is Level.HIGHEST
    )


def _possible(abilities: Abilities, *, in_transaction: bool) -> Iterator[Shape]:
    units = abilities.units or frozenset(Unit)
    levels = {0: (Level.HIGHEST,), 1: (Level.HIGHEST, Level.ZERO)}.get(abilities.highest_level, tuple(Level))
    for purpose, unit, timing, level, phases in product(Purpose, units, Timing, levels, (True, False)):
        if purpose is Purpose.TX and not in_transaction:
            continue
        if purpose is Purpose.CHARGE_POINT_MAX and (abilities.shares or timing in _OF_A_SESSION):
            continue
        for whole_charger in _CONNECTORS[purpose]:
            if not (whole_charger and abilities.shares):
                yield Shape(
                    purpose=purpose,
                    unit=unit,
                    timing=timing,
                    level=level,
                    whole_charger=whole_charger,
                    tells_phases=phases,
                )


# A profile of a transaction belongs to its connector, one for the charger to all of it (section 3.13.1).
_CONNECTORS: Final = {
    Purpose.TX: (False,),
    Purpose.TX_DEFAULT: (True, False),
    Purpose.CHARGE_POINT_MAX: (True,),
}
_OF_A_SESSION: Final = frozenset({Timing.RELATIVE_ENDING, Timing.RELATIVE_LASTING})


def _cost(shape: Shape, abilities: Abilities) -> tuple[int, int]:
    usual_connector = shape.purpose is not Purpose.TX_DEFAULT or shape.whole_charger is not abilities.shares
    cost = (
        _TIMING_COST[shape.timing]
        + _LEVEL_COST[shape.level]
        + (shape.unit is Unit.WATTS and abilities.units != {Unit.WATTS})
        + (not shape.tells_phases)
        + (not usual_connector)
    )
    return cost, _PURPOSES.index(shape.purpose)
