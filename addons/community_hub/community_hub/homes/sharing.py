"""What rooms and batteries have in common that residents share: how it is told, and who reads it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.identity import require
from ..accounts.roles import Thing, Verb, Who
from ..core import NO_EVENT
from ..hub import Hub
from ..store.audit import Act, record
from ..store.tables import Home
from ..web import Problem
from ..wire.reports import MOST_AHEAD, Report

# A resident shares for a year at most.
LONGEST: Final = timedelta(days=367)
# Of a home's name for one of them.
MOST_NAME: Final = 128


def credible(reports: Iterable[Report], now: datetime) -> Iterator[Report]:
    """Yield the reports of no event whose stamps can be believed, the oldest first."""
    for report in sorted(reports, key=lambda each: each.modified_at):
        if report.event_id == NO_EVENT and not report.is_clock_off and report.modified_at <= now + MOST_AHEAD:
            yield report


def values_of(interval: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an interval tells, by the type of its payload. Raises what a document that is none does."""
    return {each["type"]: each["values"][0] for each in interval["payloads"]}


def number_within(value: object, least: float, most: float) -> float | None:
    """Return a number that can be, None for what is none or cannot."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if least <= value <= most else None


async def is_own_home(session: AsyncSession, who: Who, ven_id: str) -> bool:
    """Return whether a home is somebody's own, of whom may read what homes share. Problem 403 and 404.

    A household is not told whether there is another's home.
    """
    home = await session.get(Home, ven_id)
    owner_id = None if home is None else home.owner_id
    require(who, Verb.READ, Thing.ENERGY, owner_id=owner_id)
    if home is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
    return owner_id == who.person_id


def not_shared() -> Problem:
    """Return the refusal of what a resident does not share."""
    return Problem(HTTPStatus.FORBIDDEN, "no-consent", "The resident does not share this.")


async def note_reading(hub: Hub, who: Who, act: str, ven_id: str, details: Mapping[str, Any]) -> None:
    """Note that somebody read what a resident shares."""
    async with hub.store.writing() as session:
        done = Act(actor=who.person_id, act=act, object=ven_id, details=dict(details))
        await record(session, hub.clock(), done)
