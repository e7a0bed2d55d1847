"""When a car has to be ready, and how full.

All instants count, not the next alone: a later one may need the earlier start. The target ends the charging,
not the hour: an instant that has passed stays due until its target is reached, the car leaves, or OVERDUE has
gone by.
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
    """Until when a car is to have what; either of soc and energy may be None, not both.

    ``may_settle``: once its target is reached it is over. The instants after the next one are not: until then
    the car may lose what it has.
    """

    at: datetime
    soc: float | None
    energy_wh: float | None
    may_settle: bool

    def left_s(self, now: datetime) -> float:
        """Return the seconds to the deadline, negative when it has passed."""
        return (self.at - now).total_seconds()


def goals(charger: ChargerWishes, now: datetime, zone: tzinfo, *, away: bool = False) -> tuple[Goal, ...]:
    """Return what is due and what is to come, earliest first: each target with its first instant.

    While away, the weekly instants do not count. A single instant takes the place of a weekly one at the same
    time.
    """
    found = _instants(charger.ready_by, now, zone, weekly=not away)
    settled = max(charger.ready_by.settled or now - OVERDUE, now - OVERDUE)
    following_at = min((at for at, _ in found if at > now), default=now)
    own = Target(soc=charger.target_soc, energy_wh=charger.target_energy_wh)
    targets: dict[datetime, Target] = {}
    for at, target in found:
        if at > settled:
            targets.setdefault(at, own if target is None else target)
    first: dict[Target, datetime] = {}
    for at in sorted(targets):
        first.setdefault(targets[at], at)
    return tuple(
        Goal(at=at, soc=target.soc, energy_wh=target.energy_wh, may_settle=at <= following_at)
        for target, at in first.items()
    )


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
