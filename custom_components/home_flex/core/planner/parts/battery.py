"""A battery: what it stores follows from what it takes and gives; its reserve is a wish with a price."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ..context import Context
from ..numbers import Numbers, Value
from ..problem import Battery
from ..sketch import FloatArray, Sketch
from .own_use import own_use

# What is left at the end is worth this part of what it would usually save: a horizon is not the end of days.
# Usual is the median of the steps, of which the first hours have more: weighted by time three seasons of the
# bench (8 to 20 days) cost the same, 0.13 % and 0.01 % more.
_END_SHARE = 0.87


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryPart:
    """stored - stored before - efficiency x charged + discharged / efficiency = 0.

    What is stored is the columns ``stored``, which keep the reserve, less those ``lacking`` from it.
    """

    battery: Battery

    @property
    def shape(self) -> Hashable:
        """Return its efficiency."""
        return (self.battery.device_id, self.battery.efficiency)

    def lay(self, sketch: Sketch) -> None:
        """Draw what it takes, gives and stores."""
        device_id, efficiency = self.battery.device_id, self.battery.efficiency
        charge, discharge = sketch.columns((device_id, "charge")), sketch.columns((device_id, "discharge"))
        stored, lacking = sketch.columns((device_id, "stored")), sketch.columns((device_id, "lacking"))
        sketch.draw(device_id, charge, 1.0)
        sketch.draw(device_id, discharge, -1.0)
        energy = sketch.rows((device_id, "energy"))
        for columns, sign in ((stored, 1.0), (lacking, -1.0)):
            sketch.put(energy, columns, sign)
            sketch.put(energy[1:], columns[:-1], -sign)
        sketch.put(energy, charge, -efficiency * sketch.lengths_h)
        sketch.put(energy, discharge, sketch.lengths_h / efficiency)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in its state, its bounds and what its use costs."""
        one, lengths_h = self.battery, context.lengths_h
        key, steps = one.device_id, len(context.lengths_h)
        stored = one.stored_wh / 1000
        low, high = min(one.min_wh / 1000, stored), max(min(one.max_wh, one.capacity_wh) / 1000, stored)
        self.expect(numbers, context)
        reserve = min(max(one.reserve_wh / 1000, low), high)
        numbers.bound((key, "stored"), reserve, high)
        numbers.bound((key, "lacking"), 0.0, reserve - low)
        begun = np.zeros(steps)
        begun[0] = stored
        numbers.row((key, "energy"), begun, begun)
        numbers.prefer((key, "lacking"), context.problem.preferences.bend.reserve * lengths_h)
        self._price(numbers, context)

    def expect(self, numbers: Numbers, context: Context) -> None:
        """Bound what it takes and gives; what it may not buy or sell, by what sun and house then leave."""
        one, key = self.battery, self.battery.device_id
        charge: Value = one.charge_w / 1000
        discharge: Value = one.discharge_w / 1000
        if not one.may_import:
            charge = np.minimum(charge, np.maximum(-context.residual_kw, 0.0))
        if not one.may_export and not (one.may_feed_cars and own_use(context.problem)):
            discharge = np.minimum(discharge, np.maximum(context.residual_kw, 0.0))
        numbers.bound((key, "charge"), 0.0, charge)
        numbers.bound((key, "discharge"), 0.0, discharge)

    def _price(self, numbers: Numbers, context: Context) -> None:
        one, lengths_h, key = self.battery, context.lengths_h, self.battery.device_id
        gain = context.problem.preferences.least_gain / 2
        floor = np.maximum(_wear_floor(one, context) - one.wear_per_kwh, 0.0) / 2
        pull = {
            "charge": context.pull(key, one.charge_w / 1000),
            "discharge": context.pull(key, one.discharge_w / 1000, sign=-1.0),
        }
        for way in ("charge", "discharge"):
            numbers.pay((key, way), one.wear_per_kwh / 2 * lengths_h)
            numbers.prefer((key, way), (floor + gain + context.tilt + pull[way]) * lengths_h)
        worth = np.zeros(len(lengths_h))
        worth[-1] = end_worth(one, context)
        numbers.pay((key, "stored"), -worth)
        numbers.pay((key, "lacking"), worth)


def end_worth(battery: Battery, context: Context) -> float:
    """Return what a kWh left in a battery at the end is worth."""
    if battery.end_worth_per_kwh is not None:
        return battery.end_worth_per_kwh
    saves = float(np.median(context.import_price)) * battery.efficiency - battery.wear_per_kwh / 2
    return max(_END_SHARE * saves, 0.0)


def _wear_floor(battery: Battery, context: Context) -> FloatArray:
    """Return the wear below which a battery would burn energy where a kWh taken is paid for.

    2 (1 - e) / (1 + e) of the price, for the efficiency e of both ways: in and out at once earns nothing.
    """
    both = battery.efficiency**2
    unsold = all(pv.curtailable for pv in context.problem.pv)
    price = context.bought if unsold else np.minimum(context.bought, context.sold)
    return 2 * (1 - both) / (1 + both) * np.maximum(-price, 0.0)
