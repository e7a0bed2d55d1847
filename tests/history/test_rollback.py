"""A home that is rolled back to an older release, and comes forward again."""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.home_flex.history import database
from custom_components.home_flex.history.schema import HOME
from custom_components.home_flex.history.store import Batch, Consent, HistoryStore, OutgoingReport
from tests.history.test_store import NOW, an_entry

# What a later release might add without being in the way of this one.
LATER_ADDITIONS = """
    CREATE TABLE IF NOT EXISTS plan (start INTEGER PRIMARY KEY, power_w REAL);
    CREATE INDEX IF NOT EXISTS ledger_event ON ledger (event_id);
"""
# Another, whose step counts although this release could live with it.
LATER_MIGRATION = "ALTER TABLE report ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@contextlib.contextmanager
def later_release(change: str) -> Iterator[None]:
    """Turn this release into a later one."""
    with pytest.MonkeyPatch.context() as patch:
        if change == "additions":
            later = replace(HOME, additions=HOME.additions + LATER_ADDITIONS)
        else:
            later = replace(HOME, migrations=(*HOME.migrations, LATER_MIGRATION))
        patch.setattr(database, "HOME", later)
        yield


async def write_everything(path: Path, name: str) -> None:
    store = await HistoryStore.open(path)
    report = OutgoingReport(id=name, payload=b"report")
    await store.write(
        Batch(
            records={name: "{}"},
            reports={name: report},
            consents={name: Consent(False, NOW)},
            settings={name: "1"},
            ledger=[an_entry(event_id=name)],
        )
    )
    await store.close()


async def everything(path: Path) -> list[set[str | None]]:
    store = await HistoryStore.open(path, clock=lambda: NOW)
    found: list[set[str | None]] = [
        set(await store.load_records()),
        {report.id for report in await store.pending_reports(9)},
        set(await store.load_consents()),
        {name for name in ("before", "later", "back") if await store.get_setting(name)},
        {row.event_id for row in await store.ledger()},
    ]
    await store.close()
    return found


@pytest.mark.parametrize("change", ["additions", "migration"])
async def test_a_home_keeps_everything_when_it_is_rolled_back_and_comes_forward_again(
    path: Path, change: str
) -> None:
    await write_everything(path, "before")
    with later_release(change):
        assert await everything(path) == [{"before"}] * 5
        await write_everything(path, "later")
    assert await everything(path) == [{"before", "later"}] * 5
    await write_everything(path, "back")
    with later_release(change):
        assert await everything(path) == [{"before", "later", "back"}] * 5
    assert list(path.parent.glob("*.newer-*")) == []


async def test_the_release_before_this_one_finds_its_tables_and_its_version(path: Path) -> None:
    await write_everything(path, "now")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT event_id, record FROM event_record").fetchall() == [("now", "{}")]
    connection.close()


async def test_a_file_of_a_newer_version_with_all_that_is_needed_is_used(path: Path) -> None:
    await write_everything(path, "before")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    assert await everything(path) == [{"before"}] * 5


@pytest.mark.parametrize(
    "damage",
    ["DROP TABLE ledger", "ALTER TABLE report RENAME COLUMN payload TO content", "DROP TABLE setting"],
)
async def test_a_file_of_a_newer_version_that_cannot_be_used_is_kept_beside_a_new_one(
    path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await write_everything(path, "before")
    connection = sqlite3.connect(path)
    connection.executescript(f"{damage}; PRAGMA user_version=99;")
    connection.close()
    assert await everything(path) == [set()] * 5
    (aside,) = path.parent.glob("store.db.newer-*")
    connection = sqlite3.connect(aside)
    assert connection.execute("SELECT event_id FROM event_record").fetchall() == [("before",)]
    connection.close()
    assert "newer version" in caplog.text
