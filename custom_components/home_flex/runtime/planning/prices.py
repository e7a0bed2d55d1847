"""Prices and carbon on the steps of a plan, as its solver takes them."""

import math

from ...core.model import TimeGrid
from ...core.planner.problem import Series, Signals
from ...core.signals import Signal, SlotValue, on_grid


def planned_signals(grid: TimeGrid, buys: Signal, sells: Signal, carbon: Signal | None = None) -> Signals:
    """Return what a kWh costs, brings and emits in each step; NaN where a part of a step is not known.

    Prices count as guessed from the first step on in which either is.
    """
    bought, sold = on_grid(buys, grid), on_grid(sells, grid)
    guessed = [index for index, both in enumerate(zip(bought, sold, strict=True)) if any(_guessed(both))]
    return Signals(
        import_per_kwh=_series(bought),
        export_per_kwh=_series(sold),
        carbon_g_per_kwh=None if carbon is None else _series(on_grid(carbon, grid)),
        guessed_from=min(guessed, default=None),
    )


def _guessed(values: tuple[SlotValue, ...]) -> list[bool]:
    return [value.guessed for value in values]


def _series(values: tuple[SlotValue, ...]) -> Series:
    return tuple(math.nan if value.value is None else value.value for value in values)
