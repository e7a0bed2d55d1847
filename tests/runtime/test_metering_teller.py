"""Quarter-hours of the meter are told of events that ask for them, once, and again when corrected."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.events.metering_report import Metered
from custom_components.home_flex.core.events.model import EventStatus, Source
from custom_components.home_flex.core.model import Scope, ScopeKind
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.runtime.metering_teller import Asked, MeteringTeller
from tests.core.events.samples import make_event, make_record

START = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
IMPORT, EXPORT = (SeriesKey(device_id="meter", name=name, unit="Wh") for name in ("import", "export"))


class Home:
    """A home with its series and one event of half an hour; what is told is kept."""

    def __init__(self, store: SeriesStore, shared: Asked | None = None) -> None:
        self.store = store
        self.now = START + 45 * MINUTE
        event = replace(make_event(start=START, length=30 * MINUTE), asks_metering=True)
        self.record = make_record(event, status=EventStatus.STARTED, started=START + timedelta(seconds=2))
        self.told: list[Metered] = []
        self.reports = 0
        self.asks: list[str] = []
        self.teller = MeteringTeller(
            store, records=lambda: (self.record,), tell=self._tell, clock=lambda: self.now, shared=shared
        )

    def _tell(self, event_id: str, quarters: Sequence[Metered]) -> None:
        self.asks.append(event_id)
        self.told += quarters
        self.reports += 1

    async def count(self, minute: int, minutes: int, wh: int, key: SeriesKey = IMPORT, mark: int = 0) -> None:
        """Let a register count so much in each slot of some minutes."""
        first = slot_at(START + minute * MINUTE)
        batch = SeriesBatch()
        batch.put(key, dict.fromkeys(range(first, first + minutes // 5), (wh, Mark(mark))))
        await self.store.write(batch)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    store = await SeriesStore.open(tmp_path / "series.sqlite")
    yield Home(store)
    await store.close()


def quarter(number: int, net_wh: int, *, is_measured: bool = True) -> Metered:
    return Metered(start=START + 15 * number * MINUTE, net_wh=net_wh, is_measured=is_measured)


async def test_import_less_export_of_the_quarter_hours_that_an_event_touches_is_told_once(home: Home) -> None:
    await home.count(-15, 75, 100)
    await home.count(-15, 75, 30, EXPORT)
    home.record = replace(home.record, ended=START + 30 * MINUTE - timedelta(seconds=1))

    await home.teller.turn()
    await home.teller.turn()

    assert (home.told, home.reports) == ([quarter(0, 210), quarter(1, 210)], 1)
    assert home.asks == [home.record.event.event_id]


async def test_a_quarter_hour_is_told_when_all_of_it_is_known_and_again_when_it_was_corrected(
    home: Home,
) -> None:
    await home.count(0, 10, 100)
    await home.teller.turn()
    assert home.told == []

    await home.count(10, 5, 100, mark=1)
    await home.teller.turn()
    await home.count(10, 5, 120)
    await home.teller.turn()

    assert home.told == [quarter(0, 300, is_measured=False), quarter(0, 320)]


async def test_after_a_restart_the_same_is_told_again(home: Home) -> None:
    await home.count(0, 15, 100)
    await home.teller.turn()
    again = Home(home.store)

    await again.teller.turn()

    assert again.told == home.told == [quarter(0, 300)]


@pytest.mark.parametrize(
    "change",
    [
        {"opted_out": True},
        {"started": None},
        {"event": {"asks_metering": False}},
        {"event": {"source": Source.RESIDENT}},
        {"event": {"scope": Scope(ScopeKind.GROUP, "cars")}},
    ],
    ids=str,
)
async def test_nothing_is_told_of_an_event_that_is_not_followed_or_does_not_ask(
    home: Home, change: dict[str, Any]
) -> None:
    await home.count(0, 30, 100)
    if "event" in change:
        change = {"event": replace(home.record.event, **change["event"])}
    home.record = replace(home.record, **change)

    await home.teller.turn()

    assert home.told == []


async def test_what_is_older_than_two_weeks_is_let_be(home: Home) -> None:
    await home.count(0, 30, 100)
    home.now = START + timedelta(days=15)

    await home.teller.turn()

    assert home.told == []


async def test_what_is_shared_is_told_without_an_event_within_its_time_and_no_further(home: Home) -> None:
    await home.count(-60, 180, 100)
    shared = Asked("none", START, START + 45 * MINUTE - timedelta(seconds=1))
    sharing = Home(home.store, shared)
    sharing.record = replace(sharing.record, event=replace(sharing.record.event, asks_metering=False))
    sharing.now = START + 120 * MINUTE

    await sharing.teller.turn()
    await sharing.teller.turn()

    assert sharing.told == [quarter(number, 300) for number in range(3)]
    assert sharing.asks == ["none"]


async def test_what_an_event_asks_for_is_told_of_it_also_where_it_is_shared(home: Home) -> None:
    await home.count(0, 15, 100)
    sharing = Home(home.store, Asked("none", START, START + timedelta(days=30)))

    await sharing.teller.turn()

    assert sorted(sharing.asks) == sorted(["none", sharing.record.event.event_id])
    assert sharing.told == [quarter(0, 300)] * 2
