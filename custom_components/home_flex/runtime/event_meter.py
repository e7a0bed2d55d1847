"""What the meter said lately: the mean before an event, and energy and kept limits while one runs.

Time is that of arrival on a monotonic clock, so that a step of the wall clock neither adds nor hides any.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

BASELINE_WINDOW_S: Final = 60.0
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
        self._recent: deque[tuple[float, float]] = deque()
        self._since_last = Measured()

    @property
    def latest_w(self) -> float | None:
        """The last power told, W; None when there is none."""
        return self._recent[-1][1] if self._recent else None

    @property
    def mean_w(self) -> float | None:
        """The mean power of the last minute, W; None when nothing was told in it."""
        if not self._recent:
            return None
        return sum(power_w for _, power_w in self._recent) / len(self._recent)

    def sample(self, power_w: float, now_s: float, *, limit_kept: bool | None) -> None:
        """Note a reading that arrived at ``now_s``."""
        if self._recent:
            then_s, then_w = self._recent[-1]
            seconds = min(now_s - then_s, LONGEST_SAMPLE_S)
            before = self._since_last
            self._since_last = Measured(
                energy_wh=before.energy_wh + (power_w + then_w) / 2 * seconds / 3600,
                measured_s=before.measured_s + seconds,
                kept_s=before.kept_s + (seconds if limit_kept is not False else 0.0),
            )
        self._recent.append((now_s, power_w))
        while self._recent[0][0] < now_s - BASELINE_WINDOW_S:
            self._recent.popleft()

    def take(self) -> Measured:
        """Return what was measured since this was asked last."""
        taken, self._since_last = self._since_last, Measured()
        return taken

    def restart(self) -> None:
        """Begin anew: what was told before is not to be compared with what follows."""
        self._recent.clear()
