"""``/api/v1/flexibility``: what homes offer now, as a price curve, and in the next hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from ...accounts.identity import Asking, require
from ...accounts.roles import Thing, Verb
from ...hub import hub_of
from ...web import StrictRoute
from ...web.fields import Name, ObjectId
from ..curve import SOON, Holding, current_told, forecast_told
from ..direction import Direction
from ..history import proven_by
from ..standing import standing_offers
from ..targets import MOST_KINDS, Candidate, Targets, consenting_homes, homes_in

router = APIRouter(prefix="/flexibility", tags=["flexibility"], route_class=StrictRoute)

_TICK: Final = timedelta(microseconds=1)

type Several = Annotated[list[Name], Query(max_length=1000)]
type Ids = Annotated[list[ObjectId], Query(max_length=1000)]
type Kinds = Annotated[list[Name], Query(max_length=MOST_KINDS)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Of which homes, and which way; with a programme only of those that consent to it."""

    direction: Direction
    program_id: str | None
    targets: Targets


def _wanted(
    direction: Direction = Direction.LESS,
    program_id: ObjectId | None = None,
    feeder: Ids = [],  # noqa: B006 # as FastAPI has it
    postcode: Several = [],  # noqa: B006 # as above
    device_kind: Kinds = [],  # noqa: B006 # as above
) -> Wanted:
    """Return what a request asks for."""
    targets = Targets(feeders=feeder, postcodes=postcode, device_kinds=device_kind)
    return Wanted(direction=direction, program_id=program_id, targets=targets)


type Filtered = Annotated[Wanted, Depends(_wanted)]


@router.get("/current")
async def current(who: Asking, request: Request, wanted: Filtered) -> dict[str, Any]:
    """Tell what homes could do now, cheapest first; with a programme only those that consent to it."""
    require(who, Verb.READ, Thing.OFFER)
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.reading() as session:
        held = await _held(session, now, wanted, SOON + _TICK)
    return current_told(held, wanted.direction, now)


@router.get("/forecast")
async def forecast(
    who: Asking, request: Request, wanted: Filtered, hours: Annotated[int, Query(ge=1, le=48)] = 24
) -> dict[str, Any]:
    """Tell what homes offer by half-hour, as far as they have told."""
    require(who, Verb.READ, Thing.OFFER)
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.reading() as session:
        held = await _held(session, now, wanted, timedelta(hours=hours))
    return forecast_told(held, wanted.direction, now)


async def _held(session: AsyncSession, now: datetime, wanted: Wanted, ahead: timedelta) -> Holding:
    homes: Sequence[Candidate] = (
        await homes_in(session, wanted.targets)
        if wanted.program_id is None
        else [
            home
            for home in await consenting_homes(session, wanted.program_id, now, now, wanted.targets)
            # What a home offers as a whole is no word of its single devices.
            if not home.devices
        ]
    )
    ven_ids = [home.ven_id for home in homes]
    return Holding(
        homes=homes,
        told=await standing_offers(session, now, ven_ids, wanted.direction, (now, now + ahead)),
        share=(await proven_by(session, now, ven_ids)).share,
    )
