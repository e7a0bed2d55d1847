"""Consents: to which programme, with which devices, until when; kept with the words that were agreed to.

A consent is only ever ended; a narrower one is a new row. Nobody but the resident makes a wider one.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import new_id
from ..store.audit import Act, record
from ..store.tables import Consent, Home
from ..web import Problem

_ACTIVE = "active"


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What a resident agrees to. ``devices`` are resource names; none: the whole home."""

    ven_id: str
    program_id: str
    devices: Sequence[str]
    valid_from: datetime
    valid_until: datetime
    text: str


def in_force(at: datetime) -> ColumnElement[bool]:
    """Return the condition under which a consent holds at a time; join it to select homes at all."""
    return and_(
        Consent.valid_from <= at,
        Consent.valid_until > at,
        or_(Consent.ended_at.is_(None), Consent.ended_at > at),
        Home.state == _ACTIVE,
    )


def covers(devices: Collection[str], targets: Collection[str]) -> bool:
    """Return whether a consent with these devices covers an event with these targets.

    A consent with some devices covers what names nothing but them: what names the home, or nobody, is asked
    of all that it has.
    """
    return not devices or (bool(targets) and frozenset(targets) <= frozenset(devices))


async def consenting(
    session: AsyncSession, program_id: str, at: datetime, ven_ids: Collection[str], targets: Collection[str]
) -> frozenset[str]:
    """Return which of these homes consent at a time to an event of a programme with these targets."""
    query = (
        select(Consent.ven_id, Consent.devices)
        .join(Home)
        .where(Consent.program_id == program_id, Consent.ven_id.in_(ven_ids), in_force(at))
    )
    return frozenset(ven_id for ven_id, devices in await session.execute(query) if covers(devices, targets))


async def programs_of(session: AsyncSession, ven_id: str, at: datetime) -> frozenset[str]:
    """Return the programmes that a home consents to as a whole at a time."""
    query = select(Consent.program_id, Consent.devices).join(Home)
    rows = await session.execute(query.where(Consent.ven_id == ven_id, in_force(at)))
    return frozenset(program_id for program_id, devices in rows if not devices)


async def of_home(session: AsyncSession, ven_id: str) -> list[Consent]:
    """Return all consents of a home, also those that ended, the oldest first."""
    return list(await session.scalars(select(Consent).where(Consent.ven_id == ven_id).order_by(Consent.id)))


async def grant(
    session: AsyncSession, now: datetime, agreement: Agreement, *, person_id: str, how: str
) -> Consent:
    """Keep what a resident agreed to; it takes the place of an earlier consent to the same programme."""
    query = select(Consent).where(
        Consent.ven_id == agreement.ven_id,
        Consent.program_id == agreement.program_id,
        Consent.ended_at.is_(None),
    )
    for earlier in await session.scalars(query):
        earlier.ended_at, earlier.ended_by = now, person_id
    consent = Consent(
        id=new_id(),
        ven_id=agreement.ven_id,
        program_id=agreement.program_id,
        devices=sorted(agreement.devices),
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        text=agreement.text,
        text_hash=hashlib.sha256(agreement.text.encode()).hexdigest(),
        agreed_by=person_id,
        agreed_how=how,
        agreed_at=now,
    )
    session.add(consent)
    await _note(session, now, "consent.grant", consent, person_id)
    return consent


async def end(session: AsyncSession, now: datetime, consent: Consent, *, actor: str) -> None:
    """End a consent. Raises Problem 409 when it has ended."""
    _require_open(consent)
    consent.ended_at, consent.ended_by = now, actor
    await _note(session, now, "consent.end", consent, actor)


async def narrow(
    session: AsyncSession,
    now: datetime,
    consent: Consent,
    *,
    actor: str,
    devices: Sequence[str] | None,
    valid_until: datetime | None,
) -> Consent:
    """Put a narrower consent in a consent's place and return it; what was agreed to stays as it was said.

    Raises Problem 409 when it has ended, and 403 when any part would be wider.
    """
    _require_open(consent)
    until = consent.valid_until if valid_until is None else valid_until
    kept = consent.devices if devices is None else sorted(devices)
    is_wider = until > consent.valid_until or (
        consent.devices != kept and (not kept or (consent.devices and not set(kept) <= set(consent.devices)))
    )
    if is_wider:
        raise Problem(HTTPStatus.FORBIDDEN, "wider-consent", "Only the resident makes a consent wider.")
    consent.ended_at, consent.ended_by = now, actor
    narrower = Consent(
        id=new_id(),
        ven_id=consent.ven_id,
        program_id=consent.program_id,
        devices=kept,
        valid_from=consent.valid_from,
        valid_until=until,
        text=consent.text,
        text_hash=consent.text_hash,
        agreed_by=consent.agreed_by,
        agreed_how=consent.agreed_how,
        agreed_at=consent.agreed_at,
    )
    session.add(narrower)
    await _note(session, now, "consent.narrow", narrower, actor)
    return narrower


def described(consent: Consent) -> dict[str, Any]:
    """Return what is told of a consent."""
    return {
        "id": consent.id,
        "ven_id": consent.ven_id,
        "program_id": consent.program_id,
        "devices": consent.devices,
        "valid_from": consent.valid_from,
        "valid_until": consent.valid_until,
        "text": consent.text,
        "text_hash": consent.text_hash,
        "agreed_by": consent.agreed_by,
        "agreed_how": consent.agreed_how,
        "agreed_at": consent.agreed_at,
        "ended_at": consent.ended_at,
        "ended_by": consent.ended_by,
    }


def _require_open(consent: Consent) -> None:
    if consent.ended_at is not None:
        raise Problem(HTTPStatus.CONFLICT, "consent-ended", "This consent has ended.")


async def _note(session: AsyncSession, now: datetime, act: str, consent: Consent, actor: str) -> None:
    details = {
        "ven_id": consent.ven_id,
        "program_id": consent.program_id,
        "devices": consent.devices,
        "valid_until": consent.valid_until.isoformat(),
        "text_hash": consent.text_hash,
    }
    await record(session, now, Act(actor=actor, act=act, object=consent.id, details=details))
