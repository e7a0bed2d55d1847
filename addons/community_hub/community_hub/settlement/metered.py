"""What homes' meters counted in the time of a dispatch, by the quarter-hours that they told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from ..flexibility.reported import Reported
from ..store.series import QUARTER_S, QUARTERS, decoded
from ..wire.metering import series_of

# A home begins and ends within seconds of the quarter-hour.
_EDGE: Final = timedelta(seconds=30)
_QUARTER: Final = timedelta(seconds=QUARTER_S)
_MEASURED: Final = 0


async def metered_by(session: AsyncSession, told: Mapping[str, Reported]) -> dict[str, int]:
    """Return by home what its meter counted, import minus export in Wh, in the time that its report tells of.

    Of times that are whole quarter-hours alone, all of them measured by the meter's registers.
    """
    found: dict[str, int] = {}
    for ven_id, reported in told.items():
        if reported.start is None or reported.length is None:
            continue
        start, end = _nearest(reported.start), _nearest(reported.start + reported.length)
        edges = (abs(reported.start - start), abs(reported.start + reported.length - end))
        if start < end and max(edges) <= _EDGE:
            energy_wh = await _counted_wh(session, ven_id, start, end)
            if energy_wh is not None:
                found[ven_id] = energy_wh
    return found


async def _counted_wh(session: AsyncSession, ven_id: str, start: datetime, end: datetime) -> int | None:
    first, last = start.date(), (end - _QUARTER).date()
    blobs = await series_of(session, ven_id, first, last)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    series = decoded([blobs.get(day) for day in days])
    begin = (start.hour * 60 + start.minute) * QUARTERS // (24 * 60)
    span = slice(begin, begin + (end - start) // _QUARTER)
    if np.any(series.marks.ravel()[span] != _MEASURED):
        return None
    return int(series.net_wh.ravel()[span].sum())


def _nearest(moment: datetime) -> datetime:
    """Return the quarter-hour that begins nearest to a moment (UTC)."""
    stamp = round(moment.timestamp() / QUARTER_S) * QUARTER_S
    return datetime.fromtimestamp(stamp, moment.tzinfo)
