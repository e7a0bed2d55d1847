"""How a limit or a setpoint is coded in SunSpec registers, and read back from them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..driver import DeviceError
from .models import MODELS
from .points import PointName
from .registers import largest
from .roles import MAX_POWER, RATED_POWER
from .snapshot import Snapshot

_ENABLED = 1
_PERCENT = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to stand in one model, as coded numbers: ``values`` first, and last ``enable``.

    ``timer`` names the one of the values after which the device goes back by itself, ``quiet`` those that
    merely must not disturb (a window of random delay); what of these two the device lacks is left out.
    """

    model: int
    values: Mapping[str, int]
    enable: tuple[str, int]
    timer: tuple[str, int]
    quiet: Mapping[str, int]


class Control(Protocol):
    """One way to set a quantity, positive as SunSpec has it: power injected, or production allowed, in W."""

    @property
    def model(self) -> int:
        """The SunSpec model it writes to."""

    @property
    def points(self) -> tuple[str, ...]:
        """All the points that it may write."""

    @property
    def enable(self) -> str:
        """The point that puts the others into force."""

    @property
    def timer(self) -> str:
        """The point after whose seconds the device goes back by itself."""

    @property
    def is_limit(self) -> bool:
        """Whether it limits: then a tighter limit that was there before stays."""

    def is_able(self, snapshot: Snapshot) -> bool:
        """Whether the device has implemented the points that it needs."""

    def order(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> Order:
        """Return what sets and enables the value, and lets it expire. Raises DeviceError, OverflowError."""

    def value_w(self, snapshot: Snapshot) -> float | None:
        """Return the value the device says it was told; None when it runs by itself."""


def control_of(snapshot: Snapshot, controls: Sequence[Control]) -> Control | None:
    """Return the first control that the device has implemented."""
    return next((control for control in controls if control.is_able(snapshot)), None)


def points_of(order: Order, fresh: Snapshot) -> tuple[dict[str, int], list[str]]:
    """Return the numbers of the points that are implemented, and the safe order to write them in."""
    timer, seconds = order.timer
    optional = {**order.quiet, timer: seconds}
    implemented = {
        point: number for point, number in optional.items() if fresh.number((order.model, point)) is not None
    }
    enable, enabled = order.enable
    wanted = {**implemented, **order.values, enable: enabled}
    return wanted, list(wanted)


def _tells(snapshot: Snapshot, model: int, *points: str) -> bool:
    """Whether the device has implemented these points and their scales."""
    return snapshot.has(model) and all(snapshot.value((model, point)) is not None for point in points)


def _seconds(name: PointName, expires_in_s: float) -> int:
    """Return a reversion time: whole seconds, rounded up; 0 would mean never."""
    return min(max(math.ceil(expires_in_s), 1), largest(MODELS[name[0]][name[1]]))


def _counts(snapshot: Snapshot, name: PointName, value: float) -> int:
    """Return ``value`` in the point's scale, rounded towards zero so that no limit is exceeded."""
    scale = snapshot.scale(name)
    if scale is None:
        raise DeviceError("missing_value", f"the device does not tell the scale of {name[1]}")
    exact = value / scale
    return math.trunc(exact + math.copysign(1e-6, exact))


@dataclass(frozen=True, slots=True)
class ProductionLimit:
    """A limit as a percentage of the largest power the inverter is set to (WMax), model 123 or 704."""

    model: int
    percent: str
    enable: str
    timer: str
    quiet: Mapping[str, int]
    is_limit: bool = True

    @property
    def points(self) -> tuple[str, ...]:
        """See ``Control``."""
        return (*self.quiet, self.timer, self.percent, self.enable)

    def is_able(self, snapshot: Snapshot) -> bool:
        """See ``Control``."""
        return _tells(snapshot, self.model, self.percent, self.enable)

    def order(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> Order:
        """See ``Control``."""
        percent = min(value_w / self._base_w(snapshot) * _PERCENT, _PERCENT)
        return Order(
            model=self.model,
            values={self.percent: _counts(snapshot, (self.model, self.percent), percent)},
            enable=(self.enable, _ENABLED),
            timer=(self.timer, _seconds((self.model, self.timer), expires_in_s)),
            quiet=self.quiet,
        )

    def value_w(self, snapshot: Snapshot) -> float | None:
        """See ``Control``."""
        percent = snapshot.value((self.model, self.percent))
        if percent is None or snapshot.number((self.model, self.enable)) != _ENABLED:
            return None
        return percent / _PERCENT * self._base_w(snapshot)

    @staticmethod
    def _base_w(snapshot: Snapshot) -> float:
        return snapshot.require_positive((*MAX_POWER, *RATED_POWER))


PRODUCTION_LIMITS: tuple[Control, ...] = (
    ProductionLimit(
        model=704,
        percent="WMaxLimPct",
        enable="WMaxLimPctEna",
        timer="WMaxLimPctRvrtTms",
        quiet={"WMaxLimPctEnaRvrt": 0},
    ),
    ProductionLimit(
        model=123,
        percent="WMaxLimPct",
        enable="WMaxLim_Ena",
        timer="WMaxLimPct_RvrtTms",
        quiet={"WMaxLimPct_WinTms": 0},
    ),
)


class ActivePowerSetpoint:
    """Model 704: the active power setpoint WSet in W, positive = injected."""

    model = 704
    points = ("WSetEnaRvrt", "WSetRvrtTms", "WSetMod", "WSet", "WSetEna")
    enable = "WSetEna"
    timer = "WSetRvrtTms"
    is_limit = False
    _watts = 1

    def is_able(self, snapshot: Snapshot) -> bool:
        """See ``Control``."""
        return _tells(snapshot, 704, "WSet", "WSetEna", "WSetMod")

    def order(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> Order:
        """See ``Control``."""
        return Order(
            model=704,
            values={"WSetMod": self._watts, "WSet": _counts(snapshot, (704, "WSet"), value_w)},
            enable=("WSetEna", _ENABLED),
            timer=(self.timer, _seconds((704, self.timer), expires_in_s)),
            quiet={"WSetEnaRvrt": 0},
        )

    def value_w(self, snapshot: Snapshot) -> float | None:
        """See ``Control``."""
        enabled = snapshot.number((704, "WSetEna")) == _ENABLED
        in_watts = snapshot.number((704, "WSetMod")) == self._watts
        return snapshot.value((704, "WSet")) if enabled and in_watts else None


class StorageRates:
    """Model 124: discharge at most OutWRte, charge at most InWRte; a negative rate demands the opposite.

    Opposite rates leave one power: the setpoint. InWRte is a percentage of WChaMax, OutWRte of the largest
    discharge rate (model 120 MaxDisChaRte), or of WChaMax where that is not told. The two never add up to
    less than nothing: what is demanded is no more, in percent, than what is allowed. Some refuse it else
    (Fronius), as then no power would be left.
    """

    model = 124
    points = ("InOutWRte_WinTms", "InOutWRte_RvrtTms", "OutWRte", "InWRte", "StorCtl_Mod")
    enable = "StorCtl_Mod"
    timer = "InOutWRte_RvrtTms"
    is_limit = False
    _both_limits = 0b11  # StorCtl_Mod: CHARGE and DISCHARGE

    def is_able(self, snapshot: Snapshot) -> bool:
        """See ``Control``."""
        return _tells(snapshot, 124, "OutWRte", "InWRte", "StorCtl_Mod", "WChaMax")

    def order(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> Order:
        """See ``Control``."""
        out = self._rate(snapshot, "OutWRte", value_w)
        into = self._rate(snapshot, "InWRte", -value_w)
        if value_w > 0:
            into = max(into, -out)
        else:
            out = max(out, -into)
        return Order(
            model=124,
            values={"OutWRte": out, "InWRte": into},
            enable=("StorCtl_Mod", self._both_limits),
            timer=(self.timer, _seconds((124, self.timer), expires_in_s)),
            quiet={"InOutWRte_WinTms": 0},
        )

    def value_w(self, snapshot: Snapshot) -> float | None:
        """See ``Control``."""
        discharge, charge = snapshot.value((124, "OutWRte")), snapshot.value((124, "InWRte"))
        if snapshot.number((124, "StorCtl_Mod")) != self._both_limits or discharge is None or charge is None:
            return None
        if discharge > 0 > charge:
            return discharge / _PERCENT * self._base_w(snapshot, "OutWRte")
        if charge > 0 > discharge:
            return -charge / _PERCENT * self._base_w(snapshot, "InWRte")
        return 0.0 if charge == discharge == 0 else None

    def _rate(self, snapshot: Snapshot, name: str, value_w: float) -> int:
        percent = value_w / self._base_w(snapshot, name) * _PERCENT
        return _counts(snapshot, (124, name), min(max(percent, -_PERCENT), _PERCENT))

    @staticmethod
    def _base_w(snapshot: Snapshot, name: str) -> float:
        charge: PointName = (124, "WChaMax")
        return snapshot.require_positive((charge,) if name == "InWRte" else ((120, "MaxDisChaRte"), charge))


POWER_SETPOINTS: tuple[Control, ...] = (ActivePowerSetpoint(), StorageRates())
