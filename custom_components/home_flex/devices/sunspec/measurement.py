"""What inverter and battery measure alike."""

from collections.abc import Callable

from ..driver import DeviceError
from ..energy import EnergyCounter
from .roles import OPERATING_STATE, PRODUCING, Role
from .snapshot import Snapshot

# More than this share of its rating is no device's power; what an inverter draws for itself is far less.
_PLAUSIBLE = 1.5
# The DC side of a hybrid takes more sun than its AC side gives, and sends the rest into the battery.
_PLAUSIBLE_DC = 2.0
_OWN_USE, _OWN_USE_W = 0.05, 100.0


def plausible_w(power_w: float, low_w: float, high_w: float) -> float:
    """Return the power, W, or raise DeviceError ``implausible`` outside of what the device can do."""
    if not low_w <= power_w <= high_w:
        raise DeviceError("implausible", f"{power_w:g} W, outside {low_w:g} to {high_w:g} W")
    return power_w


def plausible_pv_w(power_w: float, rated_w: float, *, is_dc: bool) -> float:
    """Return a PV inverter's power, positive = consumption. Raises DeviceError ``implausible``."""
    most_w = (_PLAUSIBLE_DC if is_dc else _PLAUSIBLE) * rated_w
    return plausible_w(power_w, -most_w, max(_OWN_USE_W, _OWN_USE * rated_w))


def plausible_battery_w(power_w: float, most_w: float) -> float:
    """Return a battery's power, positive = consumption. Raises DeviceError ``implausible``."""
    return plausible_w(power_w, -_PLAUSIBLE * most_w, _PLAUSIBLE * most_w)


def is_idle(snapshot: Snapshot, *, says_so: bool = False) -> bool:
    """Whether the device does not work: it is off, asleep, starting, standing by or in fault.

    One that tells no state counts as idle unless it has to ``say so``.
    """
    states = [
        (model, state)
        for model, point in OPERATING_STATE
        if snapshot.has(model) and (state := snapshot.number((model, point))) is not None
    ]
    if says_so and not states:
        return False
    return not any(state in PRODUCING[model] for model, state in states)


def counted_wh(
    snapshot: Snapshot, counter: EnergyCounter, role: Role, *, now_s: float, most_w: float
) -> float | None:
    """Return the energy counted since ever, in Wh; None when the device does not tell it."""
    for name in role:
        if snapshot.has(name[0]) and (value := snapshot.value(name)) is not None:
            return counter.total_wh(value, snapshot.scale(name) or 1.0, now_s=now_s, most_w=most_w)
    return None


class Remembered:
    """Values that a device tells once and leaves out while it sleeps, such as its ratings."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._values: dict[str, float] = {}

    def value(self, key: str, told: Callable[[], float | None]) -> float | None:
        """Return what is told now, else what was told last."""
        if (value := told()) is not None:
            self._values[key] = value
        return self._values.get(key)
