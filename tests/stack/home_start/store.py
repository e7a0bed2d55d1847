"""A stand-in for InfluxDB, which no package brings: it takes every write with the token that it knows."""

from aiohttp import web
from aiohttp.test_utils import TestServer


class MeasurementStore:
    """Answers ``/api/v2/write`` as the documentation says: 204, or 401 for another token."""

    token = "token-of-the-measurement-store"

    def __init__(self) -> None:
        """Prepare."""
        self.points = 0
        app = web.Application()
        app.router.add_post("/api/v2/write", self._write)
        self._server = TestServer(app)

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self._server.make_url("")).rstrip("/")

    async def start(self) -> None:
        """Listen."""
        await self._server.start_server()

    async def stop(self) -> None:
        """End."""
        await self._server.close()

    async def _write(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Token {self.token}":
            return web.json_response({"code": "unauthorized", "message": "unauthorized access"}, status=401)
        self.points += len((await request.read()).splitlines())
        return web.Response(status=204)
