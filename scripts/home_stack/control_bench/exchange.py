"""What passes between a house and whoever controls it: what is told, asked and ordered.

Times are seconds of the house's monotonic clock. Positive = consumption.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

VOLTAGE_V = 230.0


class Kind(StrEnum):
    """What an orderable device is. Orders are W to a battery, a cap in W to PV, A per phase to a charger."""

    BATTERY = "battery"
    PV = "pv"
    CHARGER = "charger"


@dataclass(frozen=True, kw_only=True, slots=True)
class Telegram:
    """What the meter told, in W; ``phase_w`` is empty when it tells no phases."""

    heard_s: float
    power_w: float
    phase_w: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a device told of itself; what its kind does not have is left out."""

    heard_s: float
    power_w: float
    value: float | None = None
    soc: float = 0.0
    status: str = ""
    phases: int = 3
    phase_a: tuple[float, ...] = ()
    session_wh: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceFacts:
    """What its owner knows of a device: ``rated`` in W (battery, PV) or A per phase (charger)."""

    device_id: str
    kind: Kind
    wired: tuple[int, ...]
    rated: float
    capacity_wh: float = 0.0
    smallest_a: float = 6.0
    switches_phases: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteFacts:
    """What its owner knows of the connection."""

    phases: int
    fuse_a: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is in force: an aggregator's target or import limit, an export limit (``wish``: the resident's).

    ``charge_modes`` holds ``surplus`` or ``fast`` by charger.
    """

    target_w: float | None = None
    import_limit_w: float | None = None
    export_limit_w: float | None = None
    wish: bool = False
    charge_modes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A value for a device (None: back to its own control), which ends by itself after ``expires_in_s``."""

    device_id: str
    value: float | None
    expires_in_s: float | None = None
    phases: int | None = None


class Controller(Protocol):
    """Whoever controls a house."""

    def tick(
        self, now_s: float, telegram: Telegram | None, reports: Mapping[str, Report], asked: Asked
    ) -> Sequence[Order]:
        """Return what is to be written now; called each second and with each telegram."""

    @property
    def meter_lost(self) -> bool:
        """Whether the meter was judged lost at the last tick."""
