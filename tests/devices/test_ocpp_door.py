"""The port that chargers dial in to stays open for them, whoever else connects and says nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from custom_components.home_flex.devices.ocpp import CentralSystem

from .ocpp_clients import QUICK, SETTINGS, Clock, dial

HALF = b"GET /CP1 HTTP/1.1\r\nHost: home"
NO_CHARGER = b"GET /nobody HTTP/1.1\r\nHost: home\r\n\r\n"


@asynccontextmanager
async def port_of(*, patience_s: float = 60.0, most: int = 256) -> AsyncIterator[int]:
    clock = Clock()
    central = CentralSystem(clock=clock, monotonic_s=clock.monotonic_s, patience=QUICK)
    central.add(SETTINGS)
    port = await central.start("127.0.0.1", 0, patience_s=patience_s, most=most)
    try:
        yield port
    finally:
        await central.stop()


async def is_shown_out(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of a connection, a refusal or not."""
    try:
        async with asyncio.timeout(10):
            while await reader.read(1024):
                continue
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("said", [b"", HALF, NO_CHARGER], ids=["nothing", "half a header", "no charger"])
async def test_who_is_not_let_in_soon_is_shown_out_and_a_charger_stays(said: bytes) -> None:
    async with port_of(patience_s=0.3) as port, dial(port) as charger:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert await is_shown_out(reader)
        await charger.boot()
        writer.close()


async def test_a_crowd_that_says_nothing_keeps_no_charger_out() -> None:
    async with port_of(most=8) as port, AsyncExitStack() as crowd:
        for _ in range(40):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            crowd.callback(writer.close)
            writer.write(HALF)
        async with dial(port) as charger:
            for _ in range(40):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                crowd.callback(writer.close)
            await charger.boot()


async def test_where_all_places_are_chargers_one_more_gets_none() -> None:
    async with port_of(most=1) as port, dial(port) as charger:
        with pytest.raises((aiohttp.ClientError, ConnectionError)):
            async with dial(port):
                pass
        await charger.boot()
