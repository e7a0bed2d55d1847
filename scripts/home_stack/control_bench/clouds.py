"""The sun over a house, under a clear sky or broken clouds."""

import math
import random
from bisect import bisect_right
from dataclasses import dataclass

# Mean minutes of sun, and as long of cloud, by the name of a sky.
SKIES = {"c2": (1.0,), "c5": (2.5,), "c10": (5.0,), "c20": (10.0,), "mix": (1.0, 2.5, 5.0, 10.0)}
CLEAR = "clear"
_EDGE_S = 10.0
SHADE = (0.1, 0.5)


@dataclass(frozen=True, slots=True)
class Sun:
    """What panels could give: ``peak_w`` at noon of a day of ``day_s`` (0: always), seen from ``start_s``.

    ``marks_s`` and ``shares``: from when on which share comes through; a cloud's edge takes ``edge_s``.
    """

    peak_w: float = 0.0
    day_s: float = 0.0
    start_s: float = 0.0
    marks_s: tuple[float, ...] = (-1e9,)
    shares: tuple[float, ...] = (1.0,)
    edge_s: float = _EDGE_S

    def power_w(self, now_s: float) -> float:
        """Return what comes down at ``now_s``."""
        height = math.sin(math.pi * (self.start_s + now_s) / self.day_s) if self.day_s else 1.0
        index = bisect_right(self.marks_s, now_s) - 1
        share = self.shares[index]
        if index and self.edge_s:
            before = self.shares[index - 1]
            share = before + (share - before) * min(1.0, (now_s - self.marks_s[index]) / self.edge_s)
        return max(0.0, self.peak_w * height * share)


def sky(
    name: str, *, peak_w: float, seed: int, length_s: float, day_s: float = 0.0, start_s: float = 0.0
) -> Sun:
    """Return the sun under a named sky: sun and cloud in turn, of random length, cloud at 10 to 50 %."""
    if name == CLEAR:
        return Sun(peak_w, day_s, start_s)
    chance = random.Random(f"{name} {seed}")  # noqa: S311 # a repeatable sky, no secret
    marks_s, shares, now_s, cloudy = [-1e9], [1.0], 0.0, False
    while now_s < length_s:
        now_s += max(_EDGE_S, chance.expovariate(1.0 / (60.0 * chance.choice(SKIES[name]))))
        cloudy = not cloudy
        marks_s.append(now_s)
        shares.append(chance.uniform(*SHADE) if cloudy else 1.0)
    return Sun(peak_w, day_s, start_s, tuple(marks_s), tuple(shares))


def broken(*, low_w: float, high_w: float, each_s: float, length_s: float, seed: int) -> Sun:
    """Return a sun that is somewhere else between two powers every ``each_s``."""
    chance = random.Random(f"broken {seed}")  # noqa: S311 # a repeatable sky, no secret
    count = int(length_s / each_s) + 1
    marks_s = (-1e9, *(each_s * (number + 1) for number in range(count)))
    shares = tuple(chance.uniform(low_w / high_w, 1.0) for _ in marks_s)
    return Sun(high_w, 0.0, 0.0, marks_s, shares, 0.0)
