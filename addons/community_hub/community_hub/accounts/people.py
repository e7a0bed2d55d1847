"""How accounts begin: by an invitation, or by the code of the first start. There is no default password."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..store import new_id
from ..store.audit import SYSTEM, Act, record
from ..store.tables import OneTimeCode, Person, Token
from ..web import Problem
from . import codes, sessions, sign_in
from .codes import Purpose
from .openid_connect import identities
from .roles import Role

# No password hashes to this, so that who was only invited cannot sign in.
_NO_PASSWORD = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Newcomer:
    """Who is to have an account."""

    email: str
    name: str
    role: Role


async def invite(
    session: AsyncSession, now: datetime, newcomer: Newcomer, *, actor: str
) -> tuple[Person, str]:
    """Add a person without a password, and return the code by which they set one.

    Raises Problem 409 when the e-mail address has an account.
    """
    person = await _add(session, now, newcomer)
    code = codes.make(session, now, Purpose.INVITATION, person_id=person.id)
    await record(
        session, now, Act(actor=actor, act="person.invite", object=person.id, details={"role": newcomer.role})
    )
    return person, code


async def redeem(hub: Hub, code: str, password: str, *, email: str | None, name: str | None) -> Person:
    """Spend an invitation, a recovery or the first operator's code by setting a password.

    ``email`` and ``name`` are the first operator's. A recovery ends all sessions, revokes all tokens, takes
    the second factor out of force and unlinks all identities. Raises Problem 403 for a code that opens
    nothing, 400 without name and e-mail address, and WeakPasswordError; then the code is not spent.
    """
    password_hash = await hub.passwords.hash(password)
    now = hub.clock()
    async with hub.store.writing() as session:
        spent = await codes.spend(
            session, now, code, Purpose.FIRST_OPERATOR, Purpose.INVITATION, Purpose.RECOVERY
        )
        if spent is None:
            raise Problem(HTTPStatus.FORBIDDEN, "code-refused", "The code is wrong, used or expired.")
        person = await _opened(session, now, spent, email, name)
        person.password_hash = password_hash
        person.failed_sign_ins, person.locked_until = 0, None
        if spent.purpose == Purpose.RECOVERY:
            await _start_over(session, now, person)
        act = Act(actor=person.id, act="code.redeem", object=person.id, details={"purpose": spent.purpose})
        await record(session, now, act)
    return person


async def recovery(session: AsyncSession, now: datetime, person_id: str, *, actor: str) -> str:
    """Return a code by which a person sets a new password. Raises Problem 404."""
    if await session.get(Person, person_id) is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-person", "There is no such person.")
    await codes.forget(session, person_id, Purpose.RECOVERY)
    await record(session, now, Act(actor=actor, act="person.recover", object=person_id, details={}))
    return codes.make(session, now, Purpose.RECOVERY, person_id=person_id)


async def _opened(
    session: AsyncSession, now: datetime, spent: OneTimeCode, email: str | None, name: str | None
) -> Person:
    if spent.person_id is not None:
        return await session.get_one(Person, spent.person_id)
    if email is None or name is None:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "who-is-it", "The first operator's name and e-mail address are missing."
        )
    person = await _add(session, now, Newcomer(email=email, name=name, role=Role.OPERATOR))
    await record(session, now, Act(actor=SYSTEM, act="person.first_operator", object=person.id, details={}))
    return person


async def _add(session: AsyncSession, now: datetime, newcomer: Newcomer) -> Person:
    email = newcomer.email.lower()
    if await session.scalar(select(exists().where(Person.email == email))):
        raise Problem(HTTPStatus.CONFLICT, "has-account", "This e-mail address already has an account.")
    person = Person(
        id=new_id(),
        email=email,
        name=newcomer.name,
        role=newcomer.role,
        password_hash=_NO_PASSWORD,
        created_at=now,
    )
    session.add(person)
    await session.flush()
    return person


async def _start_over(session: AsyncSession, now: datetime, person: Person) -> None:
    await sessions.end_all(session, person.id)
    await session.execute(
        update(Token).where(Token.person_id == person.id, Token.revoked_at.is_(None)).values(revoked_at=now)
    )
    await sign_in.drop_second_factor(session, person)
    await identities.unlink_all(session, person.id)
