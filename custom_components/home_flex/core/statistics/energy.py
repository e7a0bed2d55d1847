"""Where energy came from and went: load, direct consumption, what of the sun was exported or stored.

All in whole Wh, slot by slot: I import, X export, G production, C charge and D discharge (at the AC side).

* load = I - X + G + D - C. It is never clipped: a sum over clipped slots is no balance.
* of what was produced, first what was exported (at most X) counts as exported, then the load is covered, and
  the rest was charged. Without a battery, direct consumption is G - X.
* self-consumption = (G - exported of it) / G; self-sufficiency = 1 - I / load.

A slot in which the load comes out below 0 was measured by meters that do not agree; it is counted and told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from .slots import NOTHING, SLOT_S, Coverage, Mark, SlotSeries

# A register's name where a meter has one for all.
ALL: Final = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeSeries:
    """What was counted at a home, by register of the tariff and by device; all >= 0, in Wh per slot.

    What a home does not have is left empty: then it is 0, and covered.
    """

    imports: Mapping[str, SlotSeries]
    exports: Mapping[str, SlotSeries] = field(default_factory=dict)
    production: Mapping[str, SlotSeries] = field(default_factory=dict)
    charge: Mapping[str, SlotSeries] = field(default_factory=dict)
    discharge: Mapping[str, SlotSeries] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class EnergyFigures:
    """Energy of a stretch of time in Wh; two stretches can be added.

    Load and what became of the production (``direct_wh``, ``exported_production_wh``,
    ``charged_production_wh``) are summed over the slots of which everything is known (``balanced``); the five
    above them over all slots they are known of (``metered``: of import and export).
    """

    import_wh: int = 0
    export_wh: int = 0
    production_wh: int = 0
    charge_wh: int = 0
    discharge_wh: int = 0
    load_wh: int = 0
    direct_wh: int = 0
    exported_production_wh: int = 0
    charged_production_wh: int = 0
    balanced_import_wh: int = 0
    contradictory_slots: int = 0
    metered: Coverage = NOTHING
    balanced: Coverage = NOTHING

    def __add__(self, other: EnergyFigures) -> EnergyFigures:
        """Return the figures of both stretches together."""
        return EnergyFigures(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def self_consumption(self) -> float | None:
        """Share of what was produced that stayed in the home, 0 to 1; None where nothing was."""
        produced_wh = self.direct_wh + self.exported_production_wh + self.charged_production_wh
        return 1 - self.exported_production_wh / produced_wh if produced_wh > 0 else None

    @property
    def self_sufficiency(self) -> float | None:
        """Share of the load that was not imported; below 0 where a battery was charged for later."""
        return 1 - self.balanced_import_wh / self.load_wh if self.load_wh > 0 else None


def energy_figures(home: HomeSeries, first_slot: int, end_slot: int) -> EnergyFigures:
    """Return the figures of the slots from ``first_slot`` until just before ``end_slot``."""
    sides = [
        _Side(series) for series in (home.imports, home.exports, home.production, home.charge, home.discharge)
    ]
    sums, tally, metered, balanced = [0] * 5, _Tally(), [0] * 4, [0] * 4
    for slot in range(first_slot, end_slot):
        amounts = [side.at(slot) for side in sides]
        for index, (amount, _) in enumerate(amounts):
            sums[index] += amount
        metered[max(amounts[0][1], amounts[1][1])] += 1
        mark = max(mark for _, mark in amounts)
        balanced[mark] += 1
        if mark is not Mark.MISSING:
            tally.take(*(amount for amount, _ in amounts))
    return EnergyFigures(
        import_wh=sums[0],
        export_wh=sums[1],
        production_wh=sums[2],
        charge_wh=sums[3],
        discharge_wh=sums[4],
        load_wh=tally.load_wh,
        direct_wh=tally.direct_wh,
        exported_production_wh=tally.exported_wh,
        charged_production_wh=tally.charged_wh,
        balanced_import_wh=tally.import_wh,
        contradictory_slots=tally.contradictory,
        metered=Coverage(**dict(zip(_MARKS, metered, strict=True))),
        balanced=Coverage(**dict(zip(_MARKS, balanced, strict=True))),
    )


_MARKS: Final = ("measured", "interpolated", "estimated", "missing")


def whole_of(registers: Mapping[str, SlotSeries], first_slot: int, end_slot: int) -> SlotSeries:
    """Return what a device counted under one name: its tariffs together, else the register for ``ALL``.

    Of the tariffs each slot is missing where one of them is; those that never speak in the stretch are no
    part of it.
    """
    tariffs = [
        each
        for name, each in registers.items()
        if name != ALL and each.between(first_slot, end_slot).is_known
    ]
    total = registers.get(ALL)
    values: list[int | None] = []
    marks: list[Mark] = []
    for slot in range(first_slot, end_slot):
        row = [each.at(slot) for each in tariffs]
        mark = max((mark for _, mark in row), default=Mark.MISSING)
        value = None if mark is Mark.MISSING else sum(value or 0 for value, _ in row)
        if value is None and total is not None:
            value, mark = total.at(slot)
        values.append(value)
        marks.append(mark)
    return SlotSeries(first_slot=first_slot, values=tuple(values), marks=tuple(marks))


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """What a slot's energy was used for, in Wh."""

    load_wh: int
    direct_wh: int
    exported_production_wh: int
    charged_production_wh: int


