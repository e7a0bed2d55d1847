"""Instants that people name by the clock on the wall: computed afresh from local time and zone.

A local time that the spring gap leaves out is the first instant after the gap; one that comes twice in
autumn is the first of the two.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .model import Weekday, WishError

LONGEST = timedelta(days=400)
_SECOND = timedelta(seconds=1)

type Until = datetime | time | Weekday


def instant(local: datetime, zone: tzinfo) -> datetime:
    """Return the instant of a naive local time, aware UTC."""
    earlier_offset = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if earlier_offset.astimezone(zone).replace(tzinfo=None) == local:
        return earlier_offset
    # In the gap: reckoned with the new offset (fold 1) it lies before the change, with the old one after it.
    whole = local.replace(microsecond=0)
    before = whole.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = whole.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def on_day(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the instant of a local time on a day."""
    return instant(datetime.combine(day, at.replace(tzinfo=None)), zone)


def next_time(at: time, now: datetime, zone: tzinfo) -> datetime:
    """Return when it is ``at`` by the clock for the next time."""
    today = now.astimezone(zone).date()
    found = on_day(today, at, zone)
    return found if found > now else on_day(today + timedelta(days=1), at, zone)


def next_weekday(day: Weekday, now: datetime, zone: tzinfo) -> datetime:
    """Return the local midnight with which the next such day begins; today's has begun already."""
    today = now.astimezone(zone).date()
    ahead = (day - today.weekday() - 1) % 7 + 1
    return on_day(today + timedelta(days=ahead), time(), zone)


def end_of(
    now: datetime, zone: tzinfo, *, until: Until | None = None, lasts: timedelta | None = None
) -> datetime | None:
    """Return the end that a person gave as an instant or as a length, None when it is open.

    A naive ``until`` is local. Raises WishError ``until_and_for``, ``until_past`` or ``until_too_far``.
    """
    if until is not None and lasts is not None:
        raise WishError("until_and_for", "An end is given by until or by for, not by both")
    match until:
        case None:
            if lasts is None:
                return None
            end = now + min(lasts, 2 * LONGEST)
        case datetime():
            end = until.astimezone(UTC) if until.tzinfo else instant(until, zone)
        case time():
            end = next_time(until, now, zone)
        case Weekday():
            end = next_weekday(until, now, zone)
    if end <= now:
        raise WishError("until_past", "The end lies in the past")
    if end - now > LONGEST:
        raise WishError("until_too_far", "The end is more than 400 days away")
    return end
