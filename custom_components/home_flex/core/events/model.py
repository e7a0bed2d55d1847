"""An event as Home Flex works with it: absolute times, W and fractions, one value per payload.

Names are OpenADR 3.1's (event, interval, payload types); states are S2's InstructionStatus.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..model import SITE, Scope
from ..settlement.tally import Tally


class PayloadType(StrEnum):
    """The OpenADR 3.1 event payload types Home Flex acts on (enumerations/event-interval-payloads)."""

    IMPORT_CAPACITY_LIMIT = "IMPORT_CAPACITY_LIMIT"
    EXPORT_CAPACITY_LIMIT = "EXPORT_CAPACITY_LIMIT"
    DISPATCH_SETPOINT = "DISPATCH_SETPOINT"
    DISPATCH_SETPOINT_RELATIVE = "DISPATCH_SETPOINT_RELATIVE"
    CHARGE_STATE_SETPOINT = "CHARGE_STATE_SETPOINT"
    SIMPLE = "SIMPLE"


# What can be asked of a group of devices: powers. The others are about the home's batteries and consumers.
OF_GROUPS: Final = frozenset(
    {
        PayloadType.IMPORT_CAPACITY_LIMIT,
        PayloadType.EXPORT_CAPACITY_LIMIT,
        PayloadType.DISPATCH_SETPOINT,
        PayloadType.DISPATCH_SETPOINT_RELATIVE,
    }
)


class Source(StrEnum):
    """Where an event came from, which decides whose line of control it is."""

    AGGREGATOR = "aggregator"
    GRID_OPERATOR = "grid_operator"
    RESIDENT = "resident"


class EventStatus(StrEnum):
    """Where an event is in its life (S2 InstructionStatus)."""

    NEW = "NEW"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    STARTED = "STARTED"
    SUCCEEDED = "SUCCEEDED"
    ABORTED = "ABORTED"
    REVOKED = "REVOKED"


OPEN: Final = frozenset({EventStatus.NEW, EventStatus.ACCEPTED, EventStatus.STARTED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """One command: W for limits and setpoints, fraction 0-1 for CHARGE_STATE_SETPOINT, 0-3 for SIMPLE.

    A CHARGE_STATE_SETPOINT given in KWH keeps ``value`` in Wh with ``is_energy`` set.
    """

    type: PayloadType
    value: float
    is_energy: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A time slice [start, end) with its commands; randomizeStart is already applied.

    ``pays_per_kwh``: what is paid for each kWh by which the home then draws less or more, as it is asked; in
    the event's currency, None where the event does not tell.
    """

    id: int
    start: datetime
    end: datetime
    payloads: tuple[Payload, ...]
    pays_per_kwh: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A validated request. ``priority``: a lower number wins, None is the lowest (OpenADR 3.1, event).

    ``left_out`` names payload types that came beside a known one and that Home Flex does not act on.
    ``scope`` is what it is asked of: the site at its meter, or a group of its devices. ``currency``: what its
    prices are in, as it says; None where it does not. ``asks_metering``: whether it asks for the meter's
    energy by quarter-hour while it runs.
    """

    event_id: str
    program_id: str
    name: str | None
    source: Source
    priority: int | None
    created: datetime
    modified: datetime
    intervals: tuple[Interval, ...]
    left_out: tuple[str, ...] = ()
    scope: Scope = SITE
    currency: str | None = None
    asks_metering: bool = False

    @property
    def key(self) -> str:
        """Its id, by which words and rules know it."""
        return self.event_id

    @property
    def weight(self) -> int:
        """How much room the event takes: its intervals."""
        return len(self.intervals)

    @property
    def start(self) -> datetime:
        """When the first interval begins."""
        return self.intervals[0].start

    @property
    def end(self) -> datetime:
        """When the last interval ends."""
        return max(interval.end for interval in self.intervals)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRecord:
    """An event, where it is in its life, and what was measured for it.

    ``baseline_w`` is the power of the event's scope before the start (mean of the last minute without an
    event): what a relative setpoint counts from. ``tally`` is what was counted there while it ran, and
    ``is_settled`` whether it was told what came of it. ``seen`` is when it was last seen to run. ``eased`` is
    what the resident who joined it partly let it have (empty: all it asks), ``spared`` which devices it is
    not to move.
    """

    event: Event
    status: EventStatus
    opted_out: bool = False
    reason: str | None = None
    received: datetime
    started: datetime | None = None
    ended: datetime | None = None
    baseline_w: float | None = None
    tally: Tally = field(default_factory=Tally)
    is_settled: bool = False
    seen: datetime | None = None
    eased: tuple[Interval, ...] = ()
    spared: frozenset[str] = frozenset()

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals as they hold for the home: as they were asked, or as they were eased."""
        return self.eased or self.event.intervals


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A payload in force now, with the event it comes from.

    ``scope`` is what it is asked of, ``baseline_w`` the durable power there that a relative setpoint counts
    from, None while it is not known.
    """

    event_id: str
    source: Source
    priority: int | None
    type: PayloadType
    value: float
    is_energy: bool = False
    interval_end: datetime
    baseline_w: float | None = None
    scope: Scope = SITE

    @property
    def target_w(self) -> float | None:
        """The power that a setpoint asks for; None for all else, and without a baseline."""
        match self.type:
            case PayloadType.DISPATCH_SETPOINT:
                return self.value
            case PayloadType.DISPATCH_SETPOINT_RELATIVE if self.baseline_w is not None:
                return self.baseline_w + self.value
        return None
