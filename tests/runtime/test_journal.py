"""The journal that writes behind: in order, whole, patient with the disk, and bounded in memory."""

import asyncio
import contextlib
import json
import logging
import resource
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from custom_components.home_flex.history.batch import MAX_LEDGER_ROWS
from custom_components.home_flex.history.store import (
    Batch,
    Consent,
    HistoryError,
    HistoryStore,
    LedgerEntry,
    OutgoingReport,
)
from custom_components.home_flex.runtime import journal as journal_module
from custom_components.home_flex.runtime.journal import Journal

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def report(name: str, series: str | None = None) -> OutgoingReport:
    return OutgoingReport(id=name, payload=name.encode(), series=series)


def row(number: int) -> LedgerEntry:
    return LedgerEntry(
        time=NOW,
        device_id="battery",
        owner="aggregator",
        reason="import_capacity_limit",
        event_id=None,
        quantity="power_w",
        value=float(number),
        outcome="accepted",
    )


class FailingStore(HistoryStore):
    """A real store whose disk takes nothing while ``reason`` is set."""

    reason: str | None = None
    written: list[Batch]

    async def write(self, batch: Batch) -> None:
        if self.reason is not None:
            raise HistoryError("No", self.reason)
        await super().write(batch)
        self.written.append(batch)


@pytest.fixture(autouse=True)
def _quick_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RETRY_MIN_S", 0.01)
    monkeypatch.setattr(journal_module, "RETRY_MAX_S", 0.05)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FailingStore]:
    store = await FailingStore.open(tmp_path / "store.db")
    assert isinstance(store, FailingStore)
    store.written = []
    yield store
    await store.close()


@contextlib.asynccontextmanager
async def running(journal: Journal) -> AsyncGenerator[Journal]:
    task = asyncio.create_task(journal.run())
    try:
        yield journal
    finally:
        task.cancel()
        await asyncio.wait([task])
        await journal.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 # a condition of any kind, not an event
            await asyncio.sleep(0.005)


async def ids(journal: Journal) -> list[str]:
    return [each.id for each in await journal.pending_reports(100)]


async def test_what_is_handed_over_together_is_written_together_and_in_order(store: FailingStore) -> None:
    journal = Journal(store)
    journal.put_events({"e1": "1"}, [report("r1")], {"e1": Consent(False, NOW)})
    journal.put_setting("participating", False)
    journal.append_ledger([row(1)])
    journal.put_events({"e1": "2", "e2": "1"}, [report("r2")])
    async with running(journal):
        await journal.durable()
    assert len(store.written) == 1
    assert await store.load_records() == {"e1": "2", "e2": "1"}
    assert await ids(journal) == ["r1", "r2"]
    assert await store.load_consents() == {"e1": False}
    assert await store.get_setting("participating") is False
    assert [each.value for each in await store.ledger()] == [1.0]


async def test_what_is_left_is_written_when_the_journal_is_closed(store: FailingStore) -> None:
    journal = Journal(store)
    journal.put_events({"e1": "1"})
    await journal.close()
    assert await store.load_records() == {"e1": "1"}


async def test_a_journal_stopped_in_the_middle_of_a_write_writes_it_once(store: FailingStore) -> None:
    journal = Journal(store)
    task = asyncio.create_task(journal.run())
    journal.append_ledger([row(1)])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await journal.close()
    assert [each.value for each in await store.ledger()] == [1.0]


async def test_nothing_handed_over_in_trouble_is_lost_and_only_the_newest_state_is_kept(
    store: FailingStore,
) -> None:
    journal = Journal(store)
    async with running(journal):
        store.reason = "disk_full"
        for number in range(50):
            journal.put_events({"e1": str(number)}, [report(f"m{number}", "measurement e1")])
            journal.put_events({"e2": None}, [report(f"s{number}")] if number < 3 else ())
            journal.append_ledger([row(number)])
            await asyncio.sleep(0.002)
        assert len(journal._waiting.records) <= 2
        assert len(journal._waiting.reports) <= 4
        store.reason = None
        await journal.durable()
    assert await store.load_records() == {"e1": "49"}
    assert await ids(journal) == ["s0", "s1", "s2", "m49"]
    assert [each.value for each in await store.ledger(limit=100)] == [float(n) for n in range(49, -1, -1)]


async def test_the_ledger_that_waits_is_bounded(store: FailingStore) -> None:
    store.reason = "disk_full"
    journal = Journal(store)
    async with running(journal):
        journal.append_ledger([row(number) for number in range(MAX_LEDGER_ROWS)])
        await until(lambda: journal.trouble)
        journal.append_ledger([row(-1)])
        await asyncio.sleep(0.1)
        assert len(journal._waiting.ledger) <= MAX_LEDGER_ROWS
        assert journal._waiting.ledger[-1].value == -1


