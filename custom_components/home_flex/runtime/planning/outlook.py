"""What is expected of the next two days besides what the home itself wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ...core.forecast import YESTERDAY, Forecast, Quality
from ...core.planner.problem import Signals
from ...core.signals import PeakPrice
from .measured import LOAD


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """Signals on the grid of a plan, and forecasts over it (None: there is none, and the plan says so).

    ``peaks``: what each month's peak costs, nothing where it is free. ``load`` is that of the house without
    its devices; ``loads`` holds what each of those usually draws that are loads, and ``used_today_wh`` what
    it has drawn since midnight; ``production`` what each PV device may give. ``back_at``: when a car is
    expected at a charger, where that is learned. ``qualities``: how the one
    in use did in the last weeks, by ``measured.LOAD`` or the device it is of, and ``rejected`` the ways to
    forecast it that did worse than "like yesterday", and are not used.
    """

    signals: Signals
    peaks: tuple[PeakPrice, ...] = ()
    load: Forecast | None = None
    loads: Mapping[str, Forecast] = field(default_factory=dict)
    used_today_wh: Mapping[str, float] = field(default_factory=dict)
    production: Mapping[str, Forecast] = field(default_factory=dict)
    back_at: Mapping[str, datetime] = field(default_factory=dict)
    qualities: Mapping[str, Quality] = field(default_factory=dict)
    rejected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def by_yesterday(self) -> tuple[str, ...]:
        """Of what nothing better is known than "like yesterday", because all else did worse."""
        load = {} if self.load is None else {LOAD: self.load}
        return tuple(
            key
            for key, each in {**load, **self.loads, **self.production}.items()
            if each.source == YESTERDAY and self.rejected.get(key)
        )
