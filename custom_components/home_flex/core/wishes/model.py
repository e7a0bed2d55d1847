"""What a resident wants until further notice: values, each with its default.

Units: W, Wh, A; state of charge and reserve 0 to 1. Ends are aware UTC ``datetime``; times of day are local.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import IntEnum, StrEnum

from ..control.charging import ChargeMode
from ..model import Goal

LARGEST_POWER_W = 1_000_000.0
LARGEST_ENERGY_WH = 200_000.0
LARGEST_CURRENT_A = 80.0
COLDEST_C, HOTTEST_C = 5.0, 95.0
MOST_ROWS = 14


class Export(StrEnum):
    """Whether power may be fed into the grid."""

    ALLOWED = "allowed"
    LIMITED = "limited"
    NEVER = "never"


class AfterUnplug(StrEnum):
    """Which mode a charger takes when its vehicle has left."""

    KEEP = "keep"
    OFF = "off"
    SURPLUS = "surplus"
    MINIMUM_SURPLUS = "minimum_surplus"
    FAST = "fast"


class CarUse(StrEnum):
    """Whether a battery may feed a car: not at all, over short gaps of the sun, or down to a floor."""

    NEVER = "never"
    BRIDGE = "bridge"
    DOWN_TO = "down_to"


class PhaseWish(StrEnum):
    """How many phases a charger that can switch uses."""

    AUTOMATIC = "automatic"
    ONE = "one"
    THREE = "three"


class Weekday(IntEnum):
    """A day of the week, as ``datetime.weekday`` counts."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteWishes:
    """The site as a whole. ``*_after`` is what comes back when ``export_until`` has passed.

    ``paused``: only the fuse and the grid operator move anything. None as an end is an open end.
    ``follow_plan``: stores, the sun and cars that wait go by the plan; else it is only shown. ``goal``: what
    that weighs beside money. ``unwell``: somebody is ill, and no event is joined without a yes.
    """

    export: Export = Export.ALLOWED
    export_limit_w: float = 0.0
    export_until: datetime | None = None
    export_after: Export | None = None
    export_limit_after_w: float | None = None
    paused: bool = False
    paused_until: datetime | None = None
    away: bool = False
    away_until: datetime | None = None
    follow_plan: bool = False
    goal: Goal = Goal.CHEAPEST
    unwell: bool = False


class LoadMode(StrEnum):
    """What a load does when nobody asks anything of it."""

    BY_ITSELF = "by_itself"
    SURPLUS = "surplus"
    OFF = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceWishes:
    """Any flexible device: whether it is written to at all, for more than the higher lines, and now.

    ``load_mode`` is heeded by loads only; ``hours_a_day`` by those of them that are switched and run by the
    plan. An appliance whose ``starts_planned`` is set is started so that it ends by ``finish_by`` (local).
    ``comfort_*``: between which degrees Celsius what heats is kept; None is as the device has it.
    """

    managed: bool = True
    automatic: bool = True
    quiet: bool = False
    load_mode: LoadMode = LoadMode.BY_ITSELF
    hours_a_day: float = 0.0
    starts_planned: bool = False
    finish_by: time = time(7, 0)
    comfort_min_c: float | None = None
    comfort_max_c: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryWishes:
    """A battery. ``restore_reserve``: charge it back to its reserve, from the grid if need be.

    ``grid_charging``: whether the plan may charge it from the grid.
    """

    reserve: float = 0.1
    restore_reserve: bool = False
    grid_charging: bool = True
    reserve_until: datetime | None = None
    reserve_after: float | None = None
    car: CarUse = CarUse.DOWN_TO
    car_floor: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """How full a car is to be; a state of charge counts only where the car tells its own."""

    soc: float | None = None
    energy_wh: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyOnce:
    """A single instant; ``target`` None is the charger's own."""

    at: datetime
    target: Target | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyRow:
    """A local time on some days of each week; ``target`` None is the charger's own."""

    days: tuple[Weekday, ...]
    at: time
    target: Target | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyBy:
    """When a car has to be ready: ``once``, and each week while ``weekly_on``.

    ``settled`` is the instant up to which nothing is due any more: its target was reached, or the car left.
    """

    weekly_on: bool = False
    weekly: tuple[WeeklyRow, ...] = (WeeklyRow(days=tuple(Weekday), at=time(7, 0)),)
    once: ReadyOnce | None = None
    settled: datetime | None = None

    @property
    def on(self) -> bool:
        """Whether any instant is to come."""
        return self.once is not None or (self.weekly_on and bool(self.weekly))


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerWishes:
    """A charger. Current limits None are the charger's own; ``session_limit_wh`` ends with the session.

    ``mode`` None is not chosen: surplus where there is PV, else fast. ``minimum_soc``: below it the car is
    charged at once. ``may_slow``: a fast charge may be slowed for the community. ``charge_now`` ends when the
    vehicle leaves. ``in_one_go``: what the plan has begun it does not interrupt. ``priority``: 1 comes first.
    """

    mode: ChargeMode | None = None
    mode_until: datetime | None = None
    mode_after: ChargeMode | None = None
    after_unplug: AfterUnplug = AfterUnplug.KEEP
    ready_by: ReadyBy = field(default_factory=ReadyBy)
    target_soc: float = 0.8
    target_energy_wh: float = 20_000.0
    session_limit_wh: float | None = None
    minimum_soc: float | None = None
    phases: PhaseWish = PhaseWish.AUTOMATIC
    priority: int = 5
    min_current_a: float | None = None
    max_current_a: float | None = None
    may_slow: bool = True
    charge_now: bool = False
    in_one_go: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """All standing wishes of a home, by device id; a device without an entry has the defaults."""

    site: SiteWishes = field(default_factory=SiteWishes)
    devices: Mapping[str, DeviceWishes] = field(default_factory=dict)
    batteries: Mapping[str, BatteryWishes] = field(default_factory=dict)
    chargers: Mapping[str, ChargerWishes] = field(default_factory=dict)

    def device(self, device_id: str) -> DeviceWishes:
        """Return what is wanted of any device."""
        return self.devices.get(device_id, _DEVICE)

    def battery(self, device_id: str) -> BatteryWishes:
        """Return what is wanted of a battery."""
        return self.batteries.get(device_id, _BATTERY)

    def charger(self, device_id: str) -> ChargerWishes:
        """Return what is wanted of a charger."""
        return self.chargers.get(device_id, _CHARGER)


_DEVICE = DeviceWishes()
_BATTERY = BatteryWishes()
_CHARGER = ChargerWishes()


class WishError(ValueError):
    """A wish that cannot be; ``reason`` is a slug to translate."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the slug beside the message."""
        super().__init__(message)
        self.reason = reason
