"""What homes reported of an event that they were called by: the newest of each, by the home's own word."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core import Refusal, parse_duration, parse_time
from ..store.tables import Dispatch, DispatchedHome, ReceivedReport
from .report_values import values_by_type

# Reports that tell the state of an event, and those that tell what is measured of it.
STATES: Final = ("acknowledgement", "status", "refusal")
MEASURED: Final = ("measurement",)
SETTLED: Final = ("settlement",)
_OUT: Final = frozenset({"REJECTED", "ABORTED", "REVOKED"})
_LEFT: Final = frozenset({"IDLE_OPTED_OUT", "RUNNING_OPTED_OUT"})
_ASKED: Final = frozenset({"not_answered", "quiet_hours", "week_full"})


class Standing(StrEnum):
    """Whether a home takes part, by what it said last."""

    SILENT = "silent"
    IN = "in"
    ASKED = "asked"
    """Its resident is asked and has said nothing yet."""
    LEFT = "left"
    """Its resident said no, or left it."""
    REFUSED = "refused"
    """The home refused it, or it ended without being followed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """A home's newest report of some kind on an event: when it says it made it, and its values by type.

    ``start`` and ``length`` are the time that it tells of, from the event's start on; None where it names
    none.
    """

    ven_id: str
    at: datetime
    values: Mapping[str, list[Any]]
    length: timedelta | None = None
    start: datetime | None = None

    def text(self, kind: str) -> str | None:
        """Return the first value of a type as a text, None without one."""
        found = next(iter(self.values.get(kind) or ()), None)
        return found if isinstance(found, str) else None

    def number(self, kind: str) -> float | None:
        """Return the first value of a type as a number, None without one."""
        found = next(iter(self.values.get(kind) or ()), None)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    @property
    def delta_by_meter_wh(self) -> int | None:
        """Return what was used beyond the baseline by the meter's count, Wh, whatever it says of it itself.

        None where meter, baseline or measured time are not told.
        """
        usage_kwh, baseline_kw = self.number("USAGE"), self.number("BASELINE")
        if usage_kwh is None or baseline_kw is None or self.length is None:
            return None
        coverage = self.number("COVERAGE")
        hours = self.length / timedelta(hours=1) * (1.0 if coverage is None else coverage)
        return round(1000 * (usage_kwh - baseline_kw * hours))

    def delta_of_wh(self, metered_wh: int) -> int | None:
        """Return what was used beyond the baseline where the meter counted so much in all of the time.

        None where the baseline or the time are not told.
        """
        baseline_kw = self.number("BASELINE")
        if baseline_kw is None or self.length is None:
            return None
        return round(metered_wh - 1000 * baseline_kw * (self.length / timedelta(hours=1)))

    @property
    def standing(self) -> Standing:
        """Return whether the home takes part. A refused message changes nothing of an event known before."""
        if self.text("OPERATING_STATE") in _LEFT:
            return Standing.ASKED if self.text("REASON") in _ASKED else Standing.LEFT
        return Standing.REFUSED if self.text("INSTRUCTION_STATUS") in _OUT else Standing.IN


async def newest_of(session: AsyncSession, made: Dispatch, names: Sequence[str]) -> dict[str, Reported]:
    """Return by home its newest report with one of these names on its own event of a dispatch.

    A report of a home's clock that is off counts by when it came: its own time is no order.
    """
    joined = (DispatchedHome.event_id == ReceivedReport.event_id) & (
        DispatchedHome.ven_id == ReceivedReport.ven_id
    )
    query = select(ReceivedReport.ven_id).join(DispatchedHome, joined)
    return await _newest(session, query.where(DispatchedHome.dispatch_id == made.id), names)


async def newest_on(
    session: AsyncSession, ven_id: str, event_id: str, names: Sequence[str]
) -> Reported | None:
    """Return a home's newest report with one of these names on an event."""
    query = select(ReceivedReport.ven_id).where(
        ReceivedReport.ven_id == ven_id, ReceivedReport.event_id == event_id
    )
    return (await _newest(session, query, names)).get(ven_id)


async def _newest(
    session: AsyncSession, query: Select[tuple[str]], names: Sequence[str]
) -> dict[str, Reported]:
    order = (ReceivedReport.modified_at.desc(), ReceivedReport.received_at.desc(), ReceivedReport.report_id)
    place = func.row_number().over(partition_by=ReceivedReport.ven_id, order_by=order).label("place")
    ranked = (
        query.where(ReceivedReport.name.in_(names))
        .add_columns(ReceivedReport.modified_at, ReceivedReport.payload, place)
        .subquery()
    )
    rows = await session.execute(
        select(ranked.c.ven_id, ranked.c.modified_at, ranked.c.payload).where(ranked.c.place == 1)
    )
    return {ven_id: _read(ven_id, at, payload) for ven_id, at, payload in rows}


def is_silent(reported: Reported | None, now: datetime, after: timedelta) -> bool:
    """Return whether a home has told nothing for so long."""
    return reported is None or reported.at < now - after


def _read(ven_id: str, at: datetime, payload: bytes) -> Reported:
    # The intake has read it before: it has this shape (``wire.reports``).
    try:
        report = json.loads(payload)["object"]
        values = values_by_type(report)
    except KeyError, TypeError, ValueError:
        return Reported(ven_id=ven_id, at=at, values={})
    start, length = _period(report["resources"])
    return Reported(ven_id=ven_id, at=at, values=values, length=length, start=start)


def _period(resources: Sequence[Mapping[str, Any]]) -> tuple[datetime | None, timedelta | None]:
    for resource in resources:
        try:
            period = resource["intervalPeriod"]
            length: timedelta = parse_duration(period["duration"], "duration")
            return parse_time(period["start"], "start"), length
        except KeyError, TypeError, Refusal:
            continue
    return None, None
