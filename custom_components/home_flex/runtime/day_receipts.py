"""The receipts of days: made when a day is over, and followed up when something of it became known late."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from ..core.settlement.day_receipt import DayAccount, Quarter, day_document
from ..core.settlement.local_days import NEAR, LocalDay, local_days
from ..core.settlement.past import QUARTER_S
from ..core.settlement.receipt import Receipt
from ..core.settlement.rerun import Battery
from ..core.settlement.tally import QUARTER_MS, milliseconds
from ..core.signals import Signal, SignalKind, Slot, unit_of
from ..core.statistics import SLOT_S, Mark, Period, SlotSeries, slot_start
from ..core.statistics.blocks import Block, BlockKind, BlockState
from ..core.statistics.registers import (
    CHARGE,
    DISCHARGE,
    EXPORT,
    IMPORT,
    PER_MILLE,
    PRODUCTION,
    STATE_OF_CHARGE,
)
from ..core.statistics.slots import series_of
from ..history.series_rows import SeriesBatch, SeriesKey
from ..history.series_store import SeriesStore, Stretch
from .comfort_feed import given_up
from .day_balance import DayBalance
from .series_work import Made

# What counters said is kept as long: later a day is not reckoned anew by itself.
OLDEST: Final = timedelta(days=14)
_PER_MILLE: Final = 950
_THOUSAND: Final = 1000
_TWENTIETH: Final = 20
_AN_HOUR: Final = 3600 // SLOT_S


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryFacts:
    """What a battery can hold (Wh), take and give (W)."""

    device_id: str
    capacity_wh: int
    most_in_w: int
    most_out_w: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What receipts of days need of the home besides its series.

    ``name``: how receipts name it. ``receipts`` returns the newest of a kind that began in a time and are
    about a subject (None: any); ``put`` keeps one.
    """

    name: str
    currency: str
    zone: Callable[[], tzinfo]
    clock: Callable[[], datetime]
    batteries: Callable[[], Iterable[BatteryFacts]]
    receipts: Callable[[str, str | None, Period], Awaitable[list[Receipt]]]
    put: Callable[[Receipt], None]


