"""Posts our messages to grid operators (``web.posting``): what fails is tried again for a day."""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..store.tables import GridMessage, GridOperator
from ..web.posting import AT_ONCE, CLAIM, Posting, note_posted, send_while_running
from . import messages
from .messages import Keys

_HEADERS: Final = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass(frozen=True, kw_only=True, slots=True)
class GridSender:
    """Posts what is due, in the order it was said, until it is cancelled."""

    hub: Hub
    keys: Keys
    posting: Posting = field(default_factory=Posting)

    async def run(self) -> None:
        """Post until cancelled."""
        await send_while_running(self.send_due, "Messages to grid operators")

    async def send_due(self) -> bool:
        """Post what is due now; return whether there was anything."""
        async with self.hub.store.writing() as session:
            claimed = await self._claimed(session)
        if not claimed:
            return False
        errors = []
        async with self.posting.client() as client:
            # One after the other: a response is there before the offer that follows it.
            for _, endpoint, body in claimed:
                errors.append(await self.posting.post(client, endpoint, body, _HEADERS))
        async with self.hub.store.writing() as session:
            for (message_id, _, _), error in zip(claimed, errors, strict=True):
                await self._note(session, message_id, error)
        return True

    async def _claimed(self, session: AsyncSession) -> list[tuple[str, str, bytes]]:
        """Take what is due, so that no other worker takes it within a minute."""
        now = self.hub.clock()
        query = (
            select(GridMessage, GridOperator)
            .join(GridOperator, GridMessage.domain == GridOperator.domain)
            .where(GridMessage.ended_at.is_(None), GridMessage.due_at <= now)
            .order_by(GridMessage.due_at, GridMessage.message_id)
            .limit(AT_ONCE)
            .with_for_update(of=GridMessage, skip_locked=True)
        )
        claimed = []
        for row, operator in (await session.execute(query)).tuples():
            row.attempts += 1
            row.due_at = now + CLAIM
            body = messages.signed(messages.read(row.content), self.keys)
            claimed.append((row.message_id, operator.endpoint, body))
        return claimed

    async def _note(self, session: AsyncSession, message_id: str, error: str | None) -> None:
        row = await session.get(GridMessage, message_id)
        if row is not None:
            note_posted(row, self.hub.clock(), error)
