"""Sends notifications to subscribers' callbacks (``web.posting``).

What fails is tried again for a day. A subscriber may be told twice, and never out of what was committed.
"""

import asyncio
import json
from dataclasses import dataclass

import aiohttp
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.sealing import SealError
from ..hub import Hub
from ..store.tables import Subscription, WebhookDelivery
from ..web.posting import AT_ONCE, CLAIM, Posting, note_posted, send_while_running
from .sealed import bearer_token


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sending:
    """A delivery as it goes out."""

    id: str
    url: str
    body: bytes
    token: str | None


class WebhookSender:
    """Sends what is due, until it is cancelled."""

    def __init__(self, hub: Hub, posting: Posting | None = None) -> None:
        """Send for a hub."""
        self._hub, self._posting = hub, posting or Posting()

    async def run(self) -> None:
        """Send until cancelled."""
        await send_while_running(self.send_due, "Webhooks")

    async def send_due(self) -> bool:
        """Send what is due now; return whether there was anything."""
        async with self._hub.store.writing() as session:
            claimed = await self._claimed(session)
        if not claimed:
            return False
        async with self._posting.client() as client:
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
            .limit(AT_ONCE)
            .with_for_update(of=WebhookDelivery, skip_locked=True)
        )
        claimed = []
        for delivery, subscription in (await session.execute(query)).tuples():
            delivery.attempts += 1
            delivery.due_at = now + CLAIM
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
        return await self._posting.post(client, sending.url, sending.body, headers)

    async def _note(self, session: AsyncSession, identifier: str, error: str | None) -> None:
        delivery = await session.get(WebhookDelivery, identifier)
        if delivery is not None:
            note_posted(delivery, self._hub.clock(), error)
