"""What the arbiter is told, what it remembers from one tick to the next, and what it decides.

Sign: positive = consumption. Units: W, A; state of charge 0 to 1. ``…_s`` are seconds of a monotonic clock:
a step of the wall clock changes nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import DeviceKind, MeterReading, Network, Owner, Reading, Setpoint, Site
from .memory import ChargePlan, DeviceMemory, LoadSample, MeterMemory
from .policy import LeaveAlone, Policy
from .watched import Unwatched


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceState:
    """A flexible device as it is now.

    ``wired_phases`` holds 1 to 3, empty for all of the site's. ``reading`` is None when it cannot be read,
    ``heard_s`` when the reading arrived. ``written`` is the last setpoint the device accepted, at
    ``written_s``; ``changed_s`` is when its value last changed. ``refusals`` counts the writes that failed
    since, the last at ``refused_s``. ``priority`` orders equals: 1 comes first.
    """

    device_id: str
    kind: DeviceKind
    wired_phases: tuple[int, ...]
    reading: Reading | None
    heard_s: float
    written: Setpoint | None = None
    written_s: float | None = None
    changed_s: float | None = None
    refusals: int = 0
    refused_s: float | None = None
    policy: Policy = field(default_factory=LeaveAlone)
    priority: int = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterState:
    """What a circuit's own meter told last, and when it was heard."""

    reading: MeterReading
    heard_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteState:
    """The site as it is now; ``meter`` is None when it cannot be read, ``meter_heard_s`` when it spoke.

    ``network`` None: only the main fuse is known, and everything is behind it. ``circuit_meters`` are those
    of its circuits by meter id, without the site's.
    """

    site: Site
    meter: MeterReading | None
    meter_heard_s: float
    devices: tuple[DeviceState, ...]
    network: Network | None = None
    circuit_meters: Mapping[str, MeterState] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerBalance:
    """Where power flows, in W; ``grid_w`` is the sum of the others. ``rest_w`` is the house itself."""

    grid_w: float
    pv_w: float
    battery_w: float
    ev_charger_w: float
    rest_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlMemory:
    """What is carried from one decision to the next; ``ControlMemory()`` is the start."""

    devices: Mapping[str, DeviceMemory] = field(default_factory=dict)
    meter: MeterMemory = field(default_factory=MeterMemory)
    load: tuple[LoadSample, ...] = ()
    charge_plans: Mapping[tuple[str, str], ChargePlan] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is wanted of each device, and why.

    ``wanted``: one setpoint per flexible device that can be read; value None hands it back. ``setpoints``:
    those of them that are to be written now. ``limit_owner`` is whose limit or target is in force.
    ``balance`` is None without a meter. ``shortfall_w`` is how much of the limits cannot be reached, ``bent``
    says what had to give way, ``limit_kept`` whether the meter now keeps the limits (None: no limit, or no
    fresh meter reading). ``unwatched`` is what keeps fuses from being watched phase by phase.
    """

    wanted: tuple[Setpoint, ...]
    setpoints: tuple[Setpoint, ...]
    import_limit_w: float | None
    export_limit_w: float | None
    limit_owner: Owner | None
    balance: PowerBalance | None
    shortfall_w: float
    bent: tuple[str, ...]
    limit_kept: bool | None
    unwatched: tuple[Unwatched, ...] = ()
