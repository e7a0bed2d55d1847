"""Notices that the control of a device hunts, and slows it down: the last line, not the cure.

A swing is an own step back, of like size, sent just when the one before became visible. A moving load hardly
makes three of them in a row; a device in coarse steps, or one slower than learned, does.
"""

from collections.abc import Sequence
from dataclasses import replace

from .memory import Hunting, Order

_IN_A_ROW = 3
_LIKE = (0.4, 2.5)
# Smaller swings are those of a device in steps: a wider band ends them; larger ones need a longer window.
_STEPS_W = 900.0
_BAND_SHARE = 0.65
_BAND_S = 3600.0
_SLOWER, _SLOWEST = 1.6, 4.0
_CALM_S = 600.0
_CLOSING_S = 6.0


def stepped(hunting: Hunting, orders: Sequence[Order], window_s: float, period_s: float) -> Hunting:
    """Return what the newest of ``orders`` says; ``window_s`` is how long the one before took to show."""
    if len(orders) < 3 or any(order.value is None for order in orders[-3:]):
        return replace(hunting, swings_w=())
    before_w = orders[-2].power_w - orders[-3].power_w
    now_w = orders[-1].power_w - orders[-2].power_w
    age_s = orders[-1].sent_s - orders[-2].sent_s
    swing_w = max(abs(now_w), abs(orders[-1].found_w - orders[-2].found_w))
    is_back = before_w * now_w < 0 and _LIKE[0] <= abs(now_w / before_w) <= _LIKE[1]
    if not is_back or age_s > window_s + max(1.5 * period_s, _CLOSING_S):
        return replace(hunting, swings_w=())
    hunting = replace(hunting, swings_w=(*hunting.swings_w, swing_w))
    if len(hunting.swings_w) < _IN_A_ROW:
        return hunting
    swing_w = max(hunting.swings_w)
    now_s = orders[-1].sent_s
    if swing_w <= _STEPS_W:
        return replace(hunting, swings_w=(), band_w=_BAND_SHARE * swing_w, until_s=now_s + _BAND_S)
    slower = min(_SLOWEST, hunting.slower * _SLOWER)
    return replace(hunting, swings_w=(), slower=slower, until_s=now_s + _CALM_S)


def calmed(hunting: Hunting, now_s: float) -> Hunting:
    """Return what is left of the slowing after a time of calm."""
    if now_s < hunting.until_s or not is_slowed(hunting):
        return hunting
    slower = hunting.slower / _SLOWER if hunting.slower > _SLOWER else 1.0
    return replace(hunting, band_w=0.0, slower=slower, until_s=now_s + _CALM_S)


def is_slowed(hunting: Hunting) -> bool:
    """Return whether the control of the device is slowed down: to be told."""
    return hunting.band_w > 0.0 or hunting.slower > 1.0
