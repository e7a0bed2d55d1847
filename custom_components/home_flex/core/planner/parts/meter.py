"""The meter: what is bought and sold, its limits, what was promised, and the price of each month's peak."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..context import Context, kilo
from ..limits import meter_export, meter_import
from ..numbers import Numbers
from ..problem import Peak, Problem
from ..sketch import BALANCE, METER, FloatArray, Sketch

IMPORT, EXPORT = (METER, "import"), (METER, "export")
# Drawn and given beyond the limits, at a price.
OVER, SPILL = (METER, "over"), (METER, "spill")
PEAK, PEAK_ROWS = (METER, "peak"), (METER, "peak")
# The net power that was promised, and what is beyond it.
NET, ABOVE, BELOW = (METER, "net"), (METER, "above"), (METER, "below")
# The net power that is offered: as if the home drew so much more (LESS is offered), or less (MORE is).
OFFERED, LESS, MORE = (METER, "offered"), (METER, "less"), (METER, "more")
# What offering a kW earns in the solver: more than it can cost, so that the most is found, at its least cost.
OFFER_REWARD: Final = 1e4


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterPart:
    """import + over - export - spill = what everything draws; the net of it keeps what was promised.

    The rows of the net power are there where something is promised, and once more where it is to be offered:
    those are free, and what is offered is 0, until an offer is reckoned.
    """

    peaks: tuple[Peak, ...]
    has_commitments: bool
    offers: bool

    @property
    def shape(self) -> Hashable:
        """Return which of its rows are there."""
        months = tuple((peak.first_step, peak.end_step) for peak in self.peaks)
        return ("meter", months, self.has_commitments, self.offers)

    def lay(self, sketch: Sketch) -> None:
        """Draw the balance, the net power and the peaks."""
        flows = {key: sketch.columns(key) for key in (IMPORT, OVER, EXPORT, SPILL)}
        signs = ((IMPORT, 1.0), (OVER, 1.0), (EXPORT, -1.0), (SPILL, -1.0))
        balance = sketch.rows(BALANCE)
        for key, sign in signs:
            sketch.put(balance, flows[key], sign)
        if self.has_commitments:
            net = sketch.rows(NET)
            for key, sign in signs:
                sketch.put(net, flows[key], sign)
            sketch.put(net, sketch.columns(ABOVE), -1.0)
            sketch.put(net, sketch.columns(BELOW), 1.0)
        if self.offers:
            offered = sketch.rows(OFFERED)
            for key, sign in signs:
                sketch.put(offered, flows[key], sign)
            sketch.put(offered, sketch.columns(LESS, 1), 1.0)
            sketch.put(offered, sketch.columns(MORE, 1), -1.0)
        if self.peaks:
            rows, peaks = sketch.rows(PEAK_ROWS), sketch.columns(PEAK, len(self.peaks))
            for at, peak in enumerate(self.peaks):
                sketch.put(rows[peak.steps], flows[IMPORT][peak.steps], 1.0)
                sketch.put(rows[peak.steps], flows[OVER][peak.steps], 1.0)
                sketch.put(rows[peak.steps], peaks[at : at + 1], -1.0)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in prices, limits and promises."""
        problem, lengths_h = context.problem, context.lengths_h
        bend = problem.preferences.bend
        drawn, given = meter_import(problem), meter_export(problem)
        most_drawn, most_given = most_each_way(context)
        numbers.bound(IMPORT, 0.0, most_drawn)
        numbers.bound(EXPORT, 0.0, most_given)
        numbers.bound(OVER, 0.0, np.inf)
        numbers.bound(SPILL, 0.0, np.inf)
        numbers.pay(IMPORT, context.import_price * lengths_h)
        numbers.pay(EXPORT, -context.export_price * lengths_h)
        numbers.prefer(IMPORT, (context.bought - context.import_price) * lengths_h)
        numbers.prefer(EXPORT, (context.export_price - context.sold) * lengths_h)
        # Beyond a limit a kWh is bought and sold as well, and bent at its price besides.
        numbers.pay(OVER, context.import_price * lengths_h)
        numbers.prefer(OVER, drawn.bend_prices(bend) * lengths_h)
        numbers.pay(SPILL, -np.minimum(context.export_price, 0.0) * lengths_h)
        numbers.prefer(SPILL, given.bend_prices(bend) * lengths_h)
        self.expect(numbers, context)
        if self.peaks:
            numbers.bound(PEAK, np.array([peak.so_far_w / 1000 for peak in self.peaks]), np.inf)
            numbers.pay(PEAK, np.array([peak.per_kw for peak in self.peaks]))
            numbers.row(PEAK_ROWS, -np.inf, 0.0)
        if self.offers:
            numbers.prefer(LESS, -OFFER_REWARD)
            numbers.prefer(MORE, -OFFER_REWARD)
        self._promise(numbers, problem, lengths_h)

    def expect(self, numbers: Numbers, context: Context) -> None:
        """Fill in what the house takes."""
        numbers.row(BALANCE, context.load_kw, context.load_kw)

    def _promise(self, numbers: Numbers, problem: Problem, lengths_h: FloatArray) -> None:
        if not self.has_commitments:
            return
        lower, upper = np.full(len(lengths_h), -np.inf), np.full(len(lengths_h), np.inf)
        price = np.zeros(len(lengths_h))
        for one in problem.commitments:
            own_lower, own_upper = kilo(one.lower_w), kilo(one.upper_w)
            lower, upper = np.maximum(lower, own_lower), np.minimum(upper, own_upper)
            bound = np.isfinite(own_lower) | np.isfinite(own_upper)
            price = np.where(bound, np.maximum(price, one.price_per_kwh), price)
        # Two promises that contradict each other: the one to draw less is kept.
        numbers.row(NET, np.minimum(lower, upper), upper)
        numbers.bound(ABOVE, 0.0, np.inf)
        numbers.bound(BELOW, 0.0, np.inf)
        numbers.prefer(ABOVE, price * lengths_h)
        numbers.prefer(BELOW, price * lengths_h)


def most_each_way(context: Context) -> tuple[FloatArray, FloatArray]:
    """Return the most that is drawn and given within limits in each step, in kW."""
    most, problem = _most(context), context.problem
    return np.minimum(meter_import(problem).kw, most), np.minimum(meter_export(problem).kw, most)


def _most(context: Context) -> float:
    """Return more than the home can ever draw or give: what nothing limits is still finite to the solver.

    It holds however forecasts missed before.
    """
    problem = context.problem
    devices = sum(one.charge_w + one.discharge_w for one in problem.batteries)
    devices += sum(max(one.expected_w) for one in problem.fast_charges)
    devices += sum(one.max_w for one in problem.consumers) + sum(one.max_w for one in problem.thermal_stores)
    devices += sum(max(one.profile_w, default=0.0) for one in problem.appliances)
    sun = sum(one.most_w for one in problem.pv)
    missed = max((max(map(abs, path.load_w)) for path in problem.error_paths), default=0.0)
    return float(np.abs(context.load_kw).max() + (missed + sun + devices) / 1000 + 1.0)
