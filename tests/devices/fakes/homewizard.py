"""A HomeWizard P1 meter's local API v1, as far as telegrams go (api-documentation.homewizard.com)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def homewizard(telegram: Callable[[], bytes | web.Response]) -> AsyncIterator[str]:
    """Serve what ``telegram`` returns on a port of 127.0.0.1; yields host and port."""

    async def answer(_request: web.Request) -> web.Response:
        answered = telegram()
        return answered if isinstance(answered, web.Response) else web.Response(body=answered)

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
