"""How a device answers an order: after a dead time, at a ramp, with a lag, in steps, weakly, or never."""

import math
from collections import deque
from dataclasses import dataclass

_SAME_S = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What becomes of an order: times ``gain``, in steps of ``step_w``; each ``ignores_every``-th is lost.

    ``turned``: the device does the opposite.
    """

    dead_s: float = 0.5
    ramp_w_per_s: float = 5000.0
    lag_s: float = 0.0
    gain: float = 1.0
    step_w: float = 0.0
    ignores_every: int = 0
    turned: bool = False

    def done(self, value: float) -> float:
        """Return what the device tries to do when told ``value``."""
        aimed = value * self.gain * (-1.0 if self.turned else 1.0)
        return round(aimed / self.step_w) * self.step_w if self.step_w else aimed

    def moved(self, power_w: float, aim_w: float, seconds: float) -> float:
        """Return the power ``seconds`` later on the way from ``power_w`` to ``aim_w``."""
        way_w = aim_w - power_w
        if self.lag_s:
            way_w *= 1.0 - math.exp(-seconds / self.lag_s)
        reach_w = self.ramp_w_per_s * seconds
        return power_w + min(max(way_w, -reach_w), reach_w)


class Inbox:
    """The orders written to a device, and the one in force after its dead time."""

    def __init__(self, response: Response) -> None:
        """No order yet: the device is under its own control."""
        self._response = response
        self._under_way: deque[tuple[float, float | None, float | None]] = deque()
        self._written = 0
        self._expires_s = math.inf
        self._value: float | None = None

    def write(self, value: float | None, now_s: float, expires_in_s: float | None) -> None:
        """Accept an order; one that is swallowed is accepted all the same."""
        self._written += 1
        every = self._response.ignores_every
        if not every or self._written % every:
            self._under_way.append((now_s + self._response.dead_s, value, expires_in_s))

    def value(self, now_s: float) -> float | None:
        """Return the value in force, None when under its own control."""
        while self._under_way and self._under_way[0][0] <= now_s + _SAME_S:
            due_s, self._value, expires_in_s = self._under_way.popleft()
            self._expires_s = math.inf if expires_in_s is None else due_s + expires_in_s
        if now_s >= self._expires_s:
            self._value, self._expires_s = None, math.inf
        return self._value