def balance(imported: int, exported: int, produced: int, charged: int, discharged: int) -> Balance:
    """Return what became of a slot's energy (all in Wh, >= 0), by the rules above."""
    load = imported - exported + produced + discharged - charged
    out = min(exported, produced)
    direct = min(produced - out, max(load, 0))
    return Balance(
        load_wh=load,
        direct_wh=direct,
        exported_production_wh=out,
        charged_production_wh=produced - out - direct,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryFigures:
    """What a battery did. ``cycles``: what it gave over its capacity; ``loss_wh``: what went in for good.

    The loss is reckoned with what it holds more or less than at the start; None where that is not known.
    """

    cycles: float
    loss_wh: int | None


def battery_figures(
    charge_wh: int, discharge_wh: int, capacity_wh: int, stored_change_wh: int | None
) -> BatteryFigures:
    """Return cycles and losses of a battery (Wh at its AC side). Raises ValueError without a capacity."""
    if capacity_wh <= 0:
        raise ValueError(f"A battery holds something, not {capacity_wh} Wh")
    loss_wh = None if stored_change_wh is None else charge_wh - discharge_wh - stored_change_wh
    return BatteryFigures(cycles=discharge_wh / capacity_wh, loss_wh=loss_wh)


class _Side:
    """The sum over registers or devices; what a home has none of is 0."""

    def __init__(self, series: Mapping[str, SlotSeries]) -> None:
        for name, one in series.items():
            if one.slot_s != SLOT_S:
                raise ValueError(f"{name} has slots of {one.slot_s} s, not {SLOT_S} s")
        self._series = tuple(series.values())

    def at(self, slot: int) -> tuple[int, Mark]:
        """Return what is known of a slot, and the worst mark of its parts."""
        amount, mark = 0, Mark.MEASURED
        for series in self._series:
            value, its_mark = series.at(slot)
            amount += value or 0
            mark = max(mark, its_mark)
        return amount, mark


@dataclass(kw_only=True)
class _Tally:
    """What the slots of which all is known sum to."""

    load_wh: int = 0
    direct_wh: int = 0
    exported_wh: int = 0
    charged_wh: int = 0
    import_wh: int = 0
    contradictory: int = 0

    def take(self, imported: int, exported: int, produced: int, charged: int, discharged: int) -> None:
        """Add a slot."""
        found = balance(imported, exported, produced, charged, discharged)
        self.load_wh += found.load_wh
        self.direct_wh += found.direct_wh
        self.exported_wh += found.exported_production_wh
        self.charged_wh += found.charged_production_wh
        self.import_wh += imported
        self.contradictory += found.load_wh < 0