async def test_trouble_is_said_once_and_told_and_so_is_its_end(
    store: FailingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    journal = Journal(store)
    told: list[str | None] = []
    remove = journal.add_listener(lambda: told.append(journal.trouble))
    async with running(journal):
        store.reason = "read_only"
        journal.put_events({"e1": "1"})
        await until(lambda: journal.trouble)
        await asyncio.sleep(0.2)
        assert (journal.trouble, told) == ("read_only", ["read_only"])
        store.reason = None
        await journal.durable()
    assert told == ["read_only", None]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    remove()
    journal.put_events({"e1": "2"})
    await journal.close()
    assert told == ["read_only", None]


async def test_reports_are_sent_only_when_they_are_durable_and_not_twice(store: FailingStore) -> None:
    journal = Journal(store)
    async with running(journal):
        journal.put_events({}, [report("r1"), report("r2")])
        await journal.durable()
        store.reason = "locked"
        journal.put_events({}, [report("r3")])
        await journal.report_sent("r1")
        assert await ids(journal) == ["r2"]
        store.reason = None
        await journal.durable()
        assert await ids(journal) == ["r2", "r3"]
    assert [each.id for each in await store.pending_reports(9)] == ["r2", "r3"]


async def test_reports_that_cannot_be_read_wait(store: FailingStore) -> None:
    journal = Journal(store)
    await store.close()
    assert await journal.pending_reports(9) == ()


async def test_durable_waits_for_all_that_was_handed_over_before_and_for_no_more(store: FailingStore) -> None:
    journal = Journal(store)
    async with running(journal):
        await journal.durable()
        store.reason = "disk_full"
        journal.put_events({"e1": "1"})
        waiting = asyncio.create_task(journal.durable())
        await until(lambda: journal.trouble)
        assert not waiting.done()
        store.reason = None
        await waiting


async def test_a_stand_in_never_counts_as_durable(store: FailingStore) -> None:
    journal = Journal(store, out_of_reach="read_only")
    async with running(journal):
        journal.put_events({"e1": "1"}, [report("r1")])
        await until(lambda: store.written)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(journal.durable(), 0.05)
        assert journal.trouble == "read_only"
        assert await journal.pending_reports(9) == ()


async def test_a_failure_of_any_kind_does_not_end_the_journal(
    store: FailingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Batch) -> None:
        raise OverflowError

    journal = Journal(store)
    async with running(journal):
        with monkeypatch.context() as broken:
            broken.setattr(store, "write", fail)
            journal.put_events({"e1": "1"})
            await until(lambda: journal.trouble)
        assert journal.trouble == "failed"
        await journal.durable()
    assert await store.load_records() == {"e1": "1"}


async def test_the_same_document_again_is_not_written_again(store: FailingStore) -> None:
    journal = Journal(store)
    async with running(journal):
        for number in (1, 1, 2, 2, 2, 1):
            journal.put_document("control", {"version": 1, "taken": {"battery": number}})
            await journal.durable()
    assert await store.get_document("control") == {"version": 1, "taken": {"battery": 1}}
    assert len(store.written) == 3
    with pytest.raises(ValueError, match="JSON"):
        journal.put_document("control", {"power_w": float("nan")})


# Real trouble with a real file.


async def flooded(journal: Journal) -> None:
    """Hand over more than any small disk holds, until it says so."""
    for number in range(2000):
        journal.put_events({f"e{number}": "x" * 5000})
        await asyncio.sleep(0)
        if journal.trouble:
            break
    await until(lambda: journal.trouble)


async def test_a_locked_database_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.home_flex.history.database.BUSY_TIMEOUT_S", 0.05)
    store = await HistoryStore.open(tmp_path / "store.db")
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    async with running(Journal(store)) as journal:
        other.execute("BEGIN IMMEDIATE")
        journal.put_events({"e1": "1"}, [report("r1")])
        await until(lambda: journal.trouble)
        assert journal.trouble == "locked"
        assert await ids(journal) == []
        other.execute("ROLLBACK")
        await journal.durable()
        assert journal.trouble is None
        assert await ids(journal) == ["r1"]
    other.close()
    await store.close()


@pytest.fixture
def file_limit() -> Iterator[Callable[[int], None]]:
    """Let this process write no file beyond a size, until the end of the test."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_file_that_may_not_grow_is_waited_for(
    tmp_path: Path, file_limit: Callable[[int], None]
) -> None:
    store = await HistoryStore.open(tmp_path / "store.db")
    async with running(Journal(store)) as journal:
        file_limit(100_000)
        await flooded(journal)
        assert journal.trouble in {"disk_full", "disk_failed"}
        file_limit(resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        journal.put_events({"last": json.dumps("one")})
        await journal.durable()
    assert "last" in await store.load_records()
    await store.close()
    store = await HistoryStore.open(tmp_path / "store.db")
    assert "last" in await store.load_records()
    await store.close()


async def test_a_full_disk_is_waited_for(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    store = await HistoryStore.open(small_disk / "store.db")
    await asyncio.to_thread(ballast.write_bytes, b"x" * 500_000)
    async with running(Journal(store)) as journal:
        await flooded(journal)
        assert journal.trouble == "disk_full"
        await asyncio.to_thread(ballast.unlink)
        journal._waiting.records = {"last": "1"}
        journal.put_events({}, [report("r1")])
        await journal.durable()
        assert await ids(journal) == ["r1"]
    await store.close()


@pytest.fixture
async def small_disk(tmp_path: Path) -> AsyncIterator[Path]:
    """Mount a disk of a megabyte, where this may be done."""
    folder = tmp_path / "disk"
    await asyncio.to_thread(folder.mkdir)
    if await _ran("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)) != 0:
        pytest.skip("no file system may be mounted here")
    yield folder
    await _ran("umount", str(folder))


async def _ran(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait()
