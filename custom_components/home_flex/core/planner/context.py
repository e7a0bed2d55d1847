"""What every part of a plan needs of the problem, as arrays in kW, kWh and hours."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .problem import Problem, Series
from .sketch import FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Context:
    """A problem in arrays: ``bought`` and ``sold`` are per kWh with the prices of preference.

    ``available_kw``: by plant, what the sun can give. ``tilt``: what waiting costs a kWh in each step.
    ``last_kw``: by device, what the plan before this one had it take; it pulls (``pull``) as long as nothing
    has changed that decides.
    """

    problem: Problem
    lengths_h: FloatArray
    import_price: FloatArray
    export_price: FloatArray
    bought: FloatArray
    sold: FloatArray
    load_kw: FloatArray
    available_kw: Mapping[str, FloatArray]
    tilt: FloatArray
    last_kw: dict[str, FloatArray]

    def pull(self, device_id: str, most_kw: float, sign: float = 1.0) -> FloatArray | float:
        """Return a price per kWh that is lower in the steps in which the plan before took more."""
        last = self.last_kw.get(device_id)
        if last is None or most_kw <= 0:
            return 0.0
        share = np.clip(sign * last / most_kw, 0.0, 1.0)
        return self.problem.preferences.stickiness * (0.5 - share)

    @property
    def sun_kw(self) -> FloatArray:
        """Return what the sun can give in all."""
        return sum(self.available_kw.values(), np.zeros(len(self.lengths_h)))

    @property
    def residual_kw(self) -> FloatArray:
        """Return what the house takes less what the sun can give."""
        return self.load_kw - self.sun_kw


def context_of(problem: Problem, last_kw: dict[str, FloatArray] | None = None) -> Context:
    """Return the arrays of a problem without gaps (``cleaning``)."""
    lengths_h = np.array(problem.grid.lengths_h)
    signals, preferences = problem.signals, problem.preferences
    import_price, export_price = np.array(signals.import_per_kwh), np.array(signals.export_per_kwh)
    carbon = np.zeros(len(lengths_h))
    if signals.carbon_g_per_kwh is not None:
        carbon = preferences.carbon_per_kg / 1000 * np.array(signals.carbon_g_per_kwh)
    middles_h = np.cumsum(lengths_h) - lengths_h / 2
    return Context(
        problem=problem,
        lengths_h=lengths_h,
        import_price=import_price,
        export_price=export_price,
        bought=import_price + carbon + preferences.independence,
        sold=export_price - preferences.independence,
        load_kw=kilo(problem.load_w),
        available_kw={pv.device_id: kilo(pv.available_w) for pv in problem.pv},
        tilt=preferences.earlier * middles_h,
        last_kw=last_kw or {},
    )


def kilo(series: Series) -> FloatArray:
    """Return W as kW, Wh as kWh."""
    return np.array(series) / 1000
