"""The connector's meter: what was told last of each measurand and phase, put together."""

from collections.abc import Mapping
from typing import Final

from .meter_values import CURRENT, ENERGY, LARGEST_POWER_W, POWER, VOLTAGE

NOMINAL_VOLTAGE_V: Final = 230.0
# Some chargers send a sample for each phase, or a message for each: what came within this belongs together.
_TOGETHER_S: Final = 60.0
# Beyond what voltage and rounding make of a power, it is drawn on phases that tell nothing.
_UNEXPLAINED: Final = 0.3
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
        if (told_w := self._told_power_w) is not None:
            return told_w
        voltages = {phase: value for phase, (value, _) in self._told.get(VOLTAGE, {}).items()}
        common_v = voltages.get(0, NOMINAL_VOLTAGE_V)
        reckoned_w = sum(
            current_a * voltages.get(phase, common_v)
            for phase, current_a in enumerate(self.phase_current_a, start=1)
        )
        return max(-LARGEST_POWER_W, min(LARGEST_POWER_W, reckoned_w))

    @property
    def _told_power_w(self) -> float | None:
        """The power that was told as lately as the currents."""
        power, current = self._told.get(POWER), self._told.get(CURRENT)
        if not power or (current and _newest_s(current) - _newest_s(power) > _TOGETHER_S):
            return None
        return _total(power)

    @property
    def phase_current_a(self) -> tuple[float, ...]:
        """One current per phase; one that is told without a phase is that of every phase."""
        told = self._told.get(CURRENT, {})
        phases = {phase: value for phase, (value, _) in told.items() if phase}
        if phases:
            all_phases = range(1, max(*phases, self._phases, 1) + 1)
            others_a = self._untold_a(phases, len(all_phases) - len(phases))
            return tuple(phases.get(phase, others_a) for phase in all_phases)
        return (told[0][0],) * self._phases if 0 in told else ()

    def _untold_a(self, phases: Mapping[int, float], untold: int) -> float:
        """Return the current of each phase that tells none, by what the power has beyond those that do.

        Some chargers tell the first phase alone, however many they use.
        """
        if not untold or (told_w := self._told_power_w) is None:
            return 0.0
        explained_w = NOMINAL_VOLTAGE_V * sum(phases.values())
        rest_w = told_w - explained_w
        return rest_w / NOMINAL_VOLTAGE_V / untold if rest_w > _UNEXPLAINED * explained_w else 0.0


def _newest_s(told: Mapping[int, tuple[float, float]]) -> float:
    return max(at_s for _, at_s in told.values())


def _total(told: Mapping[int, tuple[float, float]]) -> float:
    """Return the total where it is as new as the phases, else the sum of those."""
    phases = {phase: each for phase, each in told.items() if phase}
    if not phases or (0 in told and _newest_s(phases) - told[0][1] <= _SAME_SAMPLE_S):
        return told[0][0]
    return sum(value for value, _ in phases.values())
