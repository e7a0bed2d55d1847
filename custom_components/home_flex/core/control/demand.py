"""What somebody demands of the site, a circuit, a group or a device: one type for all who may.

Commands of an event, the resident's standing wishes, limits of circuits and groups, and the plan's slices
are demands. Sign: positive = consumption. Units: W, Wh, seconds; state of charge 0 to 1.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from ..model import SITE, Owner, Scope, ScopeKind

__all__ = [
    "SITE",
    "Asks",
    "ChargeTo",
    "Demand",
    "Envelope",
    "Scope",
    "ScopeKind",
    "Share",
    "Target",
    "device",
    "is_insisting",
]


def device(device_id: str) -> Scope:
    """Return the scope of one device."""
    return Scope(ScopeKind.DEVICE, device_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """Power is kept within [low_w, high_w]."""

    low_w: float = -math.inf
    high_w: float = math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Power is to be met."""

    power_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A device draws at most this share (0 to 1) of what it could, but may keep its smallest power."""

    of: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeTo:
    """Batteries reach a state of charge, or an energy in Wh among them, ``left_s`` from now."""

    left_s: float
    state_of_charge: float | None = None
    energy_wh: float | None = None


type Asks = Envelope | Target | Share | ChargeTo


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """Who asks what of what, why, and until when.

    ``source_id`` names the event or wish it comes from. A ``standing`` one has no foreseeable end, so that a
    device is given back as soon as it is no longer needed for it; for a passing one it is held to the end.
    """

    owner: Owner
    scope: Scope
    asks: Asks
    reason: str
    source_id: str | None = None
    until: datetime | None = None
    standing: bool = False


def is_insisting(demand: Demand) -> bool:
    """Return whether the resident wants a device's full power, whatever lower lines ask."""
    return (
        demand.owner is Owner.RESIDENT
        and demand.scope.kind is ScopeKind.DEVICE
        and isinstance(demand.asks, Envelope)
        and demand.asks.low_w == math.inf
    )
