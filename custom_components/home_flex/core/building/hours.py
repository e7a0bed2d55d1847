"""Days of a building from what its sensors and counters showed hour by hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from statistics import fmean
from typing import Final

from .days import BuildingDay

# Of the hours of a day so many must be known of a temperature.
_LEAST_SHARE: Final = 0.9
_HOUR: Final = timedelta(hours=1)
# What a person at home gives off, over a day in which he is out for a third of it.
PERSON_WH: Final = 75.0 * 24 * 0.65
# A counter of a roof's yield stands in for a sensor of the sun: its best day is a clear one.
_CLEAR_WH_PER_M2: Final = 4000.0

type Hourly = Mapping[datetime, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildingHours:
    """What was shown, by the start of its hour (aware, UTC): mean temperatures in °C, and of the sun in W/m2.

    Counters hold their reading in Wh at the *end* of an hour, and never fall. ``heating``: what is counted of
    the fuel or heat, of which ``heat_factor`` becomes heat; ``sun_counters``: of roofs, instead of ``sun``.
    ``hot_water_wh_a_day``: heat in it that is no heating; None: unknown. ``away``: days nobody was in.
    """

    indoor: Sequence[Hourly]
    outdoor: Hourly
    heating: Sequence[Hourly]
    heat_factor: float
    hot_water_wh_a_day: float | None
    electricity: Sequence[Hourly]
    people: float
    sun: Hourly | None = None
    sun_counters: Sequence[Hourly] = ()
    away: frozenset[date] = field(default_factory=frozenset)


def building_days(told: BuildingHours, *, start: date, end: date, zone: tzinfo) -> list[BuildingDay]:
    """Return the days from ``start`` to the one before ``end`` of which all is known.

    A day of which a temperature is missing for more than a tenth, or a counter at one of its ends, is left
    out and not guessed.
    """
    sun_factor = _sun_factor(told, start, end, zone)
    found = []
    for number in range((end - start).days):
        day = start + timedelta(days=number)
        made = _day(told, day, _hours(day, zone), sun_factor)
        if made is not None:
            found.append(made)
    return found


def _hours(day: date, zone: tzinfo) -> list[datetime]:
    """Return the starts of a civil day's hours: 23, 24 or 25."""
    begin, end = (
        datetime(each.year, each.month, each.day, tzinfo=zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return [begin + index * _HOUR for index in range(round((end - begin) / _HOUR))]


def _day(told: BuildingHours, day: date, hours: Sequence[datetime], sun_factor: float) -> BuildingDay | None:
    indoor = [_known(each, hours) for each in told.indoor]
    outdoor = _known(told.outdoor, hours)
    counted = _counted(told.heating, hours)
    electricity_wh = _counted(told.electricity, hours)
    sun = _sun_wh_per_m2(told, hours, sun_factor)
    if counted is None or electricity_wh is None or sun is None or outdoor is None or not indoor:
        return None
    if any(each is None for each in indoor):
        return None
    rooms = [each for each in indoor if each is not None]
    heat_wh = counted * told.heat_factor
    water_wh = told.hot_water_wh_a_day
    return BuildingDay(
        day=day,
        indoor_c=fmean(fmean(each) for each in rooms),
        outdoor_c=fmean(outdoor),
        indoor_change_k=fmean(each[-1] - each[0] for each in rooms),
        heating_wh=max(0.0, heat_wh - (water_wh or 0.0)),
        electricity_wh=electricity_wh,
        people_wh=0.0 if day in told.away else told.people * PERSON_WH,
        hot_water_wh=water_wh,
        sun_wh_per_m2=sun,
        hours=len(hours),
    )


def _known(values: Hourly, hours: Sequence[datetime]) -> list[float] | None:
    known = [values[hour] for hour in hours if hour in values]
    return known if len(known) >= _LEAST_SHARE * len(hours) else None


def _counted(counters: Sequence[Hourly], hours: Sequence[datetime]) -> float | None:
    """Return what all counters together counted in a day; None when one is unknown at an end, or fell."""
    total = 0.0
    for counter in counters:
        before, after = counter.get(hours[0] - _HOUR), counter.get(hours[-1])
        if before is None or after is None or after < before:
            return None
        total += after - before
    return total


def _sun_wh_per_m2(told: BuildingHours, hours: Sequence[datetime], factor: float) -> float | None:
    if told.sun is None:
        counted = _counted(told.sun_counters, hours)
        return None if counted is None else counted * factor
    known = _known(told.sun, hours)
    return None if known is None else fmean(known) * len(hours)


def _sun_factor(told: BuildingHours, start: date, end: date, zone: tzinfo) -> float:
    """Return how many Wh/m2 of sun a Wh of the roofs stands for."""
    if told.sun is not None:
        return 1.0
    counted = (
        _counted(told.sun_counters, _hours(start + timedelta(days=number), zone))
        for number in range((end - start).days)
    )
    best_wh = max((each for each in counted if each is not None), default=0.0)
    return _CLEAR_WH_PER_M2 / best_wh if best_wh > 0.0 else 0.0
