"""The home's own load is never negative: when it is, something is read wrong.

Which explanation fits is tried out: a sign that is swapped, or a unit that is a thousand times too large. It
has to make sense of every window kept, of those too that were in order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .seen import HomeSeen, Powers, Window
from .verdict import Verdict

# Medians of right homes stay above this, whatever the rhythm of their sources.
_LEAST_W = 150.0
_OF_LARGEST = 0.05
_ALARM_WINDOWS = 3
_KEPT_WINDOWS = 24
_WINDOW_PERIODS = 3
_WINDOW_MORE_S = 10.0
_KILO = 1000.0
METER = "meter"

type Explanation = tuple[str, Verdict]
type Correction = Callable[[Powers], Powers]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadMemory:
    """The window that fills, the medians of those before, and how many of the last in a row were impossible.

    ``alarms`` counts how often that was so for long enough; ``explanations`` are what explains the last.
    """

    window: Window | None = None
    kept: tuple[Powers, ...] = ()
    in_a_row: int = 0
    alarms: int = 0
    explanations: tuple[Explanation, ...] = ()


def watched(memory: LoadMemory, home: HomeSeen) -> LoadMemory:
    """Return the memory with one moment more."""
    window = (memory.window or Window(since_s=home.now_s)).with_(home)
    if home.now_s - window.since_s < _WINDOW_PERIODS * home.slowest_s + _WINDOW_MORE_S:
        return replace(memory, window=window)
    return _judged(replace(memory, window=None), window.medians())


def _judged(memory: LoadMemory, powers: Powers) -> LoadMemory:
    same = tuple(each for each in memory.kept if each.devices_w.keys() == powers.devices_w.keys())
    kept = (*same, powers)[-_KEPT_WINDOWS:]
    if _is_possible(powers):
        return replace(memory, kept=kept, in_a_row=0)
    if memory.in_a_row + 1 < _ALARM_WINDOWS:
        return replace(memory, kept=kept, in_a_row=memory.in_a_row + 1)
    explanations = tuple(
        explanation
        for explanation, correct in _corrections(powers)
        if all(_is_possible(correct(each)) for each in kept)
    )
    return replace(memory, kept=kept, in_a_row=0, alarms=memory.alarms + 1, explanations=explanations)


def _is_possible(powers: Powers) -> bool:
    return powers.load_w >= -max(_LEAST_W, _OF_LARGEST * powers.largest_w)


def _corrections(powers: Powers) -> Iterator[tuple[Explanation, Correction]]:
    yield (METER, Verdict.SWAPPED), lambda each: replace(each, grid_w=-each.grid_w)
    yield (METER, Verdict.TOO_SMALL), lambda each: replace(each, grid_w=each.grid_w * _KILO)
    for device_id in powers.devices_w:
        yield (device_id, Verdict.SWAPPED), _scaled(device_id, -1.0)
        yield (device_id, Verdict.TOO_LARGE), _scaled(device_id, 1.0 / _KILO)


def _scaled(device_id: str, factor: float) -> Correction:
    def correct(powers: Powers) -> Powers:
        scaled = {**powers.devices_w, device_id: powers.devices_w[device_id] * factor}
        return replace(powers, devices_w=scaled)

    return correct
