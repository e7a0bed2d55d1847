"""Signing in by password and, where it is set up, a second factor, or by a passkey; and setting factors.

Whatever is wrong is answered alike and after the same work: who guesses learns neither which accounts there
are nor which part was right.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..store.audit import Act, record
from ..store.tables import Person
from ..web import Problem
from . import codes, sessions, totp
from .codes import Purpose
from .passkeys import asserting, kept
from .passkeys.asserting import Assertion

RECOVERY_CODES: Final = 10
_FREE_ATTEMPTS: Final = 5
_FIRST_LOCK: Final = timedelta(seconds=30)
_LONGEST_LOCK: Final = timedelta(minutes=15)
_ISSUER: Final = "Home Flex"


async def sign_in(
    hub: Hub, *, email: str, password: str, code: str | None, assertion: Assertion | None
) -> tuple[Person, str]:
    """Return the person and the new session's secret. Raises Problem 401 without saying what is wrong.

    The second factor is a code, or what a passkey signed.
    """
    now = hub.clock()
    async with hub.store.reading() as session:
        person = await _by_email(session, email)
    is_password = await hub.passwords.match(person.password_hash if person else None, password)
    async with hub.store.writing() as session:
        person = await _by_email(session, email, is_locking=True)
        if person is None or _is_locked(person, now):
            raise refused()
        if is_password and await _is_second_factor(hub, session, person, code, assertion, now):
            return person, await admit(session, now, person, {})
        await _turn_away(session, now, person, {})
    raise refused()


async def sign_in_by_passkey(hub: Hub, assertion: Assertion) -> tuple[Person, str]:
    """Return the person whose passkey signed, and the new session's secret. Raises as ``sign_in``."""
    now = hub.clock()
    async with hub.store.writing() as session:
        person = await asserting.owner(session, assertion)
        if person is None or _is_locked(person, now):
            raise refused()
        passkey = await asserting.genuine(hub, session, assertion, person.id, now)
        if passkey is not None:
            return person, await admit(session, now, person, {"passkey": passkey.id})
        await _turn_away(session, now, person, {"by": "passkey"})
    raise refused()


async def sign_in_vouched(
    hub: Hub,
    session: AsyncSession,
    person: Person,
    *,
    code: str | None,
    assertion: Assertion | None,
    details: dict[str, Any],
) -> str | None:
    """Begin the session of a person for whom a provider vouched; return its secret.

    The person's row is locked in this transaction. None: the second factor is refused, which counts as at any
    sign-in.
    """
    now = hub.clock()
    if _is_locked(person, now):
        return None
    if await _is_second_factor(hub, session, person, code, assertion, now):
        return await admit(session, now, person, details)
    await _turn_away(session, now, person, details)
    return None


async def require_second_factor(
    hub: Hub, person_id: str, code: str | None, assertion: Assertion | None
) -> None:
    """Raise Problem 403 unless that is the person's second factor, or none is in force.

    A wrong one counts as one at a sign-in does.
    """
    now = hub.clock()
    async with hub.store.writing() as session:
        person = await session.get_one(Person, person_id, with_for_update=True)
        if not _is_locked(person, now):
            if await _is_second_factor(hub, session, person, code, assertion, now):
                return
            _count_failure(person, now)
            act = Act(actor=person_id, act="second_factor.refused", object=person_id, details={})
            await record(session, now, act)
    raise Problem(
        HTTPStatus.FORBIDDEN,
        "wrong-second-factor",
        "The second factor is missing or wrong, or there were too many attempts.",
    )


def offer_second_factor(hub: Hub, person: Person) -> tuple[str, str]:
    """Give a person a new secret, not in force before it is confirmed. Return it and its URI.

    Raises Problem 409 when an app's codes are in force.
    """
    if has_totp(person):
        raise Problem(HTTPStatus.CONFLICT, "second-factor-exists", "A second factor is already in force.")
    secret = totp.new_secret()
    person.totp_sealed = hub.vault.seal(secret)
    return secret, totp.uri(secret, account=person.email, issuer=_ISSUER)


