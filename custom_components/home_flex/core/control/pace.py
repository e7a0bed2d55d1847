"""How fast a device can be steered: at each tick, now and then, or only by plan.

Values and orders of some devices travel over polls and clouds. Where a meter's loop would be too slow to
hold, a device holds a setpoint for minutes; where even that is too fast, it is only planned with.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from .actuation_policy import ActuationPolicy

_DAY_MIN = 1440.0


class PaceClass(StrEnum):
    """LOOP may follow the meter, STEP holds a setpoint for minutes, PLAN for a quarter of an hour."""

    LOOP = "loop"
    STEP = "step"
    PLAN = "plan"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How fast one device is, where that differs from its kind.

    ``interval_s``: the time between two readings that move; ``effect_s``: from an order until it is measured.
    ``least_s``: between two changes. ``step``: the smallest change, W or A. ``writes_per_day``: its budget.
    """

    pace_class: PaceClass
    interval_s: float
    effect_s: float
    least_s: float = 0.0
    step: float = 0.0
    writes_per_day: int | None = None

    @property
    def window_s(self) -> float:
        """The longest time from an order until a meter that is no slower shows it."""
        return self.effect_s + self.interval_s

    @property
    def lost_after_s(self) -> float:
        """The least age at which its reading says nothing about now: two polls and a half."""
        return 2.5 * self.interval_s

    def actuation(self, kind: ActuationPolicy) -> ActuationPolicy:
        """Return the policy of a kind, kept to what this device can bear as well."""
        writes_per_min, burst = kind.writes_per_min, kind.burst
        if self.writes_per_day is not None:
            own = self.writes_per_day / _DAY_MIN
            writes_per_min = own if writes_per_min is None else min(own, writes_per_min)
            # A quarter of the day's writes may be spent at once.
            burst = max(kind.kept_for_lowering + 1.0, min(burst, self.writes_per_day / 4.0))
        return replace(
            kind,
            dead_band=max(kind.dead_band, self.step / 2.0),
            step=max(kind.step, self.step),
            least_up_s=max(kind.least_up_s, self.least_s),
            least_down_s=max(kind.least_down_s, self.least_s),
            writes_per_min=writes_per_min,
            burst=burst,
        )
