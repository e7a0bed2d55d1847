"""A car or a switched load: an energy by a step; what it lacks then is added at a price."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ..context import Context
from ..numbers import Numbers
from ..problem import Consumer
from ..sketch import Sketch


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsumerPart:
    """stored - stored before - efficiency x taken - missed = 0; from ready-by on, stored >= need.

    ``early_steps``: how many steps of its margin are kept. That it takes at least ``min_w`` or nothing is
    no part of the matrix: a dive settles it in the bounds.
    """

    consumer: Consumer

    @property
    def shape(self) -> Hashable:
        """Return its efficiency."""
        return (self.consumer.device_id, self.consumer.efficiency)

    def lay(self, sketch: Sketch) -> None:
        """Draw what it takes, has stored and misses."""
        device_id = self.consumer.device_id
        taken, stored = sketch.columns((device_id, "taken")), sketch.columns((device_id, "stored"))
        missed = sketch.columns((device_id, "missed"))
        sketch.draw(device_id, taken, 1.0)
        energy = sketch.rows((device_id, "energy"))
        sketch.put(energy, stored, 1.0)
        sketch.put(energy[1:], stored[:-1], -1.0)
        sketch.put(energy, taken, -self.consumer.efficiency * sketch.lengths_h)
        sketch.put(energy, missed, -1.0)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in where it may take, what it needs until when, and what missing that costs."""
        one, lengths_h = self.consumer, context.lengths_h
        key, steps = one.device_id, len(context.lengths_h)
        last = ready_index(one, steps)
        need = np.zeros(steps)
        need[last:] = one.need_wh / 1000
        misses = np.zeros(steps)
        misses[last] = np.inf
        numbers.bound((key, "taken"), 0.0, np.where(np.array(one.available), one.max_w / 1000, 0.0))
        numbers.bound((key, "stored"), need, max(one.room_wh, one.need_wh) / 1000)
        numbers.bound((key, "missed"), 0.0, misses)
        numbers.row((key, "energy"), 0.0, 0.0)
        numbers.prefer((key, "missed"), context.problem.preferences.bend.wish)
        numbers.prefer((key, "taken"), (context.tilt + context.pull(key, one.max_w / 1000)) * lengths_h)
        worth = np.zeros(steps)
        worth[-1] = one.extra_worth_per_kwh
        numbers.pay((key, "stored"), -worth)


def ready_index(consumer: Consumer, steps: int) -> int:
    """Return the last step in which it may still take what it needs."""
    return min(max(consumer.ready_step, 1), steps) - 1
