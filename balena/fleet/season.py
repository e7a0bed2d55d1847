"""Dispatch seasons: parts of the year in which homes are needed and nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Season:
    """From one day of the year to another, both included; may pass over New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``MM-DD/MM-DD``. Raises ValueError."""
        first, _, last = text.partition("/")
        return cls(first=_day(first), last=_day(last))

    def holds(self, day: date) -> bool:
        """Whether the day lies in the season."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


def is_frozen(seasons: Iterable[Season], day: date) -> bool:
    """Whether any season holds the day."""
    return any(season.holds(day) for season in seasons)


def _day(text: str) -> tuple[int, int]:
    day = date.fromisoformat(f"2024-{text.strip()}")  # a leap year: 29 February is a day, too
    return day.month, day.day
