"""What is known of the chargers and of what there is for them, and what is wanted of each.

Sign: positive = consumption. Units: W, Wh, A per phase, seconds of a monotonic clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from ...model import ChargerStatus, Owner


class ChargeMode(StrEnum):
    """What the resident wants of a charger when nobody else asks."""

    OFF = "off"
    SURPLUS = "surplus"
    MINIMUM_SURPLUS = "minimum_surplus"
    FAST = "fast"


class Reason(StrEnum):
    """Why a charger gets what it gets."""

    NOT_CONNECTED = "not_connected"
    OFF = "off"
    SESSION_LIMIT = "session_limit"
    MINIMUM_SOC = "minimum_soc"
    READY_BY = "ready_by"
    CHARGE_NOW = "charge_now"
    FAST = "fast"
    PLANNED = "planned"
    MINIMUM = "minimum"
    SURPLUS = "surplus"
    PROBE = "probe"
    TURN = "turn"
    FULL = "full"
    ASLEEP = "asleep"
    SWITCHES_PHASES = "switches_phases"
    WAITS_FOR_SUN = "waits_for_sun"
    WAITS_ITS_TURN = "waits_its_turn"
    WAITS_FOR_ROOM = "waits_for_room"
    RESTS = "rests"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeGoal:
    """What a vehicle is to have by an hour.

    ``left_wh`` is what is missing (infinite: until full, nobody knows how much), of which
    ``tapered_left_wh`` lies where vehicles charge slowly (above 80 %); ``deadline_s`` is how far the hour is,
    negative once past.
    """

    left_wh: float
    tapered_left_wh: float = 0.0
    deadline_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeWish:
    """What the resident wishes of one charger now; the fields mean what they do in ChargerInput.

    Current limits None are the charger's own; ``phases`` None lets the sun choose. ``planned_a``: the plan
    has a car that waits for the sun take so much now, also from the grid; None where it does not.
    ``minimum_left_wh``: what a vehicle below its least charge lacks of it, infinite where nobody knows.
    """

    mode: ChargeMode = ChargeMode.FAST
    priority: int = 5
    min_current_a: float | None = None
    max_current_a: float | None = None
    goals: tuple[ChargeGoal, ...] = ()
    below_minimum_soc: bool = False
    minimum_left_wh: float = math.inf
    session_left_wh: float | None = None
    may_slow: bool = True
    phases: int | None = None
    planned_a: float | None = None

    def currents_a(self, least_a: float, most_a: float) -> tuple[float, float]:
        """Return the least and the most current that the resident leaves a charger whose own these are, A."""
        return max(least_a, self.min_current_a or 0.0), min(most_a, self.max_current_a or math.inf)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerInput:
    """One charger, its vehicle and what the resident wishes for it.

    ``power_w`` is None when not known. ``phase_current_a`` holds the charger's own L1 to L3, or is empty.
    ``current_limit_a`` is the limit in force, None when the charger is under its own control, and
    ``phases_in_force`` how many phases it says it connects. ``min_current_a`` and ``max_current_a`` are its
    own, narrowed by the resident's. ``offered_phases`` is (1,), (3,), or (1, 3) when it can switch;
    ``wired_phases`` are the site's phases (1 to 3) behind the charger's L1 to L3.

    ``goals`` are those not reached yet; each counts from now, so that one charge serves them all.
    ``session_left_wh`` is what the session's limit leaves. Priority 1 comes first. ``planned_a``: a car
    that waits for the sun is to take so much per phase now; None: it waits. ``charge_now``: the resident
    wants all it can take, at once. ``may_slow``: events may slow a fast charge. ``answers``: how soon it does
    is known; ``is_prompt``: within seconds, and as it is told, so that PV that may not export is let produce
    for all that it may draw, and the sun is seen while it charges. ``window_s`` is after how long at most a
    limit that was written is in force, and its power shows it.
    """

    device_id: str
    connected: bool
    status: ChargerStatus
    power_w: float | None
    current_limit_a: float | None
    min_current_a: float
    max_current_a: float
    offered_phases: tuple[int, ...]
    wired_phases: tuple[int, ...]
    mode: ChargeMode
    phase_current_a: tuple[float, ...] = ()
    phases_in_force: int | None = None
    voltage_v: float = 230.0
    priority: int = 5
    goals: tuple[ChargeGoal, ...] = ()
    below_minimum_soc: bool = False
    session_left_wh: float | None = None
    charge_now: bool = False
    may_slow: bool = True
    phases_wish: int | None = None
    planned_a: float | None = None
    answers: bool = True
    is_prompt: bool = False
    window_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """What one circuit, group or limit leaves for its members' cars together, as if none of them drew.

    ``phase_a`` is the current per phase of the site, L1 first; empty when no current is limited, and a phase
    that is not told has none. ``owner`` says whose limit it is: what may be overridden by whom.
    """

    members: frozenset[str]
    phase_a: tuple[float, ...] = ()
    power_w: float = math.inf
    owner: Owner = Owner.FUSE


class Sun(Enum):
    """How much of the sun is seen.

    All of it; or PV stands at its own limit and is asked for more, which it may or may not have; or it stands
    there and gives all that it is asked for, just lowered, so that until the meter shows that there seems to
    be more; so it does where no car charges and its limit may not be raised yet.
    """

    SHOWN = auto()
    ASKED = auto()
    HIDDEN = auto()
    SETTLES = auto()
    HELD = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Supply:
    """What there is for cars.

    ``surplus_w`` is what would be exported if no car drew, after those who come before cars; it may be
    negative. ``sun`` says whether that is all there is.
    """

    surplus_w: float
    rooms: Sequence[Room] = ()
    sun: Sun = Sun.SHOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeIntent:
    """What is wanted of one charger.

    ``current_a`` per phase: 0 pauses; None lets it take the largest of its range, nobody holds it.
    ``phases`` is how many to connect, None when it cannot switch. ``must``: the resident's promise
    stands above an aggregator's events. ``active_phases`` are the site's that it draws on. ``is_early``: it
    may begin although another still draws in its place, and draws nothing yet. ``is_kept``: nobody holds
    it, it only keeps for now what it was told. ``lacks_wh``: what the vehicle lacks of what it was to have
    by an hour that is past; None: nobody knows how much.
    """

    current_a: float | None
    reason: Reason
    phases: int | None = None
    must: bool = False
    active_phases: tuple[int, ...] = ()
    latest_start_s: float | None = None
    is_early: bool = False
    is_kept: bool = False
    lacks_wh: float | None = 0.0
