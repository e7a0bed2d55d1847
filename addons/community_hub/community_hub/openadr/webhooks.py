"""Sends notifications to subscribers' callbacks: over https, to public addresses only, without redirects.

Who may subscribe may name any callback, so that the hub must not be made to ask what only it can reach: the
address is looked at when the connection is made, not when the name was written down. What fails is tried
again for a day. A subscriber may be told twice, and never out of what was committed.
"""

import asyncio
import errno
import ipaddress
import json
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.sealing import SealError
from ..hub import Hub
from ..store.tables import Subscription, WebhookDelivery
from .sealed import bearer_token

TIMEOUT_S: Final = 5.0
FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(hours=1)
# With the waits between them a day.
MOST_ATTEMPTS: Final = 32
_CLAIM: Final = timedelta(minutes=1)
_AT_ONCE: Final = 20
_POLL_S: Final = 1.0
_MOST_TOLD: Final = 200
# Stands for any IPv4 address behind a gateway (RFC 6052).
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_LOG: Final = logging.getLogger(__name__)

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


class _GuardedResolver(AbstractResolver):
    """Resolves names to allowed addresses only."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        self._inner, self._is_allowed = ThreadedResolver(), is_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(self._is_allowed(each["host"]) for each in found):
            raise PermissionError(errno.EACCES, "the callback's address is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sending:
    """A delivery as it goes out."""

    id: str
    url: str
    body: bytes
    token: str | None


class WebhookSender:
    """Sends what is due, until it is cancelled.

    ``is_allowed`` says which addresses may be asked; ``tls`` whom to trust, None: the public authorities.
    """

    def __init__(
        self, hub: Hub, *, is_allowed: IsAllowed = is_public, tls: ssl.SSLContext | None = None
    ) -> None:
        """Send for a hub."""
        self._hub, self._is_allowed, self._tls = hub, is_allowed, tls

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                is_more = await self.send_due()
            except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
                _LOG.exception("Webhooks could not be sent; going on")
                is_more = False
            if not is_more:
                await asyncio.sleep(_POLL_S)

    async def send_due(self) -> bool:
        """Send what is due now; return whether there was anything."""
        async with self._hub.store.writing() as session:
            claimed = await self._claimed(session)
        if not claimed:
            return False
        connector = aiohttp.TCPConnector(
            resolver=_GuardedResolver(self._is_allowed), ssl=self._tls if self._tls is not None else True
        )
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as client:
            errors = await asyncio.gather(*(self._send(client, each) for each in claimed))
        async with self._hub.store.writing() as session:
            for sending, error in zip(claimed, errors, strict=True):
                await self._note(session, sending.id, error)
        return True

    async def _claimed(self, session: AsyncSession) -> list[_Sending]:
        """Take what is due, so that no other worker takes it within a minute."""
        now = self._hub.clock()
        query = (
            select(WebhookDelivery, Subscription)
            .join(Subscription, WebhookDelivery.subscription_id == Subscription.id)
            .where(WebhookDelivery.ended_at.is_(None), WebhookDelivery.due_at <= now)
            .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
            .limit(_AT_ONCE)
            .with_for_update(of=WebhookDelivery, skip_locked=True)
        )
        claimed = []
        for delivery, subscription in (await session.execute(query)).tuples():
            delivery.attempts += 1
            delivery.due_at = now + _CLAIM
            try:
                claimed.append(self._sending(delivery, subscription))
            except (SealError, IndexError) as error:
                delivery.ended_at, delivery.last_error = now, f"the subscription changed: {error}"
        return claimed

    def _sending(self, delivery: WebhookDelivery, subscription: Subscription) -> _Sending:
        operation = subscription.document["objectOperations"][delivery.operation]
        return _Sending(
            id=delivery.id,
            url=operation["callbackUrl"],
            body=json.dumps(delivery.notification).encode(),
            token=bearer_token(self._hub.vault, subscription, delivery.operation),
        )

    async def _send(self, client: aiohttp.ClientSession, sending: _Sending) -> str | None:
        """Send one; return what went wrong, None when it was taken."""
        headers = {"Content-Type": "application/json"}
        if sending.token is not None:
            headers["Authorization"] = f"Bearer {sending.token}"
        host = urlsplit(sending.url).hostname or ""
        if _is_address(host) and not self._is_allowed(host):
            return "the callback's address is not public"
        try:
            async with client.post(
                sending.url, data=sending.body, headers=headers, allow_redirects=False
            ) as response:
                is_taken = 200 <= response.status < 300
                return None if is_taken else f"answered {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"

    async def _note(self, session: AsyncSession, identifier: str, error: str | None) -> None:
        delivery = await session.get(WebhookDelivery, identifier)
        if delivery is None:
            return
        now = self._hub.clock()
        delivery.last_error = error and error[:_MOST_TOLD]
        if error is None or delivery.attempts >= MOST_ATTEMPTS:
            delivery.ended_at = now
        else:
            delivery.due_at = now + min(FIRST_WAIT * 2 ** min(delivery.attempts - 1, 20), LONGEST_WAIT)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
