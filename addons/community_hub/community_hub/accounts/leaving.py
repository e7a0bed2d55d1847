"""Leaving: 15 days to take it back, then what is personal is deleted; and taking one's data along.

What stays is the audit log, which knows people by their ids alone, and what was settled and traded, under a
pseudonym.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import described as described_consent
from ..mail import wishes
from ..statistics import publishing
from ..store import new_id
from ..store.audit import SYSTEM, Act, record
from ..store.tables import (
    AnswerRule,
    AuditEntry,
    Client,
    Consent,
    DispatchedHome,
    Home,
    HomeRequest,
    InvitationAnswer,
    MarketOrder,
    MarketTotal,
    ObjectTarget,
    Person,
    Report,
    Resource,
    Session,
    SettlementLine,
    SharedBatteries,
    SharedRoom,
    Subscription,
    Ven,
)
from . import sessions, tokens
from .describing import described_person, described_token
from .openid_connect import identities
from .passkeys import kept
from .passkeys.kept import described as described_passkey
from .roles import Role

GRACE: Final = timedelta(days=15)
# Where what homes reported is taken along.
REPORTS_PATH: Final = "/api/v1/account/export/reports"
ACTIVE: Final = "active"
LEAVING: Final = "leaving"


async def leave(session: AsyncSession, now: datetime, person: Person) -> None:
    """Begin to leave, with the homes the person owns: nothing is asked of them any more."""
    await _change(session, person, LEAVING, now)
    await sessions.end_all(session, person.id)
    await wishes.end_all(session, now, person.id, how="leaving")
    await record(session, now, Act(actor=person.id, act="account.leave", object=person.id, details={}))


async def stay(session: AsyncSession, now: datetime, person: Person) -> None:
    """Take it back. Consents that ended meanwhile stay ended."""
    await _change(session, person, ACTIVE, None)
    await record(session, now, Act(actor=person.id, act="account.stay", object=person.id, details={}))


async def purge(session: AsyncSession, now: datetime) -> int:
    """Delete who left 15 days ago, with homes, consents, reports, tokens and codes; return how many."""
    query = select(Person).where(Person.state == LEAVING, Person.leaving_since <= now - GRACE)
    gone = list(await session.scalars(query))
    for person in gone:
        for home in await session.scalars(select(Home).where(Home.owner_id == person.id)):
            await record(session, now, Act(actor=SYSTEM, act="home.delete", object=home.ven_id, details={}))
            await _forget_ven(session, home.ven_id)
            nobody = new_id()
            await _hide_settled(session, home.ven_id, nobody)
            await _hide_traded(session, home.ven_id, nobody)
            await publishing.hide(session, home.ven_id, nobody)
            await session.delete(home)
        await record(session, now, Act(actor=SYSTEM, act="account.delete", object=person.id, details={}))
        await session.delete(person)
    return len(gone)


async def export(session: AsyncSession, person: Person) -> dict[str, Any]:
    """Return all that is kept of a person, without what is secret."""
    passkeys = await kept.of_person(session, person.id)
    homes = list(await session.scalars(select(Home).where(Home.owner_id == person.id).order_by(Home.ven_id)))
    ven_ids = [home.ven_id for home in homes]
    consents = await session.scalars(select(Consent).where(Consent.ven_id.in_(ven_ids)).order_by(Consent.id))
    signed_in = await session.scalars(select(Session).where(Session.person_id == person.id))
    acts = await session.scalars(
        select(AuditEntry).where(AuditEntry.actor == person.id).order_by(AuditEntry.number)
    )
    return {
        "person": described_person(person, passkeys=len(passkeys)),
        "passkeys": [described_passkey(passkey) for passkey in passkeys],
        "homes": [
            {"ven_id": home.ven_id, "name": home.name, "feeder": home.feeder, "postcode": home.postcode}
            for home in homes
        ],
        "consents": [described_consent(consent) for consent in consents],
        **await _asked_of(session, ven_ids),
        "mail": [wishes.described(wish) for wish in await wishes.of_person(session, person.id)],
        "batteries": await _batteries(session, ven_ids),
        "rooms": await _rooms(session, ven_ids),
        "reports": REPORTS_PATH,
        "identities": [
            {"issuer": each.issuer, "subject": each.subject, "linked_at": each.linked_at}
            for each in await identities.of_person(session, person.id)
        ],
        "tokens": [described_token(token) for token in await tokens.of_person(session, person.id)],
        "sessions": [
            {"created_at": each.created_at, "last_seen_at": each.last_seen_at} for each in signed_in
        ],
        "published_with_others": await publishing.spent_by(session, ven_ids),
        "read_by_others": await _read_by_others(session, ven_ids),
        "acts": [
            {"at": entry.at, "act": entry.act, "object": entry.object, "details": entry.details}
            for entry in acts
        ],
    }


async def _asked_of(session: AsyncSession, ven_ids: list[str]) -> dict[str, Any]:
    """Return what homes were invited to, called for and asked, what was answered, and what came of it."""
    answers = await session.scalars(select(InvitationAnswer).where(InvitationAnswer.ven_id.in_(ven_ids)))
    rules = await session.scalars(select(AnswerRule).where(AnswerRule.ven_id.in_(ven_ids)))
    calls = await session.scalars(
        select(DispatchedHome).where(DispatchedHome.ven_id.in_(ven_ids), DispatchedHome.event_id.is_not(None))
    )
    requests = await session.scalars(select(HomeRequest).where(HomeRequest.ven_id.in_(ven_ids)))
    lines = await session.scalars(select(SettlementLine).where(SettlementLine.ven_id.in_(ven_ids)))
    orders = await session.scalars(select(MarketOrder).where(MarketOrder.ven_id.in_(ven_ids)))
    return {
        "answers": [
            {
                "invitation_id": each.invitation_id,
                "ven_id": each.ven_id,
                "state": each.state,
                "promised_wh": each.promised_wh,
                "answered_by": each.answered_by,
                "answered_at": each.answered_at,
            }
            for each in answers
        ],
        "answer_rules": [
            {
                "ven_id": each.ven_id,
                "program_id": each.program_id,
                "answer": each.answer,
                "most_wh": each.most_wh,
            }
            for each in rules
        ],
        "calls": [
            {
                "dispatch_id": each.dispatch_id,
                "ven_id": each.ven_id,
                "state": each.state,
                "called_wh": each.called_wh,
            }
            for each in calls
        ],
        "requests": [
            {"ven_id": each.ven_id, "kind": each.kind, "asked": each.asked, "created_at": each.created_at}
            for each in requests
        ],
        "settled": [each.statement for each in lines],
        "orders": [
            {
                "ven_id": each.ven_id,
                "interval_start": each.interval_start,
                "side": each.side,
                "price_micro": each.price_micro,
                "quantity_wh": each.quantity_wh,
                "filled_wh": each.filled_wh,
            }
            for each in orders
        ],
    }


async def _batteries(session: AsyncSession, ven_ids: list[str]) -> list[dict[str, Any]]:
    rows = await session.scalars(select(SharedBatteries).where(SharedBatteries.ven_id.in_(ven_ids)))
    return [
        {"ven_id": row.ven_id, "told_at": row.told_at, "until": row.until, "batteries": row.batteries}
        for row in rows
    ]


async def _rooms(session: AsyncSession, ven_ids: list[str]) -> list[dict[str, Any]]:
    """Return which rooms are shared; what they told is long, and stands with the reports."""
    query = (
        select(SharedRoom).where(SharedRoom.ven_id.in_(ven_ids)).order_by(SharedRoom.ven_id, SharedRoom.name)
    )
    return [
        {"ven_id": row.ven_id, "name": row.name, "told_at": row.told_at, "until": row.until}
        for row in await session.scalars(query)
    ]


async def _read_by_others(session: AsyncSession, ven_ids: list[str]) -> list[dict[str, Any]]:
    """Return who read, by a consent, what of homes: meters, how batteries do, what rooms are like."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.act.in_(("energy.read", "battery.read", "rooms.read")), AuditEntry.object.in_(ven_ids)
        )
        .order_by(AuditEntry.number)
    )
    return [
        {"at": entry.at, "actor": entry.actor, "ven_id": entry.object, "details": entry.details}
        for entry in await session.scalars(query)
    ]


