"""What a period came to: of the registers of all meters, with what is known of each figure."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from custom_components.home_flex.core.signals import Slot
from custom_components.home_flex.core.statistics import Grouping, Mark, Period, periods, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.runtime.accounts import accounts, together

START = datetime(2026, 11, 2, tzinfo=UTC)
HOURS = periods(START, START + timedelta(hours=2), Grouping.HOUR, UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    store = await SeriesStore.open(tmp_path / "series.db")
    yield store
    await store.close()


async def count(store: SeriesStore, device_id: str, name: str, values: Mapping[int, int]) -> None:
    """Write what a device counted in the slots after the start."""
    batch, first = SeriesBatch(), slot_at(START)
    batch.put(
        SeriesKey(device_id=device_id, name=name, unit="Wh"),
        {first + slot: (wh, Mark.MEASURED) for slot, wh in values.items()},
    )
    await store.write(batch)


async def price(store: SeriesStore, value: str, hours: int) -> None:
    end = START + timedelta(hours=hours)
    slot = Slot(start=START, end=end, value=Decimal(value), known_at=START, source="test")
    await store.write(SeriesBatch(prices={("import_price", START): (slot, "EUR/kWh")}))


async def test_the_registers_of_tariffs_are_one_figure(store: SeriesStore) -> None:
    await count(store, "meter", "import.1", dict.fromkeys(range(24), 10))
    await count(store, "meter", "import.2", dict.fromkeys(range(24), 5))
    (whole,) = await accounts(store, "EUR", [Period(start=START, end=HOURS[-1].end)])
    amount = whole.of("import")
    assert amount is not None
    assert (amount.energy_wh, amount.coverage.known_share) == (360, 1.0)


async def test_a_meter_that_took_the_place_of_another_leaves_no_hole(store: SeriesStore) -> None:
    await count(store, "old", "import", {-1: 7})
    await count(store, "new", "import", dict.fromkeys(range(24), 10))
    (first, _) = await accounts(store, "EUR", HOURS)
    amount = first.of("import")
    assert amount is not None
    assert (amount.energy_wh, amount.coverage.known_share) == (120, 1.0)
    assert "import" not in first.devices.get("old", {})


async def test_what_changed_from_one_register_to_tariffs_is_covered_by_both(store: SeriesStore) -> None:
    await count(store, "meter", "import", dict.fromkeys(range(12), 10))
    await count(store, "meter", "import.1", dict.fromkeys(range(12, 24), 10))
    await count(store, "meter", "import.2", dict.fromkeys(range(12, 24), 0))
    (whole,) = await accounts(store, "EUR", [Period(start=START, end=HOURS[-1].end)])
    amount = whole.of("import")
    assert amount is not None
    assert (amount.energy_wh, amount.coverage.known_share) == (240, 1.0)


async def test_energy_without_a_price_is_in_no_sum_and_said(store: SeriesStore) -> None:
    await count(store, "meter", "import", dict.fromkeys(range(24), 10))
    await price(store, "0.30", hours=1)
    first, second = await accounts(store, "EUR", HOURS)
    assert (first.bought.amount, first.bought.known_share) == (Decimal("0.036"), 1.0)
    assert (second.bought.amount, second.bought.known_share) == (Decimal(0), 0.0)
    assert together([first, second]).bought.known_share == 0.5


async def test_the_parts_of_a_period_sum_to_it_exactly(store: SeriesStore) -> None:
    await count(store, "meter", "import", {slot: slot * slot % 17 for slot in range(24)})
    await count(store, "roof", "production", dict.fromkeys(range(20), 3))
    await price(store, "0.2777", hours=2)
    (whole,) = await accounts(store, "EUR", [Period(start=START, end=HOURS[-1].end)])
    summed = together(await accounts(store, "EUR", HOURS))
    assert (summed.bought, summed.sold, summed.carbon_g) == (whole.bought, whole.sold, whole.carbon_g)
    assert summed.devices == whole.devices
    assert summed.period == whole.period


async def test_what_no_device_ever_counted_is_no_figure(store: SeriesStore) -> None:
    await count(store, "meter", "import", {0: 1})
    (first, _) = await accounts(store, "EUR", HOURS)
    assert first.of("production") is None


def test_a_period_without_parts_is_none() -> None:
    with pytest.raises(ValueError, match="parts"):
        together([])
