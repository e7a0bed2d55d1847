"""The meter at the connection: late, in its own rhythm, in whole watts, noisy, with or without phases."""

import random
from dataclasses import dataclass, field

from .channel import Channel, Rhythm
from .exchange import Telegram


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterSpec:
    """A meter that tells multiples of ``quantum_w``; ``noise_w`` is one sigma of the total."""

    rhythm: Rhythm = field(default_factory=Rhythm)
    quantum_w: float = 1.0
    noise_w: float = 15.0
    tells_phases: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """A telegram, and what the house drew without its devices when it was measured (which nobody is told)."""

    telegram: Telegram
    rest_w: float


class Meter:
    """The meter at one moment."""

    def __init__(self, spec: MeterSpec, chance: random.Random) -> None:
        """Begin with a telegram at once."""
        self._spec = spec
        self._chance = chance
        self._channel = Channel[tuple[tuple[float, ...], float]](spec.rhythm, chance)

    def step(self, now_s: float, phase_w: tuple[float, ...], rest_w: float) -> Heard | None:
        """Return the telegram that is heard now."""
        told = self._channel.step(now_s, lambda: (self._measured(phase_w), rest_w))
        if told is None:
            return None
        measured, rest_w = told
        telegram = Telegram(
            heard_s=now_s, power_w=sum(measured), phase_w=measured if self._spec.tells_phases else ()
        )
        return Heard(telegram, rest_w)

    def _measured(self, phase_w: tuple[float, ...]) -> tuple[float, ...]:
        spread_w = self._spec.noise_w / len(phase_w) ** 0.5
        quantum_w = self._spec.quantum_w
        return tuple(
            round((power_w + self._chance.gauss(0.0, spread_w)) / quantum_w) * quantum_w
            for power_w in phase_w
        )
