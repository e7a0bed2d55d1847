"""One door for most tests, in front of small stand-ins that keep what they were asked."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from scripts.home_stack.home_assistant import HomeAssistant

from .door import DEVICE, SYSTEM, UPSTREAMS, Door, nginx_is_there
from .home import home_in
from .stand_in import StandIn, stand_in
from .visitors import TUNNEL


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """A door and what is behind it, by the name of its setting."""

    door: Door
    behind: dict[str, StandIn]


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeEntrance:
    """A door and the real Home Assistant behind it."""

    door: Door
    home: HomeAssistant


@pytest.fixture(autouse=True, scope="session")
def nginx() -> Iterator[None]:
    """Skip everything here where there is no nginx, and find it where only root looks."""
    if not nginx_is_there():
        pytest.skip("nginx is not there: run scripts/setup as root")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", SYSTEM, prepend=":")
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def entrance(nginx: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Entrance]:
    """Return a running door before stand-ins; it believes what the tunnel says."""
    async with AsyncExitStack() as stack:
        behind = {name: await stack.enter_async_context(stand_in(name)) for name in UPSTREAMS}
        addresses = {name: service.address for name, service in behind.items()}
        told = {"TUNNEL_SOURCES": TUNNEL, "BALENA_DEVICE_UUID": DEVICE}
        door = Door(tmp_path_factory.mktemp("door"), **told, **addresses)
        stack.push_async_callback(door.stop)
        await door.start()
        yield Entrance(door=door, behind=behind)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home_entrance(
    nginx: None, entrance: Entrance, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[HomeEntrance]:
    """Return a running door before the one Home Assistant of all tests; the agent is a stand-in."""
    home = home_in(tmp_path_factory.mktemp("home_assistant"))
    door = Door(
        tmp_path_factory.mktemp("door_of_home"),
        TUNNEL_SOURCES=TUNNEL,
        HOME_ASSISTANT=f"127.0.0.1:{home.port}",
        HOME_AGENT=entrance.behind["HOME_AGENT"].address,
    )
    async with AsyncExitStack() as stack:
        for part in (home, door):
            stack.push_async_callback(part.stop)
            await part.start()
        yield HomeEntrance(door=door, home=home)
