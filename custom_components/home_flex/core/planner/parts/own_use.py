"""What batteries give stays in the home: it covers the house and what is planned, and is not sold."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from ..context import Context
from ..numbers import Numbers
from ..problem import Problem
from ..sketch import Sketch

OWN_USE = "own use"
_ROWS = (OWN_USE, "limit")


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnUsePart:
    """given - stored - taken by cars, loads and heaters <= what the house takes beside the sun, if anything.

    Laid before the devices, which draw into its rows. It binds the batteries that may not sell and may feed
    cars; where nothing is planned that takes, their bounds say the same.
    """

    device_ids: frozenset[str]

    @property
    def shape(self) -> Hashable:
        """Return whose power counts."""
        return (OWN_USE, self.device_ids)

    @property
    def shares(self) -> Mapping[str, float]:
        """Return how each device counts."""
        return dict.fromkeys(self.device_ids, -1.0)

    def lay(self, sketch: Sketch) -> None:
        """Draw one row for each step."""
        sketch.rows(_ROWS)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in nothing but what is forecast."""
        self.expect(numbers, context)

    def expect(self, numbers: Numbers, context: Context) -> None:
        """Fill in what the house takes."""
        numbers.row(_ROWS, -np.inf, np.maximum(context.residual_kw, 0.0))


def own_use(problem: Problem) -> tuple[OwnUsePart, ...]:
    """Return the part, where there is anything for it to bind."""
    batteries = {one.device_id for one in problem.batteries if not one.may_export and one.may_feed_cars}
    takers = {one.device_id for one in problem.consumers}
    takers |= {one.device_id for one in problem.fast_charges}
    takers |= {one.device_id for one in problem.appliances}
    takers |= {one.device_id for one in problem.thermal_stores}
    return (OwnUsePart(device_ids=frozenset(batteries | takers)),) if batteries and takers else ()
