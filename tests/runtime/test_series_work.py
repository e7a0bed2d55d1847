"""What is derived of days: to do, faulty, done or closed; opened by what is late, also after a restart."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import Mark
from custom_components.home_flex.core.statistics.blocks import SLOTS_A_DAY, Block, BlockKind
from custom_components.home_flex.history.series_hours import SLOTS
from custom_components.home_flex.history.series_rows import Filling, SeriesBatch, SeriesKey, Source
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime import series_work
from custom_components.home_flex.runtime.day_balance import DayBalance
from custom_components.home_flex.runtime.past_powers import past_powers
from custom_components.home_flex.runtime.planning.measured import LOAD as HOUSE
from custom_components.home_flex.runtime.publication import Hour, Publication
from custom_components.home_flex.runtime.series_keeper import SeriesKeeper
from custom_components.home_flex.runtime.series_work import Made, SeriesWork

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TODAY = int(NOW.timestamp()) // 86_400
YESTERDAY = TODAY - 1


def of(device_id: str, name: str) -> SeriesKey:
    return SeriesKey(device_id=device_id, name=name, unit="Wh")


IMPORT, EXPORT, SUN = of("meter", "import"), of("meter", "export"), of("roof", "production")
LOAD, DIRECT = of("", "load"), of("", "direct_consumption")


class Home:
    """A home's series with what derives from them; time passes by turns."""

    def __init__(self, store: SeriesStore) -> None:
        self.store = store
        self.keeper = SeriesKeeper(store)
        self.published: dict[str, list[Hour]] = {}
        self.caught_up = 0
        self.clock = NOW
        self.work = SeriesWork(
            self.keeper,
            [DayBalance(store), Publication(store, self.publish)],
            clock=lambda: self.clock,
            caught_up=self._count,
        )

    def publish(self, name: str, hours: object) -> None:
        assert isinstance(hours, list)
        self.published.setdefault(name, []).extend(hours)

    async def _count(self) -> None:
        self.caught_up += 1

    async def turn(self) -> None:
        await self.work.turn()
        await self.keeper._write()

    async def finish(self) -> None:
        for _ in range(100):
            await self.turn()
            if not self.work.backlog.todo:
                return
        raise AssertionError("It never ends")

    async def measure(self, day: int, **wh: int) -> None:
        """Write each slot of a day: import, export and production in Wh."""
        batch = SeriesBatch()
        for key in (IMPORT, EXPORT, SUN):
            if key.name in wh:
                slots = range(day * SLOTS_A_DAY, (day + 1) * SLOTS_A_DAY)
                batch.put(key, dict.fromkeys(slots, (wh[key.name], Mark.MEASURED)))
        await self.store.write(batch)

    async def total(self, key: SeriesKey, day: int) -> int:
        stretch = Stretch(first_slot=day * SLOTS_A_DAY, end_slot=(day + 1) * SLOTS_A_DAY)
        (found,) = await self.store.sums([key], [stretch])
        return found[key].total if key in found else 0


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    store = await SeriesStore.open(tmp_path / "series.db")
    yield Home(store)
    await store.close()


def states(path: Path) -> dict[tuple[str, int], str]:
    with sqlite3.connect(path) as reader:
        rows = reader.execute("SELECT kind, day, state FROM block").fetchall()
    reader.close()
    return {(kind, day - TODAY): state for kind, day, state in rows}


async def test_a_day_that_is_over_is_derived_and_the_present_one_waits(home: Home, tmp_path: Path) -> None:
    await home.measure(YESTERDAY, **{"import": 10, "export": 2, "production": 5})
    await home.measure(TODAY, **{"import": 10})

    await home.finish()

    assert await home.total(LOAD, YESTERDAY) == SLOTS_A_DAY * 13
    assert await home.total(DIRECT, YESTERDAY) == SLOTS_A_DAY * 3
    assert states(tmp_path / "series.db") == {
        ("balance", -1): "done",
        ("publication", -1): "done",
        ("event", -1): "todo",
        ("receipt", -1): "todo",
        ("balance", 0): "todo",
        ("publication", 0): "todo",
        ("event", 0): "todo",
        ("receipt", 0): "todo",
    }
    assert home.caught_up == 1


async def test_what_is_late_opens_its_day_again(home: Home, tmp_path: Path) -> None:
    await home.measure(YESTERDAY, **{"import": 10})
    await home.finish()
    late = SeriesBatch()
    late.put(IMPORT, {YESTERDAY * SLOTS_A_DAY + 7: (110, Mark.INTERPOLATED)})
    await home.store.write(late)

    assert states(tmp_path / "series.db")["balance", -1] == "todo"
    await home.finish()

    assert await home.total(LOAD, YESTERDAY) == SLOTS_A_DAY * 10 + 100


