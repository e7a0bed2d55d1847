"""What must survive a restart of the home."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custom_components.home_flex.history.database import HistoryError, take_copy
from custom_components.home_flex.history.store import (
    KEEP_CONSENTS,
    KEEP_LEDGER,
    KEEP_SENT_REPORTS,
    Batch,
    Consent,
    HistoryStore,
    LedgerEntry,
    OutgoingReport,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_report(number: int, **changes: object) -> OutgoingReport:
    return OutgoingReport(**({"id": f"r{number}", "payload": f"p{number}".encode()} | changes))  # type: ignore[arg-type]


def an_entry(**changes: object) -> LedgerEntry:
    values: dict[str, object] = {
        "time": NOW,
        "device_id": "battery",
        "owner": "aggregator",
        "reason": "import_capacity_limit",
        "event_id": "e1",
        "quantity": "power_w",
        "value": -1500.0,
        "outcome": "accepted",
    }
    return LedgerEntry(**(values | changes))  # type: ignore[arg-type]


def a_batch(*reports: OutgoingReport, records: dict[str, str | None] | None = None, **others: Any) -> Batch:
    batch = Batch(records=records or {}, **others)
    batch.add_reports(reports)
    return batch


@contextlib.asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[HistoryStore]:
    store = await HistoryStore.open(path)
    try:
        yield store
    finally:
        await store.close()


def put_aside(folder: Path) -> list[Path]:
    return list(folder.glob("store.db.corrupt-*"))


async def test_records_and_their_reports_are_there_after_a_restart(tmp_path: Path) -> None:
    store = await HistoryStore.open(tmp_path / "store.db")
    await store.write(a_batch(a_report(1, expires=NOW), records={"e1": '{"state":"NEW"}'}))
    await store.write(a_batch(a_report(2), records={"e1": '{"state":"STARTED"}', "e2": "{}"}))
    await store.close()
    store = await HistoryStore.open(tmp_path / "store.db")
    assert await store.load_records() == {"e1": '{"state":"STARTED"}', "e2": "{}"}
    assert await store.pending_reports(10) == [a_report(1, expires=NOW), a_report(2)]
    await store.write(a_batch(records={"e1": None}))
    assert await store.load_records() == {"e2": "{}"}
    await store.close()


async def test_the_same_report_is_never_queued_twice_not_even_after_it_was_sent(tmp_path: Path) -> None:
    store = await HistoryStore.open(tmp_path / "store.db")
    await store.write(a_batch(a_report(1)))
    await store.write(a_batch(a_report(1, payload=b"again")))
    assert await store.pending_reports(10) == [a_report(1)]
    await store.write(a_batch(sent={"r1": None}))
    await store.write(a_batch(a_report(1)))
    assert await store.pending_reports(10) == []
    await store.close()


async def test_reports_wait_in_the_order_they_were_made(tmp_path: Path) -> None:
    store = await HistoryStore.open(tmp_path / "store.db")
    await store.write(a_batch(*(a_report(number) for number in (3, 1, 2))))
    assert [report.id for report in await store.pending_reports(2)] == ["r3", "r1"]
    await store.close()


async def test_the_ledger_gives_its_newest_rows_first(tmp_path: Path) -> None:
    store = await HistoryStore.open(tmp_path / "store.db", clock=lambda: NOW)
    rows = [
        an_entry(time=NOW + timedelta(seconds=number), value=None, read_back=1.5, detail="why")
        for number in range(3)
    ]
    await store.write(a_batch(ledger=rows))
    assert await store.ledger() == rows[::-1]
    assert await store.ledger(limit=1) == rows[2:]
    assert await store.ledger(since=rows[1].time) == rows[:0:-1]
    await store.close()


async def test_the_ledger_of_one_device_is_hidden_by_no_other(tmp_path: Path) -> None:
    async with opened(tmp_path / "store.db") as store:
        seldom, often = an_entry(device_id="battery"), [an_entry(device_id="charger")] * 50
        await store.write(a_batch(ledger=[seldom, *often]))
        assert await store.ledger(limit=10, device_id="battery") == [seldom]
        assert await store.ledger(limit=10, device_id="nobody") == []


async def test_settings_are_small_json_values_and_documents_json_objects(tmp_path: Path) -> None:
    async with opened(tmp_path / "store.db") as store:
        assert await store.get_setting("reserve", 0.1) == 0.1
        assert await store.get_document("control") is None
        settings_ = {"reserve": "0.3", "participating": "false", "control": '{"version": 1, "taken": []}'}
        await store.write(a_batch(settings=settings_))
        assert await store.get_setting("reserve") == 0.3
        assert await store.get_setting("participating", default=True) is False
        assert await store.get_document("control") == {"version": 1, "taken": []}


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", pytest.param("[" * 100_000, id="deep")])
async def test_a_document_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path / "store.db") as store:
        await store.write(a_batch(settings={"control": text}))
        assert await store.get_document("control") is None


async def test_what_the_resident_said_is_there_after_a_restart_until_it_is_long_ago(tmp_path: Path) -> None:
    async with opened(tmp_path / "store.db") as store:
        said = {"e1": Consent(False, NOW), "e2": Consent(True, NOW), "e3": Consent(False, NOW)}
        await store.write(a_batch(consents=said))
        await store.write(a_batch(consents={"e2": Consent(False, NOW), "e3": None}))
    store = await HistoryStore.open(tmp_path / "store.db", clock=lambda: NOW + KEEP_CONSENTS)
    assert await store.load_consents() == {"e1": False, "e2": False}
    await store.close()
    later = NOW + KEEP_CONSENTS + timedelta(seconds=1)
    store = await HistoryStore.open(tmp_path / "store.db", clock=lambda: later)
    assert await store.load_consents() == {}
    await store.close()


async def test_old_ledger_rows_and_ids_of_reports_sent_long_ago_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.home_flex.history.store.KEEP_LEDGER_ROWS", 2)
    store = await HistoryStore.open(tmp_path / "store.db", clock=lambda: NOW)
    await store.write(
        a_batch(ledger=[an_entry(time=NOW - KEEP_LEDGER), an_entry(value=1), an_entry(value=2)])
    )
    await store.write(
        a_batch(ledger=[an_entry(time=NOW - KEEP_LEDGER - timedelta(seconds=1)), an_entry(value=3)])
    )
    await store.write(a_batch(a_report(1), a_report(2)))
    await store.write(a_batch(sent={"r1": None}))
    await store.close()
    later = NOW + KEEP_SENT_REPORTS + timedelta(seconds=1)
    store = await HistoryStore.open(tmp_path / "store.db", clock=lambda: later)
    assert [row.value for row in await store.ledger()] == [3]
    await store.write(a_batch(a_report(1), a_report(2)))
    assert [report.id for report in await store.pending_reports(9)] == ["r2", "r1"]
    await store.close()


async def test_of_what_was_sent_only_so_much_is_remembered_however_much_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.home_flex.history.store.KEEP_SENT_ROWS", 3)
    async with opened(tmp_path / "store.db") as store:
        await store.write(a_batch(*[a_report(number) for number in range(6)]))
        await store.write(a_batch(sent={f"r{number}": None for number in (1, 2, 4)}))
    async with opened(tmp_path / "store.db") as store:
        await store.write(a_batch(*[a_report(number) for number in range(6)]))
        assert [report.id for report in await store.pending_reports(9)] == ["r0", "r3", "r5", "r1", "r2"]


@pytest.mark.parametrize(
    "damage", [b"this is not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
async def test_a_corrupt_file_is_put_aside_and_a_new_one_begins(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes
) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(damage)
    store = await HistoryStore.open(path)
    await store.write(a_batch(records={"e1": "{}"}))
    await store.close()
    (aside,) = put_aside(tmp_path)
    assert aside.read_bytes() == damage
    assert "corrupt" in caplog.text


async def test_a_restored_file_that_was_torn_gives_way_to_the_copy_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = await HistoryStore.open(path)
    await store.write(a_batch(records={"e1": "{}"}))
    take_copy(path)
    await store.write(a_batch(records={"e2": "{}"}))
    await store.close()
    path.write_bytes(b"torn" * 5000)
    store = await HistoryStore.open(path)
    assert await store.load_records() == {"e1": "{}"}
    await store.close()
    assert len(put_aside(tmp_path)) == 1
    assert not path.with_name("store.db.backup").exists()


async def test_a_file_that_is_whole_makes_a_copy_of_before_void(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = await HistoryStore.open(path)
    take_copy(path)
    await store.write(a_batch(records={"e1": "{}"}))
    await store.close()
    store = await HistoryStore.open(path)
    assert await store.load_records() == {"e1": "{}"}
    await store.close()
    assert not path.with_name("store.db.backup").exists()


async def test_a_copy_that_is_torn_as_well_ends_in_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"torn" * 5000)
    path.with_name("store.db.backup").write_bytes(b"torn" * 5000)
    store = await HistoryStore.open(path)
    assert await store.load_records() == {}
    await store.close()
    assert len(put_aside(tmp_path)) == 2


async def test_a_page_damaged_in_a_filled_file_is_found_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = await HistoryStore.open(path)
    await store.write(a_batch(records={f"e{number}": "x" * 500 for number in range(200)}))
    await store.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    store = await HistoryStore.open(path)
    assert await store.load_records() == {}
    await store.close()
    assert len(put_aside(tmp_path)) == 1


async def test_a_file_that_cannot_be_opened_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    with pytest.raises(HistoryError, match="cannot be opened"):
        await HistoryStore.open(tmp_path / "store.db")


async def test_a_closed_store_says_so_and_closes_again_quietly(tmp_path: Path) -> None:
    store = await HistoryStore.open(tmp_path / "store.db")
    await store.close()
    await store.close()
    with pytest.raises(HistoryError, match="closed"):
        await store.load_records()


async def test_a_cancelled_caller_leaves_whole_transactions(tmp_path: Path) -> None:
    store = await HistoryStore.open(tmp_path / "store.db")
    tasks = [
        asyncio.create_task(store.write(a_batch(a_report(number), records={f"e{number}": "{}"})))
        for number in range(40)
    ]
    for task in tasks[::2]:
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    written = len(await store.load_records())
    assert written == len(await store.pending_reports(100))
    assert written >= 20
    await store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.dictionaries(st.text(min_size=1).filter(str.isprintable), st.text().filter(str.isprintable)),
    reports=st.lists(
        st.tuples(st.integers(0, 20), st.binary(), st.none() | st.datetimes(timezones=st.just(UTC)))
    ),
)
async def test_what_is_saved_is_what_is_loaded(
    tmp_path_factory: pytest.TempPathFactory,
    records: dict[str, str],
    reports: list[tuple[int, bytes, datetime | None]],
) -> None:
    path = tmp_path_factory.mktemp("store") / "store.db"
    outgoing = [OutgoingReport(id=str(id_), payload=data, expires=end) for id_, data, end in reports]
    async with opened(path) as store:
        await store.write(a_batch(*outgoing, records=dict(records)))
    async with opened(path) as store:
        assert await store.load_records() == records
        first_of_each_id = {report.id: report for report in reversed(outgoing)}
        expected = sorted(first_of_each_id.values(), key=outgoing.index)
        assert await store.pending_reports(100) == expected


async def test_a_file_that_could_only_be_read_is_written_to_as_soon_as_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    await (await HistoryStore.open(path)).close()
    with monkeypatch.context() as patch:
        patch.setattr(
            "custom_components.home_flex.history.store.open_database",
            lambda path: sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False),
        )
        store = await HistoryStore.open(path)
        for _ in range(2):
            with pytest.raises(HistoryError) as refused:
                await store.write(Batch(settings={"a": "1"}))
            assert refused.value.reason == "read_only"
    await store.write(Batch(settings={"a": "1"}))
    assert await store.get_setting("a") == 1
    await store.close()
