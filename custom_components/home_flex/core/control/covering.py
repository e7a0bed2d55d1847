"""What a free store shows of its own ways: whether it covers the house, and how far it goes for it."""

from dataclasses import replace

from . import shown
from .judging import AT_REST
from .memory import DeviceMemory, MeterMemory, Shown

# A free store shows within so many readings of the meter whether it covers the house.
_COVERS_AFTER = 5
_COVERS_MOST = 10
_COVERED_W = 150.0
_AT_WORK_W = 150.0
# A store that takes this part of what the meter shows from one report to the next is answering it.
_ANSWERS = 0.05


def covering(memory: DeviceMemory, meter: MeterMemory, now_s: float) -> DeviceMemory:
    """Return the memory with what a free store shows of its own ways at this reading of the meter.

    One that covers the house and goes the right way, but not far enough, has shown how far it goes.
    """
    if memory.taken is not None or not meter.samples or not memory.reports:
        return memory
    if memory.orders and (memory.orders[-1].value is not None):
        return memory
    power_w = memory.reports[-1].power_w
    grid_w = meter.samples[-1].power_w
    if memory.covers is None and abs(power_w) > _AT_WORK_W and abs(grid_w) < _COVERED_W:
        # Most batteries do, and one that does is best left alone.
        memory = replace(memory, covers=True, covered=_COVERS_AFTER)
    if _is_on_its_way(memory, grid_w):
        return memory
    if abs(power_w) > _AT_WORK_W and abs(grid_w) >= _COVERED_W and power_w * grid_w < 0:
        return _at_its_end(memory, power_w, now_s) if memory.covers is not False else memory
    if abs(power_w) > _AT_WORK_W:
        covered = memory.covered + (1 if abs(grid_w) < _COVERED_W else -2)
    elif abs(grid_w) > 2 * _COVERED_W and abs(power_w) < _COVERED_W / 3:
        covered = memory.covered - 1
    else:
        return memory
    covered = max(-_COVERS_MOST, min(_COVERS_MOST, covered))
    if memory.high.bound_w is not None and power_w > memory.high.bound_w:
        memory = replace(memory, high=Shown(share=memory.high.share))
    if memory.low.bound_w is not None and -power_w > memory.low.bound_w:
        memory = replace(memory, low=Shown(share=memory.low.share))
    known = True if covered >= _COVERS_AFTER else False if covered <= -_COVERS_AFTER else memory.covers
    return replace(memory, covered=covered, covers=known)


def _is_on_its_way(memory: DeviceMemory, grid_w: float) -> bool:
    """Return whether the last report moved against what the meter shows: it answers, and needs its time."""
    if len(memory.reports) < 2 or abs(grid_w) < _COVERED_W:
        return False
    moved_w = memory.reports[-1].power_w - memory.reports[-2].power_w
    return moved_w * grid_w < 0 and abs(moved_w) >= _ANSWERS * abs(grid_w)


def _at_its_end(memory: DeviceMemory, power_w: float, now_s: float) -> DeviceMemory:
    """Return the memory with the range of a free store that rests although more is needed."""
    powers = [report.power_w for report in memory.reports[-AT_REST:]]
    if len(powers) < AT_REST or max(powers) - min(powers) > shown.tolerance_w(power_w):
        return memory
    if power_w > 0:
        return replace(memory, high=shown.ended(memory.high, power_w, now_s))
    return replace(memory, low=shown.ended(memory.low, -power_w, now_s))
