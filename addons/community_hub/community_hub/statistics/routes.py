"""``/api/v1/community/statistics`` for everybody of the community, and ``/api/v1/benefits`` by month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints
from sqlalchemy import select

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..core import Grouping, Period
from ..energy.routes import periods_of
from ..hub import hub_of
from ..privacy.cohorts import FEWEST_HOMES, LARGEST_SHARE
from ..privacy.publish import EPSILON
from ..settlement.closing import PLACES
from ..settlement.routes import own_lines
from ..store.tables import (
    FrozenCohort,
    PublishedMonth,
    PublishedNumber,
    Settlement,
    SettlementLine,
)
from ..web import StrictRoute
from ..web.fields import Moment, MonthText, Zone
from .months import Month, lines_of
from .publishing import COMMUNITY, FIGURES

router = APIRouter(prefix="/api/v1", tags=["statistics"], route_class=StrictRoute)

# What every answer tells of how its numbers came to be.
RULE: Final = {"fewest_homes": FEWEST_HOMES, "largest_share": LARGEST_SHARE, "epsilon_a_number": EPSILON}

type By = Literal["hour", "day", "week", "month", "year", "total"]
type CohortId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,144}$")]


@router.get("/community/statistics")
async def read_statistics(  # each is a parameter of the query
    who: Asking,
    request: Request,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment | None, Query()] = None,
    by: By = "day",
    zone: Zone = "UTC",
    cohort: CohortId = COMMUNITY,
) -> dict[str, Any]:
    """Tell what was published of the community, or of a feeder: sums of many homes, noised once and kept.

    A slot counts in the period in which it begins; what is not published is in no sum.
    """
    require(who, Verb.READ, Thing.STATISTICS, owner_id=who.person_id)
    hub = hub_of(request)
    now = hub.clock()
    asked = periods_of(start, min(end or now, now), Grouping(by), ZoneInfo(zone))
    async with hub.store.reading() as session:
        rows = list(
            await session.scalars(
                select(PublishedNumber)
                .where(
                    PublishedNumber.cohort_id == cohort,
                    PublishedNumber.figure.in_(FIGURES),
                    PublishedNumber.start >= asked[0].start,
                    PublishedNumber.start < asked[-1].end,
                )
                .order_by(PublishedNumber.start)
            )
        )
        months = list(await session.scalars(select(PublishedMonth).order_by(PublishedMonth.month)))
        names = list(
            await session.scalars(
                select(FrozenCohort.id)
                .where(FrozenCohort.month >= (asked[0].start - timedelta(days=31)).date())
                .distinct()
                .order_by(FrozenCohort.id)
            )
        )
    return {
        "cohort": cohort,
        "cohorts": names,
        "by": by,
        "zone": zone,
        "rule": RULE,
        "periods": _summed(asked, rows),
        "months": [_month(each) for each in months],
    }


def _summed(asked: Sequence[Period], rows: Iterable[PublishedNumber]) -> list[dict[str, Any]]:
    sums: dict[tuple[datetime, str], list[int]] = defaultdict(list)
    waiting = iter(asked)
    period = next(waiting)
    seconds: dict[tuple[datetime, str], int] = defaultdict(int)
    for row in rows:
        while row.start >= period.end:
            period = next(waiting)
        sums[period.start, row.figure].append(row.energy_wh)
        seconds[period.start, row.figure] += row.slot_s
    return [_told(each, sums, seconds) for each in asked]


def _told(
    period: Period, sums: dict[tuple[datetime, str], list[int]], seconds: dict[tuple[datetime, str], int]
) -> dict[str, Any]:
    whole_s = (period.end - period.start).total_seconds()
    found: dict[str, Any] = {"start": period.start, "end": period.end}
    for figure in FIGURES:
        key = (period.start, figure)
        found[f"{figure}_kwh"] = sum(sums[key]) / 1000 if sums[key] else None
        found[f"{figure}_known_share"] = round(seconds[key] / whole_s, 4)
    return found


def _month(row: PublishedMonth) -> dict[str, Any]:
    return {
        "month": f"{row.month:%Y-%m}",
        "currency": row.currency,
        "homes": row.homes,
        "delivered_kwh": None if row.delivered_wh is None else row.delivered_wh / 1000,
        "amount": None if row.amount is None else _money(row.amount),
        "withheld": row.withheld,
    }


@router.get("/benefits")
async def read_benefits(
    who: Asking, request: Request, month: MonthText | None = None
) -> list[dict[str, Any]]:
    """Tell what each home delivered and was paid in a month (UTC, by when it was settled; without: this one).

    A household sees its own homes. ``settlements`` are those with a line of the home.
    """
    require(who, Verb.READ, Thing.SETTLEMENT, owner_id=who.person_id)
    hub = hub_of(request)
    asked = Month.of(hub.clock()) if month is None else Month.named(month)
    async with hub.store.reading() as session:
        lines = await lines_of(session, asked, *own_lines(who))
    by_home: dict[tuple[str, str], list[tuple[Settlement, SettlementLine]]] = defaultdict(list)
    for settlement, line in lines:
        by_home[line.ven_id, settlement.currency].append((settlement, line))
    return [
        {
            "month": f"{asked.first:%Y-%m}",
            "ven_id": ven_id,
            "currency": currency,
            "events": len(found),
            "unknown": sum(line.delivered_wh is None for _, line in found),
            "delivered_kwh": sum(line.delivered_wh or 0 for _, line in found) / 1000,
            "amount": _money(sum(line.amount for _, line in found)),
            "settlements": [settlement.id for settlement, _ in found],
        }
        for (ven_id, currency), found in sorted(by_home.items())
    ]


def _money(amount: int) -> str:
    return f"{Decimal(amount).scaleb(-PLACES):f}"
