"""``/api/v1/homes/{ven_id}/energy``: what a home's meter counted, by quarter-hour to year."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request

from ..core import Grouping, Period, periods
from ..hub import hub_of
from ..store.audit import Act, record
from ..web import Problem, StrictRoute
from ..web.fields import Moment, ObjectId, Zone
from ..wire.metering import series_of
from .access import ByConsent, Reader, admit
from .periods import days_of, energy_by

# A month of quarter-hours, or two years of days.
MOST_PERIODS: Final = 3_000
LONGEST: Final = timedelta(days=3_660)

router = APIRouter(prefix="/api/v1/homes", tags=["homes"], route_class=StrictRoute)


@router.get("/{ven_id}/energy")
async def read_energy(  # each is a parameter of the query
    reader: Reader,
    ven_id: ObjectId,
    request: Request,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment | None, Query()] = None,
    by: Grouping = Grouping.DAY,
    zone: Zone = "UTC",
) -> dict[str, Any]:
    """Tell what a home's meter counted from ``start`` until ``end`` (now), of days as ``zone`` has them.

    The home itself and its household read it; the operator as far as the resident consented.
    """
    hub = hub_of(request)
    now = hub.clock()
    asked = periods_of(start, min(end or now, now), by, ZoneInfo(zone))
    async with hub.store.reading() as session:
        consent = await admit(session, reader, ven_id, asked[0].start, now)
        found = energy_by(asked, await series_of(session, ven_id, *days_of(asked)))
    if consent is not None:
        async with hub.store.writing() as session:
            await record(session, now, _act(ven_id, consent, asked, by))
    return {"ven_id": ven_id, "by": by.value, "zone": zone, "periods": [each.told() for each in found]}


def periods_of(start: datetime, end: datetime, by: Grouping, zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the periods of a range that is asked for. Raises Problem 400 for none, and for too many."""
    if end - start > LONGEST:
        raise Problem(HTTPStatus.BAD_REQUEST, "too-long", f"At most {LONGEST.days} days can be read at once.")
    try:
        return periods(start, end, by, zone, most=MOST_PERIODS)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "no-such-range", f"{error}.") from error


def _act(ven_id: str, consent: ByConsent, asked: tuple[Period, ...], by: Grouping) -> Act:
    details = {
        "consent_id": consent.consent_id,
        "start": asked[0].start.isoformat(),
        "end": asked[-1].end.isoformat(),
        "by": by.value,
    }
    return Act(actor=consent.operator_id, act="energy.read", object=ven_id, details=details)
