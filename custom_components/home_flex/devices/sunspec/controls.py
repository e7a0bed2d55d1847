"""How a limit or a setpoint is written into SunSpec registers, and read back from them.

Each write carries value, reversion timer and enable in one request where they stand side by side, else the
value before the enable. Registers in between are written back as they are.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..driver import DeviceError
from .models import MAX_POWER, MODELS, RATED_POWER, PointName
from .registers import encode, largest
from .snapshot import Snapshot

_ENABLED = 1
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Write:
    """One request: consecutive registers from an address."""

    address: int
    words: list[int]


class Control(Protocol):
    """One way to set a quantity, positive as SunSpec has it: power injected, or production allowed, in W."""

    @property
    def model(self) -> int:
        """The SunSpec model it writes to."""

    def set(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> list[Write]:
        """Return the writes that set and enable the value, and let it expire."""

    def release(self, snapshot: Snapshot) -> list[Write]:
        """Return the writes that hand the device back to itself."""

    def value_w(self, snapshot: Snapshot) -> float | None:
        """Return the value the device says it was told; None when it runs by itself."""


def _block(
    snapshot: Snapshot, first: PointName, last: str, values: Mapping[str, int], timers: Mapping[str, int]
) -> Write:
    """Overlay the registers from ``first`` to ``last``; ``timers`` only where the device implements them."""
    model = first[0]
    start = MODELS[model][first[1]].offset
    words = snapshot.words(first, (model, last))
    implemented = {
        name: value for name, value in timers.items() if snapshot.number((model, name)) is not None
    }
    for name, value in {**implemented, **values}.items():
        point = MODELS[model][name]
        offset = point.offset - start
        words[offset : offset + point.registers] = encode(point, value)
    return Write(snapshot.address(first), words)


def _register(snapshot: Snapshot, name: PointName, value: int) -> list[Write]:
    return [Write(snapshot.address(name), encode(MODELS[name[0]][name[1]], value))]


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
    first: str
    last: str
    percent: str
    enable: str
    reversion: str
    quiet: Mapping[str, int]

    def set(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> list[Write]:
        """See ``Control``."""
        percent = min(value_w / self._base_w(snapshot) * _PERCENT, _PERCENT)
        values = {self.percent: _counts(snapshot, (self.model, self.percent), percent), self.enable: _ENABLED}
        timers = {**self.quiet, self.reversion: _seconds((self.model, self.reversion), expires_in_s)}
        return [_block(snapshot, (self.model, self.first), self.last, values, timers)]

    def release(self, snapshot: Snapshot) -> list[Write]:
        """See ``Control``."""
        return _register(snapshot, (self.model, self.enable), 0)

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
        first="WMaxLimPctEna",
        last="WMaxLimPctRvrtTms",
        percent="WMaxLimPct",
        enable="WMaxLimPctEna",
        reversion="WMaxLimPctRvrtTms",
        quiet={"WMaxLimPctEnaRvrt": 0},
    ),
    ProductionLimit(
        model=123,
        first="WMaxLimPct",
        last="WMaxLim_Ena",
        percent="WMaxLimPct",
        enable="WMaxLim_Ena",
        reversion="WMaxLimPct_RvrtTms",
        quiet={"WMaxLimPct_WinTms": 0},
    ),
)


class ActivePowerSetpoint:
    """Model 704: the active power setpoint WSet in W, positive = injected."""

    model = 704
    _watts = 1

    def set(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> list[Write]:
        """See ``Control``."""
        values = {
            "WSetEna": _ENABLED,
            "WSetMod": self._watts,
            "WSet": _counts(snapshot, (704, "WSet"), value_w),
        }
        timers = {"WSetEnaRvrt": 0, "WSetRvrtTms": _seconds((704, "WSetRvrtTms"), expires_in_s)}
        return [_block(snapshot, (704, "WSetEna"), "WSetRvrtTms", values, timers)]

    def release(self, snapshot: Snapshot) -> list[Write]:
        """See ``Control``."""
        return _register(snapshot, (704, "WSetEna"), 0)

    def value_w(self, snapshot: Snapshot) -> float | None:
        """See ``Control``."""
        enabled = snapshot.number((704, "WSetEna")) == _ENABLED
        in_watts = snapshot.number((704, "WSetMod")) == self._watts
        return snapshot.value((704, "WSet")) if enabled and in_watts else None


class StorageRates:
    """Model 124: discharge at most OutWRte, charge at most InWRte; a negative rate demands the opposite.

    Equal and opposite rates leave one power: the setpoint. InWRte is a percentage of WChaMax, OutWRte of the
    largest discharge rate (model 120 MaxDisChaRte), or of WChaMax where that is not told.
    """

    model = 124
    _both_limits = 0b11  # StorCtl_Mod: CHARGE and DISCHARGE

    def set(self, snapshot: Snapshot, value_w: float, expires_in_s: float) -> list[Write]:
        """See ``Control``."""
        values = {
            "OutWRte": self._rate(snapshot, "OutWRte", value_w),
            "InWRte": self._rate(snapshot, "InWRte", -value_w),
        }
        timers = {
            "InOutWRte_WinTms": 0,
            "InOutWRte_RvrtTms": _seconds((124, "InOutWRte_RvrtTms"), expires_in_s),
        }
        rates = _block(snapshot, (124, "OutWRte"), "InOutWRte_RvrtTms", values, timers)
        return [rates, *_register(snapshot, (124, "StorCtl_Mod"), self._both_limits)]

    def release(self, snapshot: Snapshot) -> list[Write]:
        """See ``Control``."""
        return _register(snapshot, (124, "StorCtl_Mod"), 0)

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
