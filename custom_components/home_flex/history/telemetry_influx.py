"""Writing to InfluxDB 2 (``POST /api/v2/write``), one request at a time, each of bounded length."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from .telemetry_store import StoreError, StoreSettings, read_token

TIMEOUT_S = 8.0
LONGEST_RETRY_AFTER_S = 3600.0
MAX_MESSAGE = 200
_MOST_TOLD_BYTES = 64 * 1024

_REASONS = {
    HTTPStatus.BAD_REQUEST: "refused_points",
    HTTPStatus.UNPROCESSABLE_CONTENT: "refused_points",
    HTTPStatus.UNAUTHORIZED: "not_authorised",
    HTTPStatus.FORBIDDEN: "not_authorised",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.CONTENT_TOO_LARGE: "too_large",
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.TOO_MANY_REQUESTS: "unavailable",
}

# How InfluxDB says that of these points some can never be written, under whatever status: 2.0 said 500.
_NEVER_TAKEN = "partial write"

# Why there was no answer at all: the first kind that fits.
_LINK_ERRORS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, str], ...] = (
    (
        aiohttp.ClientConnectorCertificateError,
        "bad_certificate",
        "The certificate of the store cannot be trusted",
    ),
    (aiohttp.ClientSSLError, "cannot_connect", "TLS with the store fails"),
    (aiohttp.ClientConnectorDNSError, "unknown_host", "The host name of the store is not known"),
    (TimeoutError, "timeout", "The store does not answer in time"),
    (aiohttp.ClientConnectorError, "cannot_connect", "Nothing answers at the address of the store"),
    (aiohttp.InvalidURL, "invalid_url", "The address of the store is not a URL"),
)


class InfluxStore:
    """One bucket, written to over a session that belongs to someone else."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: StoreSettings, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Connect at the first write. Whether certificates are looked at is the session's."""
        self._session = session
        self._settings = settings
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._token: str | None = None

    async def write(self, lines: bytes) -> None:
        """Write line protocol with times in ns; returns when the store has said 204. Raises StoreError."""
        self._token = await asyncio.to_thread(read_token, self._settings)
        body = await asyncio.to_thread(gzip.compress, lines)
        try:
            async with self._session.post(
                f"{self._settings.url}/api/v2/write",
                params={"org": self._settings.org, "bucket": self._settings.bucket, "precision": "ns"},
                data=body,
                headers={
                    "Authorization": f"Token {self._token}",
                    "Content-Encoding": "gzip",
                    "Content-Type": "text/plain; charset=utf-8",
                },
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                if answer.status != HTTPStatus.NO_CONTENT:
                    told = await answer.content.read(_MOST_TOLD_BYTES)
                    raise _answer_error(answer.status, told, answer.headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _link_error(error) from error

    async def token_changed(self) -> bool:
        """Whether there is another token now than the one that was used last."""
        try:
            return await asyncio.to_thread(read_token, self._settings) != self._token
        except StoreError:
            return False


def _answer_error(status: int, body: bytes, headers: Mapping[str, str]) -> StoreError:
    """Say what an answer that is not 204 means."""
    told = _told(body)
    message = f"The store answers {status}: {told}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and _NEVER_TAKEN in told:
        reason = "refused_points"
    elif status in _REASONS:
        reason = _REASONS[HTTPStatus(status)]
    else:
        reason = "unavailable" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "not_a_store"
    return StoreError(reason, message, retry_after_s=_retry_after_s(headers))


def _link_error(error: Exception) -> StoreError:
    """Say why there was no answer at all."""
    for kind, reason, message in _LINK_ERRORS:
        if isinstance(error, kind):
            return StoreError(reason, message)
    return StoreError("cannot_connect", f"The connection to the store broke: {type(error).__name__}")


def _told(body: bytes) -> str:
    """Return what an error's body says, on one line and not too long."""
    text = body.decode(errors="replace")
    with suppress(ValueError):
        document = json.loads(text)
        if isinstance(document, dict):
            text = str(document.get("message") or document.get("error") or text)
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:MAX_MESSAGE]


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, section 10.2.3), at most an hour."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.isdecimal():
        return min(float(value), LONGEST_RETRY_AFTER_S)
    try:
        wait_s = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except ValueError, TypeError:
        return None
    return min(max(wait_s, 0.0), LONGEST_RETRY_AFTER_S)
