"""When the intervals of an event are: OpenADR 3.1 times and durations, resolved to absolute UTC.

Sources: OpenADR 3.1.1 ``dateTime``, ``duration``, ``intervalPeriod`` (defaults for the intervals, overridden
by an interval's own; start 0001-01-01 is "now"; duration P9999Y is infinity; randomizeStart is the range of
an offset).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from .fields import JsonObject, json_object
from .refusal import Refusal, RefusalReason

MAX_AHEAD: Final = timedelta(days=31)
MAX_LENGTH: Final = timedelta(days=7)
# So bounded, no sum over the intervals of an event leaves what datetime can hold.
_LONGEST_DURATION: Final = timedelta(days=400)
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_TOLERANCE: Final = timedelta(days=1)
_NOW: Final = re.compile(r"0001-01-01(T00:00:00(\.0{1,9})?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII)
_RFC3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DURATION: Final = re.compile(
    r"P(?=\d|T\d)(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_SECONDS: Final = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_INFINITY: Final = re.compile(r"P9999Y\w*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """An interval as asked for: nominal start and end, and how far randomizeStart may move both."""

    start: datetime
    end: datetime
    range: timedelta

    def shifted(self, fraction: float) -> tuple[datetime, datetime]:
        """Return start and end, moved by ``fraction`` (0 to 1) of the range."""
        shift = self.range * fraction
        return self.start + shift, self.end + shift


def parse_time(value: object, name: str) -> datetime:
    """Return an RFC 3339 time in UTC, with any offset. Raises Refusal ``wrong_time``."""
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise Refusal(RefusalReason.WRONG_TIME, name)
    try:
        time = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except ValueError, OverflowError:
        raise Refusal(RefusalReason.WRONG_TIME, name) from None
    if time > _LATEST:
        raise Refusal(RefusalReason.WRONG_TIME, name)
    return time


def parse_stamp(value: object, name: str, now: datetime) -> datetime:
    """Return the time at which something was made: from 2000 on, and not more than a clock's error after now.

    A modification time far ahead would win over every later one.
    """
    stamp = parse_time(value, name)
    if not _EARLIEST <= stamp <= now + _CLOCK_TOLERANCE:
        raise Refusal(RefusalReason.WRONG_TIME, name)
    return stamp


def parse_duration(value: object, name: str) -> timedelta:
    """Return an ISO 8601 duration of weeks, days, hours, minutes and seconds.

    Years and months have no fixed length and are refused.

    Raises Refusal ``no_end`` for infinity (P9999Y), ``too_long`` above 400 days, else ``wrong_duration``.
    """
    if isinstance(value, str) and _INFINITY.fullmatch(value):
        raise Refusal(RefusalReason.NO_END, name)
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refusal(RefusalReason.WRONG_DURATION, name)
    seconds = sum(float(count) * _SECONDS[unit] for unit, count in match.groupdict().items() if count)
    if seconds > _LONGEST_DURATION.total_seconds():
        raise Refusal(RefusalReason.TOO_LONG, name)
    return timedelta(seconds=seconds)


def resolve_windows(event: JsonObject, intervals: Sequence[JsonObject], now: datetime) -> tuple[Window, ...]:
    """Return each interval's window: an interval without its own start follows the one before it.

    The offset of randomizeStart stays with the intervals that follow without their own start.
    Raises Refusal when there is no start or no end, or when windows can overlap.
    """
    default = _period(event.get("intervalPeriod"))
    cursor = _start(default, now)
    offset = _range(default)
    windows: list[Window] = []
    for index, interval in enumerate(intervals):
        own = _period(interval.get("intervalPeriod"))
        if (own_start := _start(own, now)) is not None:
            cursor, offset = own_start, _range(own)
        else:
            offset += _range(own)
        if cursor is None:
            raise Refusal(RefusalReason.NO_START, f"interval {index}")
        length = _length(own) or _length(default)
        if length is None:
            raise Refusal(RefusalReason.NO_END, f"interval {index}")
        windows.append(Window(start=cursor, end=cursor + length, range=offset))
        cursor += length
    _check_overlap(windows)
    _check_loop(event, windows)
    return tuple(windows)


def out_of_bounds(windows: Sequence[Window], now: datetime) -> RefusalReason | None:
    """Return why an event nobody knows yet is refused: it is over, starts too far ahead, or lasts too long.

    That is more than 31 days ahead, and longer than 7 days. The whole range of randomizeStart must lie within
    the bounds, so that chance decides no refusal.
    """
    if max(window.end for window in windows) <= now:
        return RefusalReason.IN_THE_PAST
    if min(window.shifted(1)[0] for window in windows) > now + MAX_AHEAD:
        return RefusalReason.TOO_FAR_AHEAD
    if max(window.shifted(1)[1] for window in windows) - min(window.start for window in windows) > MAX_LENGTH:
        return RefusalReason.TOO_LONG
    return None


def _check_overlap(windows: Iterable[Window]) -> None:
    # An offset moves each window in a straight line: no overlap at both ends of the range, none in between.
    for before, after in pairwise(sorted(windows, key=lambda window: window.start)):
        if before.end > after.start or before.shifted(1)[1] > after.shifted(1)[0]:
            raise Refusal(RefusalReason.OVERLAPPING_INTERVALS)


def _check_loop(event: JsonObject, windows: Sequence[Window]) -> None:
    if event.get("duration") is None:
        return
    duration = parse_duration(event["duration"], "duration")
    length = max(window.end for window in windows) - min(window.start for window in windows)
    if duration and duration != length:
        raise Refusal(RefusalReason.LOOP_NOT_SUPPORTED)


def _period(value: object) -> JsonObject:
    return {} if value is None else json_object(value, "intervalPeriod")


def _start(period: JsonObject, now: datetime) -> datetime | None:
    value = period.get("start")
    if value is None:
        return None
    if isinstance(value, str) and _NOW.fullmatch(value):
        return now
    return parse_time(value, "intervalPeriod.start")


def _length(period: JsonObject) -> timedelta | None:
    """Return the duration, None when it is absent or zero (the default of OpenADR's schema)."""
    value = period.get("duration")
    return None if value is None else parse_duration(value, "intervalPeriod.duration") or None


def _range(period: JsonObject) -> timedelta:
    value = period.get("randomizeStart")
    return timedelta(0) if value is None else parse_duration(value, "intervalPeriod.randomizeStart")
