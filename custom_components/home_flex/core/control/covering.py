"""What a free store shows of its own ways: whether it covers the house, and how far it goes for it."""

from collections.abc import Sequence
from dataclasses import replace

from ..kinds.kind import Seen
from ..model import BatteryReading
from . import shown
from .flexibility import is_at_end
from .judging import AT_REST
from .memory import DeviceMemory, MeterMemory, Sample, Shown

# A free store shows within so many readings of the meter whether it covers the house.
_COVERS_AFTER = 5
_COVERS_MOST = 10
_COVERED_W = 150.0
_AT_WORK_W = 150.0
# A store that takes this part of what the meter shows from one report to the next is answering it.
_ANSWERS = 0.05


def covering(seen: Seen[BatteryReading], meter: MeterMemory) -> DeviceMemory:
    """Return the memory with what a free store shows of its own ways at this reading of the meter.

    One that covers the house and goes the right way, but not far enough, has shown how far it goes. What it
    told of the time before it was handed back shows nothing.
    """
    memory = seen.memory
    reports = _own_reports(seen)
    if memory.taken is not None or not meter.samples or not reports:
        return memory
    power_w = reports[-1].power_w
    grid_w = meter.samples[-1].power_w
    if memory.covers is None and abs(power_w) > _AT_WORK_W and abs(grid_w) < _COVERED_W:
        # Most batteries do, and one that does is best left alone.
        memory = replace(memory, covered=_COVERS_AFTER)
    if _is_on_its_way(reports, grid_w):
        return memory
    if abs(power_w) > _AT_WORK_W and abs(grid_w) >= _COVERED_W and _is_against(power_w, grid_w):
        return _at_its_end(memory, reports, grid_w, seen.now_s) if memory.covers is not False else memory
    if abs(power_w) > _AT_WORK_W:
        return _counted(memory, power_w, 1 if abs(grid_w) < _COVERED_W else -2)
    if abs(grid_w) <= 2 * _COVERED_W or abs(power_w) >= _COVERED_W / 3:
        return memory
    if memory.covers is not False and is_at_end(seen.reading.state_of_charge, upwards=grid_w < 0.0):
        return _at_its_end(memory, reports, grid_w, seen.now_s)
    return _counted(memory, power_w, -1)


def _own_reports(seen: Seen[BatteryReading]) -> Sequence[Sample]:
    """Return what the device told since it is free for sure; nothing while it is not."""
    reports, orders = seen.memory.reports, seen.memory.orders
    if not orders:
        return reports
    if orders[-1].value is not None:
        return ()
    return [report for report in reports if report.heard_s >= orders[-1].sent_s + seen.report_window_s]


def _counted(memory: DeviceMemory, power_w: float, more: int) -> DeviceMemory:
    """Return the memory with one more reading for, or against, a store that covers the house."""
    covered = max(-_COVERS_MOST, min(_COVERS_MOST, memory.covered + more))
    if memory.high.bound_w is not None and power_w > memory.high.bound_w:
        memory = replace(memory, high=Shown(share=memory.high.share))
    if memory.low.bound_w is not None and -power_w > memory.low.bound_w:
        memory = replace(memory, low=Shown(share=memory.low.share))
    known = True if covered >= _COVERS_AFTER else False if covered <= -_COVERS_AFTER else memory.covers
    return replace(memory, covered=covered, covers=known)


def _is_against(power_w: float, grid_w: float) -> bool:
    """Return whether a power brings the meter nearer to zero."""
    return power_w * grid_w < 0


def _is_on_its_way(reports: Sequence[Sample], grid_w: float) -> bool:
    """Return whether the last report moved against what the meter shows: it answers, and needs its time."""
    if len(reports) < 2 or abs(grid_w) < _COVERED_W:
        return False
    moved_w = reports[-1].power_w - reports[-2].power_w
    return _is_against(moved_w, grid_w) and abs(moved_w) >= _ANSWERS * abs(grid_w)


def _at_its_end(memory: DeviceMemory, reports: Sequence[Sample], grid_w: float, now_s: float) -> DeviceMemory:
    """Return the memory with the range of a free store that rests although more is needed."""
    powers = [report.power_w for report in reports[-AT_REST:]]
    if len(powers) < AT_REST or max(powers) - min(powers) > shown.tolerance_w(powers[-1]):
        return memory
    if grid_w < 0:
        return replace(memory, high=shown.ended(memory.high, max(0.0, powers[-1]), now_s))
    return replace(memory, low=shown.ended(memory.low, max(0.0, -powers[-1]), now_s))