async def is_last_operator(session: AsyncSession, person: Person) -> bool:
    """Whether nobody could run the community without this person."""
    query = select(Person.id).where(Person.role == Role.OPERATOR, Person.state == ACTIVE)
    return list(await session.scalars(query)) == [person.id]


async def _forget_ven(session: AsyncSession, ven_id: str) -> None:
    """Delete what a home was to the VTN: its VEN, what its client made, and the client."""
    ven = await session.get(Ven, ven_id)
    if ven is None:
        return
    client_id = ven.client_id
    for table in (Report, Subscription, Resource, Ven):
        own = select(table.id).where(table.client_id == client_id)
        await session.execute(delete(ObjectTarget).where(ObjectTarget.object_id.in_(own)))
        await session.execute(delete(table).where(table.client_id == client_id))
    await session.execute(delete(Client).where(Client.id == client_id))


async def _hide_settled(session: AsyncSession, ven_id: str, nobody: str) -> None:
    """Let what was settled with a home stand under a pseudonym, without its event and its receipt."""
    lines = await session.scalars(select(SettlementLine).where(SettlementLine.ven_id == ven_id))
    for line in lines:
        line.ven_id, line.event_id = nobody, ""
        line.statement = line.statement | {"home": nobody, "event": "", "receipt": None}


async def _hide_traded(session: AsyncSession, ven_id: str, nobody: str) -> None:
    """Let orders stand under a pseudonym: statements of others follow from the whole book."""
    await session.execute(
        update(MarketOrder).where(MarketOrder.ven_id == ven_id).values(ven_id=nobody, placed_by="")
    )
    await session.execute(update(MarketTotal).where(MarketTotal.ven_id == ven_id).values(ven_id=nobody))


async def _change(session: AsyncSession, person: Person, state: str, since: datetime | None) -> None:
    person.state, person.leaving_since = state, since
    await session.execute(
        update(Home).where(Home.owner_id == person.id).values(state=state, leaving_since=since)
    )
