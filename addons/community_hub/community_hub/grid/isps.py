"""ISPs, the quarter-hours of a local day that UFTP speaks in, counted from 1.

A day has 96, and 92 or 100 where the clock changes: "ISPs out of bounds" of Shapeshifter's message
validation. Each is named once: "ISP conflict".
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

ISP_S: Final = 900


class Stretch(NamedTuple):
    """ISPs one after the other that have the same power (W): the first, and how many."""

    power_w: int
    start: int
    duration: int


class IspError(ValueError):
    """ISPs that a day does not have, or has once; its text is UFTP's reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A period of UFTP: a day on the market's clock."""

    date: dt.date
    zone: ZoneInfo

    @property
    def begins_at(self) -> dt.datetime:
        """The start of ISP 1, in UTC."""
        return self._midnight(self.date)

    @property
    def ends_at(self) -> dt.datetime:
        """The end of the last ISP, in UTC."""
        return self._midnight(self.date + dt.timedelta(days=1))

    @property
    def count(self) -> int:
        """How many ISPs the day has."""
        return (self.ends_at - self.begins_at) // dt.timedelta(seconds=ISP_S)

    def start_of(self, number: int) -> dt.datetime:
        """Return when an ISP starts, in UTC."""
        return self.begins_at + dt.timedelta(seconds=(number - 1) * ISP_S)

    def numbers(self, stretches: Iterable[tuple[int, int]]) -> list[range]:
        """Return the ISPs of each (start, duration). Raises IspError for one that is not, or is twice."""
        found = [range(start, start + duration) for start, duration in stretches]
        if not found or any(not each or each.start < 1 or each.stop - 1 > self.count for each in found):
            raise IspError("ISPs out of bounds")
        ordered = sorted(found, key=lambda each: each.start)
        if any(before.stop > after.start for before, after in pairwise(ordered)):
            raise IspError("ISP conflict")
        return found

    def _midnight(self, date: dt.date) -> dt.datetime:
        return dt.datetime.combine(date, dt.time(), self.zone).astimezone(dt.UTC)


def stretches(power_w: Mapping[int, int]) -> list[Stretch]:
    """Return power by ISP in as few stretches as there are, in the order of the day."""
    found: list[Stretch] = []
    for number in sorted(power_w):
        last = found[-1] if found else None
        if last is not None and last.start + last.duration == number and last.power_w == power_w[number]:
            found[-1] = last._replace(duration=last.duration + 1)
        else:
            found.append(Stretch(power_w[number], number, 1))
    return found
