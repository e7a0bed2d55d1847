"""Who wishes mail about what came of invitations: off until a resident says so, and off again by one word."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import new_id
from ..store.audit import Act, record
from ..store.tables import MailWish
from ..web.fields import Zone
from .quiet import QuietHours

type _ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class NewWish(BaseModel):
    """What a resident agrees to: ``text`` is what was shown. Quiet hours are times of day in ``zone``."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["en", "nl", "de", "fr", "pt"]
    zone: Zone
    quiet_from: _ClockTime = "21:00"
    quiet_until: _ClockTime = "08:00"
    text: Annotated[str, Field(min_length=1, max_length=20_000)]


async def of_home(session: AsyncSession, ven_id: str) -> MailWish | None:
    """Return what is wished of a home, None: no mail."""
    found = await session.scalars(select(MailWish).where(MailWish.ven_id == ven_id))
    return found.one_or_none()


async def of_person(session: AsyncSession, person_id: str) -> list[MailWish]:
    """Return what a person wishes, by home."""
    query = select(MailWish).where(MailWish.person_id == person_id).order_by(MailWish.ven_id)
    return list(await session.scalars(query))


async def grant(
    session: AsyncSession, now: datetime, ven_id: str, wanted: NewWish, *, person_id: str, how: str
) -> MailWish:
    """Keep what a resident wishes from now on; it takes the place of what was wished before."""
    before = await of_home(session, ven_id)
    if before is not None:
        await session.delete(before)
        await session.flush()
    wish = MailWish(
        id=new_id(),
        ven_id=ven_id,
        person_id=person_id,
        **wanted.model_dump(),
        text_hash=hashlib.sha256(wanted.text.encode()).hexdigest(),
        agreed_how=how,
        agreed_at=now,
        # Another wish is no way to a second mail on the same day.
        mailed_at=None if before is None else before.mailed_at,
    )
    session.add(wish)
    await _note(session, now, "mail.grant", wish, actor=person_id, how=how)
    return wish


async def end(session: AsyncSession, now: datetime, wish: MailWish, *, how: str) -> None:
    """End a wish; what waits by it does not go out any more."""
    await _note(session, now, "mail.end", wish, actor=wish.person_id, how=how)
    await session.delete(wish)


async def end_all(session: AsyncSession, now: datetime, person_id: str, *, how: str) -> None:
    """End all that a person wishes."""
    for wish in await of_person(session, person_id):
        await end(session, now, wish, how=how)


def quiet_hours(wish: MailWish) -> QuietHours:
    """Return when no mail goes out by it."""
    return QuietHours.of(wish.quiet_from, wish.quiet_until, wish.zone)


def described(wish: MailWish) -> dict[str, Any]:
    """Return what is told of a wish."""
    return {
        "ven_id": wish.ven_id,
        "language": wish.language,
        "zone": wish.zone,
        "quiet_from": wish.quiet_from,
        "quiet_until": wish.quiet_until,
        "text": wish.text,
        "text_hash": wish.text_hash,
        "agreed_how": wish.agreed_how,
        "agreed_at": wish.agreed_at,
        "mailed_at": wish.mailed_at,
    }


async def _note(
    session: AsyncSession, now: datetime, act: str, wish: MailWish, *, actor: str, how: str
) -> None:
    details = {"text_hash": wish.text_hash, "how": how}
    await record(session, now, Act(actor=actor, act=act, object=wish.ven_id, details=details))
