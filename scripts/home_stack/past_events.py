"""Events of a past: evenings on which the community asked for less, as the home remembers them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from custom_components.home_flex.core.events.model import (
    Event,
    EventRecord,
    EventStatus,
    Interval,
    Payload,
    PayloadType,
    Source,
)
from custom_components.home_flex.core.settlement.baselines.as_dispatched import Dispatched
from custom_components.home_flex.core.settlement.money import Terms
from custom_components.home_flex.core.settlement.receipt import EventAccount, Receipt, receipt
from custom_components.home_flex.core.settlement.settlement import Asks
from custom_components.home_flex.core.settlement.settlement import Interval as Delivered

ZONE: Final = ZoneInfo("Europe/Amsterdam")
_QUARTER_MS: Final = 900_000
_EVENT_DAYS: Final = (2, 5, 9, 12)
_EVENT_HOUR: Final = 18
_EVENT_LIMIT_W: Final = 1000.0
_EVENT_LASTS: Final = timedelta(minutes=90)


def _evenings(now: datetime) -> Iterator[datetime]:
    """Yield when the events of the past began, the latest first."""
    today = now.astimezone(ZONE).replace(hour=_EVENT_HOUR, minute=0, second=0, microsecond=0)
    yield from (today - timedelta(days=back) for back in _EVENT_DAYS)


def _event_id(start: datetime) -> str:
    return f"evening-{start:%m-%d}"


def past_records(now: datetime) -> Iterator[EventRecord]:
    """Yield what the home remembers of these events: that they ran to their end and were settled."""
    for start in _evenings(now):
        begins, ends = start.astimezone(UTC), (start + _EVENT_LASTS).astimezone(UTC)
        limit = Payload(type=PayloadType.IMPORT_CAPACITY_LIMIT, value=_EVENT_LIMIT_W)
        yield EventRecord(
            event=Event(
                event_id=_event_id(start),
                program_id="evening-peak",
                name="Evening peak",
                source=Source.AGGREGATOR,
                priority=None,
                created=begins,
                modified=begins,
                intervals=(Interval(id=0, start=begins, end=ends, payloads=(limit,)),),
            ),
            status=EventStatus.SUCCEEDED,
            received=begins,
            started=begins,
            ended=ends,
            is_settled=True,
        )


def past_receipts(home: str, now: datetime) -> Iterator[Receipt]:
    """Yield receipts of evenings on which the community asked for less, each of an hour and a half."""
    for number, start in enumerate(_evenings(now)):
        used_wh = [80 + 30 * number + 10 * quarter for quarter in range(6)]
        rest_wh = [300 + 20 * quarter for quarter in range(6)]
        intervals = tuple(
            Delivered(
                length_ms=_QUARTER_MS,
                covered_ms=_QUARTER_MS,
                used_wh=wh,
                quarter=quarter,
                high_w=int(_EVENT_LIMIT_W),
                watched_ms=_QUARTER_MS,
                kept_ms=_QUARTER_MS if number != 1 else _QUARTER_MS * 8 // 10,
            )
            for quarter, wh in enumerate(used_wh)
        )
        yield receipt(
            EventAccount(
                home=home,
                event={
                    "id": _event_id(start),
                    "program": "evening-peak",
                    "name": "Evening peak",
                    "status": "SUCCEEDED",
                    "scope": "SITE",
                    "start": start.astimezone(UTC).isoformat(),
                    "end": (start + _EVENT_LASTS).astimezone(UTC).isoformat(),
                    # Nobody saw it begin: these receipts are not reckoned anew from the series.
                    "started": None,
                    "ended": None,
                },
                asks=Asks.LESS,
                intervals=intervals,
                asked=None,
                dispatched=Dispatched(
                    lengths_ms=(_QUARTER_MS,) * 6, rest_wh=tuple(rest_wh), sun_wh=(0,) * 6, most_w=17_250
                ),
                rules=(),
                programme_rule="as_dispatched",
                terms=Terms(currency="EUR", per_kwh=Decimal("0.40")),
            )
        )