async def confirm_second_factor(hub: Hub, session: AsyncSession, person: Person, code: str) -> list[str]:
    """Put the offered second factor in force and return ten codes for when it is lost.

    Raises Problem 409 when none was offered, and 403 for a wrong code.
    """
    if person.totp_sealed is None or has_totp(person):
        raise Problem(HTTPStatus.CONFLICT, "no-second-factor-offered", "No second factor was offered.")
    now = hub.clock()
    step = totp.matching_step(hub.vault.open(person.totp_sealed), code, now, after=None)
    if step is None:
        raise Problem(HTTPStatus.FORBIDDEN, "wrong-code", "The code is wrong or too old.")
    person.totp_last_step = step
    return await recovery_codes(session, now, person)


async def recovery_codes(session: AsyncSession, now: datetime, person: Person) -> list[str]:
    """Return ten codes for when the second factor is lost; those of before open nothing any more."""
    await codes.forget(session, person.id, Purpose.SECOND_FACTOR)
    return [
        codes.make(session, now, Purpose.SECOND_FACTOR, person_id=person.id) for _ in range(RECOVERY_CODES)
    ]


async def drop_totp(session: AsyncSession, person: Person) -> None:
    """Take an app's codes out of force."""
    person.totp_sealed, person.totp_last_step = None, None
    await forget_needless_codes(session, person)


async def drop_second_factor(session: AsyncSession, person: Person) -> None:
    """Take all second factors out of force, passkeys too, and their codes with them."""
    await kept.forget_all(session, person.id)
    await drop_totp(session, person)


async def forget_needless_codes(session: AsyncSession, person: Person) -> None:
    """Forget the codes for a lost second factor where none is in force any more."""
    if not await has_second_factor(session, person):
        await codes.forget(session, person.id, Purpose.SECOND_FACTOR)


def has_totp(person: Person) -> bool:
    """Whether an app's codes are in force."""
    return person.totp_last_step is not None


async def has_second_factor(session: AsyncSession, person: Person) -> bool:
    """Whether a password alone does not sign a person in."""
    return has_totp(person) or await kept.count(session, person.id) > 0


async def _is_second_factor(
    hub: Hub,
    session: AsyncSession,
    person: Person,
    code: str | None,
    assertion: Assertion | None,
    now: datetime,
) -> bool:
    if assertion is not None:
        return await asserting.genuine(hub, session, assertion, person.id, now) is not None
    if not await has_second_factor(session, person):
        return True
    if code is None:
        return False
    if person.totp_sealed is not None and has_totp(person):
        secret = hub.vault.open(person.totp_sealed)
        step = totp.matching_step(secret, code, now, after=person.totp_last_step)
        if step is not None:
            person.totp_last_step = step
            return True
    return await codes.spend(session, now, code, Purpose.SECOND_FACTOR, person_id=person.id) is not None


async def admit(session: AsyncSession, now: datetime, person: Person, details: Mapping[str, Any]) -> str:
    """Begin a session of somebody who has proven who they are, however; returns its secret."""
    person.failed_sign_ins, person.locked_until = 0, None
    secret = sessions.begin(session, now, person.id)
    await record(session, now, Act(actor=person.id, act="sign_in", object=person.id, details=dict(details)))
    return secret


async def _turn_away(session: AsyncSession, now: datetime, person: Person, details: dict[str, Any]) -> None:
    _count_failure(person, now)
    await record(session, now, Act(actor=person.id, act="sign_in.refused", object=person.id, details=details))


async def _by_email(session: AsyncSession, email: str, *, is_locking: bool = False) -> Person | None:
    query = select(Person).where(Person.email == email.lower())
    if is_locking:
        # Of two sign-ins with one code the second must see that it was used.
        query = query.with_for_update()
    return (await session.scalars(query)).one_or_none()


def _is_locked(person: Person, now: datetime) -> bool:
    return person.locked_until is not None and now < person.locked_until


def _count_failure(person: Person, now: datetime) -> None:
    person.failed_sign_ins += 1
    beyond = person.failed_sign_ins - _FREE_ATTEMPTS
    if beyond >= 0:
        person.locked_until = now + min(_FIRST_LOCK * 2 ** min(beyond, 10), _LONGEST_LOCK)


def refused() -> Problem:
    """Return the refusal of a sign-in, which says nothing of what is wrong."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "sign-in-refused",
        "E-mail, password, code or passkey is wrong, or there were too many attempts: "
        "wait a quarter of an hour.",
    )
