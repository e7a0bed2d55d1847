"""Takes a home's points: who is it, are they its own, then on to the store with the store's token.

InfluxDB's replication takes exactly 204 for stored, drops a batch on 400 only (when told to), and repeats on
everything else, holding up what is behind. So what will never be good is answered with 400, and what may be
good later never is. (influxdb 2.9.1, replications/remotewrite/writer.go.)
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
from aiohttp import web

from .body import MOST_PACKED_BYTES, BodyRefused, unpacked
from .central import Central, CentralAnswer, CentralError
from .line_protocol import UNITS_PER_S, NotThisHome, Points, checked
from .series import MOST_SERIES, SeriesBudget
from .tokens import HomeTokens, TokensError

_LOGGER = logging.getLogger(__name__)
_STORE_TIMEOUT: Final = aiohttp.ClientTimeout(total=60, connect=10)
_BODY_TIMEOUT_S: Final = 60
_REFRESH_S: Final = 5
_LONGEST_COUNT: Final = timedelta(days=62)
# The store would never take it; it has kept the good points of the batch, so that dropping it loses no more.
_NEVER: Final = frozenset({400, 413, 422})
# A home's replication writes one batch after the other, counts once an hour, and repeats later what is
# answered with 429; to the store a count over weeks costs more than a write.
_MOST_AT_ONCE: Final = 1
_SESSION: Final = web.AppKey("session", aiohttp.ClientSession)


class Ingest:
    """The service: ``POST /api/v2/write``, ``GET /api/v2/points_per_hour``, ``GET /health``."""

    def __init__(self, *, tokens: HomeTokens, central: Central) -> None:
        """Only keep what is given."""
        self._tokens = tokens
        self._central = central
        # Checking holds the interpreter: with more threads, those who only ask would wait for each in turn.
        self._checkers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="check")
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._series = SeriesBudget()

    def application(self) -> web.Application:
        """Return the application, with a session to the store that lives as long as it."""
        application = web.Application(client_max_size=MOST_PACKED_BYTES)
        application.add_routes(
            [
                web.get("/health", self._health),
                web.post("/api/v2/write", self._write),
                web.get("/api/v2/points_per_hour", self._points_per_hour),
            ]
        )
        application.cleanup_ctx.append(_session)
        application.cleanup_ctx.append(self._refreshed)
        return application

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "pass"})

    async def _write(self, request: web.Request) -> web.Response:
        home = self._home(request)
        if home is None:
            return _refused(401, "unauthorized", "unauthorized access")
        return await self._alone(home, "writes", self._written(request, home))

    async def _alone(self, home: str, does: str, work: Coroutine[Any, Any, web.Response]) -> web.Response:
        """Do the work unless the home has as much of it done already."""
        key = (home, does)
        if self._under_way[key] >= _MOST_AT_ONCE:
            work.close()
            response = _refused(429, "too many requests", f"this home {does} already")
            response.headers["Retry-After"] = "1"
            return response
        self._under_way[key] += 1
        try:
            return await work
        finally:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]

    async def _written(self, request: web.Request, home: str) -> web.Response:
        precision = request.query.get("precision", "ns")
        if precision not in UNITS_PER_S:
            return _refused(400, "invalid", "precision must be ns, us, ms or s")
        try:
            async with asyncio.timeout(_BODY_TIMEOUT_S):
                body = await request.read()
            points, beyond = await asyncio.get_running_loop().run_in_executor(
                self._checkers,
                self._own_points,
                body,
                request.headers.get("Content-Encoding", ""),
                home,
                precision,
            )
        except web.HTTPRequestEntityTooLarge:
            return _refused(400, "invalid", f"more than {MOST_PACKED_BYTES} bytes")
        except (BodyRefused, NotThisHome) as error:
            _LOGGER.warning("Refused a write of home %s: %s", home, error)
            return _refused(400, "invalid", str(error))
        except TimeoutError:
            return _refused(408, "timeout", "the body did not arrive")
        # Replication asks with an empty write whether its token is good.
        answer = web.Response(status=204)
        if points.lines:
            answer = await self._forward(request.app[_SESSION], points.lines, precision)
        if (why := _left_out(points.left_out, beyond)) and answer.status == 204:
            _LOGGER.warning("Home %s: %s", home, why)
            return _refused(400, "invalid", why)
        return answer

    async def _forward(self, session: aiohttp.ClientSession, points: bytes, precision: str) -> web.Response:
        try:
            answer = await self._central.write(session, points, precision)
        except (aiohttp.ClientError, TimeoutError) as error:
            _LOGGER.warning("The store does not answer: %s", type(error).__name__)
            return _refused(503, "unavailable", "the store does not answer")
        return _as_replication_needs(answer)

    async def _points_per_hour(self, request: web.Request) -> web.Response:
        home = self._home(request)
        if home is None:
            return _refused(401, "unauthorized", "unauthorized access")
        try:
            start, stop = (_moment(request.query.get(name, "")) for name in ("start", "stop"))
        except ValueError:
            return _refused(
                400, "invalid", "start and stop must be whole hours in UTC, such as 2026-06-21T08:00:00Z"
            )
        if not timedelta(0) <= stop - start <= _LONGEST_COUNT:
            return _refused(400, "invalid", f"stop must follow start by at most {_LONGEST_COUNT.days} days")
        return await self._alone(home, "counts", self._counted(request, home, start, stop))

    async def _counted(
        self, request: web.Request, home: str, start: datetime, stop: datetime
    ) -> web.Response:
        try:
            counts = await self._central.points_per_hour(request.app[_SESSION], home, start, stop)
        except (CentralError, aiohttp.ClientError, TimeoutError) as error:
            _LOGGER.warning("The store cannot count: %s", str(error) or type(error).__name__)
            return _refused(503, "unavailable", "the store cannot count now")
        return web.json_response({"points_per_hour": counts})

    def _own_points(self, body: bytes, encoding: str, home: str, precision: str) -> tuple[Points, int]:
        """Return what is to be stored, and how many points more there was no series for."""
        points = checked(unpacked(body, encoding), home, precision=precision, now=datetime.now(UTC))
        counted = self._series.within(home, points.lines, now_s=time.monotonic())
        return Points(lines=counted.lines, left_out=points.left_out), counted.left_out

    def _home(self, request: web.Request) -> str | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        return self._tokens.home_of(token.strip()) if kind in {"Token", "Bearer"} and token else None

    async def _refreshed(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._refresh())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(_REFRESH_S)
            try:
                await asyncio.to_thread(self._tokens.refresh)
            except (OSError, TokensError) as error:
                _LOGGER.error("The tokens of before stay in force: %s", error)  # noqa: TRY400 # names its cause


async def _session(application: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(timeout=_STORE_TIMEOUT) as session:
        application[_SESSION] = session
        yield


def _left_out(of_no_time: int, of_no_series: int) -> str:
    reasons = {"their time cannot be": of_no_time, f"more than {MOST_SERIES} series": of_no_series}
    return "; ".join(f"left out {count} points: {why}" for why, count in reasons.items() if count)


def _as_replication_needs(answer: CentralAnswer) -> web.Response:
    match answer.status:
        case 204:
            return web.Response(status=204)
        case 429:
            _LOGGER.warning("The store asks for a pause")
            response = _refused(429, "too many requests", "the store asks for a pause")
            if answer.retry_after:
                response.headers["Retry-After"] = answer.retry_after
            return response
        case status if status in _NEVER:
            _LOGGER.warning("The store refused points: %d", status)
            return _refused(400, "invalid", "the store refused points of this batch")
    # 401, 403, 404 are about our token and bucket, not about the home: it shall keep its data and try again.
    _LOGGER.error("The store answered %d to a write", answer.status)
    return _refused(503, "unavailable", "the store cannot take points now")


def _refused(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message}, status=status)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:00:00Z").replace(tzinfo=UTC)
