"""What can only be on or off, moved out of a window or into it: how else a home could offer more there.

Nothing is rearranged that would bend a wish: what a car needs it takes at other times, and a programme runs
within its hours.
"""

from collections.abc import Iterator

import numpy as np

from .cycles import cycle_of
from .offer import Direction
from .parts.consumer import ready_index
from .problem import Appliance, Consumer
from .search import Move, OnSet, Search, on_move
from .sketch import FloatArray
from .windows import Window


def rearranged(
    search: Search, values: FloatArray, marginal: FloatArray, window: Window, direction: Direction
) -> tuple[Move, ...]:
    """Return the moves that free a window of consumers and programmes (up), or fill it with them (down).

    ``values`` is the solution of the plan, ``marginal`` what a kWh costs in each step of it.
    """
    return tuple(_all(search, values, marginal, window, direction))


def _all(
    search: Search, values: FloatArray, marginal: FloatArray, window: Window, direction: Direction
) -> Iterator[Move]:
    inside = np.zeros(len(marginal), dtype=np.bool_)
    inside[window.steps] = True
    for consumer in search.context.problem.consumers:
        on = search.on.get(consumer.device_id)
        if on is None or not consumer.interruptible:
            continue
        taken = values[search.columns((consumer.device_id, "taken"))]
        made = _Made(consumer, search.context.lengths_h, taken, marginal)
        other = made.without(on, inside) if direction is Direction.UP else made.within(on, inside)
        if other is not None and not np.array_equal(other, on):
            yield on_move(search, consumer, other)
    for appliance in search.context.problem.appliances:
        if appliance.running_s is None:
            yield from _moved(search, appliance, values, marginal, inside, direction)


class _Made:
    """What a consumer takes in the plan, and in which steps else it may."""

    def __init__(
        self, consumer: Consumer, lengths_h: FloatArray, taken_kw: FloatArray, marginal: FloatArray
    ) -> None:
        at = np.arange(len(lengths_h))
        ready = ready_index(consumer, len(lengths_h))
        self._full_kwh = lengths_h * consumer.max_w / 1000
        self._in_time = np.array(consumer.available) & (at <= ready)
        self._usable = self._in_time | (np.array(consumer.available) & (consumer.extra_worth_per_kwh > 0))
        self._need_kwh = min(
            float((taken_kw * lengths_h)[: ready + 1].sum()),
            consumer.need_wh / 1000 / consumer.efficiency,
        )
        self._by_price = np.argsort(marginal, kind="stable")

    def _missing_kwh(self, on: OnSet) -> float:
        return self._need_kwh - float(self._full_kwh[on & self._in_time].sum())

    def without(self, on: OnSet, inside: OnSet) -> OnSet | None:
        """Return an on-set outside the window; None where what it needs does not fit there."""
        other = on & ~inside
        for step in self._by_price:
            if self._missing_kwh(other) <= 1e-9:
                return other
            if self._in_time[step] and not inside[step]:
                other[step] = True
        return other if self._missing_kwh(other) <= 1e-9 else None

    def within(self, on: OnSet, inside: OnSet) -> OnSet | None:
        """Return an on-set that runs in the whole window, and elsewhere only as it must."""
        other = on | (inside & self._usable)
        for step in self._by_price[::-1]:
            if on[step] and not inside[step]:
                other[step] = False
                if self._missing_kwh(other) > 1e-9:
                    other[step] = True
        return other


def _moved(
    search: Search,
    appliance: Appliance,
    values: FloatArray,
    marginal: FloatArray,
    inside: OnSet,
    direction: Direction,
) -> Iterator[Move]:
    columns = search.columns((appliance.device_id, "start"))
    starts = values[columns]
    now = int(starts.argmax())
    if starts[now] < 0.5:
        return
    lengths_h = search.context.lengths_h
    cycle = cycle_of(appliance, search.context.problem.grid.lengths_s)
    kwh = cycle.kw * lengths_h[cycle.step]
    cost = np.bincount(cycle.start, kwh * marginal[cycle.step], minlength=len(columns))
    drawn = np.bincount(cycle.start, kwh * inside[cycle.step], minlength=len(columns))
    best = drawn if direction is Direction.UP else -drawn
    best = np.where(cycle.may_start, np.round(best, 6), np.inf)
    # The best for the window; of equally good ones the cheapest.
    other = int(np.lexsort((cost, best))[0])
    if best[other] < best[now] - 1e-6:
        chosen = np.zeros(len(columns))
        chosen[other] = 1.0
        yield Move(columns=columns, lower=chosen, upper=chosen)
