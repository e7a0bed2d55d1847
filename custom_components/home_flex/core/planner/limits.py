"""Limits on the meter put together: the tightest in each step, and whose it is."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .preferences import BendPrices
from .problem import LimitOwner, MeterLimit, Problem
from .sketch import FloatArray

_OWNERS: Final = tuple(LimitOwner)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TightestLimit:
    """The tightest limit of each step in kW; ``which``: its place in ``limits``, -1 without any."""

    kw: FloatArray
    which: FloatArray
    limits: tuple[MeterLimit, ...]

    def at(self, step: int) -> MeterLimit | None:
        """Return whose limit binds in a step; None when there is none."""
        found = int(self.which[step])
        return self.limits[found] if found >= 0 else None

    def bend_prices(self, prices: BendPrices) -> FloatArray:
        """Return what a kWh beyond the limit costs in each step."""
        by_limit = [bend_price(limit.owner, prices) for limit in self.limits]
        each = np.array([*by_limit, prices.fuse], dtype=np.float64)
        return each[self.which.astype(np.int64)]


def bend_price(owner: LimitOwner, prices: BendPrices) -> float:
    """Return what it costs to go beyond a limit, by whose it is."""
    return {
        LimitOwner.FUSE: prices.fuse,
        LimitOwner.GRID_OPERATOR: prices.grid_operator,
        LimitOwner.CONTRACT: prices.grid_operator,
        LimitOwner.RESIDENT: prices.wish,
        LimitOwner.EVENT: prices.comfort,
    }[owner]


def meter_import(problem: Problem) -> TightestLimit:
    """Return the tightest limit on what is drawn."""
    return _tightest(problem, [limit.import_w for limit in problem.meter_limits])


def meter_export(problem: Problem) -> TightestLimit:
    """Return the tightest limit on what is given."""
    return _tightest(problem, [limit.export_w for limit in problem.meter_limits])


def _tightest(problem: Problem, series: list[tuple[float, ...]]) -> TightestLimit:
    steps = len(problem.grid)
    table = np.array([*series, (np.inf,) * steps]) / 1000
    which = np.argmin(table, axis=0)
    kw = np.maximum(table[which, np.arange(steps)], 0.0)
    return TightestLimit(
        kw=kw, which=np.where(np.isfinite(kw), which, -1).astype(float), limits=problem.meter_limits
    )
