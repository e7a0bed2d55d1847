"""A disk that is full and a store that is locked or read-only: control goes on, reports wait and follow.

The store lies on a small file system of its own. All tests share one home.
"""

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from scripts.home_stack.api import wait_until
from scripts.home_stack.home_assistant import complaints
from scripts.home_stack.house import STEADY
from scripts.home_stack.stack import HomeStack, running_stack

from .looks import (
    FUSE_W,
    HANDED_BACK_S,
    issues,
    over_limit_s,
    store_path,
    wait_for_limit,
    wait_for_power,
    wait_until_handed_back,
    wait_until_settled,
)

pytestmark = pytest.mark.timeout(240)

LIMIT_W = 4000
EVENT = timedelta(seconds=8)
ONCE = ["ACCEPTED", "STARTED", "SUCCEEDED"]
SIZE = "24m"
NOTICED_S = 20.0
# The journal asks a disk that takes nothing again after at most half a minute.
AGAIN_S = 40.0
HEAVY_LOAD_W = 9000
REACTS_S = 3.0
TAKES_NOTHING = "The home's store takes nothing"
TAKES_AGAIN = "The home's store can be written to again"

type Trouble = Callable[[Path], AbstractContextManager[None]]


def run(*arguments: str) -> None:
    """Run a command of the system. Raises CalledProcessError."""
    subprocess.run(arguments, check=True, capture_output=True, timeout=20)  # noqa: S603 # the commands below


@contextmanager
def full(store: Path) -> Iterator[None]:
    """Leave no byte on the file system of the store."""
    filler = store.with_name("filler")
    with filler.open("wb", buffering=0) as file:
        block = b"x" * 4096
        try:
            while True:
                file.write(block)
        except OSError:
            yield
    filler.unlink()


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the store's lock, as a copy or another program might."""
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def read_only(store: Path) -> Iterator[None]:
    """Let the store be opened for reading only."""
    run("mount", "--bind", str(store), str(store))
    try:
        run("mount", "-o", "remount,bind,ro", str(store))
        yield
    finally:
        run("umount", "--lazy", str(store))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeStack]:
    folder = tmp_path_factory.mktemp("disk")
    storage = folder / "home_assistant" / ".storage"
    storage.mkdir(parents=True)
    try:
        run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(storage))
    except OSError, subprocess.CalledProcessError:
        pytest.skip("only root may mount a file system of its own for the store")
    try:
        async with running_stack(folder, house_options=STEADY) as stack:
            stack.aggregator.answers = True
            yield stack
        assert complaints(stack.home_assistant.log_lines()) == []
    finally:
        run("umount", "--lazy", str(storage))


@pytest.mark.parametrize(
    ("trouble", "reason", "is_seen_at_start"),
    [
        pytest.param(full, "disk_full", False, id="full"),
        pytest.param(locked, "locked", False, id="locked"),
        pytest.param(read_only, "read_only", True, id="read-only"),
    ],
)
async def test_control_goes_on_while_the_store_takes_nothing_and_reports_follow(
    home: HomeStack, trouble: Trouble, reason: str, is_seen_at_start: bool
) -> None:
    await home.house.put("/house", {"battery_soc": 0.5, "car_soc": 0.4})
    await wait_for_power(home, at_least_w=11_000, timeout_s=60)
    lines = len(home.home_assistant.log_lines())
    with trouble(store_path(home)):
        if is_seen_at_start:
            entry = f"/api/config/config_entries/entry/{home.home_flex.entry_id}/reload"
            await home.home_assistant.api.post(entry)
            await home.home_flex.ready()
        event = await home.aggregator.dispatch(import_limit_w=LIMIT_W, duration=EVENT)
        await wait_for_limit(home, LIMIT_W)

        async def told() -> bool:
            return (await issues(home)).get("history") == f"history_{reason}"

        await wait_until(told, f"the repair issue {reason}", timeout_s=NOTICED_S)
        await wait_until_handed_back(home, within_s=EVENT.total_seconds() + HANDED_BACK_S)
        assert home.aggregator.reports(event.event_id) == []

    async def is_over() -> bool:
        return "history" not in await issues(home)

    await wait_until(is_over, "the repair issue to go", timeout_s=AGAIN_S)
    await wait_until_settled(home, event, ONCE)
    log = home.home_assistant.log_lines()[lines:]
    assert [sum(text in line for line in log) for text in (TAKES_NOTHING, TAKES_AGAIN)] == [1, 1]


async def test_the_main_fuse_is_guarded_while_the_disk_is_full(home: HomeStack) -> None:
    await wait_for_power(home, at_least_w=11_000, timeout_s=60)
    with full(store_path(home)):
        await home.house.put("/house", {"base_load_w": HEAVY_LOAD_W})
        await asyncio.sleep(REACTS_S)
        assert await over_limit_s(home, FUSE_W, for_s=5) == 0
