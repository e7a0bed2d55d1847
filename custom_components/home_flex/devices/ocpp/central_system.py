"""The central system (CSMS) chargers dial in to, on our own port and on any aiohttp server's path."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from ssl import SSLContext
from typing import Any, Final

from aiohttp import WSCloseCode, hdrs, web

from ..driver import DeviceError
from .access import read_attempt, why_not
from .callers import Attempt, Callers, Refusal
from .charge_point import ChargePoint, Surroundings
from .charger import OcppCharger
from .dialect import V16, Dialect
from .door import MOST, PATIENCE_S, Door
from .expectation import Expectation
from .forwarding import Forwarder
from .schemas import preload_schemas
from .session import Payload
from .settings import ChargerSettings, Patience
from .transport import accept, spoken_protocol

_CHALLENGE: Final = {hdrs.WWW_AUTHENTICATE: 'Basic realm="OCPP"'}
_SHUTDOWN_S: Final = 1.0
_HANDSHAKE_S: Final = 10.0


class CentralSystem:
    """Serves chargers of OCPP 1.6J and 2.0.1 that are set up, and remembers who else dialled in."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float] = time.monotonic,
        patience: Patience | None = None,
        remembered: Mapping[str, Mapping[str, Any]] | None = None,
        on_remembered: Callable[[Mapping[str, Mapping[str, Any]]], None] = lambda _: None,
        on_told: Callable[[str, str, Payload], None] = lambda _identity, _action, _payload: None,
        on_caller: Callable[[], None] = lambda: None,
    ) -> None:
        """Know no charger yet; ``clock`` tells the time in UTC, ``monotonic_s`` seconds.

        ``remembered`` is what ``on_remembered`` was given before: how each charger took its limits, and its
        list of tags. ``on_told`` gets the identity, the action and the payload of what only people can make
        use of; ``on_caller`` is called when who was not let in has changed.
        """
        self._surroundings = Surroundings(
            clock=clock,
            monotonic_s=monotonic_s,
            patience=patience or Patience(),
            remembered={key: dict(document) for key, document in (remembered or {}).items()},
            on_remembered=lambda: on_remembered(self._surroundings.remembered),
            on_told=on_told,
        )
        self.callers = Callers(clock=clock, monotonic_s=monotonic_s, on_change=on_caller)
        self._stations: dict[str, ChargePoint] = {}
        self._expected: dict[str, tuple[ChargePoint, Expectation]] = {}
        self._open_connections = 0
        self._idle = asyncio.Event()
        self._stopped = False
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._door: Door | None = None

    def add(self, settings: ChargerSettings, forwarder: Forwarder | None = None) -> OcppCharger:
        """Serve this socket of a charger from now on. Raises DeviceError ``charger_already_added``.

        ``forwarder`` tells a second back end of the whole charger; one that its other socket came with stays.
        """
        station = self._stations.get(settings.identity)
        if station is None:
            station = self._stations[settings.identity] = ChargePoint(settings.identity, self._surroundings)
        if settings.connector_id in station.sockets:
            raise DeviceError("charger_already_added", f"charger {settings.identity} is known already")
        station.forwarder = station.forwarder or forwarder
        return station.add(settings)

    def remove(self, identity: str) -> None:
        """Forget a charger and end its connection; nothing happens when it is not known."""
        station = self._stations.pop(identity, None)
        if station is not None:
            station.disconnect()

    async def call(self, identity: str, action: str, payload: Payload) -> Payload:
        """Call a charger by any action of OCPP 1.6, and return its answer.

        Raises DeviceError (CallRefusedError for a CALLERROR) as ``Session.request``, and OCPPError for a
        payload that breaks the schema.
        """
        station = self._stations.get(identity)
        if station is None or station.session is None:
            raise DeviceError("charger_not_connected", f"charger {identity} is not connected")
        return await station.session.request(action, payload, timeout_s=self._surroundings.patience.call_s)

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return what helps to understand a charger that behaves oddly."""
        return [each for station in self._stations.values() for each in station.diagnostics()]

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
        station = ChargePoint(identity, self._surroundings, on_identity=expectation.settle)
        station.add(settings)
        self._expected[identity] = station, expectation
        if identity in self._stations:
            self._stations[identity].disconnect()
        try:
            yield expectation
        finally:
            del self._expected[identity]
            station.disconnect()

    async def handle(self, request: web.Request, *, is_remote: bool = False) -> web.StreamResponse:
        """Serve one charger's connection; ``is_remote``: it comes from beyond the home, whatever its address.

        404 for an unknown identity, 401 for missing or wrong credentials (OCPP-J 1.6 sections 3.1 and 6.2),
        429 for one that tries too often. Each refusal is remembered and told.
        """
        attempt = read_attempt(request)
        if is_remote:
            attempt = replace(attempt, remote=None)
        if self._stopped:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="Home Flex is stopping.")
        if self.callers.is_too_eager(attempt):
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS, text="Try again in a minute.")
        station = self._station(attempt.identity)
        reason = Refusal.UNKNOWN if station is None else self._why_not(attempt, station)
        if station is None or reason is not None:
            self.callers.refuse(attempt, reason or Refusal.UNKNOWN)
            return _refusal(reason or Refusal.UNKNOWN)
        self._open_connections += 1
        self._idle.clear()
        try:
            return await self._serve(request, attempt, station)
        finally:
            self._open_connections -= 1
            if not self._open_connections:
                self._idle.set()

    async def _serve(
        self, request: web.Request, attempt: Attempt, station: ChargePoint
    ) -> web.StreamResponse:
        protocol = spoken_protocol(attempt.protocols)
        if protocol is None:
            self.callers.refuse(attempt, Refusal.PROTOCOL)
            self._hint(attempt.identity, Refusal.PROTOCOL)
        response, socket = await accept(request, protocol)
        if socket is None:
            return response
        self.callers.admit(attempt)
        if self._door is not None:
            self._door.let_in(request.transport)
        is_newer = (protocol or "").lower().startswith("ocpp2")
        dialect = await asyncio.to_thread(_newer) if is_newer else V16
        if self._station(attempt.identity) is station:
            await station.serve(socket, dialect)
        else:
            await socket.close(WSCloseCode.SERVICE_RESTART)
        return response

    async def start(
        self,
        host: str,
        port: int,
        *,
        tls: SSLContext | None = None,
        patience_s: float = PATIENCE_S,
        most: int = MOST,
    ) -> int:
        """Listen at any path; return the bound port. Raises OSError.

        With ``tls`` only encrypted (security profile 2; 3 when it asks for the charger's certificate). Who is
        no charger of ours goes after ``patience_s``; no more than ``most`` are connected.
        """
        application = web.Application()
        application.router.add_get("/{path:.*}", self.handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        assert runner.server is not None  # noqa: S101 # it is set up
        self._door = Door(runner.server, patience_s=patience_s, most=most)
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                self._door, host, port, ssl=tls, ssl_handshake_timeout=_HANDSHAKE_S if tls else None
            )
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """End all connections and the listener; calls that wait for a charger fail now. For good."""
        self._stopped = True
        for station in (*self._stations.values(), *(station for station, _ in self._expected.values())):
            station.disconnect()
        if self._open_connections:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._surroundings.patience.stop_s):
                    await self._idle.wait()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _station(self, identity: str) -> ChargePoint | None:
        """Return who serves this identity: a charger that is being set up comes first.

        Where nobody is called exactly so, upper and lower case make no difference.
        """
        for stations in ({each: station for each, (station, _) in self._expected.items()}, self._stations):
            folded = {each.casefold(): station for each, station in stations.items()}
            station = stations.get(identity) or folded.get(identity.casefold())
            if station is not None and not self._stopped:
                return station
        return None

    def _why_not(self, attempt: Attempt, station: ChargePoint) -> Refusal | None:
        """Return why a charger is not let in; tells who waits for it."""
        reasons = [why_not(attempt, each.settings) for each in station.sockets.values()]
        if None in reasons or not reasons:
            return None
        self._hint(attempt.identity, reasons[0])
        return reasons[0]

    def _hint(self, identity: str, reason: Refusal | None) -> None:
        for expected, (_, expectation) in self._expected.items():
            if expected.casefold() == identity.casefold():
                expectation.hint(reason)


def _newer() -> Dialect:
    """Return the dialect of OCPP 2.0.1, which the first charger that speaks it loads. Reads files."""
    from .v201 import V201  # noqa: PLC0415 # some 3 MB that few homes need

    preload_schemas(V201.version)
    return V201


def _refusal(reason: Refusal) -> web.Response:
    match reason:
        case Refusal.UNKNOWN:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="No such charger is set up here.")
        case Refusal.NOT_LOCAL:
            return web.Response(status=HTTPStatus.FORBIDDEN, text="Only from the home's own network.")
    return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=_CHALLENGE, text="Wrong password.")
