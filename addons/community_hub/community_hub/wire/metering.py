"""What homes' meters counted in each quarter-hour: from reports into small rows, and days of them into one.

A report named ``metering`` tells of the resource SITE what was counted in quarter-hours of UTC (``USAGE``,
import minus export in kWh; ``DATA_QUALITY`` where it is not as measured). Quarter-hours of a day that is not
over stand in ``open_slots``, of two reports on one the newer; when the day is over they become its series
(``store.series``). A report that comes later, or corrects one, opens the day again: it is made anew from all
of its reports that are kept, whatever the order they came in.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched
from typing import Any, Final, NamedTuple

import numpy as np
from pydantic_core import from_json
from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import Refusal, parse_duration, parse_time
from ..store import Store, insert_into
from ..store.series import MARK_NAMES, MOST_WH, QUARTER_S, QUARTERS, Counted, decoded, folded
from ..store.tables import MeteredDay, OpenSlot, ReceivedReport
from .reports import Report

REPORT_NAME: Final = "metering"
# So long after a day's end its last quarter-hours are waited for.
PATIENCE: Final = timedelta(hours=2)
_QUARTER: Final = timedelta(seconds=QUARTER_S)
_MOST_INTERVALS: Final = 8 * QUARTERS
# OpenADR 3.1 DATA_QUALITY, and the marks of a series.
_MARKS: Final = {"OK": 0, "ESTIMATED": 2}
_AT_ONCE: Final = 200


class Slot(NamedTuple):
    """What was counted in the quarter-hour from ``start`` on (aware UTC), in Wh, with its mark."""

    start: datetime
    import_wh: int
    export_wh: int
    mark: int


def slots_of(payload: bytes) -> list[Slot]:
    """Return what a metering report tells; what is no quarter-hour of a home is left out."""
    try:
        return [
            slot
            for resource in from_json(payload)["object"]["resources"]
            if resource["resourceName"] == "SITE"
            for slot in _slots(resource)
        ]
    except AttributeError, IndexError, KeyError, TypeError:
        return []


def _slots(resource: dict[str, Any]) -> Iterator[Slot]:
    period = resource.get("intervalPeriod") or {}
    at: datetime | None = None
    for interval in resource["intervals"][:_MOST_INTERVALS]:
        own = interval.get("intervalPeriod") or (period if at is None else {})
        try:
            at = parse_time(own["start"], "start") if own.get("start") else at
            duration = parse_duration(own.get("duration") or period.get("duration") or "PT15M", "duration")
        except Refusal, TypeError:
            return
        if at is None or duration != _QUARTER:
            return
        slot = _slot(at.astimezone(UTC), interval["payloads"])
        if slot is not None:
            yield slot
        at += _QUARTER


def _slot(start: datetime, payloads: Sequence[dict[str, Any]]) -> Slot | None:
    values = {each.get("type"): each["values"][0] for each in payloads if each["values"]}
    net_kwh, mark = values.get("USAGE"), _MARKS.get(values.get("DATA_QUALITY", "OK"))
    is_number = isinstance(net_kwh, int | float) and not isinstance(net_kwh, bool)
    if net_kwh is None or not is_number or mark is None or start.timestamp() % QUARTER_S:
        return None
    net_wh = round(1000 * net_kwh)
    return Slot(start, max(net_wh, 0), max(-net_wh, 0), mark) if abs(net_wh) <= MOST_WH else None


async def take(store: Store, session: AsyncSession, reports: Sequence[Report], now: datetime) -> None:
    """Write what new reports tell into the open quarter-hours, or open their days again."""
    rows = {
        (report.ven_id, slot.start): (report.modified_at, slot)
        for report in sorted(reports, key=lambda each: each.modified_at)
        for slot in slots_of(report.payload)
        if slot.start < now
    }
    if not rows:
        return
    whole = await _opened_again(session, {(ven_id, start.date()) for ven_id, start in rows}, now)
    fresh = [
        slot._asdict() | {"ven_id": ven_id, "modified_at": modified_at}
        for (ven_id, start), (modified_at, slot) in rows.items()
        if (ven_id, start.date()) not in whole
    ]
    if fresh:
        statement = insert_into(store, OpenSlot)
        excluded = statement.excluded
        connection = await session.connection()
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["ven_id", "start"],
                set_={name: excluded[name] for name in ("import_wh", "export_wh", "mark", "modified_at")},
                where=excluded.modified_at >= OpenSlot.modified_at,
            ),
            fresh,
        )


async def _opened_again(
    session: AsyncSession, days: Collection[tuple[str, date]], now: datetime
) -> frozenset[tuple[str, date]]:
    """Open those of these days again that have their series; return which they are."""
    found: set[tuple[str, date]] = set()
    for some in batched(sorted(days), _AT_ONCE, strict=False):
        these = tuple_(MeteredDay.ven_id, MeteredDay.day).in_(some)
        opened = update(MeteredDay).where(these).values(reopened_at=now)
        for ven_id, day in await session.execute(opened.returning(MeteredDay.ven_id, MeteredDay.day)):
            found.add((ven_id, day))
    return frozenset(found)


async def fold(store: Store, now: datetime) -> None:
    """Make the series of days that are over, and of those that were opened again."""
    while True:
        async with store.writing() as session:
            ready = await _ready(session, now)
            for ven_id, day in ready:
                await _fold(store, session, ven_id, day, now)
        if not ready:
            return


async def _ready(session: AsyncSession, now: datetime) -> list[tuple[str, date]]:
    """Return some of the days that are to be made."""
    over = _begin((now - PATIENCE).date())
    slots = select(OpenSlot.ven_id, OpenSlot.start).where(OpenSlot.start < over).limit(_AT_ONCE * QUARTERS)
    again = (
        select(MeteredDay.ven_id, MeteredDay.day).where(MeteredDay.reopened_at.is_not(None)).limit(_AT_ONCE)
    )
    found = {(ven_id, start.date()) for ven_id, start in await session.execute(slots)}
    found |= {(ven_id, day) for ven_id, day in await session.execute(again.limit(_AT_ONCE))}
    return sorted(found)[:_AT_ONCE]


async def _fold(store: Store, session: AsyncSession, ven_id: str, day: date, now: datetime) -> None:
    """Make one day. What is taken out of the open ones is what is written, whatever comes meanwhile."""
    row = await session.get(MeteredDay, (ven_id, day), with_for_update=True)
    columns = (OpenSlot.start, OpenSlot.import_wh, OpenSlot.export_wh, OpenSlot.mark)
    taken = await session.execute(delete(OpenSlot).where(*_of_days(ven_id, day, day)).returning(*columns))
    counted = [_counted(*slot) for slot in taken]
    if row is not None:
        counted = await _counted_again(session, ven_id, day)
    statement = insert_into(store, MeteredDay).values(
        ven_id=ven_id,
        day=day,
        series=folded(None if row is None else row.series, counted),
        changed_at=now,
        reopened_at=None,
    )
    changed = {name: statement.excluded[name] for name in ("series", "changed_at", "reopened_at")}
    await session.execute(statement.on_conflict_do_update(index_elements=["ven_id", "day"], set_=changed))


async def _counted_again(session: AsyncSession, ven_id: str, day: date) -> list[Counted]:
    """Return a day's quarter-hours out of all reports on it that are kept, the newest of each."""
    reports = await session.execute(
        select(ReceivedReport.modified_at, ReceivedReport.payload)
        .where(
            ReceivedReport.ven_id == ven_id,
            ReceivedReport.name == REPORT_NAME,
            ReceivedReport.received_at >= _begin(day),
        )
        .order_by(ReceivedReport.modified_at, ReceivedReport.report_id)
    )
    newest: dict[datetime, Slot] = {}
    for _, payload in reports:
        newest |= {slot.start: slot for slot in slots_of(payload) if slot.start.date() == day}
    return [_counted(*slot) for slot in newest.values()]


