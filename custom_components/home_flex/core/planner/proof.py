"""Offered points with their proof: the whole plan that keeps each, read from the solution."""

from typing import Final

import numpy as np

from .offer import Direction, OfferPoint
from .powers import Powers
from .problem import Series
from .shifting import Shifted
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

    def proven(self, point: Point, place: Place, before: Shifted) -> OfferPoint:
        """Return a point; ``before`` is the one before it on the curve."""
        base, window, values = self._base, place.window, point.shifted.values
        shifted = Powers(base.numbers, base.context, values)
        more_w = shifted.net_w - base.net_w
        more_wh = more_w * base.context.lengths_h
        back_w = more_w[window.end :] if place.direction is Direction.UP else -more_w[window.end :]
        duration_h = (window.ends - window.starts).total_seconds() / 3600
        net_w, *powers_w = self._series(_table(shifted))
        return OfferPoint(
            power_w=1000 * point.kw,
            price=point.price,
            money=float(base.numbers.money @ (values - base.all_values)),
            per_kwh=(point.price - before.price) / (point.kw - before.kw) / duration_h,
            before_wh=float(more_wh[: window.first].sum()),
            after_wh=float(more_wh[window.end :].sum()),
            rebound_w=float(np.max(back_w, initial=0.0)),
            confidence=point.confidence,
            net_w=net_w,
            powers_w=dict(zip(self._names, powers_w, strict=True)),
        )

    def _series(self, table: FloatArray) -> list[Series]:
        rows = list(self._rows)
        differs = table != self._table
        for row in np.flatnonzero(differs.any(axis=1)).tolist():
            steps = np.flatnonzero(differs[row])
            values = list(rows[row])
            for step, value in zip(steps.tolist(), table[row, steps].tolist(), strict=True):
                values[step] = value
            rows[row] = tuple(values)
        return rows


def _table(powers: Powers) -> FloatArray:
    """Return the net power and below it what each device takes, without the solver's dust."""
    rows = [powers.net_w, *(taken_w for _, taken_w in powers.by_device())]
    return (np.round(np.array(rows), 6) + 0.0).astype(np.float64)
