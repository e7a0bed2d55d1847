"""What a meter says of the sum that a guard is about."""

import math
from collections.abc import Mapping
from functools import lru_cache

from ..model import Circuit, GridKind, MeterReading
from .leg_currents import LINES_OF_LEG, leg_currents_a
from .network import Guard, Unit
from .phase_currents import NOMINAL_V, Bounds, larger_of_both, per_phase, phase_currents_a, plausible


def measured(guard: Guard, circuit: Circuit, meter: MeterReading, *, produces: bool = True) -> Bounds | None:
    """Return between what the sum of ``guard``, rest and devices, lies now, in its unit.

    ``meter`` is the circuit's own. None when it tells nothing of the phases: then the rest on each is to be
    taken from the meter's power by ``phase_currents.worst_split_a``. ``produces`` False: nothing behind the
    meter can feed in.
    """
    if guard.unit is Unit.W or guard.phase is None:
        return Bounds(meter.power_w, meter.power_w)
    return currents_a(circuit, meter, produces=produces).get(guard.legs or (guard.phase,))


@lru_cache(maxsize=8)
def currents_a(
    circuit: Circuit, meter: MeterReading, *, produces: bool = True
) -> Mapping[tuple[int, ...], Bounds]:
    """Return the bounds of the current on each phase; without neutral, of each leg and each two that meet.

    Kept for the newest readings: many guards ask the same.
    """
    if circuit.grid is not GridKind.IT_3P:
        found = phase_currents_a(circuit, meter, produces=produces)
        return {(phase,): bounds for phase, bounds in zip(circuit.phases, found, strict=False)}
    if not math.isfinite(meter.power_w):
        return {}
    lines = _lines_a(circuit, meter)
    if len(circuit.phases) == 3:
        return leg_currents_a(lines, meter.power_w, NOMINAL_V, produces=produces)
    leg = next(leg for leg, ends in LINES_OF_LEG.items() if set(ends) == set(circuit.phases))
    told_a = max((abs(current) for current in lines if current is not None), default=0.0)
    return {(leg,): larger_of_both(meter.power_w / NOMINAL_V, told_a)}


def _lines_a(circuit: Circuit, meter: MeterReading) -> tuple[float | None, ...]:
    """Return the current of each line of a grid without neutral, None for one that the meter leaves out.

    Meters that measure two lines against the third tell neither current nor voltage of the third.
    """
    currents = per_phase(circuit, meter.phase_current_a)
    volts = per_phase(circuit, meter.phase_voltage_v) or (0.0,) * len(circuit.phases)
    return tuple(
        current if current or plausible(volt) else None
        for current, volt in zip(currents, volts, strict=False)
    )
