"""A cloud moves the sun and not the house: how the home's load seems to follow a PV inverter.

Of the sun's steps the load follows none when it is read right. It goes against all of them when another
device counts the same sun, or when the meter sees none of it; with them when there is more sun than is read.
Against them twice means that the meter's sign is swapped: that of the sun itself is plain.
"""

from dataclasses import dataclass, replace
from statistics import median

from .seen import HomeSeen, Powers, Window
from .verdict import Verdict

_WINDOW_PERIODS = 2
_WINDOW_MORE_S = 10.0
_LEAST_STEP_W = 150.0
_LEAST_STEPS = 6
_KEPT_STEPS = 24
# A battery that follows the sun hides what the sun does.
_OTHERS_MOST = 0.3
_ALIKE = 0.05
# Half-way between the slopes that there are: -2, -1, 0 and +1.
_TURNED_BELOW, _TWICE_BELOW, _MISSING_ABOVE = -1.5, -0.5, 0.5
# An inverter draws a few watts at night.
_MOST_DRAWN_W = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SunMemory:
    """The window that fills, the last one's medians, and the slope of each large step of the sun.

    ``has_twin``: in the last such step another device moved just as far. ``draws``: it consumed lately.
    """

    window: Window | None = None
    last: Powers | None = None
    slopes: tuple[float, ...] = ()
    has_twin: bool = False
    draws: bool = False


def watched(memory: SunMemory, device_id: str, home: HomeSeen) -> SunMemory:
    """Return the memory of a PV inverter with one moment more."""
    window = (memory.window or Window(since_s=home.now_s)).with_(home)
    periods_s = home.devices[device_id].period_s + home.grid_period_s
    if home.now_s - window.since_s < _WINDOW_PERIODS * periods_s + _WINDOW_MORE_S:
        return replace(memory, window=window)
    powers = window.medians()
    memory = replace(memory, window=None, draws=powers.devices_w[device_id] > _MOST_DRAWN_W)
    return replace(_stepped(memory, powers, device_id), last=powers)


def _stepped(memory: SunMemory, after: Powers, device_id: str) -> SunMemory:
    """Return the memory with how far the load followed a large step of the sun, unless others moved too."""
    before = memory.last
    if before is None or before.devices_w.keys() != after.devices_w.keys():
        return memory
    steps_w = {each: after.devices_w[each] - before.devices_w[each] for each in after.devices_w}
    step_w = steps_w.pop(device_id)
    twins = [each for each in steps_w.values() if abs(each - step_w) < _ALIKE * abs(step_w)]
    others_w = sum(abs(each) for each in steps_w.values()) - sum(abs(each) for each in twins)
    if abs(step_w) < _LEAST_STEP_W or others_w > _OTHERS_MOST * abs(step_w):
        return memory
    slope = (after.load_w - before.load_w) / step_w
    return replace(memory, slopes=(*memory.slopes, slope)[-_KEPT_STEPS:], has_twin=bool(twins))


def turns_the_meter(memory: SunMemory) -> bool:
    """Whether the meter shows the opposite of what the sun does."""
    return not memory.draws and _median_slope(memory) < _TURNED_BELOW


def verdict(memory: SunMemory) -> Verdict:
    """Return what the steps of the sun say; the sign of an inverter that draws much is swapped."""
    if memory.draws:
        return Verdict.SWAPPED
    if len(memory.slopes) < _LEAST_STEPS or turns_the_meter(memory):
        return Verdict.UNDECIDED
    slope = _median_slope(memory)
    if slope < _TWICE_BELOW:
        return Verdict.COUNTED_TWICE if memory.has_twin else Verdict.NOT_SEEN
    return Verdict.MISSING if slope > _MISSING_ABOVE else Verdict.RIGHT


def _median_slope(memory: SunMemory) -> float:
    return median(memory.slopes) if len(memory.slopes) >= _LEAST_STEPS else 0.0
