"""What is known of the home on other days, read from its series for baselines."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta, tzinfo

from ..core.events.model import EventRecord
from ..core.model import DeviceKind
from ..core.settlement.days import Asked, UseDay
from ..core.settlement.device_past import DevicePast
from ..core.settlement.past import DAYS_BACK, Span, asked_of, days_of, net_of
from ..core.settlement.rebound import asked_after
from ..core.settlement.tally import milliseconds
from ..core.statistics import SLOT_S, midnight
from ..core.statistics.registers import EXPORT, IMPORT
from ..history.receipt_tables import Ran
from ..history.series_store import SeriesStore, Stretch
from .metered import added, metered
from .past_devices import NO_DEVICES, Days, devices_past


class PastUse:
    """Keeps the days that were read. ``records`` are the events that are known."""

    def __init__(self, *, zone: Callable[[], tzinfo], records: Callable[[], Iterable[EventRecord]]) -> None:
        """Know no day yet."""
        self._zone = zone
        self._records = records
        self._days: Mapping[date, UseDay] = {}
        self._earlier: tuple[Ran, ...] = ()
        self._devices = NO_DEVICES

    async def refresh(
        self,
        store: SeriesStore,
        now: datetime,
        *,
        holidays: AbstractSet[date],
        earlier: Iterable[Ran] = (),
        first: datetime | None = None,
    ) -> None:
        """Read the days again. ``earlier``: when events ran of which only receipts are left.

        ``first``: when the first event began that is asked about; None: today. Of devices those are read that
        an event which runs or ran knows. Raises HistoryError.
        """
        zone = self._zone()
        today = now.astimezone(zone).date()
        first_day = (first or now).astimezone(zone).date() - timedelta(days=DAYS_BACK)
        first_slot = int(midnight(first_day, zone).timestamp()) // SLOT_S
        stretch = Stretch(first_slot=first_slot, end_slot=int(now.timestamp()) // SLOT_S)
        meters = {name: await metered(store, name, stretch) for name in (IMPORT, EXPORT)}

        def reckon() -> Mapping[date, UseDay]:
            imports, exports = (
                [added(meters[name], stretch)] if meters[name] else [] for name in (IMPORT, EXPORT)
            )
            net = net_of(imports, exports, range(stretch.first_slot, stretch.end_slot))
            return days_of(
                net,
                zone,
                first_day,
                today + timedelta(days=1),  # an event of tomorrow is asked about as well
                lambda day: day.weekday() < 5 and day not in holidays,  # Saturday
            )

        self._days = await asyncio.to_thread(reckon)
        self._earlier = tuple(earlier)
        wanted = {
            each.device_id
            for record in self._records()
            if first is not None or not record.is_settled
            for each in record.tally.before
            if each.kind is not DeviceKind.GRID_METER
        }
        days = Days(first=first_day, last=today, zone=zone)
        self._devices = await devices_past(store, wanted, days, stretch) if wanted else NO_DEVICES

    def asked(
        self, event_id: str, start: datetime, end: datetime, until: datetime | None = None
    ) -> Asked | None:
        """Return the question about an event that lasted, or lasts, until ``end``; None: nothing is known.

        What is known of its day beyond ``until`` is left out.
        """
        return asked_of(
            self._days,
            self._zone(),
            start_ms=milliseconds(start),
            end_ms=milliseconds(end),
            others=self._others(event_id),
            until_ms=None if until is None else milliseconds(until),
        )

    def devices(self, asked: Asked | None) -> DevicePast | None:
        """Return what the devices did on the days that a question looks at; None: nothing is known."""
        return None if asked is None else self._devices.asked(asked)

    def asked_after(self, event_id: str, start: datetime, end: datetime) -> Asked | None:
        """Return the question about the hours after an event that ran; None: nothing can be told of them."""
        return asked_after(
            self._days,
            self._zone(),
            start_ms=milliseconds(start),
            end_ms=milliseconds(end),
            others=self._others(event_id),
        )

    def _others(self, event_id: str) -> list[Span]:
        """Return when the other events ran: those that are known by their records, and those of receipts."""
        known = {each.event.event_id: each for each in self._records()}
        ran = [
            (key, each.started, each.ended or each.event.end)
            for key, each in known.items()
            if each.started is not None
        ]
        ran += [each for each in self._earlier if each[0] not in known]
        return [(milliseconds(start), milliseconds(end)) for key, start, end in ran if key != event_id]
