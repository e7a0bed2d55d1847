"""The line of the other tests does what it says."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from .line import Line

PATIENCE_S = 5.0


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1024):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    server.close_clients()
    await server.wait_closed()


async def say(port: int, text: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(text)
        return await asyncio.wait_for(reader.readexactly(len(text)), PATIENCE_S)
    finally:
        writer.close()


async def test_bytes_pass_both_ways(echo_port: int) -> None:
    async with Line(echo_port) as line:
        assert await say(line.port, b"there and back") == b"there and back"
        assert line.connections == 1
        assert line.passed_bytes == 2 * len(b"there and back")


async def test_a_delay_counts_each_way(echo_port: int) -> None:
    async with Line(echo_port, delay_s=0.1) as line:
        began = time.monotonic()
        await say(line.port, b"slow")
        assert time.monotonic() - began >= 0.2


async def test_a_cut_resets_what_is_open_and_what_comes(echo_port: int) -> None:
    async with Line(echo_port) as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"x")
        await reader.readexactly(1)
        await line.cut()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.close()
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await say(line.port, b"x")


async def test_a_restored_line_has_the_same_port(echo_port: int) -> None:
    async with Line(echo_port) as line:
        port = line.port
        await line.cut()
        line.restore()
        assert await say(port, b"again") == b"again"


async def test_a_silent_line_stays_open_and_delivers_afterwards(echo_port: int) -> None:
    async with Line(echo_port) as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        line.silence()
        writer.write(b"late")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        line.restore()
        assert await asyncio.wait_for(reader.readexactly(4), PATIENCE_S) == b"late"
        writer.close()


async def test_a_target_that_is_not_there_is_a_line_that_ends(echo_port: int) -> None:
    async with Line(1) as line:
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await say(line.port, b"x")


async def test_nothing_is_left_behind(echo_port: int) -> None:
    before = asyncio.all_tasks()
    async with Line(echo_port) as line:
        _, writer = await asyncio.open_connection("127.0.0.1", line.port)
        line.silence()
        port = line.port
    writer.close()
    left = [task for task in asyncio.all_tasks() - before if "Line." in repr(task)]
    assert left == []
    with pytest.raises(OSError, match=r"refused|Connect"):
        await asyncio.open_connection("127.0.0.1", port)
