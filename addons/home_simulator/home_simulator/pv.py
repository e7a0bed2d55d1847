"""A PV inverter: what the sun offers, less what it is told not to produce."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from .phases import PhasePowers, spread
from .response import approach
from .sun import Place, irradiance_on_roof, sun_position

_TIME_CONSTANT_S = 0.1
_PERFORMANCE_RATIO = 0.86


@dataclass(frozen=True, kw_only=True, slots=True)
class PvConfiguration:
    """Size and position of the roof; ``phase_shares`` says on which phases the inverter feeds in.

    ``produced_before_wh`` is what its counter shows at the start.
    """

    peak_power_w: float = 6000.0
    rated_power_w: float = 6000.0
    tilt_degrees: float = 35.0
    azimuth_degrees: float = 180.0
    phase_shares: tuple[float, float, float] = (1.0, 1.0, 1.0)
    place: Place = field(default_factory=Place)
    produced_before_wh: float = 0.0


class PvInverter:
    """``power_w`` is zero or negative; ``limit_w`` (>= 0) caps production, None lets it run free."""

    def __init__(self, configuration: PvConfiguration) -> None:
        """Start in the dark."""
        self.configuration = configuration
        self.limit_w: float | None = None
        self.available_w = 0.0
        self.power_w = 0.0
        self.energy_produced_wh = configuration.produced_before_wh

    def step(self, time: datetime, dt_s: float, cloud: float) -> None:
        """Advance to ``time``, ``dt_s`` seconds after the last step."""
        roof = self.configuration
        irradiance = irradiance_on_roof(
            sun_position(time, roof.place),
            tilt=math.radians(roof.tilt_degrees),
            azimuth=math.radians(roof.azimuth_degrees),
            cloud=cloud,
        )
        self.available_w = min(roof.peak_power_w * irradiance / 1000 * _PERFORMANCE_RATIO, roof.rated_power_w)
        allowed = self.available_w if self.limit_w is None else min(self.available_w, self.limit_w)
        self.power_w = approach(self.power_w, -allowed, dt_s=dt_s, time_constant_s=_TIME_CONSTANT_S)
        self.energy_produced_wh -= self.power_w * dt_s / 3600

    @property
    def phase_powers(self) -> PhasePowers:
        """Power per phase."""
        return spread(self.power_w, self.configuration.phase_shares)
