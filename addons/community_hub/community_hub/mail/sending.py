"""Sends the mail that waits; what fails is tried again for a day (``web.posting``), in a bounded queue."""

import asyncio
import logging
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..store import new_id
from ..store.tables import Mail, MailWish
from ..web.posting import note_posted, send_while_running
from .relay import Letter, Relay, send
from .unsubscribing import link_to_end
from .wishes import quiet_hours

MOST_WAITING: Final = 500
# Longer than the slowest server takes within its time-outs: a thread that sends is never sent beside.
_CLAIM: Final = timedelta(minutes=5)
_AT_ONCE: Final = 5
_LOG: Final = logging.getLogger(__name__)


async def queue(session: AsyncSession, now: datetime, letter: Letter, *, wish_id: str | None = None) -> bool:
    """Let a mail go out; return whether it was taken: no more wait than ``MOST_WAITING``.

    By a resident's wish it goes out with the link that ends the wish, and in none of its quiet hours.
    """
    if await room(session) <= 0:
        _LOG.warning("A mail is not sent: %d wait already", MOST_WAITING)
        return False
    session.add(
        Mail(
            id=new_id(),
            recipient=letter.recipient,
            subject=letter.subject,
            text=letter.text,
            due_at=now,
            wish_id=wish_id,
        )
    )
    await session.flush()
    return True


async def room(session: AsyncSession) -> int:
    """Return how many more may wait."""
    query = select(func.count()).select_from(Mail).where(Mail.ended_at.is_(None))
    return MOST_WAITING - (await session.scalar(query) or 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class MailSender:
    """Sends what is due over a relay; ``tls`` says whom to trust, None: the public authorities."""

    hub: Hub
    relay: Relay
    tls: ssl.SSLContext | None = None

    async def run(self) -> None:
        """Send until cancelled."""
        await send_while_running(self.send_due, "Mail")

    async def send_due(self) -> bool:
        """Send what is due now, one after the other; return whether there was anything."""
        async with self.hub.store.writing() as session:
            claimed = await self._claimed(session)
        for mail_id, letter in claimed:
            error = await asyncio.to_thread(self._send, letter)
            async with self.hub.store.writing() as session:
                row = await session.get(Mail, mail_id)
                if row is not None:
                    note_posted(row, self.hub.clock(), error)
                    row.text = row.text if row.ended_at is None else ""
        return bool(claimed)

    async def _claimed(self, session: AsyncSession) -> list[tuple[str, Letter]]:
        """Take what is due, so that no other worker does meanwhile; in quiet hours it waits for their end."""
        now = self.hub.clock()
        query = (
            select(Mail, MailWish)
            .join(MailWish, isouter=True)
            .where(Mail.ended_at.is_(None), Mail.due_at <= now)
            .order_by(Mail.due_at, Mail.id)
            .limit(_AT_ONCE)
            .with_for_update(of=Mail, skip_locked=True)
        )
        claimed = []
        for row, wish in (await session.execute(query)).tuples():
            over_at = None if row.wish_id is None else quiet_hours(wish).over_at(now)
            if over_at is not None:
                row.due_at = over_at
                continue
            row.attempts += 1
            row.due_at = now + _CLAIM
            claimed.append((row.id, self._letter(row)))
        return claimed

    def _letter(self, row: Mail) -> Letter:
        link = None if row.wish_id is None else link_to_end(self.hub, row.wish_id)
        text = row.text if link is None else f"{row.text}{link}\n"
        return Letter(recipient=row.recipient, subject=row.subject, text=text, unsubscribe=link)

    def _send(self, letter: Letter) -> str | None:
        """Send one; return what went wrong, without the server's words: they may repeat what it was told."""
        try:
            send(self.relay, letter, self.tls)
        except smtplib.SMTPResponseException as error:
            return f"{type(error).__name__} {error.smtp_code}"
        except (OSError, ValueError) as error:
            return type(error).__name__
        return None
