"""How far the home joins events by itself: not in the resident's quiet hours, and only so often a week.

What these rules hold back is asked of the resident, whose word on a single event comes before them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

type Week = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """From one local time of day until another, over midnight where that is the earlier one.

    Raises ValueError where both are the same: that is no time, or all of it.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        """Check that there is a time between them."""
        if self.start == self.end:
            raise ValueError("Quiet hours have a length")

    def touch(self, start: datetime, end: datetime, zone: tzinfo) -> bool:
        """Whether a stretch (aware) has any part in quiet hours of the zone."""
        days = (end.astimezone(zone).date() - start.astimezone(zone).date()).days
        first = start.astimezone(zone).date() - timedelta(days=1)
        stretches = (self._of(first + timedelta(days=day), zone) for day in range(days + 2))
        return any(begins < end and start < ends for begins, ends in stretches)

    def _of(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return the quiet hours that begin on a local day, in UTC."""
        until = day if self.start < self.end else day + timedelta(days=1)
        begins, ends = datetime.combine(day, self.start, zone), datetime.combine(until, self.end, zone)
        return begins.astimezone(UTC), ends.astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Household:
    """How the people of the home are: gone (until when, None: not known), and whether somebody is ill."""

    is_away: bool = False
    away_until: datetime | None = None
    is_unwell: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseRules:
    """What holds for events of all programmes. ``quiet`` None: no hours; ``most_a_week`` None: any number.

    ``never_away``: none while nobody is at home. ``zone``: of the home, by which hours and weeks (from Monday
    on) are reckoned; ``household``: how its people are. While somebody is ill nothing is joined.
    """

    quiet: QuietHours | None = None
    most_a_week: int | None = None
    never_away: bool = False
    zone: tzinfo = UTC
    household: Household = Household()

    @property
    def for_what_runs(self) -> HouseRules:
        """The rules for an event that runs and was joined: the others are about what is to come."""
        return HouseRules(zone=self.zone, household=Household(is_unwell=self.household.is_unwell))

    def is_empty(self, start: datetime) -> bool:
        """Whether nobody is at home when an event starts, and none is to be joined then."""
        people = self.household
        is_back = people.away_until is not None and people.away_until <= start
        return self.never_away and people.is_away and not is_back

    def is_quiet(self, start: datetime, end: datetime) -> bool:
        """Whether an event would have part in quiet hours."""
        return self.quiet is not None and self.quiet.touch(start, end, self.zone)

    def is_full(self, start: datetime, joined: Iterable[datetime]) -> bool:
        """Whether the week of an event's start has as many events as it may, by the starts of others."""
        if self.most_a_week is None:
            return False
        return sum(self._week(each) == self._week(start) for each in joined) >= self.most_a_week

    def _week(self, moment: datetime) -> Week:
        return moment.astimezone(self.zone).isocalendar()[:2]
