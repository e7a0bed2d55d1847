"""What the meter said lately: the mean before an event, and energy and kept limits while one runs.

No minute inside an event is part of a baseline, nor the one after it, in which devices come back: of events
that follow one another each counts from the minute before the first.

Time is that of arrival on a monotonic clock, so that a step of the wall clock neither adds nor hides any.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..core.model import Scope

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

    def sample(
        self, power_w: float, now_s: float, *, limit_kept: bool | None, is_disturbed: bool = False
    ) -> None:
        """Note a reading that arrived at ``now_s``; one that ``is_disturbed`` by an event is no baseline."""
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
        if is_disturbed:
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


class EventMeters:
    """A meter for each scope that events are asked of. ``monotonic_s`` gives seconds that only ever grow."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        """Start with nothing known."""
        self._meters: dict[Scope, EventMeter] = {}
        self._disturbed_until_s = -math.inf
        self._monotonic_s = monotonic_s

    def sample(self, scope: Scope, power_w: float, *, limit_kept: bool | None) -> None:
        """Note the power of a scope now."""
        now_s = self._monotonic_s()
        meter = self._meters.setdefault(scope, EventMeter())
        is_disturbed = now_s < self._disturbed_until_s
        meter.sample(power_w, now_s, limit_kept=limit_kept, is_disturbed=is_disturbed)

    def take(self) -> Mapping[Scope, Measured]:
        """Return what was measured since this was asked last."""
        return {scope: meter.take() for scope, meter in self._meters.items()}

    def baselines_w(self) -> Mapping[Scope, float]:
        """Return the baseline of each scope that has one now."""
        now_s = self._monotonic_s()
        found = {scope: meter.baseline_w(now_s) for scope, meter in self._meters.items()}
        return {scope: power_w for scope, power_w in found.items() if power_w is not None}

    def latest_w(self) -> Mapping[Scope, float]:
        """Return the last power told of each scope."""
        found = {scope: meter.latest_w for scope, meter in self._meters.items()}
        return {scope: power_w for scope, power_w in found.items() if power_w is not None}

    def disturbed(self) -> None:
        """Note that an event is in force: it may move devices in every scope, and they come back after it."""
        self._disturbed_until_s = self._monotonic_s() + REBOUND_S

    def restart(self) -> None:
        """Begin anew."""
        for meter in self._meters.values():
            meter.restart()
