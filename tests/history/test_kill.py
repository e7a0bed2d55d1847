"""A home that loses power in the middle of a write."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from custom_components.home_flex.history.store import Batch, HistoryStore

# Writes an event's next state and its report, over and over, and says when each is promised to be durable.
WRITER = """
import asyncio, sys
from custom_components.home_flex.history.store import Batch, HistoryStore, OutgoingReport

async def main():
    store = await HistoryStore.open(sys.argv[1])
    number = len(await store.pending_reports(1_000_000))
    while True:
        report = OutgoingReport(id=f"e:{number}", payload=b"x" * 2000)
        await store.write(
            Batch(records={"e": str(number), f"e{number}": str(number)}, reports={report.id: report})
        )
        print(number, flush=True)
        number += 1

asyncio.run(main())
"""


def write_until_killed(path: Path, promises: int) -> int:
    """Kill the writer soon after it has made so many promises; return the number of the last one."""
    with subprocess.Popen(  # noqa: S603 # our own script
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(promises)]
        time.sleep(0.003)
        writer.kill()
        lines += writer.stdout.readlines()
    return int(next(line for line in reversed(lines) if line.endswith("\n")))


@pytest.mark.parametrize("promises", [1, 7, 30])
async def test_after_a_kill_every_promise_is_kept_and_nothing_is_half(tmp_path: Path, promises: int) -> None:
    path = tmp_path / "store.db"
    for _ in range(3):
        last = write_until_killed(path, promises)
        store = await HistoryStore.open(path)
        records = list((await store.load_records()).values())
        reports = await store.pending_reports(1_000_000)
        await store.close()
        assert [report.id for report in reports] == [f"e:{number}" for number in range(len(reports))]
        assert records.count(str(len(reports) - 1)) == 2, "state and report are written together"
        assert len(records) == len(reports) + 1
        assert len(reports) > last
    assert list(tmp_path.glob("*corrupt*")) == []  # noqa: ASYNC240 # a test


async def test_a_store_that_is_open_is_readable_by_others_meanwhile(tmp_path: Path) -> None:
    store = await HistoryStore.open(tmp_path / "store.db")
    await store.write(Batch(records={"e1": "{}"}))
    reader = sqlite3.connect(tmp_path / "store.db")
    assert reader.execute("SELECT count(*) FROM event_record").fetchone() == (1,)
    reader.close()
    await store.close()
