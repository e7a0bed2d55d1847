"""The outlook of a home: its prices, and forecasts of its load and roofs from what was measured."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from ...core.forecast import DayMarks, History, LookAhead, Place, When, load_ahead, production_ahead
from ...core.model import TimeGrid
from ...core.planner.problem import Signals
from ...core.signals import PeakPrice
from .measured import LOAD, Measured
from .outlook import Outlook


class Executor(Protocol):
    """Runs what takes some milliseconds beside the event loop."""

    def __call__[T](self, work: Callable[[], T]) -> Awaitable[T]:
        """Return what ``work`` returns."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Whom an outlook is asked of.

    ``signals`` gives prices on a grid, ``peak`` what the month's peak costs over it (None: nothing),
    ``roofs`` the ids of the PV devices, ``marks`` what is special about days, and ``place`` where the home
    stands (None: not known, and then its roofs are not forecast).
    """

    signals: Callable[[TimeGrid], Signals]
    peak: Callable[[TimeGrid], PeakPrice | None]
    roofs: Callable[[], Collection[str]]
    marks: Callable[[], DayMarks]
    zone: Callable[[], tzinfo]
    place: Callable[[], Place | None]


class Outlooks:
    """Looks ahead onto a grid; what one round learned is taken into the next."""

    def __init__(
        self, measured: Measured, sources: Sources, *, clock: Callable[[], datetime], executor: Executor
    ) -> None:
        """Start without a round."""
        self.load: LookAhead | None = None
        self.roofs: Mapping[str, LookAhead] = {}
        self._measured = measured
        self._sources = sources
        self._clock = clock
        self._executor = executor

    async def __call__(self, grid: TimeGrid) -> Outlook:
        """Return the outlook onto a grid."""
        sources = self._sources
        signals = sources.signals(grid)
        when = When(now=self._clock(), grid=grid)
        load = self._measured.history(LOAD)
        roofs = {
            key: history for key in sources.roofs() if (history := self._measured.history(key)) is not None
        }
        before, marks, zone, place = self.load, sources.marks(), sources.zone(), sources.place()

        def look() -> tuple[LookAhead | None, dict[str, LookAhead]]:
            ahead = None if load is None else load_ahead(load, zone, marks, when, before)
            return ahead, {} if place is None else self._of_roofs(roofs, place, when)

        self.load, self.roofs = await self._executor(look)
        return Outlook(
            signals=signals,
            peak=sources.peak(grid),
            load=None if self.load is None else self.load.forecast,
            production={
                key: ahead.forecast for key, ahead in self.roofs.items() if ahead.forecast is not None
            },
        )

    def _of_roofs(self, roofs: Mapping[str, History], place: Place, when: When) -> dict[str, LookAhead]:
        return {
            key: production_ahead(history, place, None, when, self.roofs.get(key))
            for key, history in roofs.items()
        }
