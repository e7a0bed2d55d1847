"""An offered point with its proof: the whole plan that keeps it, read from the solution."""

import numpy as np

from .offer import Direction, OfferPoint
from .powers import Powers, series
from .shifting import Shifted
from .windows import Window


def proven(
    base: Powers, point: Shifted, window: Window, direction: Direction, *, before: Shifted, confidence: float
) -> OfferPoint:
    """Return a point beside the plan ``base``; ``before`` is the point before it on the curve."""
    shifted = Powers(base.numbers, base.context, point.values)
    more_w = shifted.net_w - base.net_w
    more_wh = more_w * base.context.lengths_h
    back_w = more_w[window.end :] if direction is Direction.UP else -more_w[window.end :]
    duration_h = (window.ends - window.starts).total_seconds() / 3600
    return OfferPoint(
        power_w=1000 * point.kw,
        price=point.price,
        money=float(base.numbers.money @ (point.values - base.all_values)),
        per_kwh=(point.price - before.price) / (point.kw - before.kw) / duration_h,
        before_wh=float(more_wh[: window.first].sum()),
        after_wh=float(more_wh[window.end :].sum()),
        rebound_w=float(np.max(back_w, initial=0.0)),
        confidence=confidence,
        net_w=series(shifted.net_w),
        powers_w={device_id: series(power) for device_id, power in shifted.by_device()},
    )
