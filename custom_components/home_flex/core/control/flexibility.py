"""What each device can do now, in W: the interval it can move in, its wish, and its steps."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..model import Owner, Quantity, Reading
from .charging import ChargeIntent
from .levels import LoadUse
from .lines import rank, rank_of_firm
from .memory import DeviceMemory
from .merit import Member
from .state import DeviceState

# Many batteries rest from here on until they have lost some per cent again, and keep as much at the bottom.
_FULL, _EMPTY = 0.95, 0.1


class Role(StrEnum):
    """What a device is to the balance of power."""

    STORE = "store"
    CONSUMER = "consumer"
    PRODUCER = "producer"


_MEMBER_OF_ROLE = {Role.STORE: Member.BATTERY, Role.CONSUMER: Member.CAR, Role.PRODUCER: None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Flexibility:
    """A device that can be moved within [low_w, high_w]; ``wish_w`` is what it would do by itself.

    ``declared_low_w`` and ``declared_high_w`` are what it says it can, which may be more than it has shown.
    For a consumer ``high_w`` is what it would draw at most, ``limit_high_w`` what it may be allowed at most,
    ``smallest_w`` its smallest power above zero, ``step_w`` one step (others: 0). A ``stuck`` one does not
    follow; one that is not ``is_ready`` has nobody to draw. ``rated_w`` is a producer's rating,
    ``capacity_wh`` a store's (0: not told), ``state_of_charge`` 0 to 1. ``intent`` is what a charger's mode
    wants of it now; its range then ends there. ``load`` is set for a load that is told a level, ``quantity``
    where a device takes another than its kind's.
    """

    device: DeviceState
    memory: DeviceMemory
    reading: Reading
    role: Role
    share: tuple[float, ...]
    low_w: float
    high_w: float
    wish_w: float
    power_w: float
    declared_low_w: float = 0.0
    declared_high_w: float = 0.0
    limit_high_w: float = 0.0
    smallest_w: float = 0.0
    step_w: float = 0.0
    watts_per_a: float = 0.0
    rated_w: float = 0.0
    state_of_charge: float = 0.0
    capacity_wh: float = 0.0
    stuck: bool = False
    is_ready: bool = True
    intent: ChargeIntent | None = None
    load: LoadUse | None = None
    quantity: Quantity | None = None

    @property
    def device_id(self) -> str:
        """The device's id."""
        return self.device.device_id

    @property
    def member(self) -> Member | None:
        """What the device is when it comes to merit."""
        return self.load.member if self.load is not None else _MEMBER_OF_ROLE[self.role]

    @property
    def slows_to_w(self) -> float:
        """How far it gives before it is paused."""
        return self.load.levels[self.load.rests].power_w if self.load is not None else self.smallest_w

    def at_most_w(self, power_w: float) -> float:
        """Return the largest possible power up to ``power_w``: in steps, and 0 below the smallest."""
        if self.load is not None:
            return self.load.at_most(power_w).power_w
        if not self.step_w:
            return power_w
        stepped = math.floor(power_w / self.step_w + 1e-6) * self.step_w
        return stepped if stepped >= self.smallest_w - 1e-6 else 0.0

    def at_least_w(self, power_w: float) -> float:
        """Return the smallest possible power from ``power_w`` on."""
        if self.load is not None:
            return self.load.at_least_w(power_w)
        if not self.step_w or power_w <= 0:
            return power_w
        return max(self.smallest_w, math.ceil(power_w / self.step_w - 1e-6) * self.step_w)


@dataclass(frozen=True, kw_only=True, slots=True)
class Restriction:
    """One line of control keeps one device within [low_w, high_w].

    A ``standing`` one holds the device only as long as it binds. A ``firm`` one (its minimum times, comfort)
    binds every line but those of safety.
    """

    owner: Owner
    device_id: str
    reason: str
    low_w: float = -math.inf
    high_w: float = math.inf
    source_id: str | None = None
    standing: bool = False
    firm: bool = False

    @property
    def rank(self) -> float:
        """Its place in the order of control."""
        return rank_of_firm() if self.firm else rank(self.owner)


def interval_w(
    low_w: float, high_w: float, restrictions: Iterable[Restriction], last: Owner
) -> tuple[float, float]:
    """Return what the lines down to ``last`` leave of [low_w, high_w]; a lower never widens a higher."""
    for restriction in sorted(restrictions, key=lambda one: one.rank):
        if restriction.rank <= rank(last):
            low_w, high_w = (
                min(max(restriction.low_w, low_w), high_w),
                max(min(restriction.high_w, high_w), low_w),
            )
    return low_w, high_w


def is_at_end(state_of_charge: float | None, *, upwards: bool) -> bool:
    """Return whether a store may by itself rest although there is something to take, or to give."""
    if state_of_charge is None:
        return False
    return state_of_charge >= _FULL if upwards else state_of_charge <= _EMPTY
