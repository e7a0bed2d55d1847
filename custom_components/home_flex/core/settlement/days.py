"""The days that a baseline looks at: what was used in each interval of a local day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

ORDINARY_DAY_S: Final = 24 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class UseDay:
    """One local day of a home, a device or a group.

    ``use_wh``: energy of each interval from local midnight on (positive = consumption), None where it is
    missing or not measured yet. ``is_working``: neither Saturday, Sunday nor a public holiday.
    ``held_event``: an event was asked of the home on it, followed or not. ``is_away``: nobody lived there.
    """

    date: date
    use_wh: tuple[int | None, ...]
    is_working: bool
    held_event: bool = False
    is_away: bool = False

    def is_complete(self, intervals: int) -> bool:
        """Return whether the day is an ordinary one of ``intervals``, and all of them are known.

        A day on which the clock is changed has fewer or more: its hours are not those of other days.
        """
        return len(self.use_wh) == intervals and None not in self.use_wh

    def use_wh_known(self, intervals: Iterable[int] | None = None) -> list[int]:
        """Return the energies in Wh of these intervals, of all without any; those not known are left out."""
        chosen = self.use_wh if intervals is None else [self.use_wh[index] for index in intervals]
        return [energy_wh for energy_wh in chosen if energy_wh is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The intervals of a day for which a baseline is asked, and the days before.

    The window is [first, last), counted in intervals of ``interval_s`` from local midnight. ``today`` holds
    what is known of the day so far. ``disturbed`` are intervals of today in which another event ran or
    devices came back from one: nothing may be learnt from them. ``past`` is oldest first and ends before
    today. Raises ValueError for a window that is empty or outside the day, and for an interval that no hour
    holds.
    """

    today: UseDay
    past: tuple[UseDay, ...]
    first: int
    last: int
    interval_s: int
    disturbed: frozenset[int] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Raise for what cannot be asked."""
        if not 0 < self.interval_s <= 3600 or 3600 % self.interval_s:
            raise ValueError(f"an interval of {self.interval_s} s does not divide an hour")
        if not 0 <= self.first < self.last <= len(self.today.use_wh):
            raise ValueError(
                f"[{self.first}, {self.last}) is no window of {len(self.today.use_wh)} intervals"
            )

    @property
    def window(self) -> range:
        """The intervals that are asked for."""
        return range(self.first, self.last)

    @property
    def day_intervals(self) -> int:
        """How many intervals an ordinary day has."""
        return ORDINARY_DAY_S // self.interval_s

    def intervals(self, hours: int) -> int:
        """Return how many intervals so many hours have."""
        return hours * 3600 // self.interval_s

    def undisturbed(self, intervals: Iterable[int]) -> list[int]:
        """Return those intervals of today that are known and in which no event was felt."""
        known = range(len(self.today.use_wh))
        return [
            index
            for index in intervals
            if index in known and index not in self.disturbed and self.today.use_wh[index] is not None
        ]

    def eligible(self, *, days_back: int | None = None, days_away: bool = False) -> list[UseDay]:
        """Return the past days like today, the most recent first.

        Like today is: of the same kind (working or not), complete, of 24 hours, without an event, and with
        somebody at home unless ``days_away``. ``days_back``: no older than so many days.
        """
        return [
            day
            for day in reversed(self.past)
            if day.is_working == self.today.is_working
            and day.is_complete(self.day_intervals)
            and not day.held_event
            and (days_away or not day.is_away)
            and (days_back is None or 0 < (self.today.date - day.date).days <= days_back)
        ]
