"""How a value gets from a device to whoever reads it: sampled, late, with jitter, sometimes not at all."""

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_SAME_S = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """A value each ``period_s``, heard ``age_s`` to ``age_s + jitter_s`` later; a share ``loss`` never.

    Nothing is sampled from ``dies_s`` on.
    """

    period_s: float = 1.0
    age_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    dies_s: float = math.inf


class Channel[T]:
    """A stream of samples in a rhythm; ``step`` is to be called at each step of time."""

    def __init__(self, rhythm: Rhythm, chance: random.Random, first_s: float = 0.0) -> None:
        """Take the first sample at ``first_s``."""
        self._rhythm = rhythm
        self._chance = chance
        self._next_s = first_s
        self._under_way: deque[tuple[float, T]] = deque()

    def step(self, now_s: float, sample: Callable[[], T]) -> T | None:
        """Return what is delivered by ``now_s``, the newest of it, or None."""
        rhythm = self._rhythm
        if now_s >= self._next_s - _SAME_S and now_s < rhythm.dies_s:
            self._next_s += rhythm.period_s
            due_s = now_s + rhythm.age_s + self._chance.uniform(0.0, rhythm.jitter_s)
            if self._chance.random() >= rhythm.loss:
                # What was sent later never arrives earlier.
                due_s = max(due_s, self._under_way[-1][0] if self._under_way else due_s)
                self._under_way.append((due_s, sample()))
        delivered = None
        while self._under_way and self._under_way[0][0] <= now_s + _SAME_S:
            delivered = self._under_way.popleft()[1]
        return delivered
