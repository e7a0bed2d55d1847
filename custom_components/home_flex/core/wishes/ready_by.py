"""When a car has to be ready next, and how full.

The target ends the charging, not the hour: an instant that has passed stays due until its target is
reached, the car leaves, the next one comes, or OVERDUE has gone by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from ..control.charging import ChargeMode
from .local_time import on_day
from .model import ChargerWishes, ReadyBy, Target, WeeklyRow

OVERDUE = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """Until when a car is to have what; either of soc and energy may be None, not both."""

    at: datetime
    soc: float | None
    energy_wh: float | None

    def left_s(self, now: datetime) -> float:
        """Return the seconds to the deadline, negative when it has passed."""
        return (self.at - now).total_seconds()


def goal(charger: ChargerWishes, now: datetime, zone: tzinfo, *, away: bool = False) -> Goal | None:
    """Return what is due, else what comes next, else None. While away, the weekly instants do not count."""
    found = _instants(charger.ready_by, now, zone, weekly=not away)
    settled = max(charger.ready_by.settled or now - OVERDUE, now - OVERDUE)
    due = [(at, target) for at, target in found if at > settled]
    if not due:
        return None
    passed = [each for each in due if each[0] <= now]
    at, target = max(passed, key=_at) if passed else min(due, key=_at)
    if target is None:
        target = Target(soc=charger.target_soc, energy_wh=charger.target_energy_wh)
    return Goal(at=at, soc=target.soc, energy_wh=target.energy_wh)


def charge_mode(charger: ChargerWishes) -> ChargeMode:
    """Return the mode a charger is in: until one is chosen fast, which leaves the car as it was."""
    return ChargeMode.FAST if charger.mode is None else charger.mode


def next_instant(ready_by: ReadyBy, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the first instant after now at which the car has to be ready, None when there is none."""
    once = [ready_by.once.at] if ready_by.once and ready_by.once.at > now else []
    weekly = ready_by.weekly if ready_by.weekly_on else ()
    return min((*once, *(following(row, now, zone) for row in weekly)), default=None)


def following(row: WeeklyRow, now: datetime, zone: tzinfo) -> datetime:
    """Return the first instant of a weekly row after now."""
    return min(at for at in _of_row(row, now, zone, first_day=0) if at > now)


def _instants(
    ready_by: ReadyBy, now: datetime, zone: tzinfo, *, weekly: bool
) -> list[tuple[datetime, Target | None]]:
    """Return the instants from yesterday to the same day of next week, with their targets."""
    found = [(ready_by.once.at, ready_by.once.target)] if ready_by.once else []
    if weekly and ready_by.weekly_on:
        found += [(at, row.target) for row in ready_by.weekly for at in _of_row(row, now, zone, first_day=-1)]
    return found


def _of_row(row: WeeklyRow, now: datetime, zone: tzinfo, *, first_day: int) -> Iterator[datetime]:
    today = now.astimezone(zone).date()
    for ahead in range(first_day, 9):
        day = today + timedelta(days=ahead)
        if day.weekday() in row.days:
            yield on_day(day, row.at, zone)


def _at(instant: tuple[datetime, Target | None]) -> datetime:
    return instant[0]
