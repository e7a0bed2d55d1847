"""What is asked of a provider: answers within a bound and within a time, over TLS that is verified."""

import asyncio
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx

from ...core import Refusal, decode

PATIENCE_S: Final = 5.0
MOST_BYTES: Final = 256 * 1024
# What is packed could unpack to any size.
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}


class ProviderError(Exception):
    """A provider did not answer as it should; the message says how, for the log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetching:
    """Asks providers, each at most for ``patience_s``; ``tls`` says whom to trust: the public authorities."""

    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    patience_s: float = PATIENCE_S

    async def get(self, url: str) -> dict[str, Any]:
        """Return the JSON object at an address. Raises ProviderError."""
        return await self._ask("GET", url)

    async def post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        """Send a form and return the JSON object that answers it. Raises ProviderError."""
        return await self._ask("POST", url, data=form, headers=headers)

    async def _ask(self, method: str, url: str, **told: Any) -> dict[str, Any]:
        told["headers"] = {**_HEADERS, **told.get("headers", {})}
        try:
            async with (
                asyncio.timeout(self.patience_s),
                httpx.AsyncClient(
                    verify=self.tls, timeout=self.patience_s, trust_env=False, follow_redirects=False
                ) as client,
                client.stream(method, url, **told) as answer,
            ):
                return _document(answer.status_code, await _body(answer))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise ProviderError(f"{type(error).__name__}: {error}") from error


async def _body(answer: httpx.Response) -> bytes:
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise ProviderError("its answer is packed, though it was asked not to be")
    parts = bytearray()
    async for piece in answer.aiter_raw():
        parts += piece
        if len(parts) > MOST_BYTES:
            raise ProviderError(f"its answer is larger than {MOST_BYTES} bytes")
    return bytes(parts)


def _document(status: int, body: bytes) -> dict[str, Any]:
    if status != HTTPStatus.OK:
        # Of RFC 6749, 5.2, such as invalid_grant; there is no secret in it.
        raise ProviderError(f"it answered {status}: {body[:200].decode(errors='replace')!r}")
    try:
        document = decode(body, max_bytes=MOST_BYTES)
    except Refusal as refusal:
        raise ProviderError(f"its answer is no JSON: {refusal.message}") from refusal
    if not isinstance(document, dict):
        raise ProviderError("its answer is no JSON object")
    return document
