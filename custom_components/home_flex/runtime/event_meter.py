"""What the meter said lately: the mean before an event, and energy and kept limits while one runs.

No minute inside an event is part of a baseline, nor the one after it, in which devices come back: of events
that follow one another each counts from the minute before the first.

Time is that of arrival on a monotonic clock, so that a step of the wall clock neither adds nor hides any.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

BASELINE_WINDOW_S: Final = 60.0
# After an event chargers and inverters come back within a minute.
REBOUND_S: Final = 60.0
# What the home drew an hour ago says nothing about now.
OLDEST_BASELINE_S: Final = 3600.0
LONGEST_SAMPLE_S: Final = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """Energy (import minus export), the time it was measured in, and the part of it in which limits held."""

    energy_wh: float = 0.0
    measured_s: float = 0.0
    kept_s: float = 0.0


class EventMeter:
    """Adds up what the meter tells."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._last: tuple[float, float] | None = None
        self._undisturbed: deque[tuple[float, float]] = deque()
        self._disturbed_until_s = -math.inf
        self._since_last = Measured()

    @property
    def latest_w(self) -> float | None:
        """The last power told, W; None when there is none."""
        return self._last[1] if self._last else None

    def baseline_w(self, now_s: float) -> float | None:
        """Return the mean power of the last minute without an event, W.

        None when the meter told nothing in the last minute, or no such minute lies within the last hour.
        """
        if self._last is None or now_s - self._last[0] > BASELINE_WINDOW_S:
            return None
        if not self._undisturbed or now_s - self._undisturbed[-1][0] > OLDEST_BASELINE_S:
            return None
        return sum(power_w for _, power_w in self._undisturbed) / len(self._undisturbed)

    def disturbed(self, now_s: float) -> None:
        """Note that an event is in force."""
        self._disturbed_until_s = now_s + REBOUND_S

    def sample(self, power_w: float, now_s: float, *, limit_kept: bool | None) -> None:
        """Note a reading that arrived at ``now_s``."""
        if self._last is not None:
            then_s, then_w = self._last
            seconds = min(now_s - then_s, LONGEST_SAMPLE_S)
            before = self._since_last
            self._since_last = Measured(
                energy_wh=before.energy_wh + (power_w + then_w) / 2 * seconds / 3600,
                measured_s=before.measured_s + seconds,
                kept_s=before.kept_s + (seconds if limit_kept is not False else 0.0),
            )
        self._last = now_s, power_w
        if now_s < self._disturbed_until_s:
            return
        self._undisturbed.append(self._last)
        while self._undisturbed[0][0] < now_s - BASELINE_WINDOW_S:
            self._undisturbed.popleft()

    def take(self) -> Measured:
        """Return what was measured since this was asked last."""
        taken, self._since_last = self._since_last, Measured()
        return taken

    def restart(self) -> None:
        """Begin anew: what was told before is not to be compared with what follows."""
        self._last = None
        self._undisturbed.clear()
