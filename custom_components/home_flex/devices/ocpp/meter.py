"""The connector's meter: what was told last of each measurand and phase, put together."""

from collections.abc import Mapping
from typing import Final

from .meter_values import CURRENT, ENERGY, LARGEST_POWER_W, POWER, VOLTAGE

NOMINAL_VOLTAGE_V: Final = 230.0
# Some chargers send a sample for each phase, or a message for each: what came within this belongs together.
_TOGETHER_S: Final = 60.0
# A total that came before its phases is as good as they are.
_SAME_SAMPLE_S: Final = 5.0


class Meter:
    """Keeps each value until a newer one comes, or others of its measurand go on without it."""

    def __init__(self, phases: int) -> None:
        """Know nothing; ``phases`` is how many the charger is wired to."""
        self._phases = phases
        self._told: dict[str, dict[int, tuple[float, float]]] = {}

    def take(self, values: Mapping[str, Mapping[int, float]], now_s: float) -> None:
        """Take what arrived at ``now_s`` (monotonic)."""
        for measurand, by_phase in values.items():
            if measurand == ENERGY or not by_phase:
                continue
            told = self._told.setdefault(measurand, {})
            told.update({phase: (value, now_s) for phase, value in by_phase.items()})
            for phase in [phase for phase, (_, at_s) in told.items() if now_s - at_s > _TOGETHER_S]:
                del told[phase]

    def forget(self) -> None:
        """Forget all: what was measured before holds no longer."""
        self._told.clear()

    @property
    def is_told(self) -> bool:
        """Whether power or current were told since all was forgotten."""
        return bool(self._told.get(POWER) or self._told.get(CURRENT))

    @property
    def power_w(self) -> float:
        """The charger's total; without one the sum of its phases; without those currents times voltage."""
        power, current = self._told.get(POWER), self._told.get(CURRENT)
        if power and not (current and _newest_s(current) - _newest_s(power) > _TOGETHER_S):
            return _total(power)
        voltages = {phase: value for phase, (value, _) in self._told.get(VOLTAGE, {}).items()}
        common_v = voltages.get(0, NOMINAL_VOLTAGE_V)
        reckoned_w = sum(
            current_a * voltages.get(phase, common_v)
            for phase, current_a in enumerate(self.phase_current_a, start=1)
        )
        return max(-LARGEST_POWER_W, min(LARGEST_POWER_W, reckoned_w))

    @property
    def phase_current_a(self) -> tuple[float, ...]:
        """One current per phase; one that is told without a phase is that of every phase."""
        told = self._told.get(CURRENT, {})
        phases = {phase: value for phase, (value, _) in told.items() if phase}
        if phases:
            return tuple(phases.get(phase, 0.0) for phase in range(1, max(*phases, self._phases, 1) + 1))
        return (told[0][0],) * self._phases if 0 in told else ()


def _newest_s(told: Mapping[int, tuple[float, float]]) -> float:
    return max(at_s for _, at_s in told.values())


def _total(told: Mapping[int, tuple[float, float]]) -> float:
    """Return the total where it is as new as the phases, else the sum of those."""
    phases = {phase: each for phase, each in told.items() if phase}
    if not phases or (0 in told and _newest_s(phases) - told[0][1] <= _SAME_SAMPLE_S):
        return told[0][0]
    return sum(value for value, _ in phases.values())
