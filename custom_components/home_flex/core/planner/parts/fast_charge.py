"""A car that is charged at once: what it takes is settled, and held back only where a limit is too tight."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ..context import Context, kilo
from ..numbers import Numbers
from ..problem import FastCharge, priced_peaks
from ..sketch import Sketch


@dataclass(frozen=True, kw_only=True, slots=True)
class FastChargePart:
    """It takes ``taken``, which is what it is expected to, less what is ``held``."""

    car: FastCharge

    @property
    def shape(self) -> Hashable:
        """Return nothing but whose it is."""
        return ("fast", self.car.device_id)

    def lay(self, sketch: Sketch) -> None:
        """Draw what it takes, and what of it is held back."""
        device_id = self.car.device_id
        sketch.draw(device_id, sketch.columns((device_id, "taken")), 1.0)
        sketch.draw(device_id, sketch.columns((device_id, "held")), -1.0)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in what it takes, and what holding it back costs: more than it ever saves.

        Neither a dear hour nor a month's peak is a reason: what a kWh costs then is added to the price, and
        that of the peak, spread over the hours of the charge in its month.
        """
        one, bend = self.car, context.problem.preferences.bend
        expected = kilo(one.expected_w)
        numbers.bound((one.device_id, "taken"), expected, expected)
        numbers.bound((one.device_id, "held"), 0.0, expected)
        charge_h = np.where(expected > 0, context.lengths_h, 0.0)
        peak = np.zeros(len(expected))
        for month in priced_peaks(context.problem):
            if (hours := float(charge_h[month.steps].sum())) > 0:
                peak[month.steps] = month.per_kw / hours
        price = (bend.wish if one.insists else bend.fast) + peak + np.maximum(context.bought, 0.0)
        numbers.prefer((one.device_id, "held"), price * context.lengths_h)
