"""A battery that is charged fills: its state of charge against the energy that went in.

Correlation with the meter cannot tell a battery's sign, as it moves to keep the meter still; what it stores
can.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .seen import DeviceSeen
from .verdict import Verdict

_STEP = 0.0095  # a percent, as states of charge are told
_STEPS = 3
_LONGEST_GAP_PERIODS = 3.0
# The energy of a percent by the state of charge and by the power agree within this, losses and all.
_MOST_TOO_LARGE, _MOST_TOO_SMALL = 100.0, 0.01
# A battery that rests loses a percent now and then, whatever it shows of its own standby: that says nothing.
_LONGEST_STEP_S = 3600.0
# A comma in the wrong place. A state of charge that is set right leaps further than its energy: every one of
# six steps in a row has to say so.
_TENFOLD = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """The state of charge moved by ``change`` while ``energy_wh`` went in."""

    change: float
    energy_wh: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreMemory:
    """What was seen of a battery: the state of charge at the last step, and the energy since.

    ``is_at_step``: the count began where the state of charge moved, so that the step is a whole one.
    ``since_s`` is when that was.
    """

    state_of_charge: float | None = None
    energy_wh: float = 0.0
    is_at_step: bool = False
    seen_s: float = 0.0
    since_s: float = 0.0
    steps: tuple[Step, ...] = ()


def watched(memory: StoreMemory, device: DeviceSeen, now_s: float) -> StoreMemory:
    """Return the memory with one moment more of a battery that tells its state of charge."""
    if device.state_of_charge is None:
        return StoreMemory()
    gap_s = now_s - memory.seen_s
    if memory.state_of_charge is None or gap_s > _LONGEST_GAP_PERIODS * max(1.0, device.period_s):
        return StoreMemory(state_of_charge=device.state_of_charge, seen_s=now_s, since_s=now_s)
    energy_wh = memory.energy_wh + device.power_w * gap_s / 3600
    change = device.state_of_charge - memory.state_of_charge
    if abs(change) < _STEP:
        return replace(memory, energy_wh=energy_wh, seen_s=now_s)
    is_resting = now_s - memory.since_s > _LONGEST_STEP_S
    steps = () if is_resting else memory.steps
    if memory.is_at_step and not is_resting:
        if steps and (steps[-1].change > 0.0) != (change > 0.0):
            steps = ()
        steps = (*steps, Step(change=change, energy_wh=energy_wh))[-2 * _STEPS :]
    return StoreMemory(
        state_of_charge=device.state_of_charge, is_at_step=True, seen_s=now_s, since_s=now_s, steps=steps
    )


def verdict(memory: StoreMemory, capacity_wh: float | None) -> Verdict:
    """Return what the last three steps in one direction say of the sign, and of the unit."""
    last = memory.steps[-_STEPS:]
    if len(last) < _STEPS:
        return Verdict.UNDECIDED
    is_known = capacity_wh is not None and capacity_wh > 0.0
    unit = _unit(memory.steps, capacity_wh or 0.0) if is_known else Verdict.RIGHT
    if unit is Verdict.TOO_SMALL:
        return unit  # what is next to nothing has no sign
    if all(step.energy_wh * step.change < 0.0 for step in last):
        return Verdict.SWAPPED
    return unit if all(step.energy_wh * step.change > 0.0 for step in last) else Verdict.UNDECIDED


def _unit(steps: Sequence[Step], capacity_wh: float) -> Verdict:
    last = steps[-_STEPS:]
    ratio = sum(abs(step.energy_wh) for step in last) / (capacity_wh * sum(abs(step.change) for step in last))
    each = [abs(step.energy_wh) / (capacity_wh * abs(step.change)) for step in steps]
    is_whole = len(each) == 2 * _STEPS
    if ratio > _MOST_TOO_LARGE or (is_whole and min(each) > _TENFOLD):
        return Verdict.TOO_LARGE
    if ratio < _MOST_TOO_SMALL or (is_whole and max(each) < 1.0 / _TENFOLD):
        return Verdict.TOO_SMALL
    return Verdict.RIGHT
