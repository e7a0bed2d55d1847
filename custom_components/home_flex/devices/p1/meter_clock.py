"""The time a meter tells: ``YYMMDDhhmmss`` in local time, then S (summer) or W (winter) (DSMR 5.0.2 6.4)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_TIME = re.compile(r"(\d{12})([SW])")
_HOUR = timedelta(hours=1)
# A clock further from the time of arrival is wrong; the zones of Europe in winter.
_MOST_ERROR = timedelta(minutes=10)
_WINTER_OFFSETS = range(-1, 4)


@dataclass(frozen=True, slots=True)
class MeterClock:
    """A meter's clock, and by how many hours its winter time is ahead of UTC; both None while it is wrong.

    A meter does not name its zone: that is its time less the time of arrival, to the nearest hour.
    """

    time: datetime | None
    _winter_offset: timedelta | None

    def utc(self, text: str) -> datetime | None:
        """Return a time that this meter tells in UTC; None when it is none, or the clock is wrong."""
        told = _local(text)
        if told is None or self._winter_offset is None:
            return None
        local, is_summer = told
        return (local - self._winter_offset - is_summer * _HOUR).replace(tzinfo=UTC)


def meter_clock(text: str | None, *, arrived: datetime) -> MeterClock:
    """Return the clock that shows ``text`` in a telegram that arrived at ``arrived`` (aware, UTC)."""
    told = _local(text or "")
    if told is None:
        return MeterClock(None, None)
    local, is_summer = told
    ahead = local - arrived.replace(tzinfo=None)
    hours = round(ahead / _HOUR)
    if abs(ahead - hours * _HOUR) > _MOST_ERROR or hours - is_summer not in _WINTER_OFFSETS:
        return MeterClock(None, None)
    return MeterClock((local - hours * _HOUR).replace(tzinfo=UTC), (hours - is_summer) * _HOUR)


def _local(text: str) -> tuple[datetime, bool] | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime.strptime(f"20{match[1]}", "%Y%m%d%H%M%S"), match[2] == "S"  # noqa: DTZ007 # the zone is found by meter_clock
    except ValueError:
        return None
