"""Writing the series behind: seldom, again after trouble, and nothing lost when the site stops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from custom_components.home_flex.core.statistics import Mark
from custom_components.home_flex.history.database import HistoryError
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime import series_keeper
from custom_components.home_flex.runtime.series_keeper import MOST_WAITING, SeriesKeeper

KEY = SeriesKey(device_id="meter", name="import", unit="Wh")


def batch(slot: int, value: int = 1) -> SeriesBatch:
    made = SeriesBatch()
    made.put(KEY, {slot: (value, Mark.MEASURED)})
    return made


def waits(keeper: SeriesKeeper) -> bool:
    return keeper.backlog > 0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 # the keeper tells nobody
            await asyncio.sleep(0.001)


@pytest.fixture
async def keeper(tmp_path: Path) -> AsyncIterator[SeriesKeeper]:
    made = SeriesKeeper(await SeriesStore.open(tmp_path / "series.db"))
    yield made
    await made.close()


async def stored(path: Path, slots: int) -> tuple[int | None, ...]:
    store = await SeriesStore.open(path)
    found = await store.read([KEY], Stretch(first_slot=0, end_slot=slots))
    await store.close()
    return found[KEY].values


async def test_what_waits_is_written_when_the_site_stops(keeper: SeriesKeeper, tmp_path: Path) -> None:
    keeper.put(batch(0))
    running = asyncio.create_task(keeper.run())
    await until(lambda: not waits(keeper))
    keeper.put(batch(1))
    await asyncio.sleep(0.05)
    assert waits(keeper), "it is written once a minute at most"

    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await keeper.close()

    assert await stored(tmp_path / "series.db", 2) == (1, 1)


async def test_a_disk_that_takes_nothing_is_asked_again_and_nothing_is_lost(
    keeper: SeriesKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_keeper, "RETRY_S", 0.01)
    write, failures = keeper.store.write, [HistoryError("full", "disk_full")] * 2

    async def failing(given: SeriesBatch) -> None:
        if failures:
            raise failures.pop()
        await write(given)

    monkeypatch.setattr(keeper.store, "write", failing)
    keeper.put(batch(0))
    running = asyncio.create_task(keeper.run())
    await until(lambda: keeper.trouble is not None)
    assert (keeper.trouble, keeper.backlog) == ("disk_full", 1)
    keeper.put(batch(0, 2))
    await until(lambda: keeper.trouble is None)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await keeper.close()

    assert await stored(tmp_path / "series.db", 1) == (2,)


async def test_what_waits_is_bounded(keeper: SeriesKeeper) -> None:
    for slot in range(MOST_WAITING + 20):
        keeper.put(batch(slot))

    assert keeper.backlog == MOST_WAITING
