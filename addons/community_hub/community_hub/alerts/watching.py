"""Looks each minute at what the rules name, and mails to the operators what lasts, and when it is over."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.leaving import ACTIVE
from ..accounts.roles import Role
from ..hub import Hub
from ..mail import sending
from ..mail.relay import Letter
from ..metrics.status import services
from ..repeating import repeat
from ..store.database import Turn, take_turn
from ..store.tables import Alert, Person
from .rules import RULES, Rule, Seen

EACH_S: Final = 60.0
# Who was told of something that lasts is told again after a day.
AGAIN: Final = timedelta(days=1)
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertWatch:
    """The watch over a hub, by rules. Any number of workers may look: they take turns."""

    hub: Hub
    rules: Sequence[Rule] = RULES

    async def run(self) -> None:
        """Look once a minute, until cancelled."""
        await repeat(self.once, each_s=EACH_S, first_s=EACH_S, what="Looking for what is wrong")

    async def once(self) -> None:
        """Look now."""
        now = self.hub.clock()
        async with self.hub.store.reading() as session:
            known = {each.name: each for each in await services(session, self.hub.settings, now)}
            seen = Seen(session=session, settings=self.hub.settings, now=now, services=known)
            found = {rule: await rule.look(seen) for rule in self.rules}
        async with self.hub.store.writing() as session:
            await take_turn(session, Turn.ALERTING)
            for rule, text in found.items():
                await self._judge(session, rule, text, now)

    async def _judge(self, session: AsyncSession, rule: Rule, text: str | None, now: datetime) -> None:
        alert = await session.get(Alert, rule.name)
        if text is None:
            if alert is not None:
                if alert.told_at is not None:
                    await self._tell(session, now, f"over: {rule.name}", f"It is over: {alert.text}")
                await session.delete(alert)
            return
        if alert is None:
            alert = Alert(rule=rule.name, text=text, since=now)
            session.add(alert)
        alert.text = text
        is_due = now - alert.since >= rule.lasting
        if is_due and (alert.told_at is None or now - alert.told_at >= AGAIN):
            since = alert.since.strftime("%Y-%m-%d %H:%M UTC")
            await self._tell(session, now, rule.name, f"{text}\nSince {since}.")
            alert.told_at = now

    async def _tell(self, session: AsyncSession, now: datetime, subject: str, text: str) -> None:
        """Write to each operator, where mail is set up."""
        _LOG.warning("Alert: %s: %s", subject, text.replace("\n", " "))
        if self.hub.settings.relay is None:
            return
        url = self.hub.settings.public_url
        operators = select(Person.email).where(Person.role == Role.OPERATOR, Person.state == ACTIVE)
        for email in await session.scalars(operators.order_by(Person.id)):
            letter = Letter(recipient=email, subject=f"[{url}] {subject}", text=f"{text}\n\n{url}/console/\n")
            await sending.queue(session, now, letter)
