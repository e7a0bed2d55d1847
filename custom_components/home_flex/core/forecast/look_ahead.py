"""One round of forecasting: every way to look ahead is tried on the last weeks, the best is taken now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final

import numpy as np

from ..model import TimeGrid
from .blend import Outside, blended, unbiased
from .days import DayMarks
from .error_paths import error_paths
from .forecast import FloatArray, Forecast
from .history import History
from .load import LoadDays
from .outlook import LEVELS
from .quality import Quality, Yesterday, quality
from .resample import on_steps
from .roof import Roof
from .sun import Place, clear_sky
from .tracks import EACH_S, Track, made_at, track, widened

YESTERDAY: Final = "yesterday"
_MOST_PATHS: Final = 14
_DAYLIGHT: Final = 1.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LookAhead:
    """What came of one round.

    ``forecast`` is None when too little is known for any. ``qualities``: how each way did in the last four
    weeks, by its source; one that is not there was not measured yet. ``rejected``: the ways that did worse
    than "like yesterday". ``tracks`` are for the next round, so that it has less to do.
    """

    forecast: Forecast | None
    qualities: Mapping[str, Quality] = field(default_factory=dict)
    rejected: tuple[str, ...] = ()
    tracks: Mapping[str, Track] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Round:
    """What all ways of one round share."""

    history: History
    now: datetime
    grid: TimeGrid
    before: Mapping[str, Track]

    @classmethod
    def of(cls, history: History, now: datetime, grid: TimeGrid, before: LookAhead | None) -> _Round:
        first = history.index_of(grid.start)
        known = history.until(max(first, 0))
        return cls(history=known, now=now, grid=grid, before=before.tracks if before is not None else {})

    @property
    def steps(self) -> int:
        """How many of the history's steps the grid needs, wherever in the first of them it begins."""
        return -(-sum(self.grid.lengths_s) // self.history.step_s) + 1

    def track(self, source: str, ways: Yesterday | LoadDays | Roof | Outside) -> Track:
        """Return a way's track, of which rows of the round before are taken over."""
        each = EACH_S // self.history.step_s
        return track(
            ways,
            self.history,
            made_at(self.history),
            self.steps + each,
            source=source,
            before=self.before.get(source),
        )

    def result(
        self, naive: Track, ways: Sequence[Track], told: Sequence[Track], counted: FloatArray | None
    ) -> LookAhead:
        """Make the forecast of the first way that is there and did no worse than the naive one."""
        rows = naive.learned_from(-1)
        tried = (*ways, naive)
        found = {way.source: quality(way, naive, rows, counted) for way in tried}
        measured = {source: figures for source, figures in found.items() if figures is not None}
        rejected = tuple(source for source, figures in measured.items() if figures.is_worse_than_naive)
        present = [way for way in tried if way.is_present and way.source not in rejected]
        return LookAhead(
            forecast=self._forecast(present[0]) if present else None,
            qualities=measured,
            rejected=rejected,
            tracks={way.source: way for way in told},
        )

    def _forecast(self, chosen: Track) -> Forecast:
        def on_grid(values_w: FloatArray) -> FloatArray:
            return on_steps(values_w[: self.steps], self.history.end, self.history.step_s, self.grid)

        return Forecast(
            grid=self.grid,
            expected_w=on_grid(chosen.expected_w[-1]),
            made_at=self.now,
            source=chosen.source,
            quantiles_w={
                level: on_grid(row) for level, row in zip(LEVELS, chosen.quantiles_w[:, -1], strict=True)
            }
            if chosen.is_wide
            else {},
            error_paths_w=tuple(on_grid(path) for path in error_paths(chosen, self.steps, _MOST_PATHS)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """When is looked ahead, and onto which steps; of the history counts what lies before them."""

    now: datetime
    grid: TimeGrid


def load_ahead(
    history: History, zone: tzinfo, marks: DayMarks, when: When, before: LookAhead | None = None
) -> LookAhead:
    """Return what the home will draw (W, 0 or more), from what it drew; ``marks`` also of days ahead."""
    this = _Round.of(history, when.now, when.grid, before)
    naive = this.track(YESTERDAY, Yesterday(history=this.history))
    days = this.track("weighted_days", LoadDays.of(this.history, zone, marks))
    return this.result(naive, (widened(days),), (naive, days), None)


def production_ahead(
    history: History, place: Place, outside: History | None, when: When, before: LookAhead | None = None
) -> LookAhead:
    """Return what the roof will give (W, 0 or more), from what it gave and what someone else forecast.

    ``outside`` holds what was said of past steps and of those ahead, in steps as long as the history's.
    """
    this = _Round.of(history, when.now, when.grid, before)
    roof_of = Roof.of(this.history, place)
    this = replace(this, history=roof_of.history)
    naive = this.track(YESTERDAY, Yesterday(history=roof_of.history))
    roof = this.track("roof", roof_of)
    ways, told = [widened(roof)], [naive, roof]
    if outside is not None:
        said = this.track("outside", Outside(said=_lit(outside.since(history.start), place)))
        told.append(said)
        ways = [widened(blended(roof, unbiased(said))), widened(roof), said]
    daylight = np.array(
        [
            clear_sky(roof_of.history.middle_s(int(first) - roof_of.history.base, naive.steps), place)
            for first in naive.firsts
        ]
    )
    return this.result(naive, ways, told, np.where(daylight > _DAYLIGHT, 1.0, 0.0))


def _lit(said: History, place: Place) -> History:
    """Return what was said, and 0 for what was left out at night."""
    dark = clear_sky(said.middle_s(0, len(said)), place) <= 0
    return replace(said, values_w=np.where(dark & np.isnan(said.values_w), 0.0, said.values_w))
