"""Posts to addresses that others named: over https, to public addresses only, without redirects.

Who may name any address must not make the hub ask what only it can reach: an address is looked at when the
connection is made, not when the name was written down.
"""

import asyncio
import errno
import ipaddress
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from ..store.tables import GridMessage, Mail, WebhookDelivery

TIMEOUT_S: Final = 5.0
FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(hours=1)
# With the waits between them a day.
MOST_ATTEMPTS: Final = 32
# Who takes what is due has so long to send it before another may.
CLAIM: Final = timedelta(minutes=1)
AT_ONCE: Final = 20
# Of an error so many characters are kept.
MOST_TOLD: Final = 200
_POLL_S: Final = 1.0
_LOG: Final = logging.getLogger(__name__)
# Stands for any IPv4 address behind a gateway (RFC 6052).
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

# What waits to be sent, with how often it was tried and when it is next.
type Waiting = WebhookDelivery | GridMessage | Mail
type IsAllowed = Callable[[str], bool]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, also one of IPv4 inside of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64 or (inner is not None and not inner.is_global):
            return False
    return found.is_global and not found.is_multicast


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts that failed, None when it is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_WAIT)


def note_posted(row: Waiting, now: datetime, error: str | None) -> None:
    """Note how an attempt went: it is over when nothing went wrong, and when it is given up."""
    row.last_error = error and error[:MOST_TOLD]
    wait = None if error is None else wait_after(row.attempts)
    if wait is None:
        row.ended_at = now
    else:
        row.due_at = now + wait


async def send_while_running(send_due: Callable[[], Awaitable[bool]], what: str) -> None:
    """Send what is due, again and again, until cancelled. ``send_due`` says whether there was anything."""
    while True:
        try:
            is_more = await send_due()
        except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
            _LOG.exception("%s could not be sent; going on", what)
            is_more = False
        if not is_more:
            await asyncio.sleep(_POLL_S)


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """Posts to what ``is_allowed``; ``tls`` says whom to trust, None: the public authorities."""

    is_allowed: IsAllowed = is_public
    tls: ssl.SSLContext | None = None

    @asynccontextmanager
    async def client(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Give a client for some posts."""
        connector = aiohttp.TCPConnector(
            resolver=_GuardedResolver(self.is_allowed), ssl=self.tls if self.tls is not None else True
        )
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as client:
            yield client

    async def post(
        self, client: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str]
    ) -> str | None:
        """Post; return what went wrong, None when it was taken."""
        host = urlsplit(url).hostname or ""
        if _is_address(host) and not self.is_allowed(host):
            return "the address is not public"
        try:
            async with client.post(url, data=body, headers=headers, allow_redirects=False) as response:
                is_taken = 200 <= response.status < 300
                return None if is_taken else f"answered {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"


class _GuardedResolver(AbstractResolver):
    """Resolves names to allowed addresses only."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        self._inner, self._is_allowed = ThreadedResolver(), is_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(self._is_allowed(each["host"]) for each in found):
            raise PermissionError(errno.EACCES, "the address is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
