"""How a resident sets and clears when a car has to be ready."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, time, tzinfo

from .changes import with_charger
from .local_time import end_of
from .model import MOST_ROWS, ReadyBy, ReadyOnce, Target, Weekday, WeeklyRow, WishError, Wishes
from .ready_by import following

_SEVEN = time(7, 0)


def set_once(
    wishes: Wishes, device_id: str, at: datetime, now: datetime, *, target: Target | None = None
) -> Wishes:
    """Have the car ready at an instant to come, in place of any other single one."""
    return _with(wishes, device_id, now, once=ReadyOnce(at=at, target=target))


def set_weekly(wishes: Wishes, device_id: str, row: WeeklyRow, now: datetime) -> Wishes:
    """Have the car ready each week; rows in force give the days of ``row`` away, others are replaced.

    Raises WishError ``no_days`` or ``too_many_rows``.
    """
    if not row.days:
        raise WishError("no_days", "A weekly wish needs a day")
    ready_by = wishes.charger(device_id).ready_by
    kept = without_days(ready_by.weekly, row.days) if ready_by.weekly_on else ()
    rows = (*kept, replace(row, days=tuple(sorted(set(row.days)))))
    if len(rows) > MOST_ROWS:
        raise WishError("too_many_rows", f"There are more than {MOST_ROWS} rows")
    return _with(wishes, device_id, now, weekly_on=True, weekly=rows)


def switch_weekly(wishes: Wishes, device_id: str, now: datetime, *, on: bool) -> Wishes:
    """Put the weekly rows in force; or put them, and the single instant, out of force. Rows are kept."""
    ready_by = wishes.charger(device_id).ready_by
    if not on:
        return _with(wishes, device_id, now, weekly_on=False, once=None)
    return _with(wishes, device_id, now, weekly_on=True, weekly=ready_by.weekly or _daily(_SEVEN))


def clear(
    wishes: Wishes, device_id: str, now: datetime, zone: tzinfo, *, days: Collection[Weekday] = ()
) -> Wishes:
    """Take these days out, also where the single instant lies on one; without days, everything."""
    if not days:
        return switch_weekly(wishes, device_id, now, on=False)
    ready_by = wishes.charger(device_id).ready_by
    rows = without_days(ready_by.weekly, days)
    once = ready_by.once
    if once is not None and once.at.astimezone(zone).weekday() in days:
        once = None
    return _with(wishes, device_id, now, weekly=rows, weekly_on=ready_by.weekly_on and bool(rows), once=once)


def set_next_time(wishes: Wishes, device_id: str, at: time, now: datetime, zone: tzinfo) -> Wishes:
    """Change the time of the weekly row that comes next."""
    ready_by = wishes.charger(device_id).ready_by
    coming = next_row(ready_by, now, zone)
    rows = tuple(replace(row, at=at) if row is coming else row for row in ready_by.weekly)
    return _with(wishes, device_id, now, weekly=rows or _daily(at))


def set_target(wishes: Wishes, device_id: str, now: datetime, **target: float) -> Wishes:
    """Change the charger's own target (``target_soc`` or ``target_energy_wh``).

    What is to come counts anew, though the former target was reached; what has passed is over if it was.
    """
    ready_by = wishes.charger(device_id).ready_by
    settled = None if ready_by.settled is None else min(ready_by.settled, now)
    return with_charger(wishes, device_id, ready_by=replace(ready_by, settled=settled), **target)


def next_row(ready_by: ReadyBy, now: datetime, zone: tzinfo) -> WeeklyRow | None:
    """Return the weekly row that comes next, in force or not; None when there is none."""
    return min(ready_by.weekly, key=lambda row: following(row, now, zone), default=None)


def single_instant(
    now: datetime,
    zone: tzinfo,
    *,
    at: datetime | None = None,
    by: time | None = None,
    days: Collection[Weekday] = (),
) -> datetime:
    """Return the instant that is meant: ``at`` (naive is local), or the next ``by``, on one of ``days``.

    Raises WishError ``time_or_at``, ``until_past`` or ``until_too_far``.
    """
    if (at is None) == (by is None) or (at is not None and days):
        raise WishError("time_or_at", "Give a time with days, or an instant")
    if by is not None:
        return following(WeeklyRow(days=tuple(days) or tuple(Weekday), at=by), now, zone)
    end = end_of(now, zone, until=at)
    assert end is not None  # noqa: S101 # an instant was given
    return end


def without_days(rows: tuple[WeeklyRow, ...], days: Collection[Weekday]) -> tuple[WeeklyRow, ...]:
    """Return the rows less these days; a row without any day left is gone."""
    left = (replace(row, days=tuple(day for day in row.days if day not in days)) for row in rows)
    return tuple(row for row in left if row.days)


def _with(wishes: Wishes, device_id: str, now: datetime, **changes: object) -> Wishes:
    """Change the charger's deadlines; what lay before the change is not due."""
    ready_by = wishes.charger(device_id).ready_by
    return with_charger(
        wishes,
        device_id,
        ready_by=replace(ready_by, settled=now, **changes),  # type: ignore[arg-type] # fields of ReadyBy
    )


def _daily(at: time) -> tuple[WeeklyRow, ...]:
    return (WeeklyRow(days=tuple(Weekday), at=at),)
