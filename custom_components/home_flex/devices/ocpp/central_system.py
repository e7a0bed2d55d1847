"""The central system (CSMS) chargers dial in to, on our own port and on any aiohttp server's path."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from typing import Final

from aiohttp import WSCloseCode, hdrs, web

from ..driver import DeviceError
from .charge_point import OcppCharger
from .expectation import Expectation
from .settings import ChargerSettings, Patience
from .transport import accept

_CHALLENGE: Final = {hdrs.WWW_AUTHENTICATE: 'Basic realm="OCPP"'}
_SHUTDOWN_S: Final = 1.0


class CentralSystem:
    """Serves OCPP 1.6J chargers that are known by identity and password (security profile 1)."""

    def __init__(self, *, clock: Callable[[], datetime], patience: Patience | None = None) -> None:
        """Know no charger yet; ``clock`` tells the time in UTC."""
        self._clock = clock
        self._patience = patience or Patience()
        self._chargers: dict[str, OcppCharger] = {}
        self._expected: dict[str, tuple[OcppCharger, Expectation]] = {}
        self._open_connections = 0
        self._idle = asyncio.Event()
        self._stopped = False
        self._runner: web.AppRunner | None = None

    def add(self, settings: ChargerSettings) -> OcppCharger:
        """Serve this charger from now on. Raises DeviceError ``charger_already_added``."""
        if settings.identity in self._chargers:
            raise DeviceError("charger_already_added", f"charger {settings.identity} is known already")
        charger = OcppCharger(settings, clock=self._clock, patience=self._patience)
        self._chargers[settings.identity] = charger
        return charger

    def remove(self, identity: str) -> None:
        """Forget a charger and end its connection; nothing happens when it is not known."""
        charger = self._chargers.pop(identity, None)
        if charger is not None:
            charger.disconnect()

    @asynccontextmanager
    async def expecting(self, settings: ChargerSettings) -> AsyncIterator[Expectation]:
        """Let a charger in that is being set up, or set up anew with another password.

        Afterwards its connection is ended: it dials in again, to the settings that were added meanwhile.
        Raises DeviceError ``charger_already_expected``.
        """
        identity = settings.identity
        if identity in self._expected:
            raise DeviceError("charger_already_expected", f"charger {identity} is being set up already")
        expectation = Expectation()
        charger = OcppCharger(
            settings, clock=self._clock, patience=self._patience, on_identity=expectation.settle
        )
        self._expected[identity] = charger, expectation
        if identity in self._chargers:
            self._chargers[identity].disconnect()
        try:
            yield expectation
        finally:
            del self._expected[identity]
            charger.disconnect()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one charger's connection; its identity is the path's last segment, ``identity``.

        404 for an unknown identity, 401 for missing or wrong credentials (OCPP-J 1.6 sections 3.1 and 6.2).
        """
        identity = request.match_info["identity"]
        charger = self._charger(identity)
        if charger is None:
            status = HTTPStatus.SERVICE_UNAVAILABLE if self._stopped else HTTPStatus.NOT_FOUND
            return web.Response(status=status, text="No such charger is set up here.")
        if not self._is_allowed(request, charger.settings):
            return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=_CHALLENGE, text="Wrong password.")
        self._open_connections += 1
        self._idle.clear()
        try:
            response, socket = await accept(request)
            if socket is not None and self._charger(identity) is charger:
                await charger.serve(socket)
            elif socket is not None:
                await socket.close(WSCloseCode.SERVICE_RESTART)
        finally:
            self._open_connections -= 1
            if not self._open_connections:
                self._idle.set()
        return response

    async def start(self, host: str, port: int) -> int:
        """Listen at ``/{identity}`` and ``/ocpp/{identity}``; return the bound port. Raises OSError."""
        application = web.Application()
        application.router.add_get("/{identity}", self.handle)
        application.router.add_get("/ocpp/{identity}", self.handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        bound: int = runner.addresses[0][1]
        return bound

    async def stop(self) -> None:
        """End all connections and the listener; calls that wait for a charger fail now. For good."""
        self._stopped = True
        for charger in (*self._chargers.values(), *(charger for charger, _ in self._expected.values())):
            charger.disconnect()
        if self._open_connections:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.stop_s):
                    await self._idle.wait()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _charger(self, identity: str) -> OcppCharger | None:
        """Return who serves this identity: a charger that is being set up comes first."""
        if self._stopped:
            return None
        if identity in self._expected:
            return self._expected[identity][0]
        return self._chargers.get(identity)

    def _is_allowed(self, request: web.Request, settings: ChargerSettings) -> bool:
        """Whether the request carries this charger's Basic credentials; tells who waits for the charger."""
        header = request.headers.get(hdrs.AUTHORIZATION)
        if header is not None and _matches(header, settings):
            return True
        if settings.identity in self._expected:
            expectation = self._expected[settings.identity][1]
            if header is None:
                expectation.came_without_password = True
            else:
                expectation.settle(None)
        return False


def _matches(header: str, settings: ChargerSettings) -> bool:
    """Compare Basic credentials (RFC 7617) in constant time: the user is the charger's identity."""
    scheme, _, token = header.partition(" ")
    try:
        presented = base64.b64decode(token)
    except ValueError:
        return False
    wanted = f"{settings.identity}:{settings.password}".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(presented, wanted)
