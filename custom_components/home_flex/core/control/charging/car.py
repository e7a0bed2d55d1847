"""One charger in one tick: what it is told, what is remembered, and what follows for its current."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from ...model import Owner
from .contactor import Contactor
from .model import ChargeMode, ChargerInput, Reason, Room
from .phases import PhaseMemory
from .probing import Draw, Probe
from .ready_by import Promise
from .surplus import SunMemory
from .turns import Turns
from .vehicle import Vehicle, allowed_a, drawn_a, drawn_w
from .vehicle_phases import used_phases


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerMemory:
    """What is remembered of one charger.

    ``must``: a promise is being kept, whose latest start was at ``latest_start_at_s``.
    ``pressed``: the resident has just chosen a mode, which may break a rest. ``room_w`` is the slow mean of
    its room, ``fits_since_s`` since when its smallest current fits again, ``lowered_since_s`` since when it
    was lowered to it for lack of room. ``sessions_w``: what the cars of the last sessions took at their most.
    ``hidden_s`` is when PV last stood at its limit and hid the sun, ``carried_s`` when the sun was last seen
    to carry the vehicle.
    """

    vehicle: Vehicle = field(default_factory=Vehicle)
    contactor: Contactor = field(default_factory=Contactor)
    sun: SunMemory = field(default_factory=SunMemory)
    phases: PhaseMemory = field(default_factory=PhaseMemory)
    probe: Probe = field(default_factory=Probe)
    mode: ChargeMode | None = None
    pressed: bool = False
    must: bool = False
    latest_start_at_s: float | None = None
    room_w: float | None = None
    fits_since_s: float | None = None
    lowered_since_s: float | None = None
    sessions_w: tuple[float, ...] = ()
    hidden_s: float = -math.inf
    carried_s: float = -math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargingMemory:
    """What is carried from one decision to the next; ``ChargingMemory()`` is the start.

    ``asked_since_s``: since when PV at its limit has been asked for more.
    """

    chargers: Mapping[str, ChargerMemory] = field(default_factory=dict)
    places: Turns = field(default_factory=Turns)
    sun: Turns = field(default_factory=Turns)
    asked_since_s: float | None = None
    at_s: float | None = None


class Claim(Enum):
    """What a car takes: nothing, what it likes, its smallest current and the sun's, or the sun's alone."""

    NOTHING = auto()
    ALL = auto()
    MINIMUM = auto()
    SUN = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Car:
    """A charger as this tick sees it.

    ``used``: the site's phases it draws on. ``least_a`` and ``most_a``: the range that makes sense for this
    vehicle. ``want_a`` is what it would take if there were room, 0 when it does not want to run.
    """

    charger: ChargerInput
    memory: ChargerMemory
    claim: Claim
    reason: Reason
    used: tuple[int, ...]
    least_a: float
    most_a: float
    promise: Promise = field(default_factory=Promise)
    must: bool = False
    may_start: bool = False
    want_a: float = 0.0

    @property
    def id(self) -> str:
        """The device's id."""
        return self.charger.device_id

    @property
    def watts_per_a(self) -> float:
        """Power that one ampere per phase means."""
        return self.charger.voltage_v * len(self.used)

    @property
    def least_w(self) -> float:
        """Power at the smallest current."""
        return self.least_a * self.watts_per_a

    @property
    def drawn_w(self) -> float:
        """Power that it draws now."""
        return drawn_w(self.charger, self.memory.vehicle)

    @property
    def rests(self) -> bool:
        """Whether it would not draw what it is given: full, or asleep."""
        return self.memory.vehicle.full or self.memory.vehicle.asleep

    @property
    def shown_a(self) -> float:
        """The most it has shown it takes, with one ampere to grow."""
        shown_a = self.memory.vehicle.shown_a
        return (
            self.most_a if shown_a is None else min(self.most_a, max(self.least_a, math.ceil(shown_a) + 1.0))
        )

    @property
    def draw(self) -> Draw:
        """The car in amperes per phase, as it asks for sun that is not seen."""
        return Draw(
            least_a=self.least_a,
            most_a=self.most_a,
            limit_a=allowed_a(self.charger),
            limit_since_s=self.memory.vehicle.limit_since_s,
            drawn_a=drawn_a(self.charger, self.memory.vehicle),
            watts_per_a=self.watts_per_a,
        )

    def bound_by(self, owner: Owner) -> bool:
        """Return whether the resident's word leaves the car under limits of ``owner``."""
        promised = self.must or (self.claim is Claim.ALL and not self.charger.may_slow)
        return not (promised and owner > Owner.RESIDENT)


def at_phases(charger: ChargerInput, memory: ChargerMemory) -> tuple[int, ...]:
    """Return the site's phases that the vehicle uses with the phases wanted now."""
    count = memory.phases.count or max(charger.offered_phases)
    return used_phases(charger, memory.vehicle.phases, count)


def room_alone_w(charger: ChargerInput, phases: tuple[int, ...], rooms: tuple[Room, ...]) -> float:
    """Return the power that the tightest room leaves on ``phases`` if no other car drew."""
    return min((_room_w(charger, phases, room) for room in rooms), default=math.inf)


def phase_room_a(room: Room, phase: int) -> float:
    """Return the current that ``room`` leaves on a phase; what is not told is not there."""
    if not room.phase_a:
        return math.inf
    current_a = room.phase_a[phase - 1] if phase <= len(room.phase_a) else 0.0
    return 0.0 if math.isnan(current_a) else max(0.0, current_a)


def power_room_w(room: Room) -> float:
    """Return the power that ``room`` leaves; one that is no number is none."""
    return 0.0 if math.isnan(room.power_w) else max(0.0, room.power_w)


def _room_w(charger: ChargerInput, phases: tuple[int, ...], room: Room) -> float:
    current_a = min(phase_room_a(room, phase) for phase in phases)
    return min(power_room_w(room), current_a * charger.voltage_v * len(phases))
