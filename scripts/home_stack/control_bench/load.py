"""What a house draws apart from its orderable devices: steps, waves, kettles, ovens and noise, per phase."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

type PhaseW = tuple[float, ...]

# Power in W, seconds on, seconds between, of what comes and goes in a household.
_APPLIANCES = ((2000.0, 150.0, 2400.0), (2500.0, 600.0, 9000.0), (900.0, 900.0, 5400.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """From ``marks_s[i]`` on the house draws ``phase_w[i]``; each second a noise of sigma ``noise_w``."""

    marks_s: tuple[float, ...]
    phase_w: tuple[PhaseW, ...]
    noise_w: float = 0.0

    def at(self, now_s: float) -> PhaseW:
        """Return what is drawn at ``now_s``, without noise."""
        return self.phase_w[max(0, bisect_right(self.marks_s, now_s + 1e-9) - 1)]

    @property
    def steps_s(self) -> tuple[float, ...]:
        """When it changes."""
        return self.marks_s[1:]


def even(power_w: float, phases: int) -> PhaseW:
    """Return a power spread over the phases."""
    return (power_w / phases,) * phases


def levels(powers_w: Sequence[float], *, each_s: float, phases: int, noise_w: float = 0.0) -> Load:
    """Return a load that takes one level after the other."""
    return Load(
        marks_s=tuple(each_s * number for number in range(len(powers_w))),
        phase_w=tuple(even(power_w, phases) for power_w in powers_w),
        noise_w=noise_w,
    )


def wave(low: PhaseW, high: PhaseW, *, half_s: float, length_s: float, from_s: float = 0.0) -> Load:
    """Return a load low and high in turn, each for ``half_s``; it first rises at ``from_s + half_s``."""
    count = int(length_s / half_s) + 1
    return Load(
        marks_s=tuple(from_s + half_s * number for number in range(count)),
        phase_w=tuple(high if number % 2 else low for number in range(count)),
    )


def household(*, base_w: float, phases: int, length_s: float, seed: int, noise_w: float = 20.0) -> Load:
    """Return a base load with kettle, oven and washing machine coming and going, each on one phase."""
    chance = random.Random(f"household {seed}")  # noqa: S311 # a repeatable house, no secret
    changes: list[tuple[float, int, float]] = []
    for number, (power_w, on_s, between_s) in enumerate(_APPLIANCES):
        now_s = chance.expovariate(1.0 / between_s)
        while now_s < length_s:
            end_s = now_s + on_s * chance.uniform(0.5, 1.5)
            changes += [(now_s, number % phases, power_w), (end_s, number % phases, -power_w)]
            now_s = end_s + chance.expovariate(1.0 / between_s)
    drawn = list(even(base_w, phases))
    marks_s, phase_w = [0.0], [tuple(drawn)]
    for now_s, phase, power_w in sorted(changes):
        drawn[phase] += power_w
        marks_s.append(now_s)
        phase_w.append(tuple(drawn))
    return Load(marks_s=tuple(marks_s), phase_w=tuple(phase_w), noise_w=noise_w)
