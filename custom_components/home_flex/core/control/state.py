"""What the arbiter is told, what it remembers from one second to the next, and what it decides.

Sign: positive = consumption. Units: W, A, seconds, aware UTC ``datetime``; state of charge 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..model import DeviceKind, MeterReading, Owner, Reading, Setpoint, Site


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceState:
    """A flexible device as it is now.

    ``wired_phases`` holds 1 to 3, empty for all of the site's. ``reading`` is None when the device is lost.
    ``written`` is the last setpoint the device accepted, ``changed_at`` when its value last changed.
    ``reserve`` is the state of charge that a battery keeps for the resident; ``charge_now`` is the
    resident's override of a charger: full current, events leave it alone.
    """

    device_id: str
    kind: DeviceKind
    wired_phases: tuple[int, ...]
    reading: Reading | None
    written: Setpoint | None
    changed_at: datetime | None
    reserve: float = 0.0
    charge_now: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteState:
    """The site as it is now; ``meter`` is None when it is lost."""

    site: Site
    meter: MeterReading | None
    devices: tuple[DeviceState, ...]
    aggregator_connected: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerBalance:
    """Where power flows, in W; ``grid_w`` is the sum of the others. ``rest_w`` is the house itself."""

    grid_w: float
    pv_w: float
    battery_w: float
    ev_charger_w: float
    rest_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadSample:
    """What the house drew apart from its flexible devices, in W: at the meter first, then per phase."""

    time: datetime
    rest_w: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargePlan:
    """The constant power towards a state of charge, and the state of charge it was reckoned from."""

    state_of_charge: float
    target_wh: float
    power_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceMemory:
    """What is remembered of one device.

    ``values``: when which value came into force, the last few seconds. ``powers``: the last few seconds'
    readings. ``own_w``: what it did before it was taken. ``vehicle_max_w``: what the vehicle draws when it,
    not the limit, decides; None when not known.
    """

    values: tuple[tuple[datetime, float | None], ...] = ()
    powers: tuple[tuple[datetime, float], ...] = ()
    own_w: float = 0.0
    vehicle_max_w: float | None = None
    active_phases: int | None = None
    astray_since: datetime | None = None
    room_since: datetime | None = None
    bound_at: datetime | None = None
    taken: Owner | None = None
    reason: str = ""
    event_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlMemory:
    """What is carried from one decision to the next; ``ControlMemory()`` is the start."""

    devices: Mapping[str, DeviceMemory] = field(default_factory=dict)
    load: tuple[LoadSample, ...] = ()
    meter: tuple[tuple[datetime, float], ...] = ()
    baselines: Mapping[str, float] = field(default_factory=dict)
    charge_plans: Mapping[tuple[str, str], ChargePlan] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is wanted of each device, and why.

    ``setpoints``: one per flexible device that can be read; value None hands it back. ``limit_owner`` is
    whose limit or target is in force. ``balance`` is None without a meter. ``shortfall_w`` is how much of the
    limits cannot be reached, ``bent`` says what had to give way, ``limit_kept`` whether the meter now keeps
    the limits (None: no limit, or no fresh meter reading).
    """

    setpoints: tuple[Setpoint, ...]
    import_limit_w: float | None
    export_limit_w: float | None
    limit_owner: Owner | None
    balance: PowerBalance | None
    shortfall_w: float
    bent: tuple[str, ...]
    limit_kept: bool | None
