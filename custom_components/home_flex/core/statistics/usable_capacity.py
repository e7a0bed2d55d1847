"""What a battery gives from full to empty, measured: by what it gave while its state of charge fell."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .slots import Mark, SlotSeries

# A run over which the level falls by less says little beside the steps in which it is told.
_LEAST_RUN: Final = 200
# One whole discharge in all, in per mille: of less it is a guess.
_LEAST_FALLEN: Final = 1000
_WHOLE: Final = 1000
_PERCENT: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class UsableCapacity:
    """``energy_wh`` at its AC side from full to empty, of which steps of the level may mislead by a share.

    ``discharges``: over how many whole discharges it was measured.
    """

    energy_wh: int
    error_share: float
    discharges: float


def usable_capacity(held: SlotSeries, charged: SlotSeries, given: SlotSeries) -> UsableCapacity | None:
    """Return what a battery gives from full to empty; None while less than one whole discharge was measured.

    ``held``: its level in per mille at the end of each slot; ``charged`` and ``given`` in Wh of each. A run
    of slots counts in which it gives, takes nothing, and of which all is measured. What is lost between cell
    and AC side is part of it: a battery that loses more gives less.
    """
    step = _PERCENT if all(value is None or value % _PERCENT == 0 for value in held.values) else 1
    fallen = energy_wh = runs = 0
    for run_fallen, run_wh in _runs(held, charged, given):
        if run_fallen >= _LEAST_RUN:
            fallen, energy_wh, runs = fallen + run_fallen, energy_wh + run_wh, runs + 1
    if fallen < _LEAST_FALLEN:
        return None
    return UsableCapacity(
        energy_wh=round(energy_wh * _WHOLE / fallen),
        error_share=runs * step / fallen,
        discharges=fallen / _WHOLE,
    )


def _runs(held: SlotSeries, charged: SlotSeries, given: SlotSeries) -> Iterator[tuple[int, int]]:
    """Yield how far the level fell in each run of discharging, and what was given in it."""
    begun: int | None = None
    before: int | None = None
    run_wh = 0
    for slot, told, mark in held:
        level = told if mark is Mark.MEASURED else None
        gave, took = _measured(given, slot), _measured(charged, slot)
        goes_on = begun is not None and level is not None and before is not None and level <= before
        if goes_on and gave and took == 0:
            run_wh += gave
        else:
            if begun is not None and before is not None:
                yield begun - before, run_wh
            begun, run_wh = level, 0
        before = level
    if begun is not None and before is not None:
        yield begun - before, run_wh


def _measured(series: SlotSeries, slot: int) -> int | None:
    value, mark = series.at(slot)
    return value if mark is Mark.MEASURED else None
