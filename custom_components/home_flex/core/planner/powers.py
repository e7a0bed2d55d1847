"""The values of a solution by the names of its columns, in W and Wh."""

from collections.abc import Iterator

import numpy as np

from .context import Context
from .cycles import cycle_of
from .numbers import Numbers
from .parts.meter import EXPORT, IMPORT, OVER, SPILL
from .problem import Appliance, Battery, Pv, Series, ThermalStore
from .sketch import FloatArray, Key


class Powers:
    """What everything takes and stores in a solution, or in several at once, one a row."""

    def __init__(self, numbers: Numbers, context: Context, values: FloatArray) -> None:
        """Read the values of the columns of these numbers."""
        self.numbers = numbers
        self.context = context
        self.all_values = values
        self.net_w = 1000 * (
            self.values(IMPORT) + self.values(OVER) - self.values(EXPORT) - self.values(SPILL)
        )

    def values(self, key: Key) -> FloatArray:
        """Return the values of columns."""
        return self.all_values[..., self.numbers.matrix.columns[key]]

    def sun_w(self, pv: Pv) -> FloatArray:
        """Return what a plant takes, which is less than 0."""
        return -1000 * self.values((pv.device_id, "given"))

    def battery_w(self, battery: Battery) -> FloatArray:
        """Return what a battery takes (charging > 0)."""
        key = battery.device_id
        return 1000 * (self.values((key, "charge")) - self.values((key, "discharge")))

    def battery_wh(self, battery: Battery) -> FloatArray:
        """Return what a battery stores at the end of each step."""
        key = battery.device_id
        return 1000 * (self.values((key, "stored")) - self.values((key, "lacking")))

    def taken_w(self, device_id: str) -> FloatArray:
        """Return what a consumer or a heater takes."""
        return 1000 * self.values((device_id, "taken"))

    def fast_w(self, device_id: str) -> FloatArray:
        """Return what a car that is charged at once takes."""
        return self.taken_w(device_id) - 1000 * self.values((device_id, "held"))

    def appliance_w(self, appliance: Appliance) -> FloatArray:
        """Return what an appliance takes."""
        cycle = cycle_of(appliance, self.context.problem.grid.lengths_s)
        starts = self.values((appliance.device_id, "start"))
        used = np.flatnonzero(starts.any(axis=tuple(range(starts.ndim - 1))))
        ends = np.searchsorted(cycle.start, used, side="right")
        taken_kw = np.zeros_like(starts)
        for start, begin, end in zip(used, np.searchsorted(cycle.start, used), ends, strict=True):
            taken_kw[..., cycle.step[begin:end]] += starts[..., start, None] * cycle.kw[begin:end]
        return 1000 * taken_kw

    def heat_wh(self, store: ThermalStore) -> FloatArray:
        """Return what a store of heat holds at the end of each step."""
        key = store.device_id
        return 1000 * (self.values((key, "stored")) - self.values((key, "cold")) + self.values((key, "hot")))

    def by_device(self) -> Iterator[tuple[str, FloatArray]]:
        """Yield what each device takes."""
        problem = self.context.problem
        yield from ((one.device_id, self.sun_w(one)) for one in problem.pv)
        yield from ((one.device_id, self.battery_w(one)) for one in problem.batteries)
        yield from ((one.device_id, self.taken_w(one.device_id)) for one in problem.consumers)
        yield from ((one.device_id, self.fast_w(one.device_id)) for one in problem.fast_charges)
        yield from ((one.device_id, self.appliance_w(one)) for one in problem.appliances)
        yield from ((one.device_id, self.taken_w(one.device_id)) for one in problem.thermal_stores)


def series(values: FloatArray) -> Series:
    """Return an array as a series of plain numbers, without the solver's dust."""
    return tuple((np.round(values, 6) + 0.0).tolist())