def _counted(start: datetime, import_wh: int, export_wh: int, mark: int) -> Counted:
    return Counted((start.hour * 3600 + start.minute * 60) // QUARTER_S, import_wh, export_wh, mark)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _of_days(ven_id: str, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return (
        OpenSlot.ven_id == ven_id,
        OpenSlot.start >= _begin(first),
        OpenSlot.start < _begin(last) + timedelta(days=1),
    )


async def series_of(session: AsyncSession, ven_id: str, first: date, last: date) -> dict[date, bytes]:
    """Return the series of a home's days from first to last, with what stands open of them so far."""
    rows = select(MeteredDay.day, MeteredDay.series).where(
        MeteredDay.ven_id == ven_id, MeteredDay.day >= first, MeteredDay.day <= last
    )
    found: dict[date, bytes] = dict((await session.execute(rows)).tuples().all())
    opened: dict[date, list[Counted]] = defaultdict(list)
    for row in await session.scalars(select(OpenSlot).where(*_of_days(ven_id, first, last))):
        opened[row.start.date()].append(_counted(row.start, row.import_wh, row.export_wh, row.mark))
    return found | {day: folded(found.get(day), counted) for day, counted in opened.items()}


async def quarter_hours_of(session: AsyncSession, ven_id: str, day: date) -> list[dict[str, Any]]:
    """Return a UTC day of a home for people to read: Wh by quarter-hour, without what is not known."""
    blobs = await series_of(session, ven_id, day, day)
    series = decoded([blobs.get(day)])
    return [
        {
            "start": _begin(day) + quarter * _QUARTER,
            "import_wh": int(series.import_wh[0, quarter]),
            "export_wh": int(series.export_wh[0, quarter]),
            "quality": MARK_NAMES[int(series.marks[0, quarter])],
        }
        for quarter in np.flatnonzero(series.known[0]).tolist()
    ]
