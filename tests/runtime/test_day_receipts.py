"""A day that is over has a receipt, late data has it followed up, and each holds by itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.settlement.receipt import Receipt
from custom_components.home_flex.core.settlement.verify import verify
from custom_components.home_flex.core.signals import Slot
from custom_components.home_flex.core.statistics import Mark, Period, slot_at
from custom_components.home_flex.core.statistics.blocks import Block, BlockKind
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.history.store import Batch, HistoryStore
from custom_components.home_flex.runtime.day_receipts import BatteryFacts, DayReceipts, Home

BRUSSELS = ZoneInfo("Europe/Brussels")
MIDNIGHT = datetime(2026, 11, 25, tzinfo=BRUSSELS)
DAY = slot_at(MIDNIGHT.astimezone(UTC)) // 288 + 1


def of(device_id: str, name: str, unit: str = "Wh") -> SeriesKey:
    return SeriesKey(device_id=device_id, name=name, unit=unit)


def lacking(energy_wh: int, at: datetime) -> SeriesBatch:
    """Return what a car lacked at an hour."""
    batch = SeriesBatch()
    batch.put(of("car", "lacked"), {slot_at(at.astimezone(UTC)): (energy_wh, Mark.MEASURED)})
    return batch


class Days:
    """A home with meter, sun and battery of which two days are known, and its receipts."""

    def __init__(self, series: SeriesStore, store: HistoryStore) -> None:
        self.series = series
        self.store = store
        self.put: list[Receipt] = []
        self.zone = BRUSSELS
        self.now = (MIDNIGHT + timedelta(days=1, hours=1)).astimezone(UTC)
        self.rule = DayReceipts(
            series,
            Home(
                name="home",
                currency="EUR",
                zone=lambda: self.zone,
                clock=lambda: self.now,
                batteries=lambda: [
                    BatteryFacts(device_id="store", capacity_wh=10_000, most_in_w=5000, most_out_w=5000)
                ],
                receipts=self.receipts,
                put=self.put.append,
            ),
        )

    async def receipts(self, kind: str, subject: str | None, day: Period) -> list[Receipt]:
        return await self.store.receipts(kind=kind, subject=subject, start=day.start, end=day.end)

    async def write(self, key: SeriesKey, value: int, *, hours: int = 24, first_h: int = 0) -> None:
        first = slot_at((MIDNIGHT + timedelta(hours=first_h)).astimezone(UTC))
        batch = SeriesBatch()
        batch.put(key, dict.fromkeys(range(first, first + 12 * hours), (value, Mark.MEASURED)))
        start, end = MIDNIGHT.astimezone(UTC), (MIDNIGHT + timedelta(days=1)).astimezone(UTC)
        for kind, price in (("import_price", "0.30"), ("export_price", "0.10")):
            slot = Slot(start=start, end=end, value=Decimal(price), known_at=start, source="test")
            batch.prices[kind, start] = slot, "EUR/kWh"
        await self.series.write(batch)

    async def make(self) -> list[Receipt]:
        """Make the block that ends the day; return what was issued, as it is kept."""
        self.put.clear()
        await self.rule.make(Block(kind=BlockKind.RECEIPT, day=DAY))
        await self.store.write(Batch(receipts={each.digest: each for each in self.put}))
        return list(self.put)


@pytest.fixture
async def days(tmp_path: Path) -> AsyncIterator[Days]:
    series = await SeriesStore.open(tmp_path / "series.sqlite")
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    yield Days(series, store)
    await series.close()
    await store.close()


async def measured(days: Days) -> None:
    await days.write(of("meter", "import"), 100)
    await days.write(of("meter", "export"), 0)
    await days.write(of("store", "charge"), 50)
    await days.write(of("store", "discharge"), 0)
    await days.write(of("store", "state_of_charge", "per_mille"), 500)


async def test_a_day_that_is_over_has_a_receipt_once(days: Days) -> None:
    await measured(days)
    (receipt,) = await days.make()
    results: Any = receipt.document["results"]
    assert receipt.document["day"]["date"] == "2026-11-25"  # type: ignore[call-overload, index] # an object
    assert results["known"] == "1.0000"
    # 28.8 kWh at 0.30.
    assert results["happened"]["cost"] == "8.64"
    assert results["otherwise"]["without_battery"]["cost"] == "4.32"
    assert await days.make() == []


async def test_a_day_that_goes_on_has_none_yet(days: Days) -> None:
    await measured(days)
    days.now = (MIDNIGHT + timedelta(hours=23)).astimezone(UTC)
    assert await days.make() == []


async def test_what_comes_late_has_a_receipt_followed_up_and_the_first_stays(days: Days) -> None:
    await days.write(of("meter", "import"), 100, hours=20)
    (first,) = await days.make()
    assert first.document["results"]["known"] == "0.8333"  # type: ignore[call-overload, index] # an object
    await days.write(of("meter", "import"), 100, hours=4, first_h=20)
    (second,) = await days.make()
    assert second.document["replaces"] == first.digest
    assert second.document["results"]["known"] == "1.0000"  # type: ignore[call-overload, index] # an object
    (shown,) = await days.store.receipts(kind="day")
    assert shown.digest == second.digest
    assert await days.make() == []


async def test_a_receipt_of_a_day_holds_after_it_was_kept(days: Days) -> None:
    await measured(days)
    (receipt,) = await days.make()
    (kept,) = await days.store.receipts(kind="day", subject="2026-11-25")
    assert verify(kept, receipt.digest) == []


async def test_what_the_resident_gave_up_stands_in_the_day_s_receipt(days: Days) -> None:
    await measured(days)
    (before,) = await days.make()
    assert before.document["results"]["given_up"] is None  # type: ignore[call-overload, index] # an object
    # For an hour of the evening a tank was too cold, and at seven a car lacked 1.5 kWh.
    await days.write(of("tank", "unmet", "s"), 0)
    await days.write(of("tank", "unmet", "s"), 300, hours=1, first_h=19)
    await days.series.write(lacking(1500, MIDNIGHT + timedelta(hours=7)))
    (receipt,) = await days.make()
    results: Any = receipt.document["results"]
    assert results["given_up"] == {"unmet_s": 3600, "lacked_wh": 1500}
    assert receipt.document["given_up"] == {
        "tank": {"unmet_s": 3600, "lacked_wh": 0},
        "car": {"unmet_s": 0, "lacked_wh": 1500},
    }
    assert verify(receipt, receipt.digest) == []


async def test_a_day_of_which_nothing_is_known_has_none(days: Days) -> None:
    assert await days.make() == []


async def test_a_price_in_another_currency_is_none(days: Days) -> None:
    await days.write(of("meter", "import"), 100)
    noon = (MIDNIGHT + timedelta(hours=12)).astimezone(UTC)
    crowns = Slot(start=noon, end=noon + timedelta(hours=6), value=Decimal(3), known_at=noon, source="test")
    await days.series.write(SeriesBatch(prices={("import_price", noon): (crowns, "SEK/kWh")}))
    (receipt,) = await days.make()
    results: Any = receipt.document["results"]
    # What the crowns end is not told in euros again.
    assert results["known"] == "0.5000"
    assert results["happened"]["cost"] == "4.32"


async def test_a_tariff_that_changes_at_noon_prices_each_half_by_its_own(days: Days) -> None:
    await days.write(of("meter", "import"), 100)
    noon = (MIDNIGHT + timedelta(hours=12)).astimezone(UTC)
    dearer = Slot(start=noon, end=noon + timedelta(hours=12), value=Decimal("0.40"), known_at=noon, source="")
    await days.series.write(SeriesBatch(prices={("import_price", noon): (dearer, "EUR/kWh")}))
    (receipt,) = await days.make()
    results: Any = receipt.document["results"]
    # 14.4 kWh at 0.30 and 14.4 kWh at 0.40.
    assert results["happened"]["cost"] == "10.08"


async def test_what_comes_late_after_the_time_zone_was_changed_has_the_day_s_own_receipt_followed_up(
    days: Days,
) -> None:
    await days.write(of("meter", "import"), 100, hours=20)
    (first,) = await days.make()
    days.zone = ZoneInfo("Europe/London")
    await days.write(of("meter", "import"), 100, hours=4, first_h=20)
    days.now += timedelta(days=1)
    (second,) = await days.make()
    assert second.document["replaces"] == first.digest
    assert second.document["day"] == first.document["day"]
    results: Any = second.document["results"]
    assert results["happened"]["import_wh"] == 28_800
