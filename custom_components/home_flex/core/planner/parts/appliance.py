"""An appliance: one column for each step it may start in; a dive settles which."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ..context import Context
from ..cycles import Cycle, cycle_of
from ..numbers import Numbers
from ..problem import Appliance
from ..sketch import Sketch


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliancePart:
    """The starts and the skip add up to 1; each start draws the whole profile."""

    appliance: Appliance
    lengths_s: tuple[int, ...]

    @property
    def cycle(self) -> Cycle:
        """Return what each start draws in which steps."""
        return cycle_of(self.appliance, self.lengths_s)

    @property
    def shape(self) -> Hashable:
        """Return the profile, of which a running one has the rest left."""
        one = self.appliance
        return (one.device_id, one.profile_w, one.part_s, one.running_s)

    def lay(self, sketch: Sketch) -> None:
        """Draw the starts."""
        device_id, cycle = self.appliance.device_id, self.cycle
        starts, skip = sketch.columns((device_id, "start")), sketch.columns((device_id, "skip"), 1)
        sketch.draw(device_id, starts[cycle.start], cycle.kw, cycle.step)
        once = sketch.rows((device_id, "once"), 1)
        sketch.put(once, starts, 1.0)
        sketch.put(once, skip, 1.0)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in when it may start; one that runs is held at its start."""
        one, key = self.appliance, self.appliance.device_id
        may_start = self.cycle.may_start
        numbers.bound((key, "start"), 0.0, may_start.astype(float))
        numbers.row((key, "once"), 1.0, 1.0)
        numbers.bound((key, "skip"), 0.0, 1.0)
        numbers.prefer((key, "skip"), one.skip_price)
        last = context.last_kw.get(key)
        energy_kwh = sum(one.profile_w) * one.part_s / 3_600_000
        numbers.prefer((key, "start"), context.tilt * energy_kwh)
        if last is not None and last.any():
            stays = np.zeros(len(context.lengths_h))
            stays[int(np.flatnonzero(last)[0])] = context.problem.preferences.stickiness * energy_kwh
            numbers.prefer((key, "start"), -stays)
