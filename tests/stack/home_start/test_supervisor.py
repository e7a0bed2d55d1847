"""The entry point as a process. A small program stands in for Home Assistant where only its end matters."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from scripts.home_stack.api import wait_until
from scripts.home_stack.processes import python_path

from .home import Home

_STAND_IN = """
import os, pathlib, shutil, signal, sys, time
folder = pathlib.Path(sys.argv[sys.argv.index("--config") + 1])
with (folder / "starts").open("a") as starts:
    starts.write(f"{os.getpid()} {'HOME_RECORD' in os.environ} {sys.argv[3:]}\\n")
statuses = (folder / "statuses").read_text().split()
count = len((folder / "starts").read_text().splitlines())
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
if count <= len(statuses):
    shutil.rmtree(folder / "custom_components")  # as the restore of a backup without it would
    sys.exit(int(statuses[count - 1]))
time.sleep(60)
"""


def _runs(pid: int) -> bool:
    """Whether a process is more than an entry that nobody has asked for the status of yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


type Start = Callable[[str], Awaitable[Home]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start the entry point with a Home Assistant that ends with these statuses, then stays."""
    homes: list[Home] = []

    async def start(statuses: str) -> Home:
        package = tmp_path / "stand_in" / "homeassistant"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(_STAND_IN)
        home = Home(tmp_path, HOME_RECORD="{}", HOME_ASSISTANT_OPTIONS="--log-file '/tmp/a b'")
        home.config.mkdir()
        (home.config / "statuses").write_text(statuses)
        home.python_path = f"{python_path('hass-config')}:{package.parent}"
        homes.append(home)
        await home.start()
        return home

    yield start
    for home in homes:
        await home.kill()


def starts(home: Home) -> list[str]:
    path = home.config / "starts"
    return path.read_text().splitlines() if path.exists() else []


async def started(home: Home, count: int) -> None:
    async def look() -> bool:
        return len(starts(home)) >= count

    await wait_until(look, f"{count} starts", timeout_s=15)


async def test_a_restart_that_home_assistant_asks_for_is_a_start_by_us(start: Start) -> None:
    home = await start("100 100")
    await started(home, 3)
    assert await home.stop() == 7


async def test_a_volume_that_was_restored_is_brought_forward_before_the_next_start(start: Start) -> None:
    home = await start("100")
    await started(home, 2)
    assert (home.config / "custom_components" / "home_flex" / "manifest.json").is_file()


async def test_its_exit_status_is_ours(start: Start) -> None:
    assert await (await start("3")).ended() == 3


async def test_a_signal_to_us_reaches_it_and_its_answer_is_passed_on(start: Start) -> None:
    home = await start("")
    await started(home, 1)
    assert await home.stop() == 7


async def test_it_ends_with_us_even_when_we_are_killed(start: Start) -> None:
    home = await start("")
    await started(home, 1)
    pid = int(starts(home)[0].split()[0])
    os.kill(home.pid, signal.SIGKILL)

    async def gone() -> bool:
        return not _runs(pid)

    await wait_until(gone, "Home Assistant to be gone", timeout_s=10)


async def test_home_assistant_knows_its_options_but_not_the_record(start: Start) -> None:
    home = await start("0")
    await home.ended()
    _, has_record, options = starts(home)[0].split(maxsplit=2)
    assert has_record == "False"
    assert options == "['--log-file', '/tmp/a b']"


async def test_a_volume_that_cannot_be_used_is_said_in_one_line(start: Start, tmp_path: Path) -> None:
    home = Home(tmp_path)
    state = home.config / ".home_start" / "volume.state"
    state.parent.mkdir(parents=True)
    state.write_text('{"version": 99}')
    await home.start()
    assert await home.ended() == 1
    assert "written by a newer release" in home.text()
    assert "Traceback" not in home.text()


async def test_an_unknown_command_is_refused() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "home_start",
        "dance",
        env={**os.environ, "PYTHONPATH": python_path("hass-config")},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"usage" in said
