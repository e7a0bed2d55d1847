"""What the home's series say of other days stands in where nothing was steered, and is told beforehand."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.events.consent import Programme
from custom_components.home_flex.core.settlement.rebound import Rebound, rebound
from custom_components.home_flex.core.settlement.verify import verify
from custom_components.home_flex.core.statistics import SLOT_S, Mark
from custom_components.home_flex.core.statistics.registers import IMPORT, WH
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.runtime.past_use import PastUse
from tests.core.settlement.test_rebound import after_of

from .service_home import START, Home, event, payloads

METER = SeriesKey(device_id="meter", name=IMPORT, unit=WH)
# 3 kW, day and night.
SLOT_WH = 250


@pytest.fixture
async def past(home: Home, tmp_path: Path) -> PastUse:
    """Return two months of a home that always draws the same."""
    store = await SeriesStore.open(tmp_path / "series.sqlite")
    last = int(START.timestamp()) // SLOT_S
    batch = SeriesBatch()
    batch.put(METER, dict.fromkeys(range(last - 60 * 288, last), (SLOT_WH, Mark.MEASURED)))
    await store.write(batch)
    past = PastUse(zone=lambda: UTC, records=lambda: tuple(home.events.book.records.values()))
    await past.refresh(store, START, holidays=frozenset())
    await store.close()
    return past


async def test_an_announced_event_is_told_with_what_it_will_be_compared(home: Home, past: PastUse) -> None:
    home.past = past.asked
    await home.restart()
    home.events.receive(event(start_s=3600, length_s=1800))
    home.events.expect()
    expected = home.events.results.expected["e1"]
    assert expected["rule"] == "ten_working_days"
    assert sum(expected["baselines"]["ten_working_days"]["use_wh"]) == 1500
    assert expected["baselines"]["ten_working_days"]["half_width_wh"] == 0


async def test_where_nobody_knows_the_devices_an_event_is_settled_by_other_days(
    home: Home, past: PastUse
) -> None:
    home.past = past.asked
    await home.restart()
    home.registers = (1_000_000.0, 0.0)
    home.events.receive(event(start_s=30, length_s=120))
    # It was heard of only when the event ran: nothing is known of before.
    home.at(30)
    for second in range(31, 152):
        home.clock.seconds = second
        home.measure(1000.0)
        home.events.advance()
    (report,) = await home.reports("settlement")
    values = payloads(report)
    assert values["BASELINE_RULE"] == ["ten_working_days"]
    assert values["BASELINE"] == [pytest.approx(3.0, abs=0.05)]
    assert values["DELTA_USAGE"] == [pytest.approx(-2 / 30, abs=0.003)]


@pytest.mark.parametrize("start_s", [60, 60.0005])  # as fine as clocks tell it
async def test_a_programme_settles_and_pays_by_its_own_rule_and_the_others_stand_beside(
    home: Home, past: PastUse, start_s: float
) -> None:
    home.past = past.asked
    await home.restart()
    home.registers = (1_000_000.0, 0.0)
    home.events.agree("flexibility", Programme(baseline="three_weeks", pays_per_kwh=0.5))
    home.events.receive(event(start_s=start_s, length_s=1200))
    for second in range(1, 1262):
        home.clock.seconds = second
        home.measure(1000.0)
        home.events.advance()
    await home.restart()
    assert home.events.programmes["flexibility"].baseline == "three_weeks"
    (report,) = await home.reports("settlement")
    assert payloads(report)["BASELINE_RULE"] == ["three_weeks"]
    (kept,) = await home.store.receipts(subject="e1")
    results: Any = kept.document["results"]
    # Of 1,000 Wh that would have been used 333 were; 0.667 kWh at 0.50.
    assert results["paid"] == "0.33"
    assert results["baselines"]["as_dispatched"]["delivered_wh"] == 0


@pytest.mark.parametrize(
    ("agreed_per_kwh", "paid"),
    [
        # Each part took 333 Wh less in ten minutes: 0.667 at 2.00 and 0.167 at 0.50.
        pytest.param(0.5, "0.83", id="its second part tells no price and pays what was agreed"),
        pytest.param(None, "0.67", id="its second part, for which nothing was agreed either, pays nothing"),
    ],
)
async def test_an_event_whose_price_changes_pays_each_part_by_its_own(
    home: Home, past: PastUse, agreed_per_kwh: float | None, paid: str
) -> None:
    home.past = past.asked
    await home.restart()
    home.registers = (1_000_000.0, 0.0)
    home.events.agree("flexibility", Programme(baseline="three_weeks", pays_per_kwh=agreed_per_kwh))
    limit = {"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}
    parts = [
        {"id": 0, "payloads": [limit, {"type": "PRICE", "values": [2.0]}]},
        {"id": 1, "payloads": [limit]},
    ]
    home.events.receive(event(start_s=60, length_s=600, intervals=parts))
    for second in range(1, 1262):
        home.clock.seconds = second
        home.measure(1000.0)
        home.events.advance()
    await home.restart()
    (kept,) = await home.store.receipts(subject="e1")
    results: Any = kept.document["results"]
    assert results["paid"] == paid
    assert verify(kept, kept.digest) == []


async def test_the_day_of_an_event_of_which_only_a_receipt_is_left_is_not_learnt_from(
    home: Home, past: PastUse, tmp_path: Path
) -> None:
    store = await SeriesStore.open(tmp_path / "series.sqlite")
    held: datetime = START - timedelta(days=2)
    await past.refresh(store, START, holidays=frozenset(), earlier=[("e0", held, held + timedelta(hours=1))])
    await store.close()
    home.events.receive(event(start_s=3600, length_s=1800))
    record = home.record()
    asked = past.asked("e1", record.event.start, record.event.end)
    assert asked is not None
    assert [day.date for day in asked.past if day.held_event] == [held.date()]


async def test_what_is_taken_back_after_an_event_is_read_from_the_series(tmp_path: Path) -> None:
    store = await SeriesStore.open(tmp_path / "series.sqlite")
    last = int(START.timestamp()) // SLOT_S
    start, end = START - timedelta(hours=6), START - timedelta(hours=4)
    cells = dict.fromkeys(range(last - 60 * 288, last), (SLOT_WH, Mark.MEASURED))
    # For an hour after the event 9 kW and not 3.
    cells |= dict.fromkeys(range(last - 48, last - 36), (3 * SLOT_WH, Mark.MEASURED))
    batch = SeriesBatch()
    batch.put(METER, cells)
    await store.write(batch)
    past = PastUse(zone=lambda: UTC, records=tuple)
    await past.refresh(store, START, holidays=frozenset(), earlier=[("e1", start, end)])
    await store.close()
    asked = past.asked_after("e1", start, end)
    assert asked is not None
    found = rebound(after_of(asked))
    assert isinstance(found, Rebound)
    assert (found.energy_wh, found.known) == (6000, Fraction(1))
