"""The class of a device of entities, by the delays that its profile states."""

from typing import Final

from ...core.control.pace import Pace, PaceClass
from .profile import Fresh
from .recipe import Control, EndsBy

LOOP_S: Final = 5.0
STEP_S: Final = 30.0
# Nobody says how often it moves: once a minute, as most clouds do.
UNKNOWN_S: Final = 60.0
# Who is only planned with keeps to the quarters of an hour of markets and meters.
PLAN_S: Final = 900.0
# A device that may be written each five minutes and oftener has no wear to speak of.
_NO_WEAR: Final = 288


def pace_of(control: Control, fresh: Fresh, *, is_cloud: bool) -> Pace:
    """Return how fast a device can be steered.

    LOOP: its values are at most five seconds old, writing wears nothing, what was written is read back as
    soon, and ends by itself. STEP: its values are at most half a minute old. Else PLAN.
    """
    interval_s = UNKNOWN_S if fresh.interval_s is None else fresh.interval_s
    ends_itself = control.ends.by is not EndsBy.NOTHING
    readback_s = control.readback_s
    has_no_wear = control.writes_per_day >= _NO_WEAR
    is_seen = readback_s is not None and readback_s <= LOOP_S
    if not is_cloud and interval_s <= LOOP_S and has_no_wear and is_seen and ends_itself:
        pace_class, least_s = PaceClass.LOOP, control.least_seconds
    elif not is_cloud and interval_s <= STEP_S:
        pace_class, least_s = PaceClass.STEP, max(control.least_seconds, 3.0 * interval_s)
    else:
        pace_class, least_s = PaceClass.PLAN, max(control.least_seconds, PLAN_S)
    return Pace(
        pace_class=pace_class,
        interval_s=interval_s,
        effect_s=control.effect_s,
        least_s=least_s,
        step=control.step,
        writes_per_day=control.writes_per_day,
    )
