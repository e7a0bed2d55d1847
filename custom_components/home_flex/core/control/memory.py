"""What is remembered of the meter and of each device: plain values, read and renewed by the observer.

``…_s`` are seconds of a monotonic clock; powers in W, positive = consumption.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..model import Owner

# A sum of power that is watched: circuit, phase (None: all), legs, and the devices that count in it.
type Key = tuple[str, int | None, tuple[int, ...], frozenset[str]]


class Judgement(StrEnum):
    """Whether a device does what it was told: the one answer for arbiter, ledger, entities and reports."""

    FOLLOWED = "followed"
    SATURATED = "saturated"
    NOT_FOLLOWED = "not_followed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A power and when it was heard."""

    heard_s: float
    power_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A value that was sent, the power reckoned for it, and what the device drew then.

    ``value`` None is own control.
    """

    sent_s: float
    value: float | None
    power_w: float
    found_w: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """How often a source speaks: its last gaps in seconds, and when it was last heard."""

    gaps_s: tuple[float, ...] = ()
    heard_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An own order large enough to learn from.

    ``seen`` and ``told``: seconds since it was sent, and the share of it that the meter, and the device's own
    reading, showed then. The reading ``tells`` of it when nothing older was left to show. ``is_limit``: the
    device is only limited, and what the sun and the house do with it is not its answer. ``is_alone``: little
    else was under way when it was sent; what the meter shows of one that is not is not looked at.
    """

    sent_s: float
    delta_w: float
    meter_w: float
    report_w: float
    seen: tuple[tuple[float, float], ...] = ()
    told: tuple[tuple[float, float], ...] = ()
    tells: bool = True
    is_limit: bool = False
    is_alone: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What own steps taught: seconds until the meter, and until the device's own report, showed them.

    ``against`` counts the steps in a row that the meter answered with the opposite, ``mirrored`` those that
    the meter answered and the device's own reading told the other way round. ``is_late``: a step did not show
    while it was watched. ``share`` is what the meter showed at last of the newest step that it showed.
    ``vain`` counts the steps down in a row that taught nothing of how soon they were answered.
    """

    full_s: tuple[float, ...] = ()
    report_s: tuple[float, ...] = ()
    against: int = 0
    mirrored: int = 0
    is_late: bool = False
    share: float | None = None
    vain: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """An order of a power >= 0, when it was sent, and what it had brought when it was replaced.

    ``larger_s`` is when the first order was sent that asked for much more.
    """

    order_w: float
    power_w: float
    sent_s: float
    larger_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """How far a device has shown that it goes in one direction, None while no bound is known.

    ``settled`` holds the last (order, power) pairs at rest, ``tested_w`` the order that was tried inwards;
    ``run`` is the first of the last orders that grew. Orders count as what is reckoned for them: the
    ``share`` of what is told.
    """

    bound_w: float | None = None
    wait_s: float = 60.0
    probe_s: float | None = None
    settled: tuple[tuple[float, float], ...] = ()
    tested_w: float | None = None
    run: Run | None = None
    share: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Hunting:
    """Swings of alternating sign at the closing of an order's window, and what they led to.

    ``band_w`` is the smallest change worth a write, ``slower`` by what the window is multiplied.
    """

    swings_w: tuple[float, ...] = ()
    band_w: float = 0.0
    slower: float = 1.0
    until_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Lapses:
    """How many orders in a row ended by themselves, and when the last was found to.

    ``set_s`` is since when the device says that it is set, None while it has not said so.
    """

    count: int = 0
    lapsed_s: float | None = None
    set_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Actuator:
    """Where the writing of one device stands.

    ``agree`` counts the meter's telegrams that agree on the direction of a change. ``tokens`` are the writes
    that comfort may still spend. ``resent`` counts how often an order that was swallowed was repeated.
    ``release_s`` is when a hand-back was last sent, None while there is none to prove; ``held_w`` the power
    it was held at, ``tells`` whether the device itself says that it is set. ``owes``: a former life
    wrote to it, and has not handed it back. ``is_spent``: a write that was due waits for the budget.
    """

    agree: int = 0
    agree_sign: int = 0
    agree_heard_s: float = -1.0
    tokens: float = 10.0
    filled_s: float | None = None
    resent: int = 0
    resent_s: float | None = None
    release_s: float | None = None
    release_tries: int = 0
    held_w: float = 0.0
    tells: bool = False
    owes: bool = False
    is_spent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadMemory:
    """How a load that is switched was seen, and how it waits for surplus.

    ``is_on`` since ``since_s``, None until it was read; ``starts_s`` are those of the last hour. ``warms``:
    comfort calls until it is warm again; ``is_warm``: it has reached its most and rests. ``wants``: surplus
    runs it; ``enough_s`` is since when there is enough, ``debt_wh`` what it has bought while it ran.
    """

    is_on: bool | None = None
    since_s: float = 0.0
    starts_s: tuple[float, ...] = ()
    warms: bool = False
    is_warm: bool = False
    wants: bool = False
    enough_s: float | None = None
    debt_wh: float = 0.0
    at_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceMemory:
    """What is remembered of one device.

    ``onwards``: its last orders that all went one way, as one step. ``own_w``: what it did before it was
    taken. ``covers``: whether by itself it keeps the meter at zero, None while that is not known. ``wakes``:
    a vehicle was let in and may begin at any moment. ``draws_max_w``: what the vehicle draws when it, not the
    limit, decides (last seen to at ``drew_less_s``), None when not known; ``active_phases``: how many phases
    it uses, as shown at ``phases_shown_s``. ``taken`` is the line that holds it, ``source_id`` the event or
    wish behind that, ``is_standing`` whether it is held only as long as it is needed.
    """

    orders: tuple[Order, ...] = ()
    reports: tuple[Sample, ...] = ()
    rhythm: Rhythm = field(default_factory=Rhythm)
    step: Step | None = None
    onwards: Step | None = None
    response: Response = field(default_factory=Response)
    low: Shown = field(default_factory=Shown)
    high: Shown = field(default_factory=Shown)
    judgement: Judgement = Judgement.UNKNOWN
    hunting: Hunting = field(default_factory=Hunting)
    lapses: Lapses = field(default_factory=Lapses)
    actuator: Actuator = field(default_factory=Actuator)
    own_w: float = 0.0
    covers: bool | None = None
    covered: int = 0
    wakes: bool = False
    draws_max_w: float | None = None
    drew_less_s: float | None = None
    active_phases: int | None = None
    phases_shown_s: float = -math.inf
    load: LoadMemory = field(default_factory=LoadMemory)
    bound_s: float | None = None
    taken: Owner | None = None
    reason: str = ""
    source_id: str | None = None
    is_standing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadSample:
    """What was drawn apart from the flexible devices: at least and at most, in W, by the nodes' ``keys``.

    ``heard_s`` is when the newest of the circuits' meters was heard, ``heard_by_s`` when each was.
    """

    heard_s: float
    heard_by_s: Mapping[str, float]
    keys: tuple[Key, ...]
    low_w: tuple[float, ...]
    high_w: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Still:
    """All that the meter tells, since when none of it has moved, and what devices drew a while later.

    ``moved_s`` is since when the devices together draw otherwise, None while they do not; ``is_standing``:
    that should have shown.
    """

    values: tuple[object, ...]
    since_s: float
    powers_w: Mapping[str, float] = field(default_factory=dict)
    moved_s: float | None = None
    is_standing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterMemory:
    """What is remembered of the meter; ``open_w`` is how much of orders it may not show yet.

    ``device_ids`` are the devices that its newest reading was reckoned with; ``still`` is what it repeats.
    ``zeros`` is how many of its last readings were exactly zero, ``shows_export`` whether one was ever less.
    """

    rhythm: Rhythm = field(default_factory=Rhythm)
    samples: tuple[Sample, ...] = ()
    open_w: float = 0.0
    device_ids: frozenset[str] = frozenset()
    still: Still | None = None
    zeros: int = 0
    shows_export: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargePlan:
    """The constant power towards a state of charge, and the state of charge it was reckoned from."""

    state_of_charge: float
    target_wh: float
    power_w: float
