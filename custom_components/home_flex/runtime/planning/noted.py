"""What forecasts are told each second: what the house draws besides its devices, each load and each roof."""

import math
from collections.abc import Iterable, Mapping

from ...core.control.state import DeviceState, PowerBalance
from ...core.model import ChargerReading, PvReading
from .loads import LOAD_KINDS
from .measured import AWAY, LOAD, plugged
from .seen_sun import sun_seen_w


def noted(balance: PowerBalance, devices: Iterable[DeviceState], *, away: bool) -> Mapping[str, float | None]:
    """Return powers in W (0 or more), and 1 or 0 for who is away and what is plugged in; None: not known."""
    roofs: dict[str, float | None] = {}
    loads, cars = {}, {}
    for one in devices:
        if isinstance(one.reading, PvReading):
            roofs[one.device_id] = sun_seen_w(one)
        elif one.kind in LOAD_KINDS and one.reading is not None:
            loads[one.device_id] = max(0.0, one.reading.power_w)
        if isinstance(one.reading, ChargerReading):
            cars[plugged(one.device_id)] = float(one.reading.vehicle_connected)
    house_w = None if balance.rest_w is None else balance.rest_w - math.fsum(loads.values())
    return {LOAD: house_w, AWAY: float(away), **loads, **roofs, **cars}
