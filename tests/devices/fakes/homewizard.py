"""A HomeWizard P1 meter's local API v1, as far as telegrams go (api-documentation.homewizard.com)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def homewizard(
    telegram: Callable[[], bytes | web.Response], *, piece_bytes: int | None = None
) -> AsyncIterator[str]:
    """Serve what ``telegram`` returns on a port of 127.0.0.1, in pieces; yields host and port."""
    connections: set[asyncio.Transport] = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            connections.add(request.transport)
        answered = telegram()
        if isinstance(answered, web.Response):
            return answered
        response = web.StreamResponse()
        response.content_length = len(answered)
        await response.prepare(request)
        step = piece_bytes or len(answered)
        for start in range(0, len(answered), step):
            await response.write(answered[start : start + step])
            await asyncio.sleep(0.01 if piece_bytes else 0.0)
        return response

    app = web.Application()
    app.router.add_get("/api/v1/telegram", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()
        # What was not read to its end would be sent for ever.
        for connection in connections:
            connection.abort()
        await asyncio.sleep(0)
