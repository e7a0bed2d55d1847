"""A SunSpec control that ends by itself: an enable, values, and a reversion timer."""

from dataclasses import dataclass

from .faults import FaultSwitch
from .sunspec_unit import PointId, SunSpecUnit


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlPoints:
    """Names within ``model``; ``after_reversion`` maps a point to the one that holds what it reverts to.

    A point without one reverts to 0: model 123 then disables its control. Writing a point of ``values``, the
    enable or the timer starts the timer anew (RvrtTms in models 123 and 704).
    """

    model: int
    enable: str
    values: tuple[str, ...]
    timer: str
    remaining: str | None = None
    after_reversion: tuple[tuple[str, str | None], ...]


class Control:
    """Runs the reversion timer of one control of one unit."""

    def __init__(self, unit: SunSpecUnit, points: ControlPoints, faults: FaultSwitch) -> None:
        """Start without a timer running."""
        self._unit = unit
        self._points = points
        self._faults = faults
        self._deadline: float | None = None
        self._enabled_by = 0

    @property
    def enabled(self) -> bool:
        """Whether the control is in force."""
        return self._unit.number(self._points.model, self._points.enable) != 0

    def written(self, points: set[PointId], now: float) -> None:
        """Restart the timer if one of this control's points was written at ``now`` (monotonic seconds)."""
        model, enable = self._points.model, (self._points.model, self._points.enable)
        if self._faults.now.sunspec_keeps_orders and enable in points and not self.enabled:
            self._unit.values[enable] = self._enabled_by
        self._enabled_by = self._unit.number(*enable)
        if self._faults.now.sunspec_no_timer:
            self._unit.values[model, self._points.timer] = 0
        starters = {(model, name) for name in (*self._points.values, self._points.enable, self._points.timer)}
        if starters & points:
            seconds = self._unit.number(model, self._points.timer)
            self._deadline = now + seconds if self.enabled and seconds else None
            self._tell_remaining(now)

    def tick(self, now: float) -> None:
        """Revert when the time is up."""
        is_over = self._deadline is not None and now >= self._deadline
        if is_over or (self.enabled and self._faults.now.sunspec_forgets_orders):
            self._deadline = None
            model = self._points.model
            for name, source in self._points.after_reversion:
                self._unit.values[model, name] = self._unit.number(model, source) if source else 0
        self._tell_remaining(now)

    def _tell_remaining(self, now: float) -> None:
        if self._points.remaining is not None:
            left = 0.0 if self._deadline is None else max(0.0, self._deadline - now)
            self._unit.values[self._points.model, self._points.remaining] = round(left)
