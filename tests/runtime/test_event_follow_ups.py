"""The receipt of an event is followed up by what was used after it, and by what came late, in any order."""

import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.events.model import Event, EventRecord, EventStatus, Source
from custom_components.home_flex.core.events.model import Interval as EventInterval
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.settlement.receipt import Receipt, account_from, receipt
from custom_components.home_flex.core.settlement.settlement import Interval
from custom_components.home_flex.core.settlement.tally import Before, Part, Tally, milliseconds
from custom_components.home_flex.core.settlement.verify import verify
from custom_components.home_flex.core.settlement.window import dispatched_of, window_of
from custom_components.home_flex.core.signals import Slot
from custom_components.home_flex.core.statistics import Mark, Period, slot_at
from custom_components.home_flex.core.statistics.blocks import Block, BlockKind, BlockState
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.history.store import Batch, HistoryStore
from custom_components.home_flex.runtime.day_receipts import Home
from custom_components.home_flex.runtime.event_follow_ups import EventFollowUps, Events
from tests.core.settlement.test_receipt import ACCOUNT

METER = SeriesKey(device_id="meter", name="import", unit="Wh")
# A Wednesday; the event is from five to seven in the evening.
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
START, END = MIDNIGHT + timedelta(hours=17), MIDNIGHT + timedelta(hours=19)
DAY = slot_at(MIDNIGHT) // 288
QUARTER_MS = 900_000


def event_receipt(scope: str = "SITE") -> Receipt:
    """Return the receipt of two hours with nothing but its own registers: 200 Wh each quarter-hour."""
    event = {**ACCOUNT.event, "id": "e1", "scope": scope}
    event |= {"start": START.isoformat(), "started": START.isoformat()}
    event |= {"end": END.isoformat(), "ended": END.isoformat()}
    intervals = tuple(
        Interval(length_ms=QUARTER_MS, covered_ms=QUARTER_MS, used_wh=200, quarter=quarter)
        for quarter in range(8)
    )
    return receipt(
        replace(
            ACCOUNT,
            event=event,
            intervals=intervals,
            asked=None,
            dispatched=None,
            rules=("before_and_after", "ten_working_days"),
            programme_rule="before_and_after",
        )
    )


