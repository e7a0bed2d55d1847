"""What inverter and battery measure alike."""

from ..driver import DeviceError
from .energy import EnergyCounter
from .models import ACTIVE_POWER, ASLEEP, OPERATING_STATE, Role
from .snapshot import Snapshot

_PLAUSIBLE_RATINGS = 10.0


def consumption_w(snapshot: Snapshot, rated_power_w: float) -> float:
    """Return the AC power in W, positive = consumption; SunSpec's W is positive = production.

    An inverter that is off or asleep and tells no power has none. Raises DeviceError ``missing_value``, or
    ``implausible`` beyond ten times the rating.
    """
    produced_w = snapshot.first(ACTIVE_POWER)
    if produced_w is None and _asleep(snapshot):
        return 0.0
    produced_w = snapshot.require(ACTIVE_POWER)
    if abs(produced_w) > _PLAUSIBLE_RATINGS * rated_power_w:
        raise DeviceError("implausible", f"{produced_w:g} W from a device rated {rated_power_w:g} W")
    return 0.0 - produced_w  # not -produced_w: that would turn 0.0 into -0.0


def counted_wh(snapshot: Snapshot, counter: EnergyCounter, role: Role) -> float | None:
    """Return the energy counted since ever, in Wh; None when the device does not tell it."""
    for name in role:
        if snapshot.has(name[0]) and (value := snapshot.value(name)) is not None:
            return counter.total_wh(value, snapshot.scale(name) or 1.0)
    return None


def _asleep(snapshot: Snapshot) -> bool:
    return any(
        snapshot.number((model, point)) in ASLEEP[model]
        for model, point in OPERATING_STATE
        if snapshot.has(model)
    )
