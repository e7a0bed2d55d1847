"""What a group of devices draws, and what of it counts against a limit."""

import math
from collections.abc import Mapping

from ..core.model import Group, GroupKind, Reading


def group_power(
    group: Group, readings: Mapping[str, Reading | None], meter_w: float
) -> tuple[float, float] | None:
    """Return the power of the group's devices together, and what counts against a limit for drawing.

    W, positive = consumption. None while one of the devices cannot be read. Under section 14a only what its
    devices take from the grid counts: no more than the home draws at its meter.
    """
    powers = [None if (one := readings.get(key)) is None else one.power_w for key in group.device_ids]
    known = [power_w for power_w in powers if power_w is not None]
    if len(known) < len(powers):
        return None
    power_w = math.fsum(known)
    counted_w = power_w
    if group.kind is GroupKind.SECTION_14A:
        counted_w = min(math.fsum(max(0.0, each) for each in known), meter_w)
    return power_w, counted_w
