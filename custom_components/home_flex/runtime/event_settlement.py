"""What came of events: their receipts, reckoned by core/settlement from what was counted while they ran."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from ..core.events.consent import Programme
from ..core.events.model import Event, EventRecord, PayloadType
from ..core.events.prices import paid_at
from ..core.events.reports import time_text
from ..core.model import SITE
from ..core.settlement.baselines import HISTORY_RULES
from ..core.settlement.canonical import Json
from ..core.settlement.days import Asked
from ..core.settlement.device_past import DevicePast
from ..core.settlement.money import Terms
from ..core.settlement.receipt import EventAccount, Receipt, receipt, results_of
from ..core.settlement.settlement import Asks
from ..core.settlement.tally import Tally, milliseconds
from ..core.settlement.tried import dispatched_and_tried
from ..core.settlement.window import Window, dispatched_of, window_of
from .event_measures import edges_ms

# Beside the rule that a programme names, in the order in which they stand in for as_dispatched.
RULES: Final = ("ten_working_days", "three_weeks", "last_in")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

type Past = Callable[[str, datetime, datetime], Asked | None]
type Devices = Callable[[Asked | None], DevicePast | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """How events are settled.

    ``home`` is how receipts name the home, ``most_w`` what its fuse lets through. ``past`` tells what is
    known of other days and of today for the quarter-hours that an event touches, by its id, between two
    moments, None: nothing; ``devices`` what devices did on the days of such a question. The programme of an
    event says by which baseline it is settled; where it names none it is as_dispatched, and where that knows
    nothing the first rule of history that does.
    """

    home: str = ""
    most_w: float = 1e6
    currency: str = "EUR"
    past: Past | None = None
    devices: Devices = lambda _: None

    def receipt(self, record: EventRecord, programme: Programme) -> Receipt:
        """Return the receipt of an event that is over."""
        return receipt(self._account(record, programme, record.ended or record.event.end))

    def so_far(self, record: EventRecord, programme: Programme, now: datetime) -> Mapping[str, Any] | None:
        """Return what an event that runs has come to until now as the results of a receipt would tell it."""
        if record.started is None or now <= record.event.start:
            return None
        account = self._account(record, programme, min(now, record.event.end), is_tried=False)
        return results_of(account, with_widths=False)

    def expected(self, record: EventRecord, programme: Programme) -> Mapping[str, Any]:
        """Return what an event that is announced is expected to be compared with, as results of a receipt.

        Nothing is counted yet: what counts are the baselines of the whole event.
        """
        account = self._account(replace(record, tally=Tally()), programme, record.event.end, is_tried=False)
        intervals = tuple(replace(each, covered_ms=each.length_ms) for each in account.intervals)
        return {**results_of(replace(account, intervals=intervals)), "used_wh": None}

    def _account(
        self, record: EventRecord, programme: Programme, end: datetime, *, is_tried: bool = True
    ) -> EventAccount:
        event, is_site = record.event, record.event.scope == SITE
        window = window_of(record.tally, milliseconds(event.start), milliseconds(end), edges_ms(event))
        asked = None if self.past is None else self.past(event.event_id, event.start, end)
        prices = self._prices(event, programme, window)
        named = [programme.baseline] if programme.baseline in HISTORY_RULES else []
        return EventAccount(
            home=self.home,
            event=_event_document(record),
            asks=_asks(record),
            intervals=window.intervals,
            asked=asked if is_site else None,
            dispatched=(dispatched_and_tried if is_tried else dispatched_of)(
                record.tally,
                window,
                most_w=round(self.most_w),
                of_group=not is_site,
                past=self.devices(asked),
            ),
            rules=tuple(dict.fromkeys(name for name in (*named, *RULES) if name is not None)),
            programme_rule=programme.baseline,
            terms=None if prices is None else Terms(currency=self.currency, per_kwh=prices[0]),
            prices=prices if prices is not None and len(set(prices)) > 1 else None,
            agreed_wh=_agreed_wh(event),
        )

    def _prices(self, event: Event, programme: Programme, window: Window) -> tuple[Decimal, ...] | None:
        """Return what a kWh pays in each interval of a receipt, 0 where nobody said; None: nowhere did.

        Each is asked at its last microsecond: in its first millisecond the event may not have begun.
        """
        told = [
            paid_at(event, moment, currency=self.currency, agreed_per_kwh=programme.pays_per_kwh)
            for moment in (
                _EPOCH + (part.start_ms + length_ms) * _MILLISECOND - timedelta.resolution
                for part, length_ms in zip(window.parts, window.lengths_ms, strict=True)
            )
        ]
        if all(each is None for each in told):
            return None
        return tuple(Decimal(0) if each is None else Decimal(str(each)) for each in told)


def _asks(record: EventRecord) -> Asks | None:
    """Return which way an event asks the power to go; None where it does not say."""
    payloads = [payload for interval in record.event.intervals for payload in interval.payloads]
    for payload in payloads:
        match payload.type:
            case PayloadType.IMPORT_CAPACITY_LIMIT | PayloadType.SIMPLE:
                return Asks.LESS
            case PayloadType.EXPORT_CAPACITY_LIMIT:
                return Asks.MORE
            case PayloadType.DISPATCH_SETPOINT_RELATIVE:
                return Asks.MORE if payload.value > 0 else Asks.LESS
            case PayloadType.DISPATCH_SETPOINT if record.baseline_w is not None:
                return Asks.MORE if payload.value > record.baseline_w else Asks.LESS
    return None


def _agreed_wh(event: Event) -> int:
    """Return the energy that relative setpoints name, in the direction that is asked for."""
    return round(
        sum(
            abs(payload.value) * (interval.end - interval.start).total_seconds() / 3600
            for interval in event.intervals
            for payload in interval.payloads
            if payload.type is PayloadType.DISPATCH_SETPOINT_RELATIVE
        )
    )


def _event_document(record: EventRecord) -> dict[str, Json]:
    event = record.event
    return {
        "id": event.event_id,
        "program": event.program_id,
        "name": event.name,
        "source": event.source.value,
        "scope": event.scope.id or "SITE",
        "received": time_text(record.received),
        "modified": time_text(event.modified),
        "start": time_text(event.start),
        "end": time_text(event.end),
        "started": None if record.started is None else time_text(record.started),
        "ended": None if record.ended is None else time_text(record.ended),
        "status": record.status.value,
        "reason": record.reason,
        "asked": _asked_documents(event),
    }


def _asked_documents(event: Event) -> Sequence[Json]:
    return [
        {
            "start": time_text(interval.start),
            "end": time_text(interval.end),
            "type": payload.type.value,
            "value": f"{payload.value:.10g}",
        }
        for interval in event.intervals
        for payload in interval.payloads
    ]
