"""An electric car on its charging cable: on-board charger, battery, and when it has had enough."""

from dataclasses import dataclass

from .phases import PhasePowers
from .response import approach

_TIME_CONSTANT_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class CarConfiguration:
    """The on-board charger draws ``min_current_a`` to ``max_current_a`` on each phase, or nothing."""

    capacity_wh: float = 60_000.0
    efficiency: float = 0.9
    min_current_a: float = 6.0
    max_current_a: float = 16.0
    phases: int = 3
    nominal_voltage_v: float = 230.0


class Car:
    """The car follows the current its charge point offers, and stops at ``target_state_of_charge``."""

    def __init__(self, configuration: CarConfiguration, *, plugged: bool, state_of_charge: float) -> None:
        """Start without current on the cable."""
        self.configuration = configuration
        self.plugged = plugged
        self.state_of_charge = state_of_charge
        self.target_state_of_charge = 1.0
        self.offered_current_a = 0.0
        self.offered_phases = configuration.phases
        self.power_w = 0.0
        self.energy_wh = 0.0
        self._drawing_phases = configuration.phases

    @property
    def full(self) -> bool:
        """Whether the car wants no more."""
        return self.state_of_charge >= self.target_state_of_charge

    def step(self, dt_s: float) -> None:
        """Advance ``dt_s`` seconds."""
        limits = self.configuration
        wanted = 0.0
        if self.plugged and not self.full and self.offered_current_a >= limits.min_current_a:
            self._drawing_phases = min(self.offered_phases, limits.phases)
            current = min(self.offered_current_a, limits.max_current_a)
            wanted = current * limits.nominal_voltage_v * self._drawing_phases
        if not self.plugged:
            self.power_w = 0.0
        self.power_w = approach(self.power_w, wanted, dt_s=dt_s, time_constant_s=_TIME_CONSTANT_S)
        energy = self.power_w * dt_s / 3600
        self.energy_wh += energy
        self.state_of_charge = min(
            1.0, self.state_of_charge + energy * limits.efficiency / limits.capacity_wh
        )

    @property
    def phase_powers(self) -> PhasePowers:
        """Power per phase, L1 first."""
        share = self.power_w / self._drawing_phases
        first, second, third = (share if phase < self._drawing_phases else 0.0 for phase in range(3))
        return first, second, third
