"""Who connects and does not ask is shown out; who asks is served, whatever the crowd at the door does."""

import asyncio
import resource
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import cast

import pytest
import trustme
from aiohttp import web
from home_common.connections import ConnectionGate, most_connections

from scripts.home_stack.processes import ROOT

ASK = b"GET / HTTP/1.1\r\nHost: home\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def door(
    *, header_timeout_s: float = 30.0, most: int | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve ``well`` behind the gate on a port of the loopback address."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(text="well")

    behind = web.Server(answer)
    gate = ConnectionGate(behind, tls=tls, header_timeout_s=header_timeout_s, most=most)
    server = await asyncio.get_running_loop().create_server(gate, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await behind.shutdown(1)


async def ask(port: int, *pieces: bytes, tls: ssl.SSLContext | None = None) -> bytes:
    """Send a request in pieces and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    try:
        for piece in pieces or (ASK,):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("begin", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: home\r\n"])
async def test_a_header_without_end_ends_the_connection(begin: bytes) -> None:
    async with door(header_timeout_s=0.1) as port:
        async with asyncio.timeout(5):
            assert await ask(port, begin) == b""


def test_a_header_has_as_long_as_the_ingest_services_page_says() -> None:
    page = (ROOT / "addons/community_hub/community_hub/ingest/README.md").read_text()
    assert "has ten seconds for the header" in page
    assert ConnectionGate(asyncio.Protocol).header_timeout_s == 10.0


async def test_a_header_in_pieces_is_put_together() -> None:
    async with door(header_timeout_s=5) as port:
        for cut in (10, len(ASK) - 3, len(ASK) - 1):
            assert (await ask(port, ASK[:cut], ASK[cut:])).endswith(b"well")


async def test_a_header_that_ends_in_a_piece_of_its_own_has_ended() -> None:
    async with door(header_timeout_s=0.2) as port:
        for cut in (2, 3, 1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            asks = ASK.replace(b"close", b"keep-alive")
            for piece in (asks[:-cut], asks[-cut:]):
                writer.write(piece)
                await asyncio.sleep(0.02)
            await reader.readuntil(b"well")
            await asyncio.sleep(0.3)
            writer.write(ASK)
            assert (await reader.read()).endswith(b"well")
            writer.close()


@pytest.fixture(scope="module")
def certificate() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what the server shows, and what the visitor believes."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    visitor = ssl.create_default_context()
    authority.configure_trust(visitor)
    return server, visitor


async def test_behind_the_gate_is_tls(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, visitor = certificate
    async with door(tls=server) as port, asyncio.timeout(10):
        for pieces in ((ASK,), (ASK[:10], ASK[10:])):
            assert (await ask(port, *pieces, tls=visitor)).endswith(b"well")
        assert b"well" not in await ask(port)


async def test_a_crowd_that_never_shakes_hands_keeps_nobody_out(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, visitor = certificate
    async with door(tls=server, most=8) as port, AsyncExitStack() as crowd:
        for number in range(40):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            crowd.callback(writer.close)
            with suppress(ConnectionError):
                writer.write(b"\x16\x03\x01" if number % 2 else b"")
                await writer.drain()
        async with asyncio.timeout(5):
            assert (await ask(port, tls=visitor)).endswith(b"well")


@pytest.mark.parametrize("begin", [b"", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n"])
async def test_a_handshake_without_end_ends_the_connection(
    begin: bytes, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    async with door(tls=certificate[0], header_timeout_s=0.2) as port, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begin)
        with suppress(ConnectionError):
            await reader.read()
        writer.close()


async def test_a_header_without_end_within_tls_ends_the_connection(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, visitor = certificate
    async with door(tls=server, header_timeout_s=0.3) as port, asyncio.timeout(5):
        with suppress(ssl.SSLError):
            assert await ask(port, b"GET / HT", tls=visitor) == b""


async def test_who_has_asked_may_take_longer_than_a_header_may() -> None:
    async with door(header_timeout_s=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(ASK.replace(b"close", b"keep-alive"))
            assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.2)
        writer.close()


async def test_a_crowd_that_does_not_ask_keeps_nobody_out() -> None:
    async with door(most=8) as port, AsyncExitStack() as crowd:
        for _ in range(40):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            crowd.callback(writer.close)
            with suppress(ConnectionError):
                writer.write(b"GET / HTTP/1.1\r\n")
                await writer.drain()
        async with asyncio.timeout(5):
            assert (await ask(port)).endswith(b"well")


async def test_of_a_crowd_who_has_waited_longest_is_shown_out() -> None:
    async with door(most=3) as port, AsyncExitStack() as crowd:
        waiting = []
        for _ in range(4):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            crowd.callback(writer.close)
            waiting.append((reader, writer))
            await asyncio.sleep(0.02)
        first, *others = waiting
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                assert await first[0].read() == b""
            for reader, writer in others:
                writer.write(ASK)
                assert (await reader.read()).endswith(b"well")


class _TakenOver(asyncio.Protocol):
    """Hands its connection over to another protocol, as one to which a websocket was opened."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.transport.set_protocol(asyncio.Protocol())
        self.transport.write(b"%d taken" % len(data))


async def test_a_connection_that_was_taken_over_and_has_ended_gives_its_place_back() -> None:
    gate = ConnectionGate(_TakenOver, most=1)
    server = await asyncio.get_running_loop().create_server(gate, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(5):
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK)
            assert await reader.readuntil(b"taken")
            writer.close()
            await asyncio.sleep(0.05)
    server.close()


def test_there_are_always_fewer_connections_than_files() -> None:
    assert 8 <= most_connections() <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]
