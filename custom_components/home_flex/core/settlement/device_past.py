"""What the devices of a home did on other days: of what a baseline says what each would have done.

A function of what is kept of them, quarter-hour by quarter-hour; positive = consumption.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Final

from ..statistics import SlotSeries
from .baselines.rule import Missing
from .days import Asked, UseDay
from .exact import half_up
from .heat import MOST_DAYS, HeatDay, heat_use_wh
from .rerun import MS_AN_HOUR

# How hard a load worked, and how the sun did against its forecast, is told by so many quarter-hours before.
_BEFORE: Final = 8
_SUN_BEFORE: Final = 4
_LEAST_RATIO, _MOST_RATIO = Fraction(1, 2), Fraction(2)
# What a car took is looked for in so many quarter-hours after its event.
AFTER: Final = 16
# Less in a quarter-hour is no charging, Wh.
_CHARGES_WH: Final = 60
_FEWEST_SESSIONS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class SunForecast:
    """What a roof was expected to give, at ``known_ms``: power (W, 0 or more) of steps from ``start_ms``."""

    known_ms: int
    start_ms: int
    lengths_ms: tuple[int, ...]
    powers_w: tuple[int, ...]

    @property
    def end_ms(self) -> int:
        """Until when it looks ahead."""
        return self.start_ms + sum(self.lengths_ms)

    def energy_wh(self, start_ms: int, end_ms: int) -> Fraction:
        """Return what was expected of a time, Wh."""
        total, at_ms = 0, self.start_ms
        for length_ms, power_w in zip(self.lengths_ms, self.powers_w, strict=True):
            total += power_w * max(min(at_ms + length_ms, end_ms) - max(at_ms, start_ms), 0)
            at_ms += length_ms
        return Fraction(total, MS_AN_HOUR)


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicePast:
    """The devices of a home on its days, by id, as ``asked`` looks at them.

    ``use_wh``: by day its quarter-hours, import minus export. ``charge``: how full a battery was, per mille,
    at the end of each slot of five minutes. ``sun``: what each roof was expected to give. ``outdoor_dk``: the
    outdoor temperature of each quarter-hour in tenths of a degree, where the home knows it. ``sessions``: of
    an earlier day the cars whose session the event's own day tells, None on that day itself.
    """

    asked: Asked
    midnights_ms: Mapping[date, int]
    use_wh: Mapping[str, Mapping[date, tuple[int | None, ...]]]
    charge: Mapping[str, SlotSeries] = field(default_factory=dict)
    sun: Mapping[str, tuple[SunForecast, ...]] = field(default_factory=dict)
    outdoor_dk: Mapping[date, tuple[int | None, ...]] = field(default_factory=dict)
    sessions: frozenset[str] | None = None

    def on(self, day: UseDay) -> DevicePast:
        """Return the same as it would be asked of an earlier day, with the days before that.

        Of a car's session no more is looked at than today's tells: what was kept from it came after.
        """
        past = tuple(one for one in self.asked.past if one.date < day.date)
        asked = Asked(
            today=day,
            past=past,
            first=self.asked.first,
            last=self.asked.last,
            interval_s=self.asked.interval_s,
        )
        return DevicePast(
            asked=asked,
            midnights_ms=self.midnights_ms,
            use_wh=self.use_wh,
            charge=self.charge,
            sun=self.sun,
            outdoor_dk=self.outdoor_dk,
            sessions=frozenset(key for key in self.use_wh if self._after_wh(key, self.asked.today.date)),
        )

    @property
    def start_ms(self) -> int:
        """When the window begins, ms of the UTC epoch."""
        return self.midnights_ms[self.asked.today.date] + 1000 * self.asked.interval_s * self.asked.first

    def window_wh(self, device_id: str) -> tuple[int, ...] | None:
        """Return what a device used in each quarter-hour of the window, None unless all of it is known."""
        return self._known(device_id, self.asked.today.date, self.asked.window)

    def before_w(self, device_id: str) -> int | None:
        """Return the mean power of a device in the quarter-hour before the window."""
        before = self._known(device_id, self.asked.today.date, range(self.asked.first - 1, self.asked.first))
        return None if before is None else half_up(Fraction(before[0] * 3600, self.asked.interval_s))

    def stored_wh(self, device_id: str, capacity_wh: int) -> int | None:
        """Return what a battery held when the window began, as it told it within a quarter-hour before."""
        series = self.charge.get(device_id)
        last = self.start_ms // 300_000 - 1
        told = [] if series is None else [series.at(slot)[0] for slot in range(last, last - 3, -1)]
        known = [each for each in told if each is not None]
        return half_up(Fraction(capacity_wh * known[0], 1000)) if known else None

    def lowest_wh(self, device_id: str, capacity_wh: int) -> int | None:
        """Return the least that a battery was seen to hold, None where it told nothing."""
        known = self._told_charge(device_id)
        return capacity_wh * min(known) // 1000 if known else None

    def highest_wh(self, device_id: str, capacity_wh: int) -> int | None:
        """Return the most that a battery was seen to hold, None where it told nothing."""
        known = self._told_charge(device_id)
        return -(-capacity_wh * max(known) // 1000) if known else None

    def _told_charge(self, device_id: str) -> list[int]:
        """Return what a battery told of its state of charge, in per mille."""
        series = self.charge.get(device_id)
        return [] if series is None else [each for each in series.values if each is not None]

    def car_need_wh(self, device_id: str, window_wh: int, most_wh: int) -> int | None:
        """Return what a car would have taken from the beginning of the window on.

        As its session did: ``window_wh`` within, and what came after. While those hours are not over, and
        where it took nothing in them, so that nobody knows whether it was full or waited: as in its sessions
        of like days, of each at most ``most_wh``. None where too few are known.
        """
        after_wh = self._after_wh(device_id, self.asked.today.date)
        is_told = bool(after_wh) if self.sessions is None else device_id in self.sessions
        if is_told and after_wh is not None:
            return window_wh + after_wh
        usual = [
            min(sum(window) + (self._after_wh(device_id, day.date) or 0), most_wh)
            for day in self.asked.eligible()
            if (window := self._known(device_id, day.date, self.asked.window)) is not None
            and any(each > _CHARGES_WH for each in window)
        ][:MOST_DAYS]
        return half_up(Fraction(sum(usual), len(usual))) if len(usual) >= _FEWEST_SESSIONS else None

    def _after_wh(self, device_id: str, day: date) -> int | None:
        """Return what a car took in the hours after the window, None where that is not known."""
        last = self.asked.last
        row = self._known(device_id, day, range(last, last + AFTER))
        return None if row is None else sum(each for each in row if each > _CHARGES_WH)

    def load_wh(self, device_id: str) -> tuple[int, ...] | Missing:
        """Return what a load would have used in each quarter-hour of the window (``heat_use_wh``).

        By the weather, as far as it is known of today's window, once half of the days that are looked at
        tell it of the same quarter-hours; then of those days alone.
        """
        asked = self.asked
        before = range(max(asked.first - _BEFORE, 0), asked.first)
        told_dk, days = self._outdoor_row(asked.today.date), self._load_days(device_id, before)
        told = [index for index in asked.window if index < len(told_dk) and told_dk[index] is not None]
        today_dk = self._outdoor(asked.today.date, told)
        with_weather = [
            replace(each, outdoor_dk=outdoor_dk)
            for each, outdoor_dk in ((each, self._outdoor(day, told)) for day, each in days)
            if outdoor_dk is not None
        ]
        by_weather = today_dk is not None and 2 * len(with_weather) >= min(len(days), MOST_DAYS)
        hours = self._known(device_id, asked.today.date, before)
        is_usual = hours is not None and not asked.disturbed.intersection(before)
        return heat_use_wh(
            with_weather if by_weather else [each for _, each in days],
            outdoor_dk=today_dk if by_weather and today_dk is not None else 0,
            before_wh=sum(hours) if hours is not None and is_usual else None,
        )

    def _load_days(self, device_id: str, before: range) -> list[tuple[date, HeatDay]]:
        """Return the days like today of which a load is known, the most recent first, as of no weather."""
        found = []
        for day in self.asked.eligible():
            window = self._known(device_id, day.date, self.asked.window)
            earlier = self._known(device_id, day.date, before)
            if window is not None and earlier is not None:
                found.append((day.date, HeatDay(window_wh=window, before_wh=sum(earlier), outdoor_dk=0)))
        return found

    def sun_wh(self, device_id: str, intervals: Iterable[tuple[int, int]]) -> tuple[int, ...] | None:
        """Return what a roof would have given in ``intervals`` (start, end in ms), Wh at most 0.

        As it was forecast before the window began, times what came of that forecast in the hour before it
        (within a half and twice). None without such a forecast.
        """
        pieces = tuple(intervals)
        first_ms = self.start_ms - _SUN_BEFORE * 1000 * self.asked.interval_s
        fitting = [
            each
            for each in self.sun.get(device_id, ())
            if each.known_ms <= self.start_ms and each.start_ms <= first_ms and each.end_ms >= pieces[-1][1]
        ]
        if not fitting:
            return None
        newest = max(fitting, key=lambda each: each.known_ms)
        ratio = self._sun_ratio(device_id, newest.energy_wh(first_ms, self.start_ms))
        return tuple(-half_up(newest.energy_wh(*piece) * ratio) for piece in pieces)

    def _sun_ratio(self, device_id: str, expected_wh: Fraction) -> Fraction:
        before = range(self.asked.first - _SUN_BEFORE, self.asked.first)
        given = self._known(device_id, self.asked.today.date, before)
        if given is None or expected_wh <= 0 or self.asked.disturbed.intersection(before):
            return Fraction(1)
        return min(max(-sum(given) / expected_wh, _LEAST_RATIO), _MOST_RATIO)

    def _outdoor(self, day: date, quarters: Sequence[int]) -> int | None:
        """Return how warm it was in these quarter-hours, None unless it is known of each of them."""
        row = _known(self._outdoor_row(day), quarters)
        return half_up(Fraction(sum(row), len(row))) if row else None

    def _outdoor_row(self, day: date) -> tuple[int | None, ...]:
        return self.outdoor_dk.get(day, ())

    def _known(self, device_id: str, day: date, quarters: range) -> tuple[int, ...] | None:
        return _known(self.use_wh.get(device_id, {}).get(day, ()), quarters)


def _known(row: Sequence[int | None], quarters: Sequence[int]) -> tuple[int, ...] | None:
    """Return these quarter-hours of a row (a run of them, or some in order), None unless each is known."""
    if quarters and (quarters[0] < 0 or quarters[-1] >= len(row)):
        return None
    found = [each for index in quarters if (each := row[index]) is not None]
    return tuple(found) if len(found) == len(quarters) else None