async def test_what_comes_while_a_day_is_made_is_not_lost(home: Home, tmp_path: Path) -> None:
    await home.measure(YESTERDAY, **{"import": 10})
    await home.work.turn()  # made, and waiting to be written
    late = SeriesBatch()
    late.put(IMPORT, {YESTERDAY * SLOTS_A_DAY: (110, Mark.MEASURED)})
    home.keeper.put(late)
    await home.keeper._write()

    assert states(tmp_path / "series.db")["balance", -1] == "todo"
    await home.finish()
    assert await home.total(LOAD, YESTERDAY) == SLOTS_A_DAY * 10 + 100


async def test_a_day_without_a_meter_is_faulty_until_one_tells_it(home: Home, tmp_path: Path) -> None:
    await home.measure(YESTERDAY, production=5)

    await home.finish()

    assert states(tmp_path / "series.db")["balance", -1] == "faulty"
    assert home.work.backlog.faulty == 1
    await home.measure(YESTERDAY, **{"import": 10, "export": 0})
    await home.finish()
    assert await home.total(LOAD, YESTERDAY) == SLOTS_A_DAY * 15


async def test_a_day_that_its_rule_breaks_at_is_faulty_and_keeps_no_other_waiting(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = DayBalance.make

    async def broken(rule: DayBalance, block: Block) -> Made:
        if block.day == YESTERDAY - 1:
            raise KeyError("scope")
        return await make(rule, block)

    monkeypatch.setattr(DayBalance, "make", broken)
    for day in (YESTERDAY - 1, YESTERDAY):
        await home.measure(day, **{"import": 10})

    await home.finish()

    assert home.work.backlog.faulty == 1
    assert await home.total(LOAD, YESTERDAY) == SLOTS_A_DAY * 10


async def test_a_device_that_was_silent_for_a_day_leaves_no_balance_and_one_that_came_later_does(
    home: Home,
) -> None:
    for day in (-3, -1):
        await home.measure(TODAY + day, **{"import": 10, "production": 5})
    await home.measure(TODAY - 2, **{"import": 10})
    await home.measure(TODAY - 4, **{"import": 10})

    await home.finish()

    assert await home.total(LOAD, TODAY - 4) == SLOTS_A_DAY * 10
    assert await home.total(LOAD, TODAY - 3) == SLOTS_A_DAY * 15
    assert await home.total(LOAD, TODAY - 2) == 0


async def test_a_restart_goes_on_with_what_was_left_also_of_days_from_before_there_were_blocks(
    home: Home, tmp_path: Path
) -> None:
    for day in range(1, 6):
        await home.measure(TODAY - day, **{"import": 10})
    with sqlite3.connect(tmp_path / "series.db") as writer:
        writer.execute("DELETE FROM block WHERE day < ?", (TODAY - 2,))
    writer.close()

    again = Home(home.store)
    await again.store.adopt_blocks()
    await again.finish()

    assert [await again.total(LOAD, TODAY - day) for day in range(1, 6)] == [SLOTS_A_DAY * 10] * 5


async def test_a_turn_is_bounded_and_takes_the_oldest_day_first(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_work, "BUDGET_S", 0.0)
    for day in range(1, 4):
        await home.measure(TODAY - day, **{"import": 10})

    await home.turn()

    found = states(tmp_path / "series.db")
    assert [found["balance", day] for day in (-3, -2, -1)] == ["done", "todo", "todo"]
    assert home.work.backlog.todo == 6
    assert home.work.backlog.oldest_day == TODAY - 3


async def test_days_that_nothing_late_can_change_are_closed(home: Home, tmp_path: Path) -> None:
    await home.measure(TODAY - 20, **{"import": 10})
    await home.finish()
    await home.measure(TODAY, **{"import": 10})

    assert states(tmp_path / "series.db")["balance", -20] == "closed"
    await home.store.fill(
        {EXPORT: Filling(source=Source.FILE, hours={(TODAY - 20) * 24: (5, Mark.MEASURED)})}
    )
    assert states(tmp_path / "series.db")["balance", -20] == "todo"


async def test_a_past_that_is_known_by_the_hour_is_balanced_by_the_hour(home: Home) -> None:
    first = YESTERDAY * 24
    await home.store.fill(
        {
            key: Filling(
                source=Source.LONG_TERM,
                hours=dict.fromkeys(range(first, first + 24), (amount, Mark.MEASURED)),
            )
            for key, amount in ((IMPORT, 401), (EXPORT, 100), (SUN, 300))
        }
    )

    await home.finish()

    assert await home.total(LOAD, YESTERDAY) == 24 * 601
    told = await home.store.hours([LOAD], first, first + 24)
    assert told[LOAD][first] == (601, Mark.MEASURED, Source.LONG_TERM)
    powers = await past_powers(
        home.store, [], Stretch(first_slot=first * SLOTS, end_slot=(first + 24) * SLOTS)
    )
    assert set(powers[HOUSE].values()) <= {600.0, 602.0}
    assert set(powers["roof"].values()) == {300.0}


async def test_the_house_is_known_where_every_device_in_it_is(home: Home) -> None:
    await home.measure(YESTERDAY, **{"import": 100})
    await home.finish()
    car = of("car", "consumption")
    batch = SeriesBatch()
    first = YESTERDAY * SLOTS_A_DAY
    batch.put(car, dict.fromkeys(range(first, first + 6), (40, Mark.MEASURED)))
    await home.store.write(batch)

    powers = await past_powers(home.store, ["car"], Stretch(first_slot=first, end_slot=first + 12))

    assert powers[HOUSE] == {first // 6: 720.0}
    assert powers["car"] == {first // 6: 480.0}


async def test_what_is_published_is_a_running_sum_by_the_hour(home: Home) -> None:
    await home.measure(TODAY - 2, **{"import": 10})
    await home.measure(TODAY - 1, **{"import": 20})

    await home.finish()

    hours = home.published["import"]
    assert len(hours) == 48
    assert [hours[at].sum_wh for at in (0, 23, 24, 47)] == [120, 2_880, 3_120, 8_640]
    assert hours[24].amount_wh == 240
    assert hours[0].start == datetime.fromtimestamp((TODAY - 2) * 86_400, UTC)


async def test_what_is_late_is_carried_through_all_later_hours(home: Home) -> None:
    for day in (-3, -2, -1):
        await home.measure(TODAY + day, **{"import": 10})
    await home.finish()
    home.published.clear()
    late = SeriesBatch()
    late.put(IMPORT, {(TODAY - 3) * SLOTS_A_DAY: (110, Mark.MEASURED)})
    await home.store.write(late)

    await home.finish()

    hours = {hour.start: hour.sum_wh for hour in home.published["import"]}
    assert len(hours) == 72
    assert max(hours.values()) == 3 * 2_880 + 100
    assert hours[NOW.replace(hour=0) - timedelta(days=2)] == 2_880 + 100 + 120


async def test_the_sum_goes_on_where_it_was_when_its_first_days_are_forgotten(home: Home) -> None:
    for day in (-2, -1):
        await home.measure(TODAY + day, **{"import": 10})
    await home.finish()
    with sqlite3.connect(await _path(home)) as writer:
        writer.execute("DELETE FROM block WHERE day < ?", (YESTERDAY,))
        writer.execute("UPDATE block SET state = 'todo' WHERE kind = ?", (BlockKind.PUBLICATION,))
    writer.close()
    again = Home(home.store)

    await again.finish()

    assert again.published["import"][-1].sum_wh == 2 * 2_880


async def _path(home: Home) -> Path:
    rows = await home.store._file.run(
        lambda: home.store._file.connection.execute("PRAGMA database_list").fetchall()
    )
    return Path(rows[0][2])


@given(order=st.permutations(range(6)))
@settings(max_examples=6, deadline=None)
async def test_what_is_derived_never_depends_on_the_order_in_which_late_data_come(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    store = await SeriesStore.open(tmp_path_factory.mktemp("late") / "series.db")
    home = Home(store)
    first = YESTERDAY * SLOTS_A_DAY
    told: list[Callable[[], Awaitable[object]]] = [
        lambda: home.measure(YESTERDAY, **{"import": 10}),
        lambda: home.measure(TODAY - 2, **{"import": 7, "export": 3}),
        lambda: store.write(late(IMPORT, first - 3, 4)),
        lambda: store.fill({SUN: told_by_hour(first // SLOTS, 600)}),
        lambda: store.fill({IMPORT: told_by_hour((first - SLOTS_A_DAY) // SLOTS - 24, 1_200)}),
        lambda: home.measure(TODAY - 2, production=2),
    ]
    # Of a slot that is measured again the last word counts: those two stay in their order.
    if order.index(2) < order.index(1):
        order[order.index(1)], order[order.index(2)] = 2, 1
    for at in order:
        await told[at]()
        if at % 2:
            await home.finish()

    await home.finish()

    days = [await home.total(LOAD, TODAY - back) for back in (3, 2, 1)]
    assert days == [24 * 1_200, SLOTS_A_DAY * 6 - 7 + 4, SLOTS_A_DAY * 10 + 24 * 600]
    await store.close()


def late(key: SeriesKey, slot: int, value: int) -> SeriesBatch:
    batch = SeriesBatch()
    batch.put(key, {slot: (value, Mark.INTERPOLATED)})
    return batch


def told_by_hour(first: int, amount: int) -> Filling:
    """Return a day of hours."""
    hours = dict.fromkeys(range(first, first + 24), (amount, Mark.MEASURED))
    return Filling(source=Source.LONG_TERM, hours=hours)
