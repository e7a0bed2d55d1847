"""What the store keeps: rows of the ledger, reports on their way to the aggregator, the resident's word."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """What was asked of a device, by whom, why, and what became of it.

    ``value`` and ``read_back`` are in the unit the quantity names (W or A); ``value`` None hands the device
    back. ``outcome`` is a slug: ``accepted``, ``followed``, ``not_followed``, or the reason of a refusal.
    """

    time: datetime
    device_id: str
    owner: str
    reason: str
    event_id: str | None
    quantity: str
    value: float | None
    outcome: str
    read_back: float | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """Where a report stands in the store: ``stream`` names the store as it was opened, ``number`` the report.

    ``oldest`` is the lowest number of a report that is still kept: what is below it will not be sent again.
    """

    stream: str
    number: int
    oldest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingReport:
    """A report the home owes the aggregator; ``id`` is the same whenever the same thing is reported.

    Of a ``series`` only the newest is worth keeping while the disk cannot be written to. It has its ``place``
    once the store keeps it.
    """

    id: str
    payload: bytes
    expires: datetime | None = None
    series: str | None = field(default=None, compare=False)
    place: ReportPlace | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Received:
    """The aggregator has all reports of a stream up to a number."""

    stream: str
    up_to: int


@dataclass(frozen=True, slots=True)
class Consent:
    """What the resident said to one event, and when."""

    participates: bool
    time: datetime
