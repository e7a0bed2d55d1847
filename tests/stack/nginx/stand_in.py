"""A small real server where a service of the home would be: it keeps what it is asked, echoes websockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, encode_basic_auth, web
from multidict import CIMultiDictProxy

OPERATOR = encode_basic_auth("operator", "a-secret-of-this-home")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass(kw_only=True)
class StandIn:
    """Answers 200 with its own name to everything; ``check`` is the agent's question who is the operator."""

    name: str
    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    received_bytes: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def application(self) -> web.Application:
        """Return what is to be served."""
        application = web.Application(client_max_size=2**40)
        application.router.add_get("/check", self._check)
        application.router.add_get("/trickle", self._trickle)
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    def last(self, path: str) -> Asked:
        """Return the latest request for ``path``, which may be the beginning."""
        return next(asked for asked in reversed(self.asked) if asked.path.startswith(path))

    async def _check(self, request: web.Request) -> web.Response:
        self._keep(request, await request.read())
        if request.headers.get("Authorization") == OPERATOR:
            return web.Response(status=204)
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="operator"'})

    async def _trickle(self, request: web.Request) -> web.StreamResponse:
        self.go_on.clear()
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"first")
        await self.go_on.wait()
        await answer.write(b"second")
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade") == "websocket":
            return await self._echo(request)
        body = bytearray()
        async for chunk in request.content.iter_any():
            self.received_bytes += len(chunk)
            body += chunk[: 1024 - len(body)]
        self._keep(request, bytes(body))
        headers = {"Server": "a version", "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "unsafe-url"}
        return web.Response(text=self.name, headers=headers)

    async def _echo(self, request: web.Request) -> web.WebSocketResponse:
        self._keep(request, b"")
        socket = web.WebSocketResponse(protocols=["ocpp1.6", "ocpp2.0.1"])
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket

    def _keep(self, request: web.Request, body: bytes) -> None:
        path = request.raw_path
        self.asked.append(Asked(method=request.method, path=path, headers=request.headers, body=body))


@asynccontextmanager
async def stand_in(name: str, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[StandIn]:
    """Run one."""
    service = StandIn(name=name)
    runner = web.AppRunner(service.application(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        service.address = "{}:{}".format(*runner.addresses[0][:2])
        yield service
    finally:
        await runner.cleanup()
