"""What it is like in rooms, where residents share it: by quarter-hour, and deleted when they share no more.

A gap stays one: what a home left out it does not know. Of each room the newest word says until when it is
shared.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import QUARTER, ROOM_PAYLOADS, ROOM_POSSIBLE, ROOMS, Refusal, RoomFigure, parse_time
from ..store import Store, insert_into
from ..store.tables import RoomQuarter, SharedRoom
from ..wire.reports import MOST_AHEAD, Report
from .sharing import LONGEST, MOST_NAME, credible, number_within, values_of

REPORT_NAME: Final = ROOMS
UNITS: Final[Mapping[RoomFigure, str]] = {
    RoomFigure.TEMPERATURE: "°C",
    RoomFigure.HUMIDITY: "%",
    RoomFigure.CARBON_DIOXIDE: "ppm",
}
# Of a home: more names than that are no rooms.
MOST_ROOMS: Final = 32
# A home sends again what it told in the last week: by then what has ended is not begun anew.
_ENDED_KEPT: Final = timedelta(days=14)

type _Room = tuple[str, str]


async def keep_rooms(store: Store, session: AsyncSession, reports: Sequence[Report], now: datetime) -> None:
    """Keep what homes share of rooms; those of which the newest word says that it is over are emptied."""
    rooms: dict[_Room, dict[str, Any]] = {}
    quarters: dict[tuple[Any, ...], dict[str, Any]] = {}
    for report in credible(reports, now):
        for name, told in _told(report).items():
            key = (report.ven_id, name)
            rooms[key] = {
                "ven_id": key[0],
                "name": name,
                "told_at": report.modified_at,
                "until": told["until"],
            }
            for figure, value in told["means"].items():
                row = {
                    "ven_id": key[0],
                    "room": name,
                    "figure": figure,
                    "start": told["start"],
                    "value": value,
                }
                quarters[*key, figure, told["start"]] = row
    if not rooms:
        return
    shared = await _put_rooms(store, session, rooms)
    kept = [
        row
        for row in quarters.values()
        if row["start"] < shared.get((row["ven_id"], row["room"]), now - LONGEST)
    ]
    if kept:
        await session.execute(insert_into(store, RoomQuarter).on_conflict_do_nothing(), kept)
    over = [key for key, until in shared.items() if until <= now]
    if over:
        await session.execute(
            delete(RoomQuarter).where(tuple_(RoomQuarter.ven_id, RoomQuarter.room).in_(over))
        )


async def _put_rooms(
    store: Store, session: AsyncSession, rooms: Mapping[_Room, dict[str, Any]]
) -> dict[_Room, datetime]:
    """Keep the newest word on each room; return until when each that is kept is shared."""
    ven_ids = {ven_id for ven_id, _ in rooms}
    query = select(SharedRoom.ven_id, SharedRoom.name).where(SharedRoom.ven_id.in_(ven_ids))
    known = {(ven_id, name) for ven_id, name in await session.execute(query)}
    room_left = {ven_id: MOST_ROOMS - sum(key[0] == ven_id for key in known) for ven_id in ven_ids}
    fresh = {
        key
        for ven_id in ven_ids
        for key in islice(
            (each for each in rooms if each[0] == ven_id and each not in known), max(room_left[ven_id], 0)
        )
    }
    kept = [row for key, row in rooms.items() if key in known or key in fresh]
    if not kept:
        return {}
    statement = insert_into(store, SharedRoom)
    excluded = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["ven_id", "name"],
            set_={name: excluded[name] for name in ("told_at", "until")},
            where=excluded.told_at > SharedRoom.told_at,
        ),
        kept,
    )
    keys = [(row["ven_id"], row["name"]) for row in kept]
    columns = (SharedRoom.ven_id, SharedRoom.name, SharedRoom.until)
    newest = await session.execute(
        select(*columns).where(tuple_(SharedRoom.ven_id, SharedRoom.name).in_(keys))
    )
    return {(ven_id, name): until for ven_id, name, until in newest}


async def forget(session: AsyncSession, now: datetime, before: datetime) -> None:
    """Delete what is shared no more, and quarter-hours of ``before``."""
    over = select(SharedRoom.ven_id, SharedRoom.name).where(SharedRoom.until <= now)
    await session.execute(delete(RoomQuarter).where(tuple_(RoomQuarter.ven_id, RoomQuarter.room).in_(over)))
    await session.execute(delete(RoomQuarter).where(RoomQuarter.start < before))
    is_long_over = (SharedRoom.until <= now, SharedRoom.told_at < now - _ENDED_KEPT)
    await session.execute(delete(SharedRoom).where(*is_long_over))


def _told(report: Report) -> dict[str, dict[str, Any]]:
    """Return by room until when it is shared, which quarter-hour is told, and its means."""
    found: dict[str, dict[str, Any]] = {}
    try:
        for resource in from_json(report.payload)["object"]["resources"][:MOST_ROOMS]:
            name = resource["resourceName"]
            [interval] = resource["intervals"]
            values = values_of(interval)
            until = parse_time(values["SHARED_UNTIL"], "SHARED_UNTIL")
            start = parse_time(interval["intervalPeriod"]["start"], "start")
            if name.isprintable() and 0 < len(name) <= MOST_NAME:
                found[name] = {
                    "until": min(until, report.modified_at + LONGEST),
                    "start": start,
                    "means": _means(values) if _is_quarter(start, report.modified_at) else {},
                }
    except AttributeError, IndexError, KeyError, TypeError, ValueError, Refusal:
        return {}
    return found


def _is_quarter(start: datetime, told_at: datetime) -> bool:
    """Whether a quarter-hour begins then, and is over when it is told, as far as clocks agree."""
    is_even = start.timestamp() % QUARTER.total_seconds() == 0
    return is_even and start + QUARTER <= told_at + MOST_AHEAD


def _means(values: Mapping[str, Any]) -> dict[RoomFigure, float]:
    """Return what is known: nothing that was not told, or that cannot be."""
    found = {
        figure: number_within(values.get(payload), *ROOM_POSSIBLE[figure])
        for figure, payload in ROOM_PAYLOADS.items()
    }
    return {figure: value for figure, value in found.items() if value is not None}
