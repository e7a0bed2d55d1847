"""What a meter tells of the current on each phase, as bounds: what it does not tell widens them.

Currents in A, signed like power: positive = consumption. A meter may tell power per phase (signed), current
per phase (mostly without sign and often in whole amperes), both, or neither.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model import Circuit, GridKind, MeterReading

NOMINAL_V = 230.0
_PLAUSIBLE_V = (180.0, 270.0)
# 230 V between lines is 133 V from each of them to their middle: 10 % around that, and above 120 V nets.
_TO_THE_MIDDLE_V = (126.0, 146.0)
# A phase's active power is taken to be at least this part of what its current and voltage allow.
_LEAST_POWER_FACTOR = 0.7
# Phases and total of one telegram may differ by this much: rounded values, taken a moment apart.
_APART_W = 300.0
# What a current told in whole amperes, or in finer steps, may be off by.
_WHOLE_AMPERE_A, _FINE_A = 1.0, 0.1


@dataclass(frozen=True, slots=True)
class Bounds:
    """A value that is at least ``low`` and at most ``high``."""

    low: float
    high: float


def phase_voltages_v(
    circuit: Circuit, meter: MeterReading | None, nominal_v: float = NOMINAL_V
) -> tuple[float, ...]:
    """Return the voltage of each of the circuit's phases: measured when plausible, else nominal.

    On a grid without neutral these are voltages between lines, and nominal, because meters differ in which
    of them they tell.
    """
    measured = per_phase(circuit, meter.phase_voltage_v) if meter is not None else ()
    if circuit.grid is GridKind.IT_3P or not measured:
        return (nominal_v,) * len(circuit.phases)
    return tuple(voltage if plausible(voltage) else nominal_v for voltage in measured)


def phase_currents_a(circuit: Circuit, meter: MeterReading, *, produces: bool = True) -> tuple[Bounds, ...]:
    """Return between what the current on each of the circuit's phases lies; empty when nothing is told of it.

    Where current and power are told, the larger of both views counts. A current without sign takes those that
    fit the total power, and both where more than one does; ``produces`` False says that nothing behind the
    meter can feed in. What of the total the phases do not explain may flow on any of them. Values that are no
    numbers count as not told. Not for a grid without neutral, where what hangs between the lines matters: see
    ``leg_currents``.
    """
    if circuit.grid is GridKind.IT_3P:
        return ()
    voltages = phase_voltages_v(circuit, meter)
    told = _told(circuit, meter, voltages, produces=produces)
    of_all = len(circuit.phases) >= max(len(meter.phase_power_w), len(meter.phase_current_a))
    return _explaining(meter.power_w, told, voltages) if of_all and math.isfinite(meter.power_w) else told


def worst_split_a(rest_w: Bounds, voltages_v: Sequence[float]) -> tuple[Bounds, ...]:
    """Return what of a load of ``rest_w``, of which no phase is known, each phase may carry: all of it.

    A phase is never taken to be relieved by what may flow on another. Holds for lines without neutral too,
    where the load may hang between any two of them.
    """
    return tuple(
        Bounds(min(0.0, rest_w.low) / voltage_v, max(0.0, rest_w.high) / voltage_v)
        for voltage_v in voltages_v
    )


def signs_unknown(bounds: Iterable[Bounds]) -> bool:
    """Return whether some phase may as well import as export what its current tells."""
    return any(phase.low < -_WHOLE_AMPERE_A and phase.high > _WHOLE_AMPERE_A for phase in bounds)


def line_current_a(one_leg_a: float, other_leg_a: float) -> float:
    """Return the current of a line of a grid without neutral from those of the two legs that meet there.

    sqrt(a² + c² + a·c) at a power factor of one: voltages between lines stand 60 or 120 degrees apart. It is
    at most max(|a + c|, |a|, |c|), which is linear and up to 15 % higher.
    """
    return math.sqrt(one_leg_a**2 + other_leg_a**2 + one_leg_a * other_leg_a)


def looks_without_neutral(meter: MeterReading) -> bool:
    """Return whether the telegram looks like that of 3 x 230 V: one voltage zero, or all to their middle."""
    volts = meter.phase_voltage_v
    if len(volts) != 3:
        return False
    is_one_missing = min(volts) < 1.0 and sum(map(plausible, volts)) == 2
    return is_one_missing or all(_TO_THE_MIDDLE_V[0] <= each <= _TO_THE_MIDDLE_V[1] for each in volts)


def per_phase(circuit: Circuit, values: tuple[float, ...]) -> tuple[float, ...]:
    """Return one finite value per phase of the circuit, else nothing."""
    if len(values) != len(circuit.phases):
        values = tuple(values[phase - 1] for phase in circuit.phases) if len(values) == 3 else ()
    return values if all(map(math.isfinite, values)) else ()


def plausible(voltage_v: float) -> bool:
    """Return whether a phase can have this voltage."""
    return _PLAUSIBLE_V[0] <= voltage_v <= _PLAUSIBLE_V[1]


def larger_of_both(active_a: float, told_a: float) -> Bounds:
    """Return the bounds of a phase from its active current (signed) and the current told (its size only).

    On the side where it flows the larger one counts. On the other side the idle part stands, as it stays when
    the active part turns: sqrt((i + d)² + q²) is at most i + d + q. For the same reason less power relieves a
    phase by less than reckoned; the next reading tells.
    """
    size_a = max(abs(active_a), abs(told_a))
    idle_a = math.sqrt(max(0.0, size_a**2 - active_a**2))
    if active_a >= 0:
        return Bounds(active_a - idle_a, size_a)
    return Bounds(-size_a, active_a + idle_a)


def inaccuracy_a(currents_a: Sequence[float]) -> float:
    """Return what currents may be off by: more where all are told in whole amperes."""
    return _WHOLE_AMPERE_A if all(current.is_integer() for current in currents_a) else _FINE_A


def _told(
    circuit: Circuit, meter: MeterReading, voltages: Sequence[float], *, produces: bool
) -> tuple[Bounds, ...]:
    """Return the bounds as the meter tells the phases, each for itself."""
    currents = per_phase(circuit, meter.phase_current_a)
    powers = per_phase(circuit, meter.phase_power_w)
    if not powers and len(circuit.phases) == 1 and math.isfinite(meter.power_w):
        powers = (meter.power_w,)
    if powers:
        actives = [power / voltage for power, voltage in zip(powers, voltages, strict=True)]
        return tuple(map(larger_of_both, actives, currents or actives, strict=True))
    if not currents:
        return ()
    if min(currents) < 0:
        return tuple(Bounds(current, current) for current in currents)
    return _with_fitting_signs(currents, voltages, meter.power_w, produces=produces)


def _explaining(total_w: float, told: Sequence[Bounds], voltages: Sequence[float]) -> tuple[Bounds, ...]:
    """Return the bounds widened by what of ``total_w`` lies outside: phases may stand still, or at 0."""
    if not told:
        return ()
    most_w = sum(bounds.high * voltage for bounds, voltage in zip(told, voltages, strict=True))
    least_w = sum(bounds.low * voltage for bounds, voltage in zip(told, voltages, strict=True))
    over_w = max(0.0, total_w - most_w - _APART_W)
    under_w = max(0.0, least_w - total_w - _APART_W)
    return tuple(
        Bounds(bounds.low - under_w / voltage, bounds.high + over_w / voltage)
        for bounds, voltage in zip(told, voltages, strict=True)
    )


def _with_fitting_signs(
    currents_a: Sequence[float], voltages_v: Sequence[float], total_w: float, *, produces: bool
) -> tuple[Bounds, ...]:
    off_a = inaccuracy_a(currents_a)
    sizes = [Bounds(max(0.0, current - off_a), current + off_a) for current in currents_a]
    active_w = [
        (_LEAST_POWER_FACTOR * size.low * voltage, size.high * voltage)
        for size, voltage in zip(sizes, voltages_v, strict=True)
    ]
    every = list(itertools.product((1, -1), repeat=len(sizes))) if produces else [(1,) * len(sizes)]
    fitting = [signs for signs in every if _fits(signs, active_w, total_w)] or every
    return tuple(
        Bounds(-size.high if -1 in signs else size.low, size.high if 1 in signs else -size.low)
        for size, signs in zip(sizes, zip(*fitting, strict=True), strict=True)
    )


def _fits(signs: Sequence[int], active_w: Sequence[tuple[float, float]], total_w: float) -> bool:
    pairs = list(zip(signs, active_w, strict=True))
    least_w = sum(low if sign > 0 else -high for sign, (low, high) in pairs)
    most_w = sum(high if sign > 0 else -low for sign, (low, high) in pairs)
    return least_w <= total_w <= most_w
