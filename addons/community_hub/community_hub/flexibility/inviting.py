"""Invitations: homes are asked whether they would; nobody answers for a resident who said nothing.

A resident may have said once what to answer to a programme's invitations; without that each one waits for
the resident. The load that is asked for is divided among the homes in equal parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..market.money import parted
from ..store import new_id
from ..store.audit import Act, record
from ..store.tables import AnswerRule, Invitation, InvitationAnswer
from ..web import Problem, correlation_id
from ..web.fields import Moment, Name, ObjectId
from ..wire.invitations import tell
from .direction import Direction, price_micro
from .needs import Currency, Minutes, Price, require_ahead
from .programs import programmes
from .targets import Targets, consenting_homes

_MOST_KWH: Final = 1_000_000.0
_TICK: Final = timedelta(microseconds=1)

# Kept in whole Wh: less than one is nothing.
type Energy = Annotated[float, Field(strict=True, ge=0.001, le=_MOST_KWH, allow_inf_nan=False)]


class Answer(StrEnum):
    """What a home said to an invitation."""

    UNANSWERED = "unanswered"
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Rule(StrEnum):
    """What a resident wants to be answered to every invitation of a programme."""

    ASK = "ask"
    YES = "yes"
    NO = "no"


RESIDENT: Final = "resident"
BY_RULE: Final = "rule"
OPEN, DISPATCHED, WITHDRAWN = "open", "dispatched", "withdrawn"


class NewInvitation(BaseModel):
    """So much energy in all, from a time on, for so long, of a group of homes; ``devices``: those meant.

    ``price_per_kwh`` is what homes are told that it pays; who says yes is called for no less.
    """

    model_config = ConfigDict(extra="forbid")

    program_id: ObjectId
    event_time: Moment
    load_kwh: Energy
    duration_minutes: Minutes
    devices: Annotated[list[Name], Field(max_length=256)] = []
    direction: Direction = Direction.LESS
    targets: Targets = Targets()
    answer_by: Moment | None = None
    price_per_kwh: Price | None = None
    currency: Currency = "EUR"


class NewAnswer(BaseModel):
    """What a resident says; partly: how much."""

    model_config = ConfigDict(extra="forbid")

    answer: Answer
    promised_kwh: Energy | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.answer is Answer.UNANSWERED:
            raise ValueError("an answer is yes, partly or no")
        if (self.answer is Answer.PARTLY) != (self.promised_kwh is not None):
            raise ValueError("promised_kwh says how much is promised partly, and is told then alone")
        return self


class NewRule(BaseModel):
    """What a resident wants to be answered, with a yes up to so much."""

    model_config = ConfigDict(extra="forbid")

    answer: Rule
    most_kwh: Energy | None = None


async def invite(session: AsyncSession, hub: Hub, wanted: NewInvitation, *, actor: str) -> Invitation:
    """Invite the homes of a group that consent for all of it, and tell these. Raises Problem 400 and 409."""
    now = hub.clock()
    require_ahead(wanted.event_time, now)
    last = wanted.answer_by or wanted.event_time
    if not now < last <= wanted.event_time:
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong-time", "Answers are due before the event begins.")
    if wanted.program_id not in await programmes(session):
        raise Problem(HTTPStatus.CONFLICT, "no-such-program", "There is no such programme.")
    end = wanted.event_time + timedelta(minutes=wanted.duration_minutes)
    homes = await consenting_homes(session, wanted.program_id, wanted.event_time, end, wanted.targets)
    meant = frozenset(wanted.devices)
    asked = [home for home in homes if home.asked_of(meant) is not None]
    if not asked:
        raise Problem(HTTPStatus.CONFLICT, "nobody-to-ask", "No home of this group consents to it.")
    invitation = Invitation(
        id=new_id(),
        program_id=wanted.program_id,
        event_time=wanted.event_time,
        duration_s=60 * wanted.duration_minutes,
        load_wh=round(1000 * wanted.load_kwh),
        direction=wanted.direction.value,
        devices=list(wanted.devices),
        targets=wanted.targets.model_dump(),
        answer_by=wanted.answer_by,
        created_at=now,
        created_by=actor,
        correlation_id=correlation_id(),
        price_micro=None if wanted.price_per_kwh is None else price_micro(wanted.price_per_kwh),
        currency=None if wanted.price_per_kwh is None else wanted.currency,
    )
    session.add(invitation)
    await session.flush()
    ven_ids = [home.ven_id for home in asked]
    totals = np.array([invitation.load_wh], dtype=np.int64)
    [shares] = parted(totals, np.ones((1, len(ven_ids)), dtype=np.int64)).tolist()
    rules = await _rules(session, wanted.program_id)
    session.add_all(
        _first_answer(invitation, ven_id, share, rules.get(ven_id), now)
        for ven_id, share in zip(ven_ids, shares, strict=True)
    )
    details = {
        "program_id": invitation.program_id,
        "homes": len(ven_ids),
        "load_wh": invitation.load_wh,
        "correlation_id": invitation.correlation_id,
    }
    await record(session, now, Act(actor=actor, act="invitation.make", object=invitation.id, details=details))
    await tell(session, hub, invitation)
    return invitation


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What is said to an invitation: how much is promised, by whom, and at which moment of their clock."""

    answer: Answer
    promised_wh: int
    by: str
    at: datetime


