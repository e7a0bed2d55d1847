"""A leaky store of heat: comfort is a band with a price, and heat is lost while it is kept."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ..context import Context, kilo
from ..numbers import Numbers
from ..problem import ThermalStore
from ..sketch import Sketch

_END_SHARE = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class ThermalPart:
    """stored - kept x stored before - heat for power x taken = -drawn.

    What is stored is the columns ``stored``, within comfort, less those ``cold`` and more those ``hot``.
    """

    store: ThermalStore

    @property
    def shape(self) -> Hashable:
        """Return what it loses, and what heat its power gives."""
        return (self.store.device_id, self.store.loss_per_h, self.store.heat_per_power)

    def lay(self, sketch: Sketch) -> None:
        """Draw what it takes and stores."""
        key, lengths_h = self.store.device_id, sketch.lengths_h
        taken, stored = sketch.columns((key, "taken")), sketch.columns((key, "stored"))
        cold, hot = sketch.columns((key, "cold")), sketch.columns((key, "hot"))
        sketch.draw(key, taken, 1.0)
        heat = sketch.rows((key, "energy"))
        kept = np.exp(-self.store.loss_per_h * lengths_h)
        for columns, sign in ((stored, 1.0), (cold, -1.0), (hot, 1.0)):
            sketch.put(heat, columns, sign)
            sketch.put(heat[1:], columns[:-1], -sign * kept[1:])
        sketch.put(heat, taken, -np.array(self.store.heat_per_power) * lengths_h)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in its state, what is drawn from it, and the band of comfort."""
        one, key, lengths_h = self.store, self.store.device_id, context.lengths_h
        balance = -kilo(one.drawn_w) * lengths_h
        balance[0] += one.stored_wh / 1000 * float(np.exp(-one.loss_per_h * lengths_h[0]))
        low, high = kilo(one.low_wh), kilo(one.high_wh)
        numbers.bound((key, "taken"), 0.0, one.max_w / 1000)
        numbers.bound((key, "stored"), low, np.maximum(low, high))
        numbers.bound((key, "cold"), 0.0, np.inf)
        numbers.bound((key, "hot"), 0.0, np.inf)
        numbers.row((key, "energy"), balance, balance)
        for side in ("cold", "hot"):
            numbers.prefer((key, side), context.problem.preferences.bend.comfort * lengths_h)
        numbers.prefer((key, "taken"), (context.tilt + context.pull(key, one.max_w / 1000)) * lengths_h)
        worth = np.zeros(len(lengths_h))
        worth[-1] = heat_worth(one, context)
        for side, sign in (("stored", -1.0), ("hot", -1.0), ("cold", 1.0)):
            numbers.pay((key, side), sign * worth)


def heat_worth(store: ThermalStore, context: Context) -> float:
    """Return what a kWh of heat left at the end is worth."""
    if store.end_worth_per_kwh is not None:
        return store.end_worth_per_kwh
    usual = float(np.median(context.import_price)) / float(np.median(np.array(store.heat_per_power)))
    return max(_END_SHARE * usual, 0.0)
