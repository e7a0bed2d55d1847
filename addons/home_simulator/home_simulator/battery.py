"""A home battery behind its inverter: limits, losses, state of charge and a short response time."""

from dataclasses import dataclass
from enum import StrEnum

from .phases import PhasePowers, spread
from .response import approach

_TIME_CONSTANT_S = 0.1


class BatteryMode(StrEnum):
    """What the battery does when nobody sets its power."""

    IDLE = "idle"
    SELF_CONSUMPTION = "self_consumption"


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryConfiguration:
    """``efficiency`` is one way: charging stores power times it, discharging drains power over it."""

    capacity_wh: float = 10_000.0
    max_charge_w: float = 5000.0
    max_discharge_w: float = 5000.0
    efficiency: float = 0.95
    lowest_state_of_charge: float = 0.05
    phase_shares: tuple[float, float, float] = (1.0, 1.0, 1.0)
    mode: BatteryMode = BatteryMode.IDLE


class Battery:
    """``power_w`` > 0 charges. ``setpoint_w`` None leaves the battery to its own mode.

    ``production_limit_w`` caps discharging only, as SunSpec's WMaxLimPct does. ``allowed_w`` is the range
    that its own mode is kept in, as by InWRte and OutWRte; ``clipped_to_w`` is what the cells give today.
    """

    def __init__(self, configuration: BatteryConfiguration, *, state_of_charge: float) -> None:
        """Start at rest."""
        self.configuration = configuration
        self.state_of_charge = state_of_charge
        self.setpoint_w: float | None = None
        self.production_limit_w: float | None = None
        self.allowed_w: tuple[float, float] | None = None
        self.clipped_to_w: float | None = None
        self.power_w = 0.0
        self.energy_charged_wh = 0.0
        self.energy_discharged_wh = 0.0

    def step(self, dt_s: float, rest_of_house_w: float) -> None:
        """Advance ``dt_s`` seconds; ``rest_of_house_w`` is what the meter would show without the battery."""
        target = self._wanted_w(rest_of_house_w)
        power = approach(self.power_w, target, dt_s=dt_s, time_constant_s=_TIME_CONSTANT_S)
        self.power_w = self._possible_w(power, dt_s)
        self._store(self.power_w * dt_s / 3600)

    def _wanted_w(self, rest_of_house_w: float) -> float:
        limits = self.configuration
        if self.setpoint_w is not None:
            wanted = self.setpoint_w
        else:
            wanted = -rest_of_house_w if limits.mode is BatteryMode.SELF_CONSUMPTION else 0.0
            if self.allowed_w is not None:
                low, high = self.allowed_w
                wanted = max(low, min(high, wanted))
        if self.clipped_to_w is not None:
            wanted = max(-self.clipped_to_w, min(self.clipped_to_w, wanted))
        max_discharge = limits.max_discharge_w
        if self.production_limit_w is not None:
            max_discharge = min(max_discharge, self.production_limit_w)
        return max(-max_discharge, min(limits.max_charge_w, wanted))

    def _possible_w(self, power_w: float, dt_s: float) -> float:
        """Clip to what the cells can still take or give within ``dt_s``."""
        limits = self.configuration
        room_wh = max(0.0, (1 - self.state_of_charge) * limits.capacity_wh)
        stock_wh = max(0.0, (self.state_of_charge - limits.lowest_state_of_charge) * limits.capacity_wh)
        most_charge = room_wh / limits.efficiency * 3600 / dt_s
        most_discharge = stock_wh * limits.efficiency * 3600 / dt_s
        return max(-most_discharge, min(most_charge, power_w))

    def _store(self, energy_wh: float) -> None:
        limits = self.configuration
        if energy_wh > 0:
            self.energy_charged_wh += energy_wh
            change = energy_wh * limits.efficiency
        else:
            self.energy_discharged_wh -= energy_wh
            change = energy_wh / limits.efficiency
        self.state_of_charge = min(1.0, max(0.0, self.state_of_charge + change / limits.capacity_wh))

    @property
    def phase_powers(self) -> PhasePowers:
        """Power per phase."""
        return spread(self.power_w, self.configuration.phase_shares)
