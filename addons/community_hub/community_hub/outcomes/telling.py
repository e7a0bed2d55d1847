"""Tells residents what came of invitations: one mail a home and day at most, and none in quiet hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.leaving import ACTIVE
from ..hub import Hub
from ..mail import sending
from ..mail.relay import Letter
from ..mail.wishes import quiet_hours
from ..repeating import repeat
from ..store.database import Turn, take_turn
from ..store.tables import Home, MailWish, Person, ToldOutcome
from .finding import Outcome, outcomes_of
from .writing import Reader, subject_of, text_of

EACH_S: Final = 300.0
# What comes soon after is told in the same mail, which is the only one that day.
GATHERING: Final = timedelta(minutes=30)
# So many mails that wait are left to operators' alerts.
KEPT_FOR_ALERTS: Final = 100
_TOLD_KEPT: Final = timedelta(days=60)
PAGE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeMail:
    """What writes the mail of a hub. Any number of workers may: they take turns."""

    hub: Hub

    async def run(self) -> None:
        """Look every five minutes, until cancelled."""
        await repeat(self.once, each_s=EACH_S, first_s=60.0, what="Telling what came of invitations")

    async def once(self) -> None:
        """Look now, a page of homes after the other; written is only what is told."""
        after = ""
        while True:
            async with self.hub.store.reading() as session:
                wishes = await self._wishes(session, MailWish.id > after)
                ready = [wish.id for wish, _ in await self._ready(session, wishes)]
            if ready:
                await self._tell(ready)
            if len(wishes) < PAGE:
                return
            after = wishes[-1].id

    async def _wishes(self, session: AsyncSession, which: ColumnElement[bool]) -> list[MailWish]:
        """Return a page of wishes of who still is the home's resident, and not leaving."""
        query = (
            select(MailWish)
            .join(Home, Home.ven_id == MailWish.ven_id)
            .join(Person, Person.id == MailWish.person_id)
            .where(which, Home.owner_id == MailWish.person_id, Home.state == ACTIVE, Person.state == ACTIVE)
            .order_by(MailWish.id)
            .limit(PAGE)
        )
        return list(await session.scalars(query))

    async def _ready(
        self, session: AsyncSession, wishes: list[MailWish]
    ) -> list[tuple[MailWish, list[Outcome]]]:
        """Return of whom there is something to tell now, and what."""
        now = self.hub.clock()
        due = [wish for wish in wishes if self._is_due(wish, now)]
        found = await outcomes_of(session, [wish.id for wish in due], now) if due else {}
        told = [(wish, found.get(wish.id, [])) for wish in due]
        return [(wish, outcomes) for wish, outcomes in told if outcomes and outcomes[0].at <= now - GATHERING]

    def _is_due(self, wish: MailWish, now: datetime) -> bool:
        """Whether a mail may go out now: outside of quiet hours, and none did on this day of the reader's."""
        quiet = quiet_hours(wish)
        if quiet.over_at(now) is not None:
            return False
        before = wish.mailed_at
        return before is None or before.astimezone(quiet.zone).date() < now.astimezone(quiet.zone).date()

    async def _tell(self, wish_ids: list[str]) -> None:
        """Let mail go out to these, as far as there is room; the others are told when there is."""
        now = self.hub.clock()
        async with self.hub.store.writing() as session:
            await take_turn(session, Turn.TELLING)
            room = max(await sending.room(session) - KEPT_FOR_ALERTS, 0)
            wishes = await self._wishes(session, MailWish.id.in_(wish_ids))
            for wish, outcomes in (await self._ready(session, wishes))[:room]:
                letter = await self._letter(session, wish, outcomes)
                await sending.queue(session, now, letter, wish_id=wish.id)
                session.add_all(_told(wish, outcome, now) for outcome in outcomes)
                wish.mailed_at = now

    async def _letter(self, session: AsyncSession, wish: MailWish, outcomes: list[Outcome]) -> Letter:
        home = await session.get_one(Home, wish.ven_id)
        person = await session.get_one(Person, wish.person_id)
        reader = Reader(
            home=home.name,
            language=wish.language,
            zone=quiet_hours(wish).zone,
            link=f"{self.hub.settings.public_url}/console/#/home",
        )
        return Letter(recipient=person.email, subject=subject_of(reader), text=text_of(reader, outcomes))


def _told(wish: MailWish, outcome: Outcome, now: datetime) -> ToldOutcome:
    return ToldOutcome(wish_id=wish.id, kind=outcome.kind, object_id=outcome.object_id, told_at=now)


async def forget(session: AsyncSession, now: datetime) -> None:
    """Delete what was told so long ago that it is looked for no more."""
    await session.execute(delete(ToldOutcome).where(ToldOutcome.told_at <= now - _TOLD_KEPT))
