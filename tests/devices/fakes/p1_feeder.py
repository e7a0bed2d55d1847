"""A network P1 port that sends what a test gives it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from aiohttp import ClientSession

from custom_components.home_flex.devices.p1 import P1Meter, P1Settings

from .listener import noon

# Ports that are not reached over HTTP need no session.
NO_HTTP = cast("ClientSession", None)


def p1_meter(settings: P1Settings, *, silence_s: float = 10.0) -> P1Meter:
    """Return the driver of a port that is not reached over HTTP."""
    return P1Meter(settings, session=NO_HTTP, clock=noon, silence_s=silence_s)


type Feed = Callable[[asyncio.StreamWriter], Awaitable[None]]

DATA = Path(__file__).parents[2] / "data" / "dsmr"
CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "dsmr"


def example(name: str) -> bytes:
    """Return a telegram of tests/data, with the bytes of its meter."""
    return (DATA / f"{name}.txt").read_bytes()


def corpus(name: str) -> bytes:
    """Return a file of the public corpus; skip the test where it is not there."""
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"the corpus file dsmr/{name} is not beside this repository")
    return path.read_bytes()


@contextlib.asynccontextmanager
async def feeding(feed: Feed) -> AsyncIterator[int]:
    """Serve ``feed`` to every client on 127.0.0.1 and yield the port; the connection ends with the feed."""
    running: set[asyncio.Task[None]] = set()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await feed(writer)
        except ConnectionError, asyncio.CancelledError:
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            running.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        server.abort_clients()  # a driver may have dialled again meanwhile
        await server.wait_closed()


async def for_ever() -> None:
    await asyncio.Event().wait()
