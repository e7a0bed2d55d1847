"""The sun over a house, under a clear sky or broken clouds."""

import math
import random
from bisect import bisect_right
from dataclasses import dataclass, field

# Mean minutes of sun, and as long of cloud, by the name of a sky.
SKIES = {"c2": (1.0,), "c5": (2.5,), "c10": (5.0,), "c20": (10.0,), "mix": (1.0, 2.5, 5.0, 10.0)}
CLEAR = "clear"
_EDGE_S = 10.0
_SHADE = (0.1, 0.5)


@dataclass(frozen=True, slots=True)
class Sun:
    """What panels could give: ``peak_w`` at the noon of a day of ``day_s`` (0: at any time), seen from ``start_s``.

    ``marks_s`` and ``shares`` say from when on which share of it comes through; an edge takes ten seconds.
    """

    peak_w: float = 0.0
    day_s: float = 0.0
    start_s: float = 0.0
    marks_s: tuple[float, ...] = (-1e9,)
    shares: tuple[float, ...] = field(default=(1.0,))

    def power_w(self, now_s: float) -> float:
        """Return what comes down at ``now_s``."""
        height = math.sin(math.pi * (self.start_s + now_s) / self.day_s) if self.day_s else 1.0
        index = bisect_right(self.marks_s, now_s) - 1
        share = self.shares[index]
        if index:
            before = self.shares[index - 1]
            share = before + (share - before) * min(1.0, (now_s - self.marks_s[index]) / _EDGE_S)
        return max(0.0, self.peak_w * height * share)


def sky(
    name: str, *, peak_w: float, seed: int, length_s: float, day_s: float = 0.0, start_s: float = 0.0
) -> Sun:
    """Return the sun under a named sky: sun and cloud in turn, each of random length, at 10 to 50 % in cloud."""
    if name == CLEAR:
        return Sun(peak_w, day_s, start_s)
    chance = random.Random(f"{name} {seed}")  # noqa: S311 # a repeatable sky, no secret
    marks_s, shares, now_s, cloudy = [-1e9], [1.0], 0.0, False
    while now_s < length_s:
        now_s += max(_EDGE_S, chance.expovariate(1.0 / (60.0 * chance.choice(SKIES[name]))))
        cloudy = not cloudy
        marks_s.append(now_s)
        shares.append(chance.uniform(*_SHADE) if cloudy else 1.0)
    return Sun(peak_w, day_s, start_s, tuple(marks_s), tuple(shares))


def square(*, high_w: float, low_w: float, period_s: float, length_s: float) -> Sun:
    """Return a sun that a cloud of half a ``period_s`` takes away again and again."""
    count = int(2.0 * length_s / period_s) + 2
    marks_s = (-1e9, *(period_s / 2.0 * (number + 1) for number in range(count)))
    shares = (1.0, *((low_w / high_w) if number % 2 == 0 else 1.0 for number in range(count)))
    return Sun(high_w, 0.0, 0.0, marks_s, shares)
