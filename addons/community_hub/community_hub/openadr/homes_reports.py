"""What homes reported over MQTT (``wire``), in the VTN's own list of reports, beside what VENs sent it.

Business sees all of them, a home's own VEN its own; for others they are not there. They are not changed here,
and retention deletes them.
"""

import logging
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import ColumnElement, false, literal, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from ..store.tables import Event, Home, ReceivedReport, Report
from .access import Caller
from .kinds import REPORT, Query, ReportQuery
from .objects import Objects, is_readable, represented, stamp
from .shapes import ReportRequest

_LOG: Final = logging.getLogger(__name__)


async def page(reports: Objects, query: Query, now: datetime) -> list[dict[str, Any]]:
    """Return a page of both, oldest first."""
    assert isinstance(query, ReportQuery)  # noqa: S101 # of reports it is one
    received = ReceivedReport
    own = reports.asked(query, now).with_only_columns(Report.created_at, Report.id, literal(""))
    of_homes = select(received.received_at, received.report_id, received.ven_id).where(
        _visible(reports.caller), *_asked(query)
    )
    # Of each no more than the page reaches: neither is sorted as a whole.
    reach = query.skip + query.limit
    branches = [
        select(each.order_by(*each.selected_columns).limit(reach).subquery()) for each in (own, of_homes)
    ]
    both = union_all(*branches).subquery()
    at, identifier, ven_id = both.c
    found = await reports.session.execute(
        select(identifier, ven_id).order_by(at, identifier, ven_id).offset(query.skip).limit(query.limit)
    )
    told = [await _told(reports.session, *each) for each in found.all()]
    return [each for each in told if each is not None]


async def one(session: AsyncSession, caller: Caller, identifier: str) -> dict[str, Any] | None:
    """Return a home's report; None where there is none, or none that the caller may see."""
    # Home by home: an index of ids alone would cost each report that comes, and this is seldom asked.
    query = select(ReceivedReport).where(
        ReceivedReport.ven_id.in_(select(Home.ven_id)),
        ReceivedReport.report_id == identifier,
        _visible(caller),
    )
    row = (await session.scalars(query.order_by(ReceivedReport.ven_id).limit(1))).one_or_none()
    return None if row is None else _of_home(row)


async def _told(session: AsyncSession, identifier: str, ven_id: str) -> dict[str, Any] | None:
    if ven_id:
        return _of_home(await session.get_one(ReceivedReport, (ven_id, identifier)))
    row = await session.get_one(Report, identifier)
    return represented(REPORT, row) if is_readable(REPORT, row) else None


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.is_business:
        return true()
    return false() if caller.ven_id is None else ReceivedReport.ven_id == caller.ven_id


def _asked(query: ReportQuery) -> list[ColumnElement[bool]]:
    """Return the conditions of a query; reports have no targets."""
    found: list[ColumnElement[bool]] = [false()] if query.targets else []
    if query.event_id is not None:
        found.append(ReceivedReport.event_id == query.event_id)
    if query.client_name is not None:
        found.append(ReceivedReport.ven_id == query.client_name)
    if query.program_id is not None:
        events = select(Event.id).where(Event.program_id == query.program_id)
        found.append(ReceivedReport.event_id.in_(events))
    return found


def _of_home(row: ReceivedReport) -> dict[str, Any] | None:
    """Return a report as the VTN sends reports; None for one that no client could read, which is logged."""
    try:
        told = ReportRequest.model_validate(from_json(row.payload)["object"])
    except ValidationError:
        _LOG.warning("A report of %s is left out: it is not what OpenADR has", row.ven_id)
        return None
    return {
        "id": row.report_id,
        "createdDateTime": stamp(row.received_at),
        "modificationDateTime": stamp(row.modified_at),
        "objectType": "REPORT",
        "clientID": row.ven_id,
    } | told.document()
