"""What the arbiter is told, what it remembers from one tick to the next, and what it decides.

Sign: positive = consumption. Units: W, A; state of charge 0 to 1. ``…_s`` are seconds of a monotonic clock:
a step of the wall clock changes nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import DeviceKind, MeterReading, Network, Owner, Reading, Setpoint, Site
from .charging import ChargeIntent, ChargeWish, ChargingMemory
from .memory import ChargePlan, DeviceMemory, LoadSample, MeterMemory
from .merit import Preference, Prices, Take
from .pace import Pace, PaceClass
from .policy import LeaveAlone, Policy
from .reserve import ReserveMemory, ReserveWish
from .stores import SharingMemory
from .watched import Unwatched


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedsCars:
    """Whether a battery may charge a car: above the state of charge ``down_to`` (infinite: never).

    ``bridge``: it may help over short gaps of the sun.
    """

    down_to: float = 0.0
    bridge: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceState:
    """A flexible device as it is now.

    ``wired_phases`` holds 1 to 3, empty for all of the site's. ``reading`` is None when it cannot be read,
    ``heard_s`` when the reading arrived. ``written`` is the last setpoint the device accepted, at
    ``written_s``; ``changed_s`` is when its value last changed. ``refusals`` counts the writes that failed
    since, the last at ``refused_s``. ``priority`` orders equals: 1 comes first.

    ``reach`` is the lowest line of control that may steer it, None when nobody may. ``charge`` is what the
    resident wishes of a charger, ``phase_counts`` how many phases it can be told to use (empty: those it
    has). ``reserve`` is kept in a battery, None when nobody keeps any. ``pace`` is
    how fast it can be steered, None: as fast as its kind. One that ``is_spared`` the resident keeps out of
    the events in force.
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
    reach: Owner | None = Owner.PLAN
    charge: ChargeWish = field(default_factory=ChargeWish)
    phase_counts: tuple[int, ...] = ()
    reserve: ReserveWish | None = None
    feeds_cars: FeedsCars = field(default_factory=FeedsCars)
    pace: Pace | None = None
    is_spared: bool = False

    def admits(self, owner: Owner) -> bool:
        """Return whether ``owner``'s line may steer the device.

        One that can only be planned with is no power that an aggregator could call up.
        """
        is_too_slow = self.pace is not None and self.pace.pace_class is PaceClass.PLAN
        if owner is Owner.AGGREGATOR and (is_too_slow or self.is_spared):
            return False
        return self.reach is not None and owner <= self.reach


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterState:
    """What a circuit's own meter told last, and when it was heard."""

    reading: MeterReading
    heard_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteState:
    """The site as it is now; ``meter`` is None when it cannot be read, ``meter_heard_s`` when it spoke.

    ``preference`` is the resident's choice of who gets the surplus and who gives first; by default the
    batteries give before the car, as they answer a limit at once and a charger may take a minute. ``prices``
    are those of now, which the preference to earn goes by; None: not known.
    ``network`` None: only the main fuse is known, and everything is behind it. ``circuit_meters`` are those
    of its circuits by meter id, without the site's.
    """

    site: Site
    meter: MeterReading | None
    meter_heard_s: float
    devices: tuple[DeviceState, ...]
    preference: Preference = Preference.CAR_FIRST
    prices: Prices | None = None
    network: Network | None = None
    circuit_meters: Mapping[str, MeterState] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerBalance:
    """Where power flows, in W; ``grid_w`` is the sum of the others. ``rest_w`` is the house itself.

    None is not known: a device of that kind cannot be read, and what it does cannot be told from the house.
    """

    grid_w: float
    pv_w: float | None
    battery_w: float | None
    ev_charger_w: float | None
    rest_w: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitSource:
    """Whose limit it is: the line of control, and the event or wish behind it."""

    owner: Owner
    source_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlMemory:
    """What is carried from one decision to the next; ``ControlMemory()`` is the start.

    ``sharing`` and ``stages``: how the stores share their power, and how each would use surplus.
    """

    devices: Mapping[str, DeviceMemory] = field(default_factory=dict)
    meter: MeterMemory = field(default_factory=MeterMemory)
    load: tuple[LoadSample, ...] = ()
    charge_plans: Mapping[tuple[str, str], ChargePlan] = field(default_factory=dict)
    charging: ChargingMemory = field(default_factory=ChargingMemory)
    reserves: Mapping[str, ReserveMemory] = field(default_factory=dict)
    sharing: SharingMemory = field(default_factory=SharingMemory)
    stages: Mapping[str, Take] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is wanted of each device, and why.

    ``wanted``: one setpoint per flexible device that can be read; value None hands it back. ``setpoints``:
    those of them that are to be written now. ``limit_owner`` is whose limit or target is in force,
    ``import_limited_by`` and ``export_limited_by`` whose limit is the tightest in its direction. ``balance``
    is None without a meter. ``shortfall_w`` is how much of the limits cannot be reached, ``bent`` says what
    had to give way, ``charging`` what is wanted of each charger by its mode. ``unwatched`` is what keeps
    fuses from being watched phase by phase.
    """

    wanted: tuple[Setpoint, ...]
    setpoints: tuple[Setpoint, ...]
    import_limit_w: float | None
    export_limit_w: float | None
    limit_owner: Owner | None
    balance: PowerBalance | None
    shortfall_w: float
    bent: tuple[str, ...]
    charging: Mapping[str, ChargeIntent] = field(default_factory=dict)
    unwatched: tuple[Unwatched, ...] = ()
    import_limited_by: LimitSource | None = None
    export_limited_by: LimitSource | None = None
