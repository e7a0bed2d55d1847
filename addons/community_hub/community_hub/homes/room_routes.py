"""``/api/v1/homes/{ven_id}/rooms`` and ``…/sensors``: what rooms are like, as far as residents share it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.identity import Asking
from ..accounts.roles import Who
from ..core import QUARTER, RoomFigure
from ..hub import hub_of
from ..store.tables import RoomQuarter, SharedRoom
from ..web import Problem, StrictRoute
from ..web.fields import Moment, Name, ObjectId
from .rooms import UNITS
from .sharing import is_own_home, not_shared, note_reading

router = APIRouter(prefix="/api/v1/homes", tags=["homes"], route_class=StrictRoute)

_LONGEST: Final = timedelta(days=32)


@router.get("/{ven_id}/rooms")
async def list_rooms(who: Asking, ven_id: ObjectId, request: Request) -> list[dict[str, Any]]:
    """List the rooms of a home that are shared, each with its sensors and what they told last.

    Its household reads them, and the operator for as long as the resident shares them, which is noted.
    """
    hub = hub_of(request)
    async with hub.store.reading() as session:
        is_own, rooms = await _readable(session, who, ven_id, hub.clock())
        newest = await _newest(session, ven_id)
    if not is_own:
        await note_reading(hub, who, "rooms.read", ven_id, {"rooms": len(rooms)})
    return [
        {
            "name": room.name,
            "shared_until": room.until,
            "told_at": room.told_at,
            "sensors": [
                {
                    "sensor": row.figure,
                    "unit": UNITS[RoomFigure(row.figure)],
                    "start": row.start,
                    "value": row.value,
                }
                for row in newest
                if row.room == room.name
            ],
        }
        for room in rooms
    ]


@router.get("/{ven_id}/sensors")
async def list_sensors(
    who: Asking,
    ven_id: ObjectId,
    request: Request,
    start: Moment,
    end: Moment | None = None,
    room: Name | None = None,
) -> list[dict[str, Any]]:
    """List what the sensors of shared rooms told, a mean for each quarter-hour: null is a gap.

    Of 32 days at most. Whoever may read rooms reads it, and is noted as there.
    """
    hub = hub_of(request)
    now = hub.clock()
    last = min(end or now, now)
    if last - start > _LONGEST:
        raise Problem(HTTPStatus.BAD_REQUEST, "too-long", "Ask for 32 days at most.")
    async with hub.store.reading() as session:
        is_own, rooms = await _readable(session, who, ven_id, now)
        names = [each.name for each in rooms if room is None or each.name == room]
        query = (
            select(RoomQuarter)
            .where(
                RoomQuarter.ven_id == ven_id,
                RoomQuarter.room.in_(names),
                RoomQuarter.start >= start,
                RoomQuarter.start < last,
            )
            .order_by(RoomQuarter.room, RoomQuarter.figure, RoomQuarter.start)
        )
        found = list(await session.scalars(query))
    if not is_own:
        await note_reading(hub, who, "rooms.read", ven_id, {"rooms": len(rooms)})
    by_sensor: dict[tuple[str, str], list[RoomQuarter]] = {}
    for each in found:
        by_sensor.setdefault((each.room, each.figure), []).append(each)
    return [
        {"room": name, "sensor": figure, "unit": UNITS[RoomFigure(figure)], **_with_gaps(quarters)}
        for (name, figure), quarters in by_sensor.items()
    ]


def _with_gaps(quarters: Sequence[RoomQuarter]) -> dict[str, Any]:
    """Return the quarter-hours from the first to the last that is known."""
    first = quarters[0].start
    values: list[float | None] = [None] * ((quarters[-1].start - first) // QUARTER + 1)
    for each in quarters:
        values[(each.start - first) // QUARTER] = each.value
    return {"start": first, "interval_s": int(QUARTER.total_seconds()), "values": values}


async def _readable(
    session: AsyncSession, who: Who, ven_id: str, now: datetime
) -> tuple[bool, list[SharedRoom]]:
    """Return whether a home is somebody's own, and its rooms that they may read. Problem 403 and 404."""
    is_own = await is_own_home(session, who, ven_id)
    query = (
        select(SharedRoom)
        .where(SharedRoom.ven_id == ven_id, SharedRoom.until > now)
        .order_by(SharedRoom.name)
    )
    rooms = list(await session.scalars(query))
    if not rooms and not is_own:
        raise not_shared()
    return is_own, rooms


async def _newest(session: AsyncSession, ven_id: str) -> list[RoomQuarter]:
    """Return the newest quarter-hour of each sensor of a home."""
    key = (RoomQuarter.room, RoomQuarter.figure)
    last = (
        select(*key, func.max(RoomQuarter.start, type_=RoomQuarter.start.type).label("start"))
        .where(RoomQuarter.ven_id == ven_id)
        .group_by(*key)
        .subquery()
    )
    query = (
        select(RoomQuarter)
        .join(
            last,
            (RoomQuarter.room == last.c.room)
            & (RoomQuarter.figure == last.c.figure)
            & (RoomQuarter.start == last.c.start),
        )
        .where(RoomQuarter.ven_id == ven_id)
        .order_by(*key)
    )
    return list(await session.scalars(query))
