"""One thin client of balena's API (version 7, OData): pages, retries, time-outs, bounded concurrency.

Sources: docs.balena.io, reference/api/overview (authentication, ``Retry-After``) and reference/api/resources.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp
from home_common.retry import BackOff

DEFAULT_URL: Final = "https://api.balena-cloud.com"
PAGE: Final = 200
_NOT_PROCESSED: Final = frozenset({429, 503})
_LONGEST_PAUSE_S: Final = 120.0

type Row = Mapping[str, Any]


class BalenaError(Exception):
    """The API refused or cannot be reached; the message holds neither the token nor a value that was sent."""


class BalenaApi:
    """Reads and writes resources. In a dry run every write is noted in ``withheld`` and none is sent."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: str,
        *,
        url: str = DEFAULT_URL,
        dry_run: bool = False,
        timeout_s: float = 30,
        attempts: int = 6,
        most_at_once: int = 8,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Nothing is sent yet. ``pause`` is awaited between attempts."""
        self.dry_run = dry_run
        self.withheld: list[str] = []
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._attempts = attempts
        self._pause = pause
        self._slots = asyncio.Semaphore(most_at_once)

    async def rows(self, resource: str, **options: str) -> list[Row]:
        """Return all rows of a resource, page by page.

        Options are OData's, without the ``$``: select, filter, expand.
        """
        query = {f"${name}": value for name, value in options.items()}
        found: list[Row] = []
        while True:
            page = {"$orderby": "id asc", **query, "$top": str(PAGE), "$skip": str(len(found))}
            answer = await self._send("GET", f"/v7/{resource}", params=page)
            rows = answer.get("d") if isinstance(answer, dict) else None
            if not isinstance(rows, list):
                raise BalenaError(f"balena answered {resource} with something else than rows")
            found += rows
            if len(rows) < PAGE:
                return found

    async def write(self, method: str, path: str, body: Row | None, *, what: str) -> None:
        """Send a change. ``what`` describes it for people and must hold no secret."""
        if self.dry_run:
            self.withheld.append(what)
            return
        await self._send(method, path, body=body)

    async def _send(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Row | None = None
    ) -> Any:
        back_off = BackOff(1.0, _LONGEST_PAUSE_S)
        for attempt in range(1, self._attempts + 1):
            pause_s = back_off.next_s()
            try:
                async with (
                    self._slots,
                    self._session.request(
                        method,
                        self._url + path,
                        params=params,
                        json=body,
                        headers=self._headers,
                        timeout=self._timeout,
                        allow_redirects=False,
                    ) as response,
                ):
                    if response.status < 300:
                        return await _document(response)
                    failure = _explain(method, path, response.status)
                    if not _may_repeat(method, response.status):
                        raise BalenaError(failure)
                    pause_s = _retry_after_s(response) or pause_s
            except (aiohttp.ClientError, TimeoutError) as error:
                failure = f"balena cannot be reached: {method} {path}: {type(error).__name__}"
                if method == "POST":
                    raise BalenaError(f"{failure}; whether it was done is unknown, run again") from error
            if attempt < self._attempts:
                await self._pause(pause_s)
        raise BalenaError(f"{failure} ({self._attempts} attempts)")


def _may_repeat(method: str, status: int) -> bool:
    """Return whether a refused request may be sent again: a POST only when it was certainly not processed."""
    return status in _NOT_PROCESSED or (status >= 500 and method != "POST")


def _retry_after_s(response: aiohttp.ClientResponse) -> float | None:
    """Return the server's wish in seconds, bounded (RFC 9110, section 10.2.3; balena sends seconds)."""
    wish = response.headers.get("Retry-After", "")
    return min(float(wish), _LONGEST_PAUSE_S) if wish.isdecimal() else None


async def _document(response: aiohttp.ClientResponse) -> Any:
    if "json" not in response.content_type:
        return None
    try:
        return await response.json()
    except ValueError as error:
        raise BalenaError("balena answered with something else than JSON") from error


def _explain(method: str, path: str, status: int) -> str:
    match status:
        case 401:
            return "balena does not accept the token (401): set BALENA_TOKEN or the token file"
        case 403:
            return f"the token may not {method} {path} (403)"
        case _:
            return f"balena answered {method} {path} with {status}"
