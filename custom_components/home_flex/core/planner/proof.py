"""An offered point with its proof: the whole plan that keeps it, read from the solution."""

import numpy as np

from .offer import Direction, OfferPoint
from .powers import Powers, all_series, series
from .shifting import Shifted
from .ways import Place, Point


def proven(base: Powers, point: Point, place: Place, before: Shifted) -> OfferPoint:
    """Return a point beside the plan ``base``; ``before`` is the one before it on the curve."""
    window, values = place.window, point.shifted.values
    shifted = Powers(base.numbers, base.context, values)
    more_w = shifted.net_w - base.net_w
    more_wh = more_w * base.context.lengths_h
    back_w = more_w[window.end :] if place.direction is Direction.UP else -more_w[window.end :]
    duration_h = (window.ends - window.starts).total_seconds() / 3600
    return OfferPoint(
        power_w=1000 * point.kw,
        price=point.price,
        money=float(base.numbers.money @ (values - base.all_values)),
        per_kwh=(point.price - before.price) / (point.kw - before.kw) / duration_h,
        before_wh=float(more_wh[: window.first].sum()),
        after_wh=float(more_wh[window.end :].sum()),
        rebound_w=float(np.max(back_w, initial=0.0)),
        confidence=point.confidence,
        net_w=series(shifted.net_w),
        powers_w=all_series(dict(shifted.by_device())),
    )
