"""Limits of circuits, phases and groups: the sum of shares of what their devices take."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ..context import Context, kilo
from ..limits import bend_price
from ..numbers import Numbers
from ..problem import CircuitLimit
from ..sketch import Sketch


@dataclass(frozen=True, kw_only=True, slots=True)
class CircuitsPart:
    """lower - load - lacking <= sum of shares <= upper - load + beyond, for each limit and step.

    Laid before the devices, which draw into its rows.
    """

    limits: tuple[CircuitLimit, ...]

    @property
    def shape(self) -> Hashable:
        """Return the shares of each limit."""
        return tuple((one.limit_id, tuple(sorted(one.shares.items()))) for one in self.limits)

    def lay(self, sketch: Sketch) -> None:
        """Draw one row for each limit and step."""
        for one in self.limits:
            rows = sketch.rows((one.limit_id, "limit"))
            sketch.put(rows, sketch.columns((one.limit_id, "beyond")), -1.0)
            sketch.put(rows, sketch.columns((one.limit_id, "lacking")), 1.0)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in the limits, less what the house takes there."""
        for one in self.limits:
            load = kilo(one.load_w)
            upper, lower = kilo(one.upper_w) - load, kilo(one.lower_w) - load
            numbers.row((one.limit_id, "limit"), np.minimum(lower, upper), upper)
            price = bend_price(one.owner, context.problem.preferences.bend) * context.lengths_h
            for key in ((one.limit_id, "beyond"), (one.limit_id, "lacking")):
                numbers.bound(key, 0.0, np.inf)
                numbers.prefer(key, price)
