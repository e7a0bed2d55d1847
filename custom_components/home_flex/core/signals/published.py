"""What an entity or an action tells of prices ahead, read into a signal; and what is odd about it, told.

Nothing is mended silently: what is taken in spite of an oddity is a note, what cannot be taken is refused.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, NamedTuple

from .shapes import recognised
from .signal import Signal, SignalError, SignalKind, Slot
from .units import unit_factor

_LENGTHS: Final = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 5))
_USUAL: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_MOST_ROWS: Final = 10_000
# No price is of another time, and none has so many digits before its point.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MOST_DIGITS: Final = 12


class Oddity(StrEnum):
    """What was odd about prices that were taken all the same."""

    REPEATED = "repeated"  # the same slot twice with one value: taken once
    CONTRADICTED = "contradicted"  # the same slot twice with two values: a hole
    OVERLAPPING = "overlapping"  # a slot ran into the next: cut
    NO_NUMBER = "no_number"  # left out
    SHIFTED = "shifted"
    OLD = "old"


class Note(NamedTuple):
    """An oddity, and how many slots it is about.

    For OLD: how many whole hours ago the last slot ended; for SHIFTED: how many hours too late they are.
    """

    oddity: Oddity
    slots: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What was told: the signal, the name of the shape it was told in, and what was odd about it."""

    signal: Signal
    shape: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedBy:
    """How to read what is told: ``unit`` as the entity has it, ``zone`` for times without one."""

    kind: SignalKind
    unit: object
    currency: str
    zone: tzinfo
    source: str


def published(document: Mapping[str, Any], by: PublishedBy, known_at: datetime) -> Published:
    """Return the signal that attributes or an action's answer hold.

    Raises SignalError ``shape_unknown``, ``several_lists``, ``unit_missing``, ``unit_unknown``,
    ``other_currency``, ``no_times``, ``nothing_told``, ``no_numbers``, ``contradicted`` or ``too_many``.
    """
    shape, rows = recognised(document)
    if len(rows) > _MOST_ROWS:
        raise SignalError("too_many", count=str(len(rows)))
    unit = unit_factor(by.kind, shape.unit or by.unit, by.currency)
    odd: Counter[Oddity] = Counter()
    told, contradicted = _told(rows, by.zone, odd)
    if not told and odd[Oddity.NO_NUMBER]:
        raise SignalError("no_numbers", value=next(str(row[2]) for row in rows if row[2] is not None))
    if not told:
        raise SignalError("nothing_told", shape=shape.name)
    if len(contradicted) == len(told):
        raise SignalError("contradicted")
    slots = tuple(
        Slot(start=start, end=end, value=value * unit.factor, known_at=known_at, source=by.source)
        for start, end, value in _with_ends(told, odd)
        if start not in contradicted
    )
    return Published(
        signal=Signal(kind=by.kind, unit=unit.unit, slots=slots),
        shape=shape.name,
        notes=tuple(Note(oddity, count) for oddity, count in odd.items()),
    )


def _told(
    rows: Iterable[tuple[Any, Any, Any]], zone: tzinfo, odd: Counter[Oddity]
) -> tuple[dict[datetime, tuple[datetime | None, Decimal]], set[datetime]]:
    """Return what is told by start, with its end where that is told; and the starts told with two values."""
    told: dict[datetime, tuple[datetime | None, Decimal]] = {}
    contradicted: set[datetime] = set()
    before: datetime | None = None
    for raw_start, raw_end, raw_value in rows:
        if raw_value is None:  # tomorrow, before it is published
            continue
        value = _number(raw_value)
        if value is None:
            odd[Oddity.NO_NUMBER] += 1
            continue
        as_told = _parsed(raw_start)
        start = _utc(as_told, zone, before)
        end = None if raw_end is None else _utc(_parsed(raw_end), zone, as_told)
        before = as_told
        if start not in told:
            told[start] = (end, value)
        elif told[start][1] == value:
            odd[Oddity.REPEATED] += 1
        else:
            odd[Oddity.CONTRADICTED] += 1
            contradicted.add(start)
    return told, contradicted


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation, ValueError:  # Python writes no int of thousands of digits
        return None
    return number if number.is_finite() and number.adjusted() < _MOST_DIGITS else None


def _parsed(value: object) -> datetime:
    """Return a time as it was told, naive where no zone was told. Raises SignalError ``no_times``."""
    try:
        if isinstance(value, datetime):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            # Seconds since 1970, or milliseconds: those are beyond the year 5138 otherwise.
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        if isinstance(value, str | date):
            return datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError) as error:
        raise _no_time(value) from error
    raise _no_time(value)


def _no_time(value: object) -> SignalError:
    """Return that a value is no time of a price; what is no text is told by its type."""
    is_legible = isinstance(value, str | date)
    return SignalError("no_times", value=str(value) if is_legible else type(value).__name__)


def _utc(time: datetime, zone: tzinfo, before: datetime | None) -> datetime:
    """Return a time in UTC; a naive one is local, and the second of the autumn's hour when it runs back.

    Raises SignalError ``no_times`` for one that is decades away.
    """
    if time.tzinfo is None:
        runs_back = before is not None and before.tzinfo is None and time <= before
        time = time.replace(tzinfo=zone, fold=int(runs_back))
    try:
        found = time.astimezone(UTC)
    except OverflowError as error:
        raise _no_time(time) from error
    if not _EARLIEST <= found < _LATEST:
        raise _no_time(time)
    return found


def _with_ends(
    times: Mapping[datetime, tuple[datetime | None, Decimal]], odd: Counter[Oddity]
) -> Iterable[tuple[datetime, datetime, Decimal]]:
    """Yield slots in order. One that tells no end lasts until the next, or as long as the one before it."""
    ordered = sorted((start, end, value) for start, (end, value) in times.items())
    length = next(
        (after[0] - row[0] for row, after in pairwise(ordered) if after[0] - row[0] in _LENGTHS), _USUAL
    )
    for row, after in pairwise((*ordered, None)):
        if row is None:
            continue
        start, end, value = row
        next_start = after[0] if after is not None else None
        if next_start is not None and next_start - start in _LENGTHS:
            length = next_start - start
        # Ends told as the last second of a slot mean the next minute.
        until = start + length if end is None or end <= start else _whole_minute(end)
        if next_start is not None and until > next_start:
            odd[Oddity.OVERLAPPING] += 1
            until = next_start
        yield start, until, value


def _whole_minute(time: datetime) -> datetime:
    rest = timedelta(seconds=time.second, microseconds=time.microsecond)
    return time if not rest else time - rest + _MINUTE
