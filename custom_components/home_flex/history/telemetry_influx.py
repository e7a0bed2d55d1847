"""Writing to InfluxDB 2 (``POST /api/v2/write``), one request at a time, each of bounded length.

Importing the client library takes some 30 MB and a second: only homes with a measurement store do it.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from influxdb_client.service.write_service import WriteService
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from .telemetry_store import StoreError, StoreSettings, read_token

TIMEOUT_S = 8.0
LONGEST_RETRY_AFTER_S = 3600.0
MAX_MESSAGE = 200

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


class InfluxStore:
    """One bucket, over one connection that is kept open. Every method blocks: call it from a thread."""

    def __init__(self, settings: StoreSettings, *, timeout_s: float = TIMEOUT_S) -> None:
        """Connect at the first write."""
        self._settings = settings
        self._timeout_ms = int(timeout_s * 1_000)
        self._client: InfluxDBClient | None = None
        self._token: str | None = None

    def write(self, lines: bytes) -> None:
        """Write line protocol with times in ns; returns when the store has said 204. Raises StoreError."""
        service = WriteService(self._connected().api_client)  # type: ignore[no-untyped-call] # untyped library
        try:
            _, status, _ = service.post_write_with_http_info(  # type: ignore[no-untyped-call] # untyped library
                org=self._settings.org,
                bucket=self._settings.bucket,
                body=lines,
                precision=WritePrecision.NS,
                content_type="text/plain; charset=utf-8",
            )
        except ApiException as error:
            raise _api_error(error) from error
        except (HTTPError, OSError, ValueError) as error:
            raise _link_error(error) from error
        if status != HTTPStatus.NO_CONTENT:
            raise StoreError("not_a_store", f"The answer is {status}, not that of an InfluxDB")

    def token_changed(self) -> bool:
        """Whether there is another token now than the one that was used last."""
        try:
            return read_token(self._settings) != self._token
        except StoreError:
            return False

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call] # untyped library
            self._client = None

    def _connected(self) -> InfluxDBClient:
        token = read_token(self._settings)
        if self._client is None or token != self._token:
            self.close()
            self._token = token
            self._client = InfluxDBClient(
                url=self._settings.url,
                token=token,
                org=self._settings.org,
                timeout=self._timeout_ms,
                enable_gzip=True,
                verify_ssl=self._settings.verify_tls,
                connection_pool_maxsize=1,
            )
        return self._client


def probe(settings: StoreSettings, lines: bytes) -> None:
    """Write some lines once. Raises StoreError; blocks."""
    store = InfluxStore(settings)
    try:
        store.write(lines)
    finally:
        store.close()


def _api_error(error: ApiException) -> StoreError:
    """Say what an answer that is not a success means; status 0 is the library's word for TLS that failed."""
    if not error.status:
        if "CERTIFICATE_VERIFY_FAILED" in str(error.reason):
            return StoreError("bad_certificate", "The certificate of the store cannot be trusted")
        return StoreError("cannot_connect", "TLS with the store fails")
    status = int(error.status)
    message = f"The store answers {status}: {_told(error.body)}"
    if status in _REASONS:
        reason = _REASONS[HTTPStatus(status)]
    else:
        reason = "unavailable" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "not_a_store"
    return StoreError(reason, message, retry_after_s=_retry_after_s(error.headers or {}))


def _link_error(error: Exception) -> StoreError:
    """Say why there was no answer at all."""
    match error:
        case NameResolutionError():
            return StoreError("unknown_host", "The host name of the store is not known")
        case NewConnectionError():
            return StoreError("cannot_connect", "Nothing answers at the address of the store")
        case ConnectTimeoutError() | ReadTimeoutError():
            return StoreError("timeout", "The store does not answer in time")
        case LocationParseError() | UnicodeError():
            return StoreError("invalid_url", "The address of the store is not a URL")
    return StoreError("cannot_connect", f"The connection to the store broke: {type(error).__name__}")


def _told(body: object) -> str:
    """Return what an error's body says, on one line and not too long."""
    text = str(body or "")
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
