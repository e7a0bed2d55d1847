"""The outlook of a home: its prices, and forecasts of its loads and roofs from what was measured."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

from ...core.forecast import (
    DayMarks,
    Forecast,
    History,
    LookAhead,
    Place,
    When,
    back_at,
    load_ahead,
    production_ahead,
)
from ...core.model import TimeGrid
from ...core.planner.problem import Signals
from ...core.signals import PeakPrice
from ...core.wishes import SiteWishes
from ...core.wishes.local_time import next_time
from .day_marks import day_marks
from .measured import AWAY, LOAD, Measured, plugged
from .outlook import Outlook
from .outside import half_hours


class Executor(Protocol):
    """Runs what takes some milliseconds beside the event loop."""

    def __call__[T](self, work: Callable[[], T]) -> Awaitable[T]:
        """Return what ``work`` returns."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Whom an outlook is asked of.

    ``signals`` gives prices on a grid, ``peaks`` what each month's peak costs over it,
    ``roofs`` what each PV device gives at most in W, ``loads`` the ids of the loads, ``chargers`` those of
    the chargers, ``holidays`` those of
    the last weeks and of the days ahead, ``wishes`` whether somebody is at home. ``outside`` asks whom the
    resident chose to forecast the sun: Wh by the start of their period, nothing where nobody was chosen.
    ``place`` is where the home stands (None: not known, and then its roofs are not forecast).
    """

    signals: Callable[[TimeGrid], Signals]
    peaks: Callable[[TimeGrid], tuple[PeakPrice, ...]]
    roofs: Callable[[], Mapping[str, float]]
    loads: Callable[[], Collection[str]]
    chargers: Callable[[], Collection[str]]
    holidays: Callable[[], Awaitable[Collection[date]]]
    outside: Callable[[], Awaitable[Mapping[datetime, float]]]
    wishes: Callable[[], SiteWishes]
    zone: Callable[[], tzinfo]
    place: Callable[[], Place | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Round:
    """What one round looks ahead from."""

    when: When
    zone: tzinfo
    marks: DayMarks
    load: History | None
    loads: Mapping[str, History]
    roofs: Mapping[str, History]
    cars: Mapping[str, History]
    place: Place | None
    said: Mapping[str, History]


class Outlooks:
    """Looks ahead onto a grid; what one round learned is taken into the next."""

    def __init__(
        self, measured: Measured, sources: Sources, *, clock: Callable[[], datetime], executor: Executor
    ) -> None:
        """Start without a round."""
        self.ahead: Mapping[str, LookAhead] = {}
        self._measured = measured
        self._sources = sources
        self._clock = clock
        self._executor = executor

    async def __call__(self, grid: TimeGrid) -> Outlook:
        """Return the outlook onto a grid."""
        sources, measured = self._sources, self._measured
        signals, peaks = sources.signals(grid), sources.peaks(grid)
        this, before = await self._round(grid), self.ahead
        self.ahead = await self._executor(lambda: _look(this, before))
        midnight = next_time(time(), this.when.now, this.zone) - timedelta(days=1)
        found = {key: each.forecast for key, each in self.ahead.items() if each.forecast is not None}
        return Outlook(
            signals=signals,
            peaks=peaks,
            load=found.get(LOAD),
            loads=_of(found, this.loads),
            used_today_wh={key: measured.energy_wh(key, midnight) for key in sources.loads()},
            production=_of(found, this.roofs),
            back_at=await self._executor(lambda: _back_at(this)),
            qualities={
                key: each.qualities[each.forecast.source]
                for key, each in self.ahead.items()
                if each.forecast is not None and each.forecast.source in each.qualities
            },
            rejected={key: each.rejected for key, each in self.ahead.items() if each.rejected},
        )

    async def _round(self, grid: TimeGrid) -> _Round:
        sources, measured = self._sources, self._measured
        zone, rated_w = sources.zone(), sources.roofs()
        now = self._clock()
        holidays, told = await sources.holidays(), half_hours(await sources.outside(), now)
        measured.keep_said(told)
        return _Round(
            when=When(now=now, grid=grid),
            zone=zone,
            marks=day_marks(holidays, measured.history(AWAY), sources.wishes(), grid, zone),
            load=measured.history(LOAD),
            loads=self._histories(sources.loads()),
            roofs=self._histories(rated_w),
            cars={
                key: history
                for key in sources.chargers()
                if (history := measured.history(plugged(key))) is not None
            },
            place=sources.place(),
            said=_shared(measured.said(told), rated_w) if told else {},
        )

    def _histories(self, keys: Collection[str]) -> dict[str, History]:
        return {key: history for key in keys if (history := self._measured.history(key)) is not None}


def _shared(said: History | None, rated_w: Mapping[str, float]) -> dict[str, History]:
    """Return what was said of all roofs together for each, by what they can give."""
    total_w = sum(rated_w.values())
    if said is None or total_w <= 0.0:
        return {}
    return {key: replace(said, values_w=said.values_w * each_w / total_w) for key, each_w in rated_w.items()}


def _look(this: _Round, before: Mapping[str, LookAhead]) -> dict[str, LookAhead]:
    """Look ahead by the home's load, each load and each roof."""
    loads = {**this.loads} if this.load is None else {LOAD: this.load, **this.loads}
    found = {
        key: load_ahead(history, this.zone, this.marks, this.when, before.get(key))
        for key, history in loads.items()
    }
    if this.place is not None:
        for key, history in this.roofs.items():
            found[key] = production_ahead(history, this.place, this.said.get(key), this.when, before.get(key))
    return found


def _back_at(this: _Round) -> dict[str, datetime]:
    """Return when a car is expected at each charger, where that is learned."""
    found = {key: back_at(there, this.zone, this.marks, this.when.now) for key, there in this.cars.items()}
    return {key: at for key, at in found.items() if at is not None}


def _of(found: Mapping[str, Forecast], keys: Collection[str]) -> dict[str, Forecast]:
    return {key: found[key] for key in keys if key in found}
