"""Answers to invitations that homes give themselves, over the broker: each is judged once and told so.

A home tells its answer again until it hears what was made of it; the moment at which it was said makes a
repeat known as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic_core import to_json
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from .. import core
from ..store.tables import Home, Invitation, InvitationAnswer
from ..wire.mqtt5 import Message
from ..wire.reports import Refusal, ven_of
from ..wire.session import Publication
from .inviting import Answer, Words, is_answerable, keep

ANSWER: Final = "invitations/answer"
_RECEIVED: Final = "invitations/received"
# A home that has gone by then tells its answer again when it is back.
_EXPIRY_S: Final = 60


@dataclass(kw_only=True, slots=True)
class Judged:
    """What homes are told of their answers, and whose messages hold none that can be read."""

    verdicts: list[tuple[str, core.Verdict]] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)

    def publications(self, prefix: str) -> list[Publication]:
        """Return what is published of it."""
        return [
            Publication(
                f"{prefix}/vens/{ven_id}/{_RECEIVED}", to_json(core.verdict_document(verdict)), _EXPIRY_S
            )
            for ven_id, verdict in self.verdicts
        ]


async def judge(session: AsyncSession, messages: Sequence[Message], now: datetime) -> Judged:
    """Keep the answers of homes, in the order they came; what cannot be kept changes nothing."""
    judged = Judged()
    told: list[tuple[str, core.HomeAnswer]] = []
    for message in messages:
        ven_id = ven_of(message.topic)
        try:
            told.append((ven_id, core.parse_answer(message.payload, now=now)))
        except core.Refusal:
            judged.refused.append((ven_id, Refusal.WRONG_ANSWER))
    if not told:
        return judged
    ven_ids = {ven_id for ven_id, _ in told}
    active = select(Home.ven_id).where(Home.ven_id.in_(ven_ids), Home.state == "active")
    known = frozenset(await session.scalars(active))
    rows = await _locked(session, {(said.invitation_id, ven_id) for ven_id, said in told})
    for ven_id, said in told:
        if ven_id not in known:
            judged.refused.append((ven_id, Refusal.UNKNOWN_HOME))
            continue
        on = core.VerdictOn.UNKNOWN
        if (found := rows.get((said.invitation_id, ven_id))) is not None:
            on = await _taken(session, now, *found, said.answer)
        verdict = core.Verdict(invitation_id=said.invitation_id, at=said.answer.at, on=on)
        judged.verdicts.append((ven_id, verdict))
    return judged


async def _locked(
    session: AsyncSession, keys: set[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Invitation, InvitationAnswer]]:
    """Return invitations and answers, all locked before the first act: who acts waits for the audit log."""
    query = (
        select(Invitation, InvitationAnswer)
        .join(InvitationAnswer, InvitationAnswer.invitation_id == Invitation.id)
        .where(tuple_(InvitationAnswer.invitation_id, InvitationAnswer.ven_id).in_(sorted(keys)))
        .order_by(InvitationAnswer.invitation_id, InvitationAnswer.ven_id)
        .with_for_update(of=InvitationAnswer)
    )
    return {(row.invitation_id, row.ven_id): (found, row) for found, row in await session.execute(query)}


async def _taken(
    session: AsyncSession, now: datetime, invitation: Invitation, row: InvitationAnswer, said: core.Answer
) -> core.VerdictOn:
    """Keep an answer, where it is news and can be kept; return what was made of it."""
    newest = row.said_at or row.answered_at
    if newest is not None and said.at <= newest:
        return core.VerdictOn.TAKEN if said.at == newest else core.VerdictOn.SUPERSEDED
    by_rule = said.by is core.AnsweredBy.RULE
    if by_rule and row.answered_by == core.AnsweredBy.RESIDENT.lower():
        return core.VerdictOn.SUPERSEDED
    if not is_answerable(invitation, now):
        return core.VerdictOn.CLOSED
    if said.promised_wh > row.asked_wh:
        return core.VerdictOn.TOO_MUCH
    words = Words(
        answer=Answer(said.said.lower()),
        promised_wh=said.promised_wh,
        by=said.by.lower(),
        at=said.at,
    )
    await keep(session, now, invitation, row, words, actor=row.ven_id)
    return core.VerdictOn.TAKEN
