"""What is known of each device and of the meter, learned from our own orders and from their rhythm."""

from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from ..kinds.kind import Kind, Seen
from ..model import Reading
from . import gain, hunting, lapsing, response
from .covering import covering
from .judging import judged
from .memory import DeviceMemory, MeterMemory, Sample
from .orders import KEPT_S
from .ranging import ranged
from .rhythm import heard, lost_after_s
from .state import DeviceState
from .stepping import ordered, stepped

_METER_SAMPLES = 64
# A house in which more than this moves all the time is restless, its meter is not noisy.
_NOISE_MOST_W = 100.0


def metered(memory: MeterMemory, power_w: float | None, heard_s: float) -> MeterMemory:
    """Return the meter's memory with a reading, if it is new."""
    if power_w is None or (memory.samples and heard_s <= memory.samples[-1].heard_s):
        return memory
    return replace(
        memory,
        rhythm=heard(memory.rhythm, heard_s),
        samples=(*memory.samples, Sample(heard_s=heard_s, power_w=power_w))[-_METER_SAMPLES:],
    )


def noise_w(memory: MeterMemory) -> float:
    """Return the standard deviation of the meter's noise in W; load steps hardly count in it."""
    powers = [sample.power_w for sample in memory.samples[-32:]]
    changes = [abs(after - before) for before, after in pairwise(powers)]
    # The median of |difference of two normals| is 0.954 of their standard deviation.
    return min(_NOISE_MOST_W, median(changes) / 0.954) if changes else 0.0


def fresh_reading(device: DeviceState, memory: DeviceMemory, kind: Kind[Any], now_s: float) -> Reading | None:
    """Return the device's reading when it still says something about now."""
    if device.reading is None or now_s - device.heard_s > lost_after_s(memory.rhythm, kind.lost_after_s):
        return None
    return device.reading


def begun(device: DeviceState, now_s: float) -> DeviceMemory:
    """Return the memory of a device never seen before: one that is set already stays in hand for now."""
    if device.written is not None and device.written.value is not None:
        written = device.written
        return DeviceMemory(
            taken=written.owner, reason=written.reason, source_id=written.source_id, bound_s=now_s
        )
    return DeviceMemory()


def observed(
    seen: Seen[Any], kind: Kind[Any], meter: MeterMemory, others_sent_s: float | None, *, meter_spoke: bool
) -> DeviceMemory:
    """Return the device's memory with what it, and the meter, tell now.

    ``others_sent_s`` is when another device was last sent an order; ``meter_spoke``: since the last tick.
    """
    device, memory, now_s = seen.device, seen.memory, seen.now_s
    is_new = memory.rhythm.heard_s is None or device.heard_s > memory.rhythm.heard_s
    if is_new:
        reports = (*memory.reports, Sample(heard_s=device.heard_s, power_w=seen.reading.power_w))
        memory = replace(
            memory,
            rhythm=heard(memory.rhythm, device.heard_s),
            reports=tuple(r for r in reports if now_s - r.heard_s <= KEPT_S)[-_METER_SAMPLES:]
            or reports[-1:],
            own_w=seen.reading.power_w if memory.taken is None else memory.own_w,
        )
    memory = ordered(replace(seen, memory=memory), kind, meter)
    if is_new:
        memory = lapsing.heard(replace(seen, memory=memory), kind)
        memory = kind.learned(replace(seen, memory=memory))
    memory = stepped(memory, meter, others_sent_s, now_s)
    if kind.is_driven:
        if meter_spoke:
            memory = covering(replace(seen, memory=memory), meter)
        if is_new:
            memory = ranged(replace(seen, memory=memory))
            memory = gain.learned(replace(seen, memory=memory), kind)
    memory = replace(memory, hunting=hunting.calmed(memory.hunting, now_s))
    judgement = judged(replace(seen, memory=memory), kind)
    return memory if judgement is memory.judgement else replace(memory, judgement=judgement)


def window_s(memory: DeviceMemory, kind: Kind[Any], meter: MeterMemory) -> float:
    """Return the longest time from an order of this device until the meter shows it, in seconds."""
    learned_s = response.meter_window_s(memory.response, kind.window_s, meter.rhythm)
    return min(response.LONGEST_S, learned_s * memory.hunting.slower)


def report_window_s(memory: DeviceMemory, kind: Kind[Any]) -> float:
    """Return the longest time from an order until the device's own reading shows it, in seconds."""
    return response.report_window_s(memory.response, kind.report_window_s, memory.rhythm)
