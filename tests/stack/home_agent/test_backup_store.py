"""The way of a sealed backup to the operator's folder and back, over a line that is not always there."""

import asyncio
import logging
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from home_agent.backup.store import BackupStore, StoreError

from scripts.home_stack.processes import free_port

from .backup_folder import PASSWORD, USER, BackupFolder, backup_folder

HOST = "127.0.0.1"
NAME = "home_1-20261121T103000Z.hfb"
CHUNKS = [os.urandom(300_000) for _ in range(8)]
CONTENT = b"".join(CHUNKS)


class Source:
    """What is uploaded; counts how often it began."""

    def __init__(self, *, breaks_first: int = 0) -> None:
        """Break off in the middle of the first ``breaks_first`` times."""
        self.begun = 0
        self._breaks_first = breaks_first

    async def __call__(self) -> AsyncIterator[bytes]:
        self.begun += 1
        breaks = self.begun <= self._breaks_first
        for number, chunk in enumerate(CHUNKS):
            if breaks and number == len(CHUNKS) // 2:
                raise RuntimeError("The home stopped giving its backup")
            yield chunk


@pytest.fixture
async def folder() -> AsyncIterator[BackupFolder]:
    async with backup_folder() as folder:
        yield folder


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield session


@pytest.fixture
def store(folder: BackupFolder, session: aiohttp.ClientSession) -> BackupStore:
    return BackupStore(session, folder.url, pauses_s=(0.01, 0.01, 0.01))


async def put(store: BackupStore, source: Callable[[], AsyncIterator[bytes]]) -> None:
    async with asyncio.timeout(50):
        await store.put(NAME, source, len(CONTENT))


async def got(store: BackupStore, name: str = NAME) -> bytes:
    async with asyncio.timeout(50):
        return b"".join([piece async for piece in store.get(name)])


async def test_an_upload_says_its_length_and_comes_back_as_it_was(
    store: BackupStore, folder: BackupFolder
) -> None:
    await put(store, Source())
    (upload,) = folder.uploads
    assert (upload.name, upload.length) == (NAME, len(CONTENT))
    assert folder.files == {NAME: CONTENT}
    assert await got(store) == CONTENT


@pytest.mark.parametrize(
    "answers", [[503], [None], [500, None, 429]], ids=["a refusal", "a break", "all kinds of trouble"]
)
async def test_each_further_attempt_begins_the_backup_anew(
    store: BackupStore, folder: BackupFolder, answers: list[int | None]
) -> None:
    folder.answers_first = [*answers]
    source = Source()
    await put(store, source)
    assert source.begun == len(folder.uploads) == len(answers) + 1
    assert folder.files == {NAME: CONTENT}


async def test_a_source_that_breaks_off_is_no_upload_and_is_tried_again(
    store: BackupStore, folder: BackupFolder
) -> None:
    source = Source(breaks_first=1)
    await put(store, source)
    assert source.begun == 2
    assert folder.files == {NAME: CONTENT}


async def test_it_gives_up_after_the_last_pause(store: BackupStore, folder: BackupFolder) -> None:
    folder.answers_first = [503] * 10
    source = Source()
    with pytest.raises(StoreError, match="503"):
        await put(store, source)
    assert source.begun == 4
    assert not folder.files


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 411, 413, 302, 307])
async def test_a_refusal_that_will_not_change_is_not_asked_for_again(
    store: BackupStore, folder: BackupFolder, status: int
) -> None:
    folder.answers_first = [status]
    with pytest.raises(StoreError, match=str(status)) as caught:
        await put(store, Source())
    assert caught.value.final
    assert len(folder.uploads) == 1


async def test_a_download_that_breaks_off_is_an_error_and_no_short_backup(
    store: BackupStore, folder: BackupFolder
) -> None:
    await put(store, Source())
    folder.breaks_after = len(CONTENT) // 2
    with pytest.raises(StoreError, match="broke off"):
        await got(store)


async def test_a_backup_that_is_not_there_is_an_error(store: BackupStore) -> None:
    with pytest.raises(StoreError, match="404"):
        await got(store, "home_1-20200101T000000Z.hfb")


async def test_a_folder_that_has_moved_is_an_error_as_its_password_goes_nowhere_else(
    store: BackupStore, folder: BackupFolder
) -> None:
    folder.files[NAME], folder.moved = CONTENT, True
    with pytest.raises(StoreError, match="302"):
        await got(store)
    assert folder.downloads == 1


type Trouble = Callable[[BackupFolder, aiohttp.ClientSession], Awaitable[None]]


async def _refused(folder: BackupFolder, session: aiohttp.ClientSession) -> None:
    folder.answers_first = [503] * 10
    await put(BackupStore(session, folder.url, pauses_s=(0.01,)), Source())


async def _broken(folder: BackupFolder, session: aiohttp.ClientSession) -> None:
    folder.answers_first = [None] * 10
    await put(BackupStore(session, folder.url, pauses_s=(0.01,)), Source())


async def _nobody_there(folder: BackupFolder, session: aiohttp.ClientSession) -> None:
    url = f"http://{USER}:{PASSWORD}@{HOST}:{free_port()}/backups"
    await put(BackupStore(session, url, pauses_s=(0.01,)), Source())


async def _no_address(folder: BackupFolder, session: aiohttp.ClientSession) -> None:
    url = f"https://{USER}:{PASSWORD}@{HOST}:99999/backups"
    await put(BackupStore(session, url, pauses_s=(0.01,)), Source())


async def _unknown_name(folder: BackupFolder, session: aiohttp.ClientSession) -> None:
    await got(BackupStore(session, folder.url), "home_1-20200101T000000Z.hfb")


async def _broken_download(folder: BackupFolder, session: aiohttp.ClientSession) -> None:
    folder.files[NAME], folder.breaks_after = CONTENT, 1000
    await got(BackupStore(session, folder.url))


async def _nobody_to_give(folder: BackupFolder, session: aiohttp.ClientSession) -> None:
    await got(BackupStore(session, f"http://{USER}:{PASSWORD}@{HOST}:{free_port()}/backups"))


@pytest.mark.parametrize(
    "trouble",
    [
        _refused,
        _broken,
        _nobody_there,
        _no_address,
        _unknown_name,
        _broken_download,
        _nobody_to_give,
    ],
)
async def test_neither_log_nor_error_shows_where_the_folder_is_or_its_password(
    folder: BackupFolder,
    session: aiohttp.ClientSession,
    trouble: Trouble,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(StoreError) as caught:
        await trouble(folder, session)
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(caught.value)
    assert not [secret for secret in (HOST, USER, PASSWORD) if secret in shown]


async def test_each_attempt_that_failed_is_one_line_of_the_log(
    store: BackupStore, folder: BackupFolder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.answers_first = [503, None]
    await put(store, Source())
    assert [record.getMessage() for record in caplog.records if record.name.startswith("home_agent")] == [
        "The folder of backups refused: 503; again in 0 s",
        "The folder of backups does not answer; again in 0 s",
    ]