class Followed:
    """A home with the receipt of one event, and what follows it up."""

    def __init__(self, series: SeriesStore, store: HistoryStore) -> None:
        self.series, self.store = series, store
        self.now = MIDNIGHT + timedelta(days=1, minutes=10)
        self.put: list[Receipt] = []
        self.events_known: list[EventRecord] = []

        async def receipts(kind: str, subject: str | None, day: Period) -> list[Receipt]:
            return await store.receipts(kind=kind, subject=subject, start=day.start, end=day.end)

        async def holidays() -> frozenset[date]:
            return frozenset()

        self.rule = EventFollowUps(
            series,
            Home(
                name="home",
                currency="EUR",
                zone=lambda: UTC,
                clock=lambda: self.now,
                batteries=list,
                receipts=receipts,
                put=self.put.append,
            ),
            Events(
                records=lambda: tuple(self.events_known),
                spans=store.event_spans,
                holidays=holidays,
                put=self.put.append,
                tell_metered=lambda *_: None,
            ),
        )

    async def write(self, hours_wh: Mapping[int, int], day: datetime = MIDNIGHT) -> None:
        """Write what was imported in hours of a day, evenly, at 0.30 a kWh."""
        batch = SeriesBatch()
        for hour, energy_wh in hours_wh.items():
            first = slot_at(day + timedelta(hours=hour))
            batch.put(METER, dict.fromkeys(range(first, first + 12), (energy_wh // 12, Mark.MEASURED)))
        price = Slot(
            start=day, end=day + timedelta(days=1), value=Decimal("0.30"), known_at=day, source="test"
        )
        batch.prices["import_price", day] = price, "EUR/kWh"
        await self.series.write(batch)

    async def usual(self, days: int = 40) -> None:
        """Write some weeks in which each hour took 1,200 Wh."""
        for back in range(1, days):
            await self.write(dict.fromkeys(range(24), 1200), MIDNIGHT - timedelta(days=back))

    async def make(self, day: int = DAY) -> list[Receipt]:
        """Make the block of a day; return what was issued, as it is kept."""
        self.put.clear()
        self.made = await self.rule.make(Block(kind=BlockKind.EVENT, day=day))
        await self.store.write(Batch(receipts={each.digest: each for each in self.put}))
        return list(self.put)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Followed]:
    series = await SeriesStore.open(tmp_path / "series.sqlite")
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    first = event_receipt()
    await store.write(Batch(receipts={first.digest: first}))
    yield Followed(series, store)
    await series.close()
    await store.close()


def results(found: Receipt) -> Any:
    return found.document["results"]


async def test_a_rule_that_looks_at_later_hours_settles_once_they_are_known(home: Followed) -> None:
    assert results(event_receipt())["paid"] is None
    await home.usual()
    await home.write(dict.fromkeys(range(24), 1200) | {17: 800, 18: 800, 19: 1800})
    (found,) = await home.make()
    # The line from 300 to 450 Wh a quarter-hour: eight times 375 Wh, and 1600 were used; 1.4 kWh at 0.40,
    # of which no more than 1.2 times what was agreed count.
    assert results(found)["baselines"]["before_and_after"]["delivered_wh"] == 1400
    assert results(found)["paid"] == "0.48"
    assert found.document["replaces"] == event_receipt().digest


async def test_what_the_home_took_back_stands_in_it_with_its_cost(home: Followed) -> None:
    await home.usual()
    await home.write(dict.fromkeys(range(24), 1200) | {19: 1800, 20: 1400})
    (found,) = await home.make()
    told = results(found)["rebound"]
    assert (told["energy_wh"], told["cost"], told["known"], told["rule"]) == (
        792,  # slots of five minutes are whole watt-hours: twelve of 150 and of 116
        "0.24",
        "1.0000",
        "ten_working_days",
    )
    assert told["carbon_g"] is None


async def test_what_the_resident_gave_up_for_it_stands_in_it(home: Followed) -> None:
    await home.usual()
    batch = SeriesBatch()
    first = slot_at(START)
    # Too cold from half past six to half past seven, and again at midnight.
    cold = {*range(first + 18, first + 30), slot_at(MIDNIGHT) + 287}
    slots = range(slot_at(MIDNIGHT), slot_at(MIDNIGHT) + 288)
    key = SeriesKey(device_id="tank", name="unmet", unit="s")
    batch.put(key, {slot: (300 if slot in cold else 0, Mark.MEASURED) for slot in slots})
    await home.series.write(batch)
    (found,) = await home.make()
    assert results(found)["given_up"] == {"unmet_s": 3600, "lacked_wh": 0}
    assert verify(found, found.digest) == []


async def test_it_is_followed_up_once_and_holds_as_it_was_kept(home: Followed) -> None:
    await home.usual()
    await home.write(dict.fromkeys(range(24), 1200))
    (found,) = await home.make()
    assert await home.make() == []
    (kept,) = await home.store.receipts(kind="event")
    assert kept.digest == found.digest
    assert verify(kept, found.digest) == []


async def test_the_receipt_of_its_day_is_made_again(home: Followed) -> None:
    await home.usual()
    await home.write(dict.fromkeys(range(24), 1200))
    await home.make()
    assert [(each.kind, each.day, each.state) for each in home.made.batch.blocks] == [
        (BlockKind.RECEIPT, DAY, BlockState.TODO)
    ]
    await home.make()
    assert home.made.batch.blocks == []


async def test_hours_that_are_not_over_are_waited_for(home: Followed) -> None:
    await home.usual()
    home.now = END + timedelta(hours=3, minutes=59)
    assert await home.make() == []


async def test_a_day_that_no_rule_looks_at_any_more_changes_nothing(home: Followed) -> None:
    await home.usual()
    await home.write(dict.fromkeys(range(24), 1200))
    await home.make()
    await home.write({3: 0}, MIDNIGHT - timedelta(days=80))
    assert await home.make(DAY - 80) == []


async def test_an_event_of_a_group_has_no_baseline_of_the_meter(home: Followed) -> None:
    other = event_receipt(scope="circuit")
    await home.store.write(Batch(receipts={other.digest: other}))
    await home.usual()
    await home.write(dict.fromkeys(range(24), 1200))
    assert [each.document["replaces"] for each in await home.make()] == [event_receipt().digest]


LATE = ("before", "after", "earlier")


@pytest.mark.parametrize("order", itertools.permutations(LATE), ids=str)
async def test_the_order_in_which_late_data_comes_changes_nothing_in_the_end(
    home: Followed, order: tuple[str, ...]
) -> None:
    await home.usual()
    await home.write(dict.fromkeys(range(17), 1200))
    parts: dict[str, tuple[dict[int, int], datetime]] = {
        "before": ({15: 1800, 16: 1500}, MIDNIGHT),
        "after": ({19: 2400, 20: 1200, 21: 1200, 22: 1200}, MIDNIGHT),
        "earlier": (dict.fromkeys(range(24), 2400), MIDNIGHT - timedelta(days=1)),
    }
    for name in order:
        hours_wh, day = parts[name]
        await home.write(hours_wh, day)
        await home.make(slot_at(day) // 288)
    (kept,) = await home.store.receipts(kind="event")
    told = results(kept)
    # The line from 375 to 600 Wh. Of ten days of 1,200 Wh an hour the last took 2,400: 1,320 Wh, and 80 Wh
    # more by the hours from 13 to 16. After it, by the two that are known from 15 to 18, 330 Wh more.
    assert told["baselines"]["before_and_after"]["delivered_wh"] == 8 * 487.5 - 1600
    assert sum(told["baselines"]["ten_working_days"]["use_wh"]) == 2 * (1320 + 80)
    assert told["rebound"]["energy_wh"] == 2400 + 3 * 1200 - 4 * (1320 + 330)
    assert verify(kept, kept.digest) == []


CAR = Before(device_id="car", kind=DeviceKind.EV_CHARGER, power_w=8000, is_plugged=True)


def held_back() -> EventRecord:
    """Return the record of the event, which held a car of 8 kW back all the time."""
    parts = tuple(
        Part(
            start_ms=milliseconds(START) + quarter * QUARTER_MS,
            covered_ms=QUARTER_MS,
            energy_w_ms=200 * 3_600_000,
            devices={"car": 0},
            heard_ms={"car": QUARTER_MS},
            plugged={"car": 8000 * QUARTER_MS},
            plugged_ms={"car": QUARTER_MS},
        )
        for quarter in range(8)
    )
    tally = Tally(
        parts=parts,
        before=(Before(device_id="", kind=DeviceKind.GRID_METER, power_w=8800), CAR),
        steered=frozenset({"car"}),
    )
    event = Event(
        event_id="e1",
        program_id="",
        name=None,
        source=Source.AGGREGATOR,
        priority=None,
        created=START,
        modified=START,
        intervals=(EventInterval(id=0, start=START, end=END, payloads=()),),
    )
    return EventRecord(
        event=event,
        status=EventStatus.SUCCEEDED,
        received=START,
        started=START,
        ended=END,
        tally=tally,
        is_settled=True,
    )


async def test_a_car_is_credited_no_more_than_its_session_took_once_that_is_known(home: Followed) -> None:
    record = held_back()
    window = window_of(record.tally, milliseconds(START), milliseconds(END), ())
    live = dispatched_of(record.tally, window, most_w=17_000, of_group=False)
    account = account_from(event_receipt())
    first = receipt(replace(account, dispatched=live, programme_rule="as_dispatched"))
    assert results(first)["baselines"]["as_dispatched"]["use_wh"] == [2200] * 8
    home.events_known.append(record)
    await home.usual()
    await home.write({**dict.fromkeys(range(24), 1200), 19: 6200, 20: 4200})
    batch = SeriesBatch()
    car = SeriesKey(device_id="car", name="consumption", unit="Wh")
    cells = dict.fromkeys(range(slot_at(MIDNIGHT), slot_at(MIDNIGHT) + 288), (0, Mark.MEASURED))
    for hour, energy_wh in ((19, 5000), (20, 3000)):
        first_slot = slot_at(MIDNIGHT + timedelta(hours=hour))
        cells |= {first_slot + slot: (energy_wh // 12, Mark.MEASURED) for slot in range(12)}
    batch.put(car, cells)
    await home.series.write(batch)
    await home.store.write(Batch(receipts={first.digest: first}))
    found = [each for each in await home.make() if each.document["replaces"] == first.digest]
    assert sum(results(found[-1])["baselines"]["as_dispatched"]["use_wh"]) == 8 * 200 + 7992
    assert verify(found[-1]) == []
