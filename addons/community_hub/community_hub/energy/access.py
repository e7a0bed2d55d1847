"""Who reads what a home's meter counted: the home, its household, and by its consent the operator.

A consent to a programme whose terms say so (``PROGRAM_READS_ENERGY``) lets the operator read, as long as it
is in force, what was counted since it began. Each such reading is an act in the audit log.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts import tokens
from ..accounts.credentials import Credential
from ..accounts.identity import require, who_asks
from ..accounts.roles import Reach, Thing, Verb, Who, reach
from ..flexibility.programs import programme_of
from ..homes.consents import in_force
from ..openadr.access import Scope, caller
from ..store.tables import Consent, Home, Program
from ..web import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnVen:
    """A program that asks as the VEN of its own home, None where it is none's."""

    ven_id: str | None


async def _reader(request: Request) -> Who | OwnVen:
    shown = Credential.read(request.headers.get("Authorization", "").partition(" ")[2].strip())
    if shown is None or shown.kind != tokens.ACCESS:
        return await who_asks(request)
    found = await caller(request)
    found.require(Scope.READ_VEN_OBJECTS)
    return OwnVen(ven_id=found.ven_id)


Reader = Annotated[Who | OwnVen, Depends(_reader)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ByConsent:
    """An operator reads by this consent, and is noted."""

    consent_id: str
    operator_id: str


async def admit(
    session: AsyncSession, reader: Who | OwnVen, ven_id: str, start: datetime, now: datetime
) -> ByConsent | None:
    """Let somebody read a home's energy from ``start`` on; return by which consent, None: it is their own.

    Raises Problem 403 and 404: of another's home a household and a home do not learn that it is there.
    """
    home = await session.get(Home, ven_id)
    if isinstance(reader, OwnVen):
        if home is None or ven_id != reader.ven_id:
            raise _no_home()
        return None
    is_own = reach(reader, Verb.READ, Thing.ENERGY) is Reach.OWN
    if home is None or (is_own and home.owner_id != reader.person_id):
        require(reader, Verb.READ, Thing.ENERGY, owner_id=reader.person_id)
        raise _no_home()
    require(reader, Verb.READ, Thing.ENERGY, owner_id=home.owner_id)
    return None if is_own else await _consented(session, reader, ven_id, start, now)


async def _consented(
    session: AsyncSession, reader: Who, ven_id: str, start: datetime, now: datetime
) -> ByConsent:
    query = (
        select(Consent, Program)
        .join(Home)
        .join(Program, Program.id == Consent.program_id)
        .where(Consent.ven_id == ven_id, Consent.valid_from <= start, in_force(now))
        .order_by(Consent.id)
    )
    for consent, program in (await session.execute(query)).tuples():
        # The meter counts the home: a consent with some of its devices is none to read it.
        if not consent.devices and programme_of(program).reads_energy:
            return ByConsent(consent_id=consent.id, operator_id=reader.person_id)
    raise Problem(
        HTTPStatus.FORBIDDEN, "no-consent", "The resident has not consented to let you read this time."
    )


def _no_home() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
