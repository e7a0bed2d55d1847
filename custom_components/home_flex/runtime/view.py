"""What the home shows of itself at one moment: the data behind every entity."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from ..core.control.charging import ChargeIntent
from ..core.control.memory import Judgement
from ..core.control.state import LimitSource, PowerBalance
from ..core.control.watched import Unwatched
from ..core.events.consent import Programme
from ..core.events.model import OPEN, EventRecord
from ..core.invitations import InvitationRecord
from ..core.model import DeviceIdentity, DeviceKind, Owner, Reading, Setpoint
from ..core.physics import Findings
from ..core.settlement.tally import Tally
from ..core.wishes import NO_CAR, Car, Wishes
from ..devices.driver import Forwarding
from ..history.telemetry import TelemetryHealth
from .group_limits import GroupView
from .planning.showing import Planned, PlanView

SHOWN_RECORDS: Final = 20
SHOWN_INTERVALS: Final = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceView:
    """A device: what it last said, and what it was told. ``link_reason`` None means that it can be read.

    ``heard_at`` is the time of its last reading, also once it is lost; None: none since the start.
    ``intent`` is what a charger's mode wants, ``writes_today`` how often (by UTC) it was told something new,
    ``shows_after_s`` after how long at most the meter was seen to show that; None: not learned.
    ``is_turned``: the meter goes against its orders, so that it gets none any more. ``is_quiet``: its times
    say that it is not to be disturbed. ``latest_start`` is when a charge has to begin at the latest.
    ``default_kept`` is whether a charger keeps what it falls back to without us; None: not known.
    ``troubles`` is what is wrong with controlling it, as slugs.
    ``link_quality`` counts what came over its link, where its driver does; ``forwarding`` is how it goes with
    a second back end, None where there is none. ``planned`` is what the plan has
    for it, None without a plan and for what is not planned. ``car``: what is known of the one on it.
    """

    device_id: str
    kind: DeviceKind
    name: str
    reading: Reading | None
    identity: DeviceIdentity | None
    link_reason: str | None
    setpoint: Setpoint | None
    judgement: Judgement
    charge_now: bool
    reserve: float
    heard_at: datetime | None = None
    intent: ChargeIntent | None = None
    writes_today: int = 0
    shows_after_s: float | None = None
    is_hunting: bool = False
    is_turned: bool = False
    is_quiet: bool = False
    latest_start: datetime | None = None
    default_kept: bool | None = None
    troubles: tuple[str, ...] = ()
    link_quality: Mapping[str, int] | None = None
    forwarding: Forwarding | None = None
    planned: Planned | None = None
    car: Car = NO_CAR


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteView:
    """The site: balance, limit in force, events, wishes, the aggregator and the store (None: not set up).

    ``store_trouble`` is why the home's own store takes nothing (HistoryError.reason), ``clock_step_s`` by how
    much the wall clock stepped within the last hour; ``records_set_aside`` counts the records of events that
    could not be read at the start, ``wishes_not_understood`` names rows of the kept wishes that were.
    ``unwatched`` says why fuses are not watched phase by phase; ``groups`` are those that can be dimmed.
    ``control_fails``: nothing could be decided lately. ``physics``: which devices seem to be read wrong.
    ``event_figures``: by event what it is expected to be compared with, or has come to so far, as results of
    a receipt.
    ``programmes``: what the resident said of each, also of those of which there are only events.
    ``invitations``: whether the home would, as the community's hub asks.
    """

    time: datetime
    devices: Mapping[str, DeviceView]
    balance: PowerBalance | None
    import_limit_w: float | None
    export_limit_w: float | None
    limit_owner: Owner | None
    shortfall_w: float
    records: tuple[EventRecord, ...]
    active: EventRecord | None
    next: EventRecord | None
    participating: bool
    aggregator_connected: bool | None
    aggregator_reason: str | None
    telemetry: TelemetryHealth | None = None
    store_trouble: str | None = None
    clock_step_s: float | None = None
    records_set_aside: int = 0
    wishes: Wishes = field(default_factory=Wishes)
    wishes_not_understood: tuple[str, ...] = ()
    unwatched: tuple[Unwatched, ...] = ()
    groups: tuple[GroupView, ...] = ()
    control_fails: bool = False
    physics: Findings = field(default_factory=Findings)
    import_limited_by: LimitSource | None = None
    export_limited_by: LimitSource | None = None
    plan: PlanView | None = None
    event_figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    programmes: Mapping[str, Programme] = field(default_factory=dict)
    invitations: tuple[InvitationRecord, ...] = ()


class RequestError(ValueError):
    """A person asked for something that cannot be done; ``reason`` is a slug to translate."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the slug beside the message."""
        super().__init__(message)
        self.reason = reason


def view_as_dict(view: SiteView) -> dict[str, Any]:
    """Return the view as plain JSON values: enums by name, times as ISO 8601.

    Of many events only the next and the latest are shown, of a long one its first intervals;
    ``records_known`` says how many there are.
    """
    shown = replace(
        view,
        records=tuple(_shortened(record) for record in _shown(view.records)),
        active=view.active and _shortened(view.active),
        next=view.next and _shortened(view.next),
    )
    told = _plain(asdict(replace(shown, records=(), active=None, next=None)))
    return {
        **told,
        "records": [_record(record) for record in shown.records],
        "active": shown.active and _record(shown.active),
        "next": shown.next and _record(shown.next),
        "records_known": len(view.records),
    }


def _record(record: EventRecord) -> dict[str, Any]:
    """Return a record with what was counted of it in sum."""
    told = _plain(asdict(replace(record, tally=Tally())))
    tally = record.tally
    told["tally"] = {
        "energy_wh": tally.energy_wh,
        "covered_s": tally.covered_s,
        "watched_s": tally.watched_s,
        "kept_s": tally.kept_s,
    }
    return dict(told)


def _shown(records: Sequence[EventRecord]) -> list[EventRecord]:
    """Return the open events that come first and those that ended last, in the order of their start."""
    by_start = sorted(records, key=lambda record: record.event.start)
    still_open = [record for record in by_start if record.status in OPEN][:SHOWN_RECORDS]
    ended = [record for record in by_start if record.status not in OPEN][-SHOWN_RECORDS:]
    return ended + still_open


def _shortened(record: EventRecord) -> EventRecord:
    return replace(record, event=replace(record.event, intervals=record.event.intervals[:SHOWN_INTERVALS]))


def _plain(value: Any) -> Any:
    match value:
        case IntEnum():
            return value.name.lower()
        case datetime() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | frozenset():
            return [_plain(item) for item in value]
    return value
