"""Who is who: an identity, which is an issuer and the subject it names, belongs to one person.

It is linked by that person alone, who has proven anew whose the account is, or as an invitation is taken up.
What a provider says of an e-mail address never links anything: who gets hold of an address there would get
hold of the account here.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ...hub import Hub
from ...store import new_id
from ...store.audit import Act, record
from ...store.tables import Identity, Person
from ...web import Problem
from ..ways_in import require_way_in
from .providers import Provider


async def of_subject(session: AsyncSession, issuer: str, subject: str) -> Identity | None:
    """Return the identity of a subject, None when it is linked to nobody."""
    query = select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    return (await session.scalars(query)).one_or_none()


async def of_person(session: AsyncSession, person_id: str) -> list[Identity]:
    """Return a person's identities, the oldest first."""
    query = select(Identity).where(Identity.person_id == person_id).order_by(Identity.id)
    return list(await session.scalars(query))


async def link(
    session: AsyncSession, now: datetime, person_id: str, provider: Provider, subject: str
) -> None:
    """Link an identity to a person. Raises Problem 409 when it is linked, to them or to another."""
    session.add(
        Identity(id=new_id(), person_id=person_id, issuer=provider.issuer, subject=subject, linked_at=now)
    )
    try:
        await session.flush()
    except IntegrityError as error:
        raise Problem(
            HTTPStatus.CONFLICT,
            "identity-linked",
            "This sign-in at the provider is linked to an account already.",
        ) from error
    await record(session, now, _act(person_id, "identity.link", provider.issuer))


async def unlink(hub: Hub, session: AsyncSession, person_id: str, identity_id: str) -> None:
    """Take an identity from a person.

    Raises Problem 404 when they have none such, 409 when it is their last way in.
    """
    # Of two that are taken at once one is the last.
    person = await session.get_one(Person, person_id, with_for_update=True)
    identity = await session.get(Identity, identity_id)
    if identity is None or identity.person_id != person_id:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-identity", "There is no such identity.")
    await session.delete(identity)
    await session.flush()
    await require_way_in(hub, session, person)
    await record(session, hub.clock(), _act(person_id, "identity.unlink", identity.issuer))


async def unlink_all(session: AsyncSession, person_id: str) -> None:
    """Take all identities from a person, whose account starts over."""
    await session.execute(delete(Identity).where(Identity.person_id == person_id))


def described(identity: Identity, providers: tuple[Provider, ...]) -> dict[str, Any]:
    """Return what its person may know; ``provider`` is None for one that is not set any more."""
    known = next((each for each in providers if each.issuer == identity.issuer), None)
    return {
        "id": identity.id,
        "provider": known and known.name,
        "title": known.title if known else identity.issuer,
        "linked_at": identity.linked_at,
        "last_used_at": identity.last_used_at,
    }


def _act(person_id: str, act: str, issuer: str) -> Act:
    # The log knows people by their ids alone: the subject stays out of it.
    return Act(actor=person_id, act=act, object=person_id, details={"issuer": issuer})
