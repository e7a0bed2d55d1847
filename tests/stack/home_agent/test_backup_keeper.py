"""When a backup is made, what is done about one that fails, and what a restore is given.

A counting stand-in takes Home Assistant's place; test_backup_drill.py has the real one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import aiohttp
import pytest
from home_agent.backup.cipher import SealError
from home_agent.backup.keeper import BackupError, BackupKeeper
from home_agent.backup.source import BackupSource, LocalBackup
from home_agent.backup.store import BackupStore
from home_agent.defaults import BackupSettings
from home_agent.home.link import HomeAssistantError
from hypothesis import given
from hypothesis import strategies as st

from scripts.home_stack.api import wait_until

from .backup_folder import BackupFolder, backup_folder

KEY = "the-key-of-this-home-in-the-operators-folder"
OTHER_KEY = "the-key-of-another-home-in-the-same-folder"
CONTENT = b"the whole of a home" * 1000
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class CountingHome:
    """Makes backups of one content, and remembers what it was told."""

    def __init__(self) -> None:
        self.makes = True
        self.made = self.on_the_card = self.under_way = self.most_under_way = 0
        self.given: list[bytes] = []
        self.on_restore: Callable[[], None] = lambda: None
        self.told_with_database: list[bool] = []

    async def make(self, *, with_database: bool) -> LocalBackup:
        if not self.makes:
            raise HomeAssistantError("Home Assistant made no backup")
        self.told_with_database.append(with_database)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.01)
        self.made += 1
        self.on_the_card += 1
        return LocalBackup(backup_id="one", date="today", size=len(CONTENT))

    async def read(self, backup: LocalBackup) -> AsyncIterator[bytes]:
        assert backup.backup_id == "one"
        yield CONTENT

    async def delete(self) -> None:
        self.on_the_card = self.under_way = 0

    async def restore(self, content: AsyncIterator[bytes], *, with_database: bool) -> None:
        self.told_with_database.append(with_database)
        self.on_restore()
        self.given.append(b"".join([piece async for piece in content]))


class Gateway:
    """Makes keepers of one home, as each start of the agent does."""

    def __init__(self, folder: BackupFolder, session: aiohttp.ClientSession, path: Path) -> None:
        self.folder = folder
        self.home = CountingHome()
        self.path = path
        self.may_begin = True
        self.asked = 0
        self._session = session

    def keeper(self, *, key: str = KEY) -> BackupKeeper:
        return BackupKeeper(
            home_id="home_1",
            settings=BackupSettings(url=self.folder.url, key=key, with_database=False, every_days=7),
            source=cast("BackupSource", self.home),
            store=BackupStore(self._session, self.folder.url, pauses_s=(0.01,)),
            path=self.path,
            may_begin=self._asked,
        )

    def _asked(self) -> bool:
        self.asked += 1
        return self.may_begin


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with backup_folder() as folder, aiohttp.ClientSession(trust_env=False) as session:
        yield Gateway(folder, session, tmp_path / "backup.json")


@asynccontextmanager
async def running(keeper: BackupKeeper) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(keeper.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def aged(path: Path, age: timedelta) -> None:
    at = (NOW - age).isoformat()
    path.write_text(f'{{"at": "{at}", "name": "home_1-20261114T120000Z.hfb", "size": 1}}')


async def test_a_home_without_one_makes_its_first_backup_by_itself(gateway: Gateway) -> None:
    keeper = gateway.keeper()
    async with running(keeper):

        async def arrived() -> bool:
            return keeper.latest is not None

        await wait_until(arrived, "the first backup", timeout_s=30)
    assert gateway.folder.files.keys() == {keeper.latest.name if keeper.latest else ""}


async def test_none_is_begun_while_it_must_not(gateway: Gateway) -> None:
    gateway.may_begin = False
    keeper = gateway.keeper()
    async with running(keeper):

        async def asked() -> bool:
            return gateway.asked > 0

        await wait_until(asked, "the keeper to ask", timeout_s=30)
    assert not gateway.home.under_way


@given(age=st.timedeltas(min_value=-30 * DAY, max_value=30 * DAY))
def test_the_next_is_due_a_week_after_the_last_and_when_the_clock_was_set_back(
    tmp_path_factory: pytest.TempPathFactory, age: timedelta
) -> None:
    path = tmp_path_factory.getbasetemp() / "aged.json"
    aged(path, age)
    keeper = Gateway(BackupFolder(), cast("aiohttp.ClientSession", None), path).keeper()
    assert keeper.is_due(NOW) == (age >= 7 * DAY or age < timedelta())
    assert keeper.is_overdue(NOW) == (age > 11 * DAY or age < -4 * DAY)


async def test_a_first_backup_that_never_arrives_becomes_overdue_too(gateway: Gateway) -> None:
    gateway.home.makes = False
    async with running(gateway.keeper()):

        async def waits() -> bool:
            return gateway.path.exists()

        await wait_until(waits, "the keeper to remember since when it waits", timeout_s=30)
    after_a_restart = gateway.keeper()
    assert after_a_restart.latest is None
    assert not after_a_restart.is_overdue(datetime.now(UTC) + 10 * DAY)
    assert after_a_restart.is_overdue(datetime.now(UTC) + 12 * DAY)


async def test_what_arrived_is_known_after_a_restart(gateway: Gateway) -> None:
    record = await gateway.keeper().back_up()
    assert gateway.keeper().latest == record


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"at": 5}', '{"at": "2026-11-14T12:00:00", "name": "x", "size": 1}']
)
async def test_a_damaged_memory_means_another_backup_and_no_fault(gateway: Gateway, damage: str) -> None:
    gateway.path.write_text(damage)
    keeper = gateway.keeper()
    assert keeper.latest is None
    assert keeper.is_due(NOW)
    assert not keeper.is_overdue(NOW)


async def test_a_full_disk_costs_the_memory_of_a_backup_and_not_the_agent(gateway: Gateway) -> None:
    gateway.path = gateway.path / "no folder" / "backup.json"
    keeper = gateway.keeper()
    record = await keeper.back_up()
    assert keeper.latest == record, "it is not made again at once"


async def test_a_backup_that_cannot_be_brought_away_does_not_stay_on_the_card(gateway: Gateway) -> None:
    gateway.folder.answers_first = [403]
    keeper = gateway.keeper()
    with pytest.raises(BackupError, match="403"):
        await keeper.back_up()
    assert (gateway.home.made, gateway.home.on_the_card) == (1, 0)
    assert keeper.latest is None


async def test_two_asked_for_at_once_are_made_one_after_the_other(gateway: Gateway) -> None:
    keeper = gateway.keeper()
    await asyncio.gather(keeper.back_up(), keeper.back_up())
    assert (gateway.home.made, gateway.home.most_under_way) == (2, 1)


async def test_a_home_that_makes_none_is_an_error_in_words(gateway: Gateway) -> None:
    gateway.home.makes = False
    with pytest.raises(BackupError, match="made no backup"):
        await gateway.keeper().back_up()


async def test_a_restore_gives_home_assistant_what_it_once_made(gateway: Gateway) -> None:
    record = await gateway.keeper().back_up()
    await gateway.keeper().restore(record.name)
    assert gateway.home.given == [CONTENT]
    assert gateway.home.told_with_database == [False, False]


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_restore_is_told_from_its_beginning_to_its_end(gateway: Gateway, refuses: bool) -> None:
    keeper, told = gateway.keeper(), []

    def note() -> None:
        told.append(keeper.restoring)
        if refuses:
            raise HomeAssistantError("no")

    gateway.home.on_restore = note
    name = (await keeper.back_up()).name
    assert not keeper.restoring
    with suppress(BackupError):
        await keeper.restore(name)
    assert told == [True]
    assert not keeper.restoring


async def test_a_backup_of_another_key_or_a_changed_one_never_reaches_home_assistant(
    gateway: Gateway,
) -> None:
    record = await gateway.keeper().back_up()
    with pytest.raises(SealError):
        await gateway.keeper(key=OTHER_KEY).restore(record.name)
    kept = gateway.folder.files[record.name]
    gateway.folder.files[record.name] = kept[:-1] + bytes([kept[-1] ^ 1])
    with pytest.raises(SealError):
        await gateway.keeper().restore(record.name)
    assert not gateway.home.given


async def test_a_backup_that_is_not_there_is_an_error_in_words(gateway: Gateway) -> None:
    with pytest.raises(BackupError, match="404"):
        await gateway.keeper().restore("home_1-20200101T000000Z.hfb")
