"""The enrolment service over HTTP.

``POST /redeem`` is for homes: {"ven_id", "code", "csr"} → {"certificate", "authority", "broker"}. ``PUT``,
``GET`` and ``DELETE`` on ``/enrolments/{ven_id}`` are the operator's, with a bearer token. ``GET /health``
says that it runs.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from .authority import AuthorityError, FleetAuthority, check_request, require_ven_id
from .limits import AddressLimit, Network, visitor
from .store import Clock, Enrolment, EnrolmentRefused, EnrolmentStore

LARGEST_BODY: Final = 16 * 1024
_BODY_TIMEOUT_S: Final = 10.0
_HASHES_AT_ONCE: Final = 2
_LOG: Final = logging.getLogger(__name__)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class HomeBroker:
    """Where homes connect to; ``ca_certificate`` is PEM text, None for a public authority."""

    host: str
    port: int
    prefix: str
    ca_certificate: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnrolmentService:
    """Answers homes and the operator; ``operator_token`` opens the operator's routes.

    ``proxies`` are ours: they write into ``X-Forwarded-For`` who asks.
    """

    broker: HomeBroker

    store: EnrolmentStore
    authority: FleetAuthority
    operator_token: str
    limit: AddressLimit
    proxies: Sequence[Network] = ()
    clock: Clock = lambda: datetime.now(UTC)

    def application(self) -> web.Application:
        """Return the web application; the caller runs and ends it."""
        # Hashing a code takes 16 MiB and a processor: a flood of requests waits here instead.
        hashing = asyncio.Semaphore(_HASHES_AT_ONCE)

        async def in_thread[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
            async with hashing:
                return await asyncio.to_thread(work, *args, **kwargs)

        async def redeem(request: web.Request) -> web.Response:
            address = visitor(request.remote, request.headers.get("X-Forwarded-For"), self.proxies)
            if (wait_s := self.limit.wait_s(address)) > 0:
                message = f"Too many attempts. Try again in {wait_s} seconds."
                return _refusal(429, "too_many_attempts", message, {"Retry-After": str(wait_s)})
            ven_id, code, csr = _fields(await _json(request), "ven_id", "code", "csr")
            check_request(csr, require_ven_id(ven_id))

            def sign() -> str:
                return self.authority.sign(csr, ven_id, now=self.clock())

            certificate = await in_thread(self.store.redeem, ven_id, code, sign, address=address)
            _LOG.info("Issued a certificate to %s", ven_id)
            return web.json_response(
                {
                    "certificate": certificate,
                    "authority": self.authority.certificate_pem,
                    "broker": asdict(self.broker),
                }
            )

        async def admit(request: web.Request) -> web.Response:
            ven_id = require_ven_id(request.match_info["ven_id"])
            code, expires = _fields(await _json(request), "code", "expires_at")
            return _told(await in_thread(self.store.admit, ven_id, code, _time(expires)))

        async def tell(request: web.Request) -> web.Response:
            found = await in_thread(self.store.enrolment, require_ven_id(request.match_info["ven_id"]))
            if found is None:
                return _refusal(404, "unknown_home", "This home was never admitted.")
            return _told(found)

        async def erase(request: web.Request) -> web.Response:
            await in_thread(self.store.erase, require_ven_id(request.match_info["ven_id"]))
            return web.Response(status=204)

        async def health(_: web.Request) -> web.Response:
            return web.json_response({"status": "ok"})

        application = web.Application(
            middlewares=[_plain_errors, self._operator_only], client_max_size=LARGEST_BODY
        )
        enrolment = "/enrolments/{ven_id}"
        application.add_routes(
            [
                web.post("/redeem", redeem),
                web.put(enrolment, admit),
                web.get(enrolment, tell),
                web.delete(enrolment, erase),
                web.get("/health", health),
            ]
        )
        return application

    @property
    def _operator_only(self) -> Any:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.startswith("/enrolments/"):
                given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
                if not hmac.compare_digest(given, f"Bearer {self.operator_token}".encode()):
                    return _refusal(401, "not_the_operator", "The operator's token is missing or wrong.")
            return await handler(request)

        return guard


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except EnrolmentRefused as error:
        return _refusal(403, "enrolment_refused", str(error))
    except (AuthorityError, _BadRequestError) as error:
        return _refusal(400, "bad_request", str(error))
    except web.HTTPClientError as error:
        return _refusal(error.status, "bad_request", error.reason)


class _BadRequestError(Exception):
    pass


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            document = json.loads(await request.read())
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(reason="The body did not arrive.") from error
    except (ValueError, RecursionError) as error:
        raise _BadRequestError("The body is not JSON.") from error
    if not isinstance(document, dict):
        raise _BadRequestError("The body is not a JSON object.")
    return document


def _fields(document: dict[str, Any], *names: str) -> list[str]:
    values = [document.get(name) for name in names]
    if not all(isinstance(value, str) and value for value in values):
        raise _BadRequestError(f"Expected texts: {', '.join(names)}.")
    texts = [str(value) for value in values]
    # JSON can name half of a character ("\\ud800"), which no text holds that is written or hashed.
    if not all(_is_text(text) for text in texts):
        raise _BadRequestError(f"Expected texts: {', '.join(names)}.")
    return texts


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise _BadRequestError("expires_at lacks its offset from UTC.")
        return time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _BadRequestError("expires_at is not an ISO 8601 time.") from error


def _told(enrolment: Enrolment) -> web.Response:
    return web.json_response(
        {
            "ven_id": enrolment.ven_id,
            "state": enrolment.state,
            "expires_at": enrolment.expires_at.isoformat(),
            "serials": [format(serial, "x") for serial in enrolment.serials],
        }
    )


def _refusal(status: int, error: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": error, "message": message}, status=status, headers=headers)
