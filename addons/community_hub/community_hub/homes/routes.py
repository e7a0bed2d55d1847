"""``/api/v1/homes`` and ``/api/v1/consents``."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.identity import Asking, require
from ..accounts.roles import Reach, Thing, Verb, Who, reach
from ..hub import hub_of
from ..store.audit import Act, record
from ..store.tables import Consent, Home, Person, Program
from ..web import Problem, StrictRoute
from ..web.fields import Moment, Name, ObjectId
from ..wire.events import tell_unseen
from . import consents
from .visible import Visible

router = APIRouter(prefix="/api/v1", tags=["homes"], route_class=StrictRoute)

type Devices = Annotated[list[Name], Field(max_length=256)]


class NewHome(BaseModel):
    """A home that joins. ``owner_id`` is the person who consents for it."""

    ven_id: ObjectId
    name: Name
    owner_id: ObjectId | None = None
    feeder: ObjectId | None = None
    postcode: Annotated[str, Field(min_length=1, max_length=16)] | None = None


class NewConsent(BaseModel):
    """What the resident agrees to, with the words that were shown. No devices: the whole home."""

    program_id: ObjectId
    devices: Devices = []
    valid_from: Moment | None = None
    valid_until: Moment
    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class Narrowing(BaseModel):
    """Fewer devices, or an earlier end."""

    devices: Annotated[Devices, Field(min_length=1)] | None = None
    valid_until: Moment | None = None


@router.get("/homes")
async def list_homes(visible: Visible, request: Request) -> list[dict[str, Any]]:
    """List homes by their venID, behind ``after``; a household sees its own."""
    async with hub_of(request).store.reading() as session:
        return [_described(home) for home in await session.scalars(visible.of(select(Home)))]


@router.post("/homes", status_code=HTTPStatus.CREATED)
async def add_home(who: Asking, body: NewHome, request: Request) -> dict[str, Any]:
    """Let a home join. It is asked for nothing before its resident consents."""
    require(who, Verb.WRITE, Thing.HOME)
    hub = hub_of(request)
    now = hub.clock()
    home = Home(**body.model_dump(), created_at=now)
    async with hub.store.writing() as session:
        if await session.get(Home, body.ven_id) is not None:
            raise Problem(HTTPStatus.CONFLICT, "home-exists", "This home is already a member.")
        if body.owner_id is not None and await session.get(Person, body.owner_id) is None:
            raise Problem(HTTPStatus.CONFLICT, "no-such-person", "The home's owner has no account.")
        session.add(home)
        details = {"owner_id": body.owner_id, "feeder": body.feeder}
        await record(
            session, now, Act(actor=who.person_id, act="home.add", object=home.ven_id, details=details)
        )
    return _described(home)


@router.get("/homes/{ven_id}/consents")
async def list_consents(who: Asking, ven_id: ObjectId, request: Request) -> list[dict[str, Any]]:
    """List what was agreed to for a home, also what has ended."""
    async with hub_of(request).store.reading() as session:
        await _home(session, who, Verb.READ, ven_id)
        return [consents.described(consent) for consent in await consents.of_home(session, ven_id)]


@router.post("/homes/{ven_id}/consents", status_code=HTTPStatus.CREATED)
async def grant(who: Asking, ven_id: ObjectId, body: NewConsent, request: Request) -> dict[str, Any]:
    """Consent. Only the home's own resident can."""
    hub = hub_of(request)
    now = hub.clock()
    agreement = consents.Agreement(
        ven_id=ven_id,
        program_id=body.program_id,
        devices=body.devices,
        valid_from=body.valid_from or now,
        valid_until=body.valid_until,
        text=body.text,
    )
    if not now < agreement.valid_until > agreement.valid_from:
        raise Problem(HTTPStatus.BAD_REQUEST, "no-duration", "The consent would end before it begins.")
    async with hub.store.writing() as session:
        await _home(session, who, Verb.GRANT, ven_id)
        if await session.get(Program, body.program_id) is None:
            raise Problem(HTTPStatus.CONFLICT, "no-such-program", "There is no such programme.")
        how = "token" if who.scopes is not None else "session"
        consent = await consents.grant(session, now, agreement, person_id=who.person_id, how=how)
        await tell_unseen(session, hub, [ven_id])
    return consents.described(consent)


@router.post("/consents/{consent_id}/narrow")
async def narrow(who: Asking, consent_id: ObjectId, body: Narrowing, request: Request) -> dict[str, Any]:
    """Make a consent narrower: fewer devices, or an earlier end."""
    hub = hub_of(request)
    async with hub.store.writing() as session:
        consent = await _consent(session, who, consent_id)
        narrower = await consents.narrow(
            session,
            hub.clock(),
            consent,
            actor=who.person_id,
            devices=body.devices,
            valid_until=body.valid_until,
        )
        await tell_unseen(session, hub, [narrower.ven_id])
    return consents.described(narrower)


@router.post("/consents/{consent_id}/end")
async def end(who: Asking, consent_id: ObjectId, request: Request) -> dict[str, Any]:
    """End a consent from now on."""
    hub = hub_of(request)
    async with hub.store.writing() as session:
        consent = await _consent(session, who, consent_id)
        await consents.end(session, hub.clock(), consent, actor=who.person_id)
        await tell_unseen(session, hub, [consent.ven_id])
    return consents.described(consent)


async def _consent(session: AsyncSession, who: Who, consent_id: str) -> Consent:
    consent = await session.get(Consent, consent_id, with_for_update=True)
    if consent is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-consent", "There is no such consent.")
    await _home(session, who, Verb.NARROW, consent.ven_id)
    return consent


async def _home(session: AsyncSession, who: Who, verb: Verb, ven_id: str) -> Home:
    """Return a home whose consents somebody may read or change; another's is to them as if it were not."""
    home = await session.get(Home, ven_id)
    owner_id = who.person_id if home is None else home.owner_id
    found = reach(who, verb, Thing.CONSENT)
    if home is None or (found is Reach.OWN and owner_id != who.person_id):
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
    require(who, verb, Thing.CONSENT, owner_id=owner_id)
    return home


def _described(home: Home) -> dict[str, Any]:
    def told(time: datetime | None) -> str | None:
        return None if time is None else time.isoformat()

    return {
        "ven_id": home.ven_id,
        "name": home.name,
        "owner_id": home.owner_id,
        "feeder": home.feeder,
        "postcode": home.postcode,
        "state": home.state,
        "leaving_since": told(home.leaving_since),
        "created_at": told(home.created_at),
    }