class DayReceipts:
    """The rule of receipts: of each local day that a block touches, once it is over."""

    kind = BlockKind.RECEIPT

    def __init__(self, store: SeriesStore, home: Home) -> None:
        """Read from a store."""
        self._store = store
        self._home = home

    async def make(self, block: Block) -> Made:
        """Issue the receipts of the days that a block touches, as far as they are over and not too old."""
        now = self._home.clock()
        stretch = Period(start=slot_start(block.first_slot), end=slot_start(block.end_slot))
        near = Period(start=stretch.start - NEAR, end=stretch.end + NEAR)
        receipts = await self._home.receipts("day", None, near)
        for day in local_days(stretch, self._home.zone(), receipts):
            if day.period.end <= now and day.period.start > now - OLDEST:
                await self._issue(day)
        return Made(block=replace(block, state=BlockState.DONE, reason=""), batch=SeriesBatch())

    async def _issue(self, local_day: LocalDay) -> None:
        account, before = await self._account(local_day), local_day.receipt
        if not any(each.is_known for each in account.quarters):
            return
        if before is not None and _without_replaces(before) == _without_replaces(_receipt(account)):
            return
        replaces = None if before is None else before.digest
        self._home.put(_receipt(replace(account, replaces=replaces)))

    async def _account(self, local_day: LocalDay) -> DayAccount:
        day = local_day.period
        sides = await DayBalance(self._store).sides(_stretch(day))
        quarters = {name: quarters_of(series, day) for name, series in sides.items()}
        told = {
            kind: await self._store.prices(kind, unit_of(kind, self._home.currency), day.start, day.end)
            for kind in SignalKind
        }
        events = await self._home.receipts("event", None, day)
        changes_wh = _changes_wh(events)
        battery, stored_wh = await self._battery(day)
        return DayAccount(
            home=self._home.name,
            day={
                "date": local_day.date.isoformat(),
                "start": day.start.isoformat(),
                "end": day.end.isoformat(),
                "zone": local_day.zone,
            },
            currency=self._home.currency,
            quarters=tuple(
                Quarter(
                    import_wh=quarters[IMPORT].at(slot)[0] if sides[IMPORT] else None,
                    export_wh=_of(quarters[EXPORT], sides[EXPORT], slot),
                    production_wh=_of(quarters[PRODUCTION], sides[PRODUCTION], slot),
                    charge_wh=_of(quarters[CHARGE], sides[CHARGE], slot),
                    discharge_wh=_of(quarters[DISCHARGE], sides[DISCHARGE], slot),
                    event_wh=changes_wh.get(slot, 0),
                    import_price=_price(told[SignalKind.IMPORT_PRICE], slot),
                    export_price=_price(told[SignalKind.EXPORT_PRICE], slot),
                    carbon=_price(told[SignalKind.CARBON_INTENSITY], slot),
                )
                for slot in day.slots(QUARTER_S)
            ),
            battery=battery,
            stored_wh=stored_wh,
            events=tuple(sorted(each.digest for each in events)),
            priced_afterwards=sum(
                found is not None and found.known_at > found.end
                for found in (_told_at(told[SignalKind.IMPORT_PRICE], slot) for slot in day.slots(QUARTER_S))
            ),
            given_up=await given_up(self._store, _stretch(day)) or None,
        )

    async def _battery(self, day: Period) -> tuple[Battery | None, int | None]:
        """Return the home's batteries together at the day's start, and what they held at its end."""
        facts = {each.device_id: each for each in self._home.batteries()}
        keys = {
            device_id: SeriesKey(device_id=device_id, name=STATE_OF_CHARGE, unit=PER_MILLE)
            for device_id in facts
        }
        whole = _stretch(day)
        # What is told of a slot is told at its end: the day begins with the end of the slot before.
        with_midnight = Stretch(first_slot=whole.first_slot - 1, end_slot=whole.end_slot)
        found = await self._store.read(keys.values(), with_midnight)
        ends = {key.device_id: _ends(series) for key, series in found.items()}
        known = {device_id: each for device_id, each in ends.items() if each is not None}
        if not facts or len(known) < len(facts):
            return None, None
        held = [
            sum(facts[device_id].capacity_wh * each[index] // _THOUSAND for device_id, each in known.items())
            for index in (0, 1)
        ]
        capacity_wh = sum(each.capacity_wh for each in facts.values())
        battery = Battery(
            stored_wh=held[0],
            lowest_wh=min(capacity_wh // _TWENTIETH, held[0]),
            highest_wh=max(capacity_wh, held[0]),
            most_in_w=sum(each.most_in_w for each in facts.values()),
            most_out_w=sum(each.most_out_w for each in facts.values()),
            charging_per_mille=_PER_MILLE,
            discharging_per_mille=_PER_MILLE,
        )
        return battery, held[1]


def _receipt(account: DayAccount) -> Receipt:
    return Receipt(document=day_document(account), inputs={})


def _without_replaces(receipt: Receipt) -> dict[str, Any]:
    return {**receipt.document, "replaces": None}


def _stretch(day: Period) -> Stretch:
    slots = day.slots()
    return Stretch(first_slot=slots.start, end_slot=slots.stop)


def quarters_of(series: Iterable[SlotSeries], day: Period) -> SlotSeries:
    """Return the quarter-hours of devices together, missing where one of them is."""
    listed = tuple(series)
    cells: dict[int, tuple[int | None, Mark]] = {}
    for slot in day.slots() if listed else ():
        row = [each.at(slot) for each in listed]
        if (mark := max(each for _, each in row)) is not Mark.MISSING:
            cells[slot] = sum(value or 0 for value, _ in row), mark
    return series_of(cells).sums(QUARTER_S)


def _of(quarters: SlotSeries, devices: Iterable[SlotSeries], slot: int) -> int | None:
    """Return what was counted in a quarter-hour; what a home does not have counts nothing."""
    return quarters.at(slot)[0] if devices else 0


def _price(signal: Signal, slot: int) -> Decimal | None:
    """Return what held at the start of a quarter-hour, None where it is not known."""
    found = _told_at(signal, slot)
    return None if found is None else found.value


def _told_at(signal: Signal, slot: int) -> Slot | None:
    return signal.at(slot_start(slot * (QUARTER_S // SLOT_S)))


def _ends(series: SlotSeries) -> tuple[int, int] | None:
    """Return the first and the last value of a day, None unless both are of its first and last hour."""
    known = [(slot, value) for slot, value, _ in series if value is not None]
    if not known or known[0][0] >= series.first_slot + _AN_HOUR or known[-1][0] < series.end_slot - _AN_HOUR:
        return None
    return known[0][1], known[-1][1]


def _changes_wh(events: Iterable[Receipt]) -> Mapping[int, int]:
    """Return by quarter-hour what the baselines of events have above what was used."""
    changes: dict[int, int] = {}
    for each in events:
        document: Mapping[str, Any] = each.document
        baseline = document["results"]["baselines"][document["results"]["rule"]]
        first = milliseconds(datetime.fromisoformat(document["event"]["start"])) // QUARTER_MS
        columns = document["intervals"]
        rows = zip(columns["quarter"], columns["used_wh"], baseline.get("use_wh", ()), strict=False)
        for quarter, used_wh, use_wh in rows:
            changes[first + quarter] = changes.get(first + quarter, 0) + use_wh - used_wh
    return changes
