"""Offered points with their proof: the whole plan that keeps each, read from the solution."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .offer import Direction, OfferPoint
from .powers import Powers
from .problem import Series
from .sketch import FloatArray
from .ways import Place, Point


class Proofs:
    """Proves points beside one plan.

    An envelope keeps hundreds of plans, which differ from that one in few steps: all else is the same object.
    """

    def __init__(self, base: Powers) -> None:
        """Take the plan that points are beside."""
        self._base = base
        self._names: Final = tuple(name for name, _ in base.by_device())
        self._table = _table(base)
        self._rows = tuple(map(tuple, self._table.tolist()))

    def proven(self, points: Sequence[Point], place: Place) -> tuple[OfferPoint, ...]:
        """Return the points of a place, which ascend."""
        if not points:
            return ()
        base, window = self._base, place.window
        values = np.array([point.shifted.values for point in points])
        shifted = Powers(base.numbers, base.context, values)
        more_w = shifted.net_w - base.net_w
        more_wh = more_w * base.context.lengths_h
        back_w = more_w[:, window.end :] if place.direction is Direction.UP else -more_w[:, window.end :]
        money = (values - base.all_values) @ base.numbers.money
        before_wh, after_wh = more_wh[:, : window.first].sum(axis=1), more_wh[:, window.end :].sum(axis=1)
        rebound_w, tables = np.max(back_w, axis=1, initial=0.0), _table(shifted)
        duration_h = (window.ends - window.starts).total_seconds() / 3600
        per_kwh = np.diff([point.price for point in points], prepend=0.0) / duration_h
        per_kwh /= np.diff([point.kw for point in points], prepend=0.0)
        found = []
        for row, point in enumerate(points):
            net_w, *powers_w = self._series(tables[:, row])
            found.append(
                OfferPoint(
                    power_w=1000 * point.kw,
                    price=point.price,
                    money=float(money[row]),
                    per_kwh=float(per_kwh[row]),
                    before_wh=float(before_wh[row]),
                    after_wh=float(after_wh[row]),
                    rebound_w=float(rebound_w[row]),
                    confidence=point.confidence,
                    net_w=net_w,
                    powers_w=dict(zip(self._names, powers_w, strict=True)),
                )
            )
        return tuple(found)

    def _series(self, table: FloatArray) -> list[Series]:
        rows = list(self._rows)
        differs = table != self._table
        for row in differs.any(axis=1).nonzero()[0].tolist():
            (steps,) = differs[row].nonzero()
            values = list(rows[row])
            for step, value in zip(steps.tolist(), table[row, steps].tolist(), strict=True):
                values[step] = value
            rows[row] = tuple(values)
        return rows


def _table(powers: Powers) -> FloatArray:
    """Return the net power and after it what each device takes, without the solver's dust."""
    rows = [powers.net_w, *(taken_w for _, taken_w in powers.by_device())]
    return (np.round(np.array(rows), 6) + 0.0).astype(np.float64)
