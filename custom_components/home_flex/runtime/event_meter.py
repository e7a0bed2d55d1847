"""What the meter says for events: the power before them, and what comes between two of its words.

No minute inside an event is part of what is known of before, nor the one after the last device was handed
back, in which devices come back: of events that follow one another each counts from the minute before the
first.

Time is that of arrival on a monotonic clock, so that a step of the wall clock neither adds nor hides any.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..core.model import DeviceKind, MeterReading, Scope
from ..core.settlement.tally import Before, Stretch

BASELINE_WINDOW_S: Final = 60.0
# After the last of an event's setpoints was taken back chargers and inverters come back within a minute.
REBOUND_S: Final = 60.0
# What the home drew an hour ago says nothing about now.
OLDEST_BASELINE_S: Final = 3600.0
# Power stands for energy no longer than this, where there are no registers.
LONGEST_HELD_S: Final = 60.0
# Of a meter that speaks more seldom nobody knows whether a limit is kept.
LONGEST_WATCHED_S: Final = 15.0
# Registers of two directions count in whole Wh at best.
_RESOLUTION_WH: Final = 2.0
_W_MS_A_WH: Final = 3_600_000


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceNow:
    """A device as it is: what is kept of it as before an event.

    ``moved_by`` is the event whose setpoint it was told last, None when it runs by itself or for another.
    """

    before: Before
    moved_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One word of the meter: its power (W), what counts against a limit for drawing, and its registers (Wh).

    A register None: not told. ``devices``: those that could be read.
    """

    power_w: float
    counted_w: float
    import_wh: float | None = None
    export_wh: float | None = None
    devices: Sequence[DeviceNow] = ()

    @classmethod
    def of_meter(cls, reading: MeterReading, devices: Sequence[DeviceNow]) -> Sample:
        """Return what the grid meter says of the site."""
        return cls(
            power_w=reading.power_w,
            counted_w=reading.power_w,
            import_wh=reading.energy_import_wh,
            export_wh=reading.energy_export_wh,
            devices=devices,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A sample, and when it came on the monotonic clock."""

    sample: Sample
    at_s: float


@dataclass(kw_only=True)
class EventMeter:
    """What a scope said last, and what it drew before.

    ``last`` is its last word that was placed in time, ``latest_w`` the power of the last of all.
    """

    last: Heard | None = None
    latest_w: float | None = None
    _heard_s: float = -math.inf
    _undisturbed: deque[tuple[float, float]] = field(default_factory=deque)
    _before: tuple[Before, ...] = ()

    def baseline_w(self, now_s: float) -> float | None:
        """Return the mean power of the last minute without an event, W.

        None when the meter told nothing in the last minute, or no such minute lies within the last hour.
        """
        if now_s - self._heard_s > BASELINE_WINDOW_S:
            return None
        if not self._undisturbed or now_s - self._undisturbed[-1][0] > OLDEST_BASELINE_S:
            return None
        return sum(power_w for _, power_w in self._undisturbed) / len(self._undisturbed)

    def before(self, now_s: float) -> tuple[Before, ...]:
        """Return the meter and the devices as they were last without an event; nothing without a baseline."""
        return () if self.baseline_w(now_s) is None else self._before

    def hear(self, sample: Sample, now_s: float, *, is_placed: bool, is_disturbed: bool) -> None:
        """Note a sample that arrived at ``now_s``; one that ``is_disturbed`` by an event is not of before."""
        self._heard_s, self.latest_w = now_s, sample.power_w
        if is_placed:
            self.last = Heard(sample=sample, at_s=now_s)
        if is_disturbed:
            return
        self._undisturbed.append((now_s, sample.power_w))
        while self._undisturbed[0][0] < now_s - BASELINE_WINDOW_S:
            self._undisturbed.popleft()
        meter = Before(device_id="", kind=DeviceKind.GRID_METER, power_w=round(sample.power_w))
        self._before = (meter, *(one.before for one in sample.devices))


class EventMeters:
    """A meter for each scope that events are asked of. ``monotonic_s`` gives seconds that only ever grow."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        """Start with nothing known."""
        self._meters: dict[Scope, EventMeter] = {}
        self._disturbed_until_s = -math.inf
        self._monotonic_s = monotonic_s

    def hear(self, scope: Scope, sample: Sample, *, is_placed: bool) -> Heard | None:
        """Note what a scope draws now; return its last word before that was placed in time, None at first."""
        now_s = self._monotonic_s()
        meter = self._meters.setdefault(scope, EventMeter())
        last = meter.last
        meter.hear(sample, now_s, is_placed=is_placed, is_disturbed=now_s < self._disturbed_until_s)
        return last

    def baselines_w(self) -> Mapping[Scope, float]:
        """Return the baseline of each scope that has one now."""
        now_s = self._monotonic_s()
        found = {scope: meter.baseline_w(now_s) for scope, meter in self._meters.items()}
        return {scope: power_w for scope, power_w in found.items() if power_w is not None}

    def before(self, scope: Scope) -> tuple[Before, ...]:
        """Return the devices of a scope as they were last without an event."""
        meter = self._meters.get(scope)
        return () if meter is None else meter.before(self._monotonic_s())

    def latest_w(self) -> Mapping[Scope, float]:
        """Return the last power told of each scope."""
        found = {scope: meter.latest_w for scope, meter in self._meters.items()}
        return {scope: power_w for scope, power_w in found.items() if power_w is not None}

    def disturbed(self) -> None:
        """Note that an event is in force, or holds a device: it may move devices in every scope."""
        self._disturbed_until_s = self._monotonic_s() + REBOUND_S


def energy_w_ms(
    sample: Sample, *, import_wh: float | None, export_wh: float | None, length_s: float, most_w: float
) -> int | None:
    """Return what registers counted since they told ``import_wh`` and ``export_wh``, W times ms.

    None where they did not tell, fell, or jumped ahead by more than ``most_w`` lets through.
    """
    if import_wh is None or export_wh is None or sample.import_wh is None or sample.export_wh is None:
        return None
    imported_wh, exported_wh = sample.import_wh - import_wh, sample.export_wh - export_wh
    most_wh = most_w * length_s / 3600 + _RESOLUTION_WH
    if not (0 <= imported_wh <= most_wh and 0 <= exported_wh <= most_wh):
        return None
    return round((imported_wh - exported_wh) * _W_MS_A_WH)


def between(last: Heard, sample: Sample, now_s: float, end_ms: int) -> Stretch:
    """Return what came since ``last``, by power; the stretch ends at ``end_ms`` of the event's clock."""
    length_s = now_s - last.at_s
    length_ms = round(1000 * length_s)
    mean_w = (last.sample.power_w + sample.power_w) / 2
    is_near = length_s <= LONGEST_HELD_S
    return Stretch(
        start_ms=end_ms - length_ms,
        end_ms=end_ms,
        energy_w_ms=round(mean_w * length_ms) if is_near else None,
        is_by_power=True,
        devices_w={one.before.device_id: one.before.power_w for one in sample.devices} if is_near else {},
    )
