"""Keeps what was forecast and planned, now and then: with the time at which it was known."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..core.model import TimeGrid
from ..history.series_rows import SeriesBatch
from ..history.series_runs import Run, RunKind
from .planning.made import MadePlan
from .planning.measured import LOAD

# Eight a day: more tell little that is new, and a memory card wears.
_EVERY_S: Final = 3 * 3600
_HOME: Final = ""


class RunRecorder:
    """Looks at the newest plan, and puts it and its forecasts with the series once in a while."""

    def __init__(self, made: Callable[[], MadePlan | None], put: Callable[[SeriesBatch], None]) -> None:
        """Begin with what is made next."""
        self._made = made
        self._put = put
        self._kept: int | None = None

    def look(self) -> None:
        """Keep the newest plan, when its turn has come."""
        made = self._made()
        if made is None or (turn := int(made.made_at.timestamp()) // _EVERY_S) == self._kept:
            return
        self._kept = turn
        self._put(SeriesBatch(runs=list(_runs(made))))


def _runs(made: MadePlan) -> Iterator[Run]:
    outlook, plan = made.outlook, made.plan
    forecasts = {**outlook.loads, **outlook.production}
    if outlook.load is not None:
        forecasts[LOAD] = outlook.load
    for subject, forecast in forecasts.items():
        yield _run(RunKind.FORECAST, subject, made, forecast.grid, forecast.expected_w)
    yield _run(RunKind.PLAN, _HOME, made, plan.grid, plan.net_w)
    for subject, device in plan.devices.items():
        yield _run(RunKind.PLAN, subject, made, plan.grid, device.power_w)


def _run(kind: RunKind, subject: str, made: MadePlan, grid: TimeGrid, powers_w: Iterable[float]) -> Run:
    return Run(
        kind=kind,
        subject=subject,
        known_at=made.made_at,
        start=grid.start,
        lengths_s=grid.lengths_s,
        powers_w=tuple(round(float(power_w)) for power_w in powers_w),
    )