async def answer(
    session: AsyncSession,
    hub: Hub,
    invitation: Invitation,
    row: InvitationAnswer,
    said: NewAnswer,
    *,
    actor: str,
) -> None:
    """Keep what a resident says at the hub; it takes the place of what was said before, and its home is told.

    Raises Problem 409 and 400.
    """
    now = hub.clock()
    if not is_answerable(invitation, now):
        raise Problem(HTTPStatus.CONFLICT, "invitation-closed", "This invitation is not open any more.")
    promised_wh = round(1000 * (said.promised_kwh or 0))
    if promised_wh > row.asked_wh:
        raise Problem(HTTPStatus.BAD_REQUEST, "too-much", "More is promised than is asked for.")
    if said.answer is Answer.YES:
        promised_wh = row.asked_wh
    before = row.said_at or row.answered_at
    at = now if before is None else max(now, before + _TICK)
    words = Words(answer=said.answer, promised_wh=promised_wh, by=RESIDENT, at=at)
    await keep(session, now, invitation, row, words, actor=actor)
    await tell(session, hub, invitation, [row.ven_id])


async def keep(
    session: AsyncSession,
    now: datetime,
    invitation: Invitation,
    row: InvitationAnswer,
    words: Words,
    *,
    actor: str,
) -> None:
    """Keep what was said to an invitation, with the act."""
    row.state, row.promised_wh = words.answer.value, words.promised_wh
    row.answered_by, row.answered_at, row.said_at = words.by, now, words.at
    details = {
        "ven_id": row.ven_id,
        "answer": row.state,
        "promised_wh": row.promised_wh,
        "correlation_id": invitation.correlation_id,
    }
    act = Act(actor=actor, act="invitation.answer", object=invitation.id, details=details)
    await record(session, now, act)


async def withdraw(session: AsyncSession, hub: Hub, invitation: Invitation, *, actor: str) -> None:
    """Take an invitation back, and tell its homes. Raises Problem 409 for one that is not open."""
    require_open(invitation)
    now = hub.clock()
    invitation.state, invitation.changed_at = WITHDRAWN, now
    details = {"correlation_id": invitation.correlation_id}
    act = Act(actor=actor, act="invitation.withdraw", object=invitation.id, details=details)
    await record(session, now, act)
    await tell(session, hub, invitation)


async def say_rule(
    session: AsyncSession, now: datetime, ven_id: str, program_id: str, rule: NewRule, *, actor: str
) -> AnswerRule:
    """Keep what a resident wants to be answered from now on. Raises Problem 409 for no such programme."""
    if program_id not in await programmes(session):
        raise Problem(HTTPStatus.CONFLICT, "no-such-program", "There is no such programme.")
    said = await session.merge(
        AnswerRule(
            ven_id=ven_id,
            program_id=program_id,
            answer=rule.answer.value,
            most_wh=None if rule.most_kwh is None else round(1000 * rule.most_kwh),
            said_by=actor,
            said_at=now,
        )
    )
    details = {"program_id": program_id, "answer": said.answer, "most_wh": said.most_wh}
    await record(session, now, Act(actor=actor, act="answer_rule.say", object=ven_id, details=details))
    return said


def is_answerable(invitation: Invitation, now: datetime) -> bool:
    """Return whether an answer to it counts."""
    return invitation.state == OPEN and now < (invitation.answer_by or invitation.event_time)


def require_open(invitation: Invitation) -> None:
    """Raise Problem 409 for an invitation that was dispatched or withdrawn."""
    if invitation.state != OPEN:
        raise Problem(HTTPStatus.CONFLICT, "invitation-closed", "This invitation is not open any more.")


def _first_answer(
    invitation: Invitation, ven_id: str, share: int, rule: AnswerRule | None, now: datetime
) -> InvitationAnswer:
    found = InvitationAnswer(
        invitation_id=invitation.id,
        ven_id=ven_id,
        asked_wh=share,
        state=Answer.UNANSWERED.value,
        promised_wh=0,
    )
    if rule is not None and rule.answer != Rule.ASK:
        found.answered_by, found.answered_at, found.said_at = BY_RULE, now, now
        most_wh = share if rule.most_wh is None else rule.most_wh
        found.promised_wh = 0 if rule.answer == Rule.NO else min(share, most_wh)
        is_partly = 0 < found.promised_wh < share
        found.state = Answer.PARTLY.value if is_partly else rule.answer
    return found


async def _rules(session: AsyncSession, program_id: str) -> dict[str, AnswerRule]:
    found = await session.scalars(select(AnswerRule).where(AnswerRule.program_id == program_id))
    return {rule.ven_id: rule for rule in found}


def counted(answers: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """Return how many answered what, and what is promised in all; of each answer: how many, and Wh."""
    numbers = {each.value: answers.get(each, (0, 0))[0] for each in Answer}
    return {
        "counts": {"asked": sum(numbers.values())} | numbers,
        "promised_kwh": sum(promised_wh for _, promised_wh in answers.values()) / 1000,
    }
