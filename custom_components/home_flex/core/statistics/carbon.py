"""What the energy of the grid emitted: operational carbon by the mean of the zone's mix, in milligrams."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..signals import Signal
from .money import energy_cost
from .slots import SlotSeries


@dataclass(frozen=True, kw_only=True, slots=True)
class Carbon:
    """Carbon of a stretch in mg (Wh times g/kWh), exactly; what export avoided is never taken off it.

    ``unknown_slots`` had energy whose intensity nobody told, or no known energy: they are in no sum.
    """

    footprint_mg: Decimal
    avoided_by_export_mg: Decimal
    known_slots: int
    unknown_slots: int


def carbon_of(
    imports: Mapping[str, SlotSeries],
    exports: Mapping[str, SlotSeries],
    intensity: Signal,
    first_slot: int,
    end_slot: int,
) -> Carbon:
    """Return the carbon of slots by an intensity in g/kWh."""
    emitted, known, unknown = energy_cost(imports, intensity, first_slot, end_slot)
    avoided, known_out, unknown_out = energy_cost(exports, intensity, first_slot, end_slot)
    return Carbon(
        footprint_mg=emitted.scaleb(3),
        avoided_by_export_mg=avoided.scaleb(3),
        known_slots=known + known_out,
        unknown_slots=unknown + unknown_out,
    )
