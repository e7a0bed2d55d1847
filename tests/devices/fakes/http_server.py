"""An HTTP server on 127.0.0.1 for a made-up device, which leaves no connection behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def serving_http(app: web.Application) -> AsyncIterator[str]:
    """Serve ``app`` on a free port; yields host and port. Clients may keep connections: they are cut."""
    connections: set[asyncio.Transport] = set()

    @web.middleware
    async def note(request: web.Request, handler: object) -> web.StreamResponse:
        if request.transport is not None:
            connections.add(request.transport)
        answer: web.StreamResponse = await handler(request)  # type: ignore[operator] # as aiohttp hands it on
        return answer

    app.middlewares.append(note)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()
        for connection in connections:
            connection.abort()
        await asyncio.sleep(0)
