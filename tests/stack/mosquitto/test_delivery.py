"""No message of quality of service 1 is lost, whichever way it goes and whatever breaks on the way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..line import Line
from .brokers import CentralBroker, HomeBroker, bridged
from .community import Community
from .conftest import Start
from .messages import Listener, into_centre, into_home, publish_numbers

KNOCK, BEFORE, DURING, AFTER = range(1), range(1, 60), range(60, 120), range(120, 160)
ALL = range(160)


@dataclass
class Bridge:
    """A home, the centre, and the line between them."""

    home: HomeBroker
    centre: CentralBroker
    line: Line


type Fault = Callable[[Bridge], Awaitable[None]]


@pytest.fixture
async def bridge(
    folder: Path, start: Start, community: Community, centre: CentralBroker
) -> AsyncIterator[Bridge]:
    async with Line(centre.port) as line:
        home = HomeBroker(folder / "home", **bridged(community, line.port, community.home("home-1")))
        await start(home)
        yield Bridge(home, centre, line)


async def cut_line(bridge: Bridge) -> None:
    await bridge.line.cut()


async def silence_line(bridge: Bridge) -> None:
    bridge.line.silence()


async def kill_home(bridge: Bridge) -> None:
    await bridge.home.kill()


async def kill_centre(bridge: Bridge) -> None:
    await bridge.centre.kill()


async def kill_both(bridge: Bridge) -> None:
    await asyncio.gather(bridge.home.kill(), bridge.centre.kill())


async def cut_line_and_kill_both(bridge: Bridge) -> None:
    await bridge.line.cut()
    await kill_both(bridge)


async def restore_line(bridge: Bridge) -> None:
    bridge.line.restore()


async def cut_and_restore_line(bridge: Bridge) -> None:
    await bridge.line.cut()
    bridge.line.restore()


async def restart_home(bridge: Bridge) -> None:
    await bridge.home.start()


async def restart_centre(bridge: Bridge) -> None:
    await bridge.centre.start()


async def restart_both(bridge: Bridge) -> None:
    bridge.line.restore()
    await asyncio.gather(bridge.home.start(), bridge.centre.start())


@pytest.mark.parametrize(
    ("fault", "repair"),
    [
        (cut_line, restore_line),
        (silence_line, cut_and_restore_line),
        (kill_home, restart_home),
        (kill_centre, restart_centre),
        (kill_both, restart_both),
        (cut_line_and_kill_both, restart_both),
    ],
)
async def test_every_report_and_every_command_arrives(bridge: Bridge, fault: Fault, repair: Fault) -> None:
    reports, commands = f"{bridge.home.topics}/reports/create", f"{bridge.home.topics}/events/create"
    home = into_home(bridge.home)
    dispatch = into_centre(bridge.centre, "hub.dispatch")
    async with (
        Listener.on(into_centre(bridge.centre, "hub.ingest", "ingest"), reports) as centre_hears,
        Listener.on(into_home(bridge.home, session="home_assistant"), commands) as home_hears,
        asyncio.TaskGroup() as group,
    ):

        async def both_ways(numbers: range) -> None:
            async with asyncio.TaskGroup() as pair:
                pair.create_task(publish_numbers(home, reports, numbers, pause_s=0.002))
                pair.create_task(publish_numbers(dispatch, commands, numbers, pause_s=0.002))

        # Before a home has ever been at the centre, nothing can be kept there for it.
        while not (centre_hears.numbers and home_hears.numbers):
            await both_ways(KNOCK)
            await asyncio.sleep(0.1)
        await both_ways(BEFORE)
        sending = group.create_task(both_ways(DURING))
        await asyncio.sleep(0.1)  # in the middle of it
        await fault(bridge)
        await asyncio.sleep(0.5)
        await repair(bridge)
        await sending
        await both_ways(AFTER)
        await asyncio.gather(centre_hears.has(ALL), home_hears.has(ALL))
    assert set(centre_hears.numbers) == set(home_hears.numbers) == set(ALL)
