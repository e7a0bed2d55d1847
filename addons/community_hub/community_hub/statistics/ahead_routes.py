"""``/api/v1/community/forecast``: what the community is expected to draw and give, beside what came."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..hub import hub_of
from ..store.tables import PublishedNumber
from ..web import Problem, StrictRoute
from ..web.fields import Moment
from . import ahead, publishing
from .routes import RULE, CohortId

router = APIRouter(prefix="/api/v1/community", tags=["statistics"], route_class=StrictRoute)

LONGEST: Final = timedelta(days=31)


@router.get("/forecast")
async def read_forecast(
    who: Asking,
    request: Request,
    start: Annotated[Moment | None, Query()] = None,
    end: Annotated[Moment | None, Query()] = None,
    cohort: CohortId = publishing.COMMUNITY,
) -> dict[str, Any]:
    """Tell what was expected from ``start`` (now) until ``end`` (a day later), as it was published before.

    Beside it stands what was counted in them, once that is published too; None is what is not.
    """
    require(who, Verb.READ, Thing.STATISTICS, owner_id=who.person_id)
    hub = hub_of(request)
    first = start or hub.clock()
    last = end or first + ahead.AHEAD
    if not timedelta(0) < last - first <= LONGEST:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "no-such-range", f"At most {LONGEST.days} days can be read at once."
        )
    async with hub.store.reading() as session:
        rows = await session.scalars(
            select(PublishedNumber).where(
                PublishedNumber.cohort_id == cohort,
                PublishedNumber.start > first - timedelta(hours=1),
                PublishedNumber.start < last,
            )
        )
        by_slot: dict[datetime, dict[str, PublishedNumber]] = defaultdict(dict)
        for row in rows:
            by_slot[row.start][row.figure] = row
    expected = {begin: found for begin, found in sorted(by_slot.items()) if found.keys() & set(ahead.FIGURES)}
    return {"cohort": cohort, "rule": RULE, "slots": [_slot(*each, by_slot) for each in expected.items()]}


def _slot(
    begin: datetime,
    found: Mapping[str, PublishedNumber],
    by_slot: Mapping[datetime, Mapping[str, PublishedNumber]],
) -> dict[str, Any]:
    slot_s = next(found[figure].slot_s for figure in ahead.FIGURES if figure in found)
    told: dict[str, Any] = {"start": begin, "end": begin + timedelta(seconds=slot_s)}
    for expected, counted in zip(ahead.FIGURES, publishing.FIGURES, strict=True):
        told[f"{counted}_kwh"] = found[expected].energy_wh / 1000 if expected in found else None
        told[f"counted_{counted}_kwh"] = _counted(counted, begin, slot_s, by_slot)
    return told


def _counted(
    figure: str, begin: datetime, slot_s: int, by_slot: Mapping[datetime, Mapping[str, PublishedNumber]]
) -> float | None:
    """Return what was counted in a slot, which may be of several; None unless all of it is known."""
    energy_wh, until = 0, begin
    while until < begin + timedelta(seconds=slot_s):
        part = by_slot.get(until, {}).get(figure)
        if part is None:
            return None
        energy_wh += part.energy_wh
        until += timedelta(seconds=part.slot_s)
    return energy_wh / 1000
