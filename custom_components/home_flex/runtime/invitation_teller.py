"""Tells the hub what the home says to invitations, again and again until the hub said what it made of it.

The broker's word is not enough: one that is killed may forget what it acknowledged. The hub knows a repeat by
the moment at which it was said.
"""

import asyncio
import contextlib
import json
from typing import Final

from ..aggregator.link import AggregatorLink
from ..core.invitations import InvitationRecord, answer_document
from .invitation_service import InvitationService
from .journal import Journal

AGAIN_FIRST_S: Final = 15.0
AGAIN_LAST_S: Final = 900.0


class InvitationTeller:
    """Publishes answers over ``link`` once they are on the disk."""

    def __init__(self, link: AggregatorLink, invitations: InvitationService, journal: Journal) -> None:
        """Prepare; ``run`` tells."""
        self._link = link
        self._invitations = invitations
        self._journal = journal
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Tell soon what is not told: the connection is new."""
        self._news.set()

    async def run(self) -> None:
        """Tell what is untold until cancelled; what is not answered is told again ever more seldom."""
        remove = self._invitations.add_listener(self._changed)
        again_s = AGAIN_FIRST_S
        try:
            while True:
                for answer in self._invitations.to_send():
                    await self._journal.durable()
                    await self._link.publish_invitation_answer(json.dumps(answer_document(answer)).encode())
                again_s = AGAIN_FIRST_S if await self._is_news(again_s) else min(2 * again_s, AGAIN_LAST_S)
        finally:
            remove()

    async def _is_news(self, within_s: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._news.wait()
        is_news = self._news.is_set()
        self._news.clear()
        return is_news

    def _changed(self, record: InvitationRecord, _previous: InvitationRecord | None) -> None:
        if record.is_ours and record.verdict is None:
            self._news.set()
