"""``/api/v1/invitations``: homes are asked, residents answer, and who said yes can be called."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...accounts.identity import Asking, require
from ...accounts.roles import Reach, Thing, Verb, Who, reach
from ...hub import hub_of
from ...openadr.issuing import issuing_of
from ...store.tables import AnswerRule, Home, Invitation, InvitationAnswer
from ...web import Problem, StrictRoute
from ...web.fields import Limit, Name, ObjectId
from .. import inviting
from ..calling_the_willing import call_the_willing
from ..direction import price_micro
from ..history import proven_by
from ..inviting import Answer, NewAnswer, NewInvitation, NewRule
from ..needs import Currency, Price
from .dispatches import told_when_written
from .told_invitations import State, described, described_answer, described_rule, own_homes

router = APIRouter(tags=["invitations"], route_class=StrictRoute)


class Calling(BaseModel):
    """How those who said yes are called."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    price_per_kwh: Price | None = None
    currency: Currency = "EUR"


@router.post("/invitations", status_code=HTTPStatus.CREATED)
async def make(who: Asking, body: NewInvitation, request: Request) -> dict[str, Any]:
    """Invite the homes of a group that consent to the programme."""
    require(who, Verb.WRITE, Thing.INVITATION)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        invitation = await inviting.invite(session, hub, body, actor=who.person_id)
        [told] = await described(session, who, [invitation], hub.clock())
    return told


@router.get("/invitations")
async def list_all(
    who: Asking,
    request: Request,
    state: State | None = None,
    limit: Limit = 100,
) -> list[dict[str, Any]]:
    """List invitations, the newest first; a household those of its homes, with its own answers alone."""
    require(who, Verb.READ, Thing.INVITATION, owner_id=who.person_id)
    hub = hub_of(request)
    now = hub.clock()
    query = (
        select(Invitation)
        .where(*_visible(who), *_in_state(who, state, now))
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(limit)
    )
    async with hub.store.reading() as session:
        return await described(session, who, list(await session.scalars(query)), now)


