"""One physical house: every device's power, and the meter that is always their sum."""

from dataclasses import dataclass
from datetime import datetime

from .base_load import BaseLoad
from .battery import Battery
from .car import Car
from .phases import NO_POWER, PhasePowers, spread, total_of
from .pv import PvInverter

_NOMINAL_VOLTAGES_V = (231.2, 230.1, 229.6)
_GRID_RESISTANCE_OHM = 0.08
_LONGEST_STEP_S = 0.1
LOW_TARIFF, NORMAL_TARIFF = 1, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class GridReading:
    """The connection to the grid at one moment; energies in Wh since the meter was mounted, by tariff."""

    time: datetime
    phase_powers_w: PhasePowers
    phase_voltages_v: tuple[float, float, float]
    energy_import_wh: dict[int, float]
    energy_export_wh: dict[int, float]
    tariff: int

    @property
    def power_w(self) -> float:
        """Power of all phases together, import > 0."""
        return sum(self.phase_powers_w)

    @property
    def phase_currents_a(self) -> tuple[float, float, float]:
        """Currents (>= 0)."""
        first, second, third = (
            abs(power) / voltage
            for power, voltage in zip(self.phase_powers_w, self.phase_voltages_v, strict=True)
        )
        return first, second, third


class House:
    """Steps all devices together; ``base_load_override_w`` replaces the household's own load."""

    def __init__(
        self,
        *,
        base_load: BaseLoad,
        pv: PvInverter,
        battery: Battery,
        car: Car,
        base_load_shares: tuple[float, float, float] = (0.45, 0.35, 0.20),
        cloud: float = 0.2,
    ) -> None:
        """Build a house that has not been stepped yet."""
        self.pv = pv
        self.battery = battery
        self.car = car
        self.cloud = cloud
        self.base_load_override_w: float | None = None
        self.base_load_powers: PhasePowers = NO_POWER
        self._base_load = base_load
        self._base_load_shares = base_load_shares
        self._time: datetime | None = None
        self._energy_import_wh = {LOW_TARIFF: 4_210_337.0, NORMAL_TARIFF: 3_875_112.0}
        self._energy_export_wh = {LOW_TARIFF: 911_204.0, NORMAL_TARIFF: 2_304_871.0}

    def step(self, time: datetime, dt_s: float) -> None:
        """Advance by ``dt_s`` seconds (> 0) to ``time`` in the home's own time zone.

        A long step, as after the machine stood still, is made of short ones: devices respond all the same.
        """
        parts = max(1, round(dt_s / _LONGEST_STEP_S))
        for _ in range(parts):
            self._step(time, dt_s / parts)

    def _step(self, time: datetime, dt_s: float) -> None:
        load = self._base_load(time) if self.base_load_override_w is None else self.base_load_override_w
        self.base_load_powers = spread(load, self._base_load_shares)
        self.pv.step(time, dt_s, self.cloud)
        self.car.step(dt_s)
        self.battery.step(dt_s, load + self.pv.power_w + self.car.power_w)
        self._time = time
        power = sum(self.phase_powers)
        registers = self._energy_import_wh if power > 0 else self._energy_export_wh
        registers[tariff_at(time)] += abs(power) * dt_s / 3600

    @property
    def phase_powers(self) -> PhasePowers:
        """What flows in from the grid on each phase."""
        return total_of(
            (self.base_load_powers, self.pv.phase_powers, self.battery.phase_powers, self.car.phase_powers)
        )

    def read_grid(self) -> GridReading:
        """Return what the meter sees. Raises RuntimeError before the first step."""
        if self._time is None:
            raise RuntimeError("the house has not been stepped yet")
        powers = self.phase_powers
        first, second, third = (
            nominal - _GRID_RESISTANCE_OHM * power / nominal
            for nominal, power in zip(_NOMINAL_VOLTAGES_V, powers, strict=True)
        )
        return GridReading(
            time=self._time,
            phase_powers_w=powers,
            phase_voltages_v=(first, second, third),
            energy_import_wh=dict(self._energy_import_wh),
            energy_export_wh=dict(self._energy_export_wh),
            tariff=tariff_at(self._time),
        )


def tariff_at(local_time: datetime) -> int:
    """Return the Dutch double tariff: normal on weekdays from 7 to 23 h local time, else low."""
    return NORMAL_TARIFF if local_time.weekday() < 5 and 7 <= local_time.hour < 23 else LOW_TARIFF
