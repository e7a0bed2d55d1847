"""Runs an aiohttp application until a signal ends it, behind a door that strangers cannot block."""

import asyncio
import signal
import ssl

from aiohttp import web

from .connections import ConnectionGate

# Whoever asks rarely connects anew; nobody holds places by having asked once.
_IDLE_S = 15.0


async def serve(
    application: web.Application,
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    auto_decompress: bool = True,
) -> None:
    """Listen until SIGTERM or SIGINT, then end in order. Raises OSError when the port is taken."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    runner = web.AppRunner(
        application, access_log=None, auto_decompress=auto_decompress, keepalive_timeout=_IDLE_S
    )
    await runner.setup()
    try:
        server = await listen(runner, host, port, tls=tls)
        await stopped.wait()
        server.close()
    finally:
        await runner.cleanup()


async def listen(
    runner: web.AppRunner, host: str | None, port: int, *, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Let visitors in to an application that is set up. Raises OSError when the port is taken."""
    if runner.server is None:
        raise RuntimeError("the application is not set up")
    return await asyncio.get_running_loop().create_server(
        ConnectionGate(runner.server, tls=tls), host, port, backlog=512
    )