@router.get("/invitations/{invitation_id}")
async def one(who: Asking, invitation_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell of one invitation."""
    hub = hub_of(request)
    async with hub.store.reading() as session:
        invitation = await _found(session, who, Verb.READ, invitation_id)
        [told] = await described(session, who, [invitation], hub.clock())
    return told


@router.get("/invitations/{invitation_id}/answers")
async def answers(
    who: Asking, invitation_id: ObjectId, request: Request, state: Answer | None = None
) -> list[dict[str, Any]]:
    """List what homes said, those first of which most is to be expected by what they have proven."""
    hub = hub_of(request)
    async with hub.store.reading() as session:
        invitation = await _found(session, who, Verb.READ, invitation_id)
        rows = await _answers(session, who, invitation.id)
        known = await proven_by(session, hub.clock(), [row.ven_id for row in rows])
        homes = {
            home.ven_id: home
            for home in await session.scalars(
                select(Home).where(Home.ven_id.in_([row.ven_id for row in rows]))
            )
        }
    expected = np.array([row.promised_wh for row in rows], dtype=np.int64) * known.share
    order = np.lexsort((np.arange(len(rows)), -known.share, -expected)).tolist()
    return [
        described_answer(rows[place], homes[rows[place].ven_id])
        | {"proven_share": round(float(known.share[place]), 3), "rank": rank}
        for rank, place in enumerate(order)
        if state is None or rows[place].state == state
    ]


@router.put("/invitations/{invitation_id}/answers/{ven_id}")
async def answer(
    who: Asking, invitation_id: ObjectId, ven_id: ObjectId, body: NewAnswer, request: Request
) -> dict[str, Any]:
    """Answer for one's own home: yes, no, or partly. Nobody answers for another."""
    hub = hub_of(request)
    async with hub.store.writing() as session:
        home = await _own_home(session, who, ven_id)
        row = await session.get(InvitationAnswer, (invitation_id, ven_id), with_for_update=True)
        if row is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-invitation", "This home is not invited to that.")
        invitation = await session.get_one(Invitation, invitation_id)
        await inviting.answer(session, hub, invitation, row, body, actor=who.person_id)
    return described_answer(row, home)


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw(who: Asking, invitation_id: ObjectId, request: Request) -> dict[str, Any]:
    """Take an invitation back."""
    hub = hub_of(request)
    async with hub.store.writing() as session:
        invitation = await _found(session, who, Verb.WRITE, invitation_id)
        await inviting.withdraw(session, hub, invitation, actor=who.person_id)
        [told] = await described(session, who, [invitation], hub.clock())
    return told


@router.post("/invitations/{invitation_id}/dispatch", status_code=HTTPStatus.CREATED)
async def dispatch(who: Asking, invitation_id: ObjectId, body: Calling, request: Request) -> dict[str, Any]:
    """Call the homes that said yes or partly, each for what it promised."""
    require(who, Verb.WRITE, Thing.DISPATCH)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        invitation = await _found(session, who, Verb.WRITE, invitation_id)
        made = await call_the_willing(
            session,
            issuing_of(request),
            invitation,
            actor=who.person_id,
            name=body.name,
            price_micro=None if body.price_per_kwh is None else price_micro(body.price_per_kwh),
            currency=body.currency,
        )
    return await told_when_written(request, who, made.id)


@router.get("/homes/{ven_id}/answer-rules")
async def list_rules(who: Asking, ven_id: ObjectId, request: Request) -> list[dict[str, Any]]:
    """List what a home's resident wants to be answered; without a rule each invitation waits for them."""
    async with hub_of(request).store.reading() as session:
        home = await session.get(Home, ven_id)
        found = reach(who, Verb.READ, Thing.CONSENT)
        if home is None or (found is not Reach.ANY and home.owner_id != who.person_id):
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
        require(who, Verb.READ, Thing.CONSENT, owner_id=home.owner_id)
        rules = await session.scalars(
            select(AnswerRule).where(AnswerRule.ven_id == ven_id).order_by(AnswerRule.program_id)
        )
        return [described_rule(rule) for rule in rules]


@router.put("/homes/{ven_id}/answer-rules/{program_id}")
async def say_rule(
    who: Asking, ven_id: ObjectId, program_id: ObjectId, body: NewRule, request: Request
) -> dict[str, Any]:
    """Say what is to be answered to a programme's invitations. Only the home's own resident can."""
    hub = hub_of(request)
    async with hub.store.writing() as session:
        await _own_home(session, who, ven_id)
        rule = await inviting.say_rule(session, hub.clock(), ven_id, program_id, body, actor=who.person_id)
    return described_rule(rule)


async def _found(session: AsyncSession, who: Who, verb: Verb, invitation_id: str) -> Invitation:
    require(who, verb, Thing.INVITATION, owner_id=who.person_id)
    query = select(Invitation).where(Invitation.id == invitation_id, *_visible(who))
    if verb is Verb.WRITE:
        query = query.with_for_update()
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-invitation", "There is no such invitation.")
    return found


async def _own_home(session: AsyncSession, who: Who, ven_id: str) -> Home:
    home = await session.get(Home, ven_id)
    if home is None or home.owner_id != who.person_id:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
    require(who, Verb.GRANT, Thing.INVITATION, owner_id=home.owner_id)
    return home


async def _answers(session: AsyncSession, who: Who, invitation_id: str) -> list[InvitationAnswer]:
    query = (
        select(InvitationAnswer)
        .join(Home)
        .where(InvitationAnswer.invitation_id == invitation_id, *own_homes(who))
        .order_by(InvitationAnswer.ven_id)
    )
    return list(await session.scalars(query))


def _visible(who: Who) -> list[ColumnElement[bool]]:
    own = own_homes(who)
    if not own:
        return []
    return [Invitation.id.in_(select(InvitationAnswer.invitation_id).join(Home).where(*own))]


def _in_state(who: Who, state: State | None, now: datetime) -> list[ColumnElement[bool]]:
    is_open = Invitation.state == inviting.OPEN
    match state:
        case State.OPEN:
            return [is_open, Invitation.event_time > now]
        case State.OVER:
            return [is_open, Invitation.event_time <= now]
        case State.UNANSWERED:
            waiting = (
                select(InvitationAnswer.invitation_id)
                .join(Home)
                .where(InvitationAnswer.state == Answer.UNANSWERED, *own_homes(who))
            )
            return [is_open, Invitation.event_time > now, Invitation.id.in_(waiting)]
        case State.DISPATCHED | State.WITHDRAWN:
            return [Invitation.state == state]
    return []
