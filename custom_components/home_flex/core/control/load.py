"""What the house draws apart from its flexible devices, at the meter and per phase.

The meter shows a mixture of what was and what is: nobody knows when exactly an order becomes visible. So
each order counts as "perhaps visible, perhaps not" until its time has certainly passed, and the load is
believed to move only by what orders under way cannot explain. In a quiet house nothing is under way and a
change is answered in full at once; a weak device leaves an error that becomes load when its window closes,
so the next order makes up for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import MeterReading, Site
from .memory import DeviceMemory, LoadSample
from .state import DeviceState

# Limits are kept for the worst of the last seconds: tightening is immediate, relaxing waits for lasting room.
HOLD_S = 3.0
_PLAUSIBLE_V = (180.0, 270.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class RestLoad:
    """The house's own load in W, at the meter (index 0) and per phase: largest, smallest, latest."""

    high_w: tuple[float, ...]
    low_w: tuple[float, ...]
    latest_w: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Possible:
    """Between which powers a device may have been when the meter was read, and its share of each node."""

    share: tuple[float, ...]
    low_w: float
    high_w: float


def phase_voltages_v(site: Site, meter: MeterReading | None) -> tuple[float, ...]:
    """Return the voltage of each phase: measured when plausible, else nominal."""
    measured = (
        meter.phase_voltage_v if meter is not None and len(meter.phase_voltage_v) == site.phases else ()
    )
    return tuple(
        voltage if _PLAUSIBLE_V[0] <= voltage <= _PLAUSIBLE_V[1] else site.nominal_voltage_v
        for voltage in measured or (site.nominal_voltage_v,) * site.phases
    )


def meter_powers_w(site: Site, meter: MeterReading) -> tuple[float, ...]:
    """Return the meter's power and the power of each phase.

    A meter that tells only currents lends their sign from the total; one that tells neither is split evenly.
    """
    if len(meter.phase_power_w) == site.phases:
        return (meter.power_w, *meter.phase_power_w)
    if len(meter.phase_current_a) == site.phases and site.phases > 1:
        sign = 1.0 if meter.power_w >= 0 else -1.0
        voltages = phase_voltages_v(site, meter)
        currents = zip(meter.phase_current_a, voltages, strict=True)
        return (meter.power_w, *(sign * abs(current) * voltage for current, voltage in currents))
    return (meter.power_w, *((meter.power_w / site.phases,) * site.phases))


def shares(site: Site, device: DeviceState, memory: DeviceMemory, phases: int | None) -> tuple[float, ...]:
    """Return which part of a device's power flows through the meter (all of it) and through each phase.

    ``phases``: of how many of its wired phases it draws, None for all.
    """
    wired = [phase for phase in device.wired_phases if 1 <= phase <= site.phases]
    wired = wired or list(range(1, site.phases + 1))
    wired = wired[: memory.active_phases or phases or len(wired)]
    return (1.0, *(1.0 / len(wired) if phase in wired else 0.0 for phase in range(1, site.phases + 1)))


def remembered(
    load: tuple[LoadSample, ...],
    powers_w: Sequence[float],
    devices: Sequence[Possible],
    heard_s: float,
    hold_s: float,
) -> tuple[tuple[LoadSample, ...], float]:
    """Return the last samples of the rest load with that of a new meter reading, and what is under way.

    ``powers_w`` is the meter's reading per node. What is under way is the width in W, at the meter, of what
    the devices may have drawn. Samples older than ``hold_s`` go.
    """
    nodes = range(len(powers_w))
    high = [sum(d.share[node] * d.high_w for d in devices) for node in nodes]
    low = [sum(d.share[node] * d.low_w for d in devices) for node in nodes]
    before = load[-1].rest_w if load and len(load[-1].rest_w) == len(powers_w) else None
    rest = tuple(
        min(max(before[node], powers_w[node] - high[node]), powers_w[node] - low[node])
        if before
        else powers_w[node] - (low[node] + high[node]) / 2
        for node in nodes
    )
    kept = tuple(sample for sample in load if heard_s - sample.heard_s <= hold_s)
    return (*kept, LoadSample(heard_s=heard_s, rest_w=rest)), high[0] - low[0]


def rest_load(load: tuple[LoadSample, ...], site: Site, now_s: float, hold_s: float) -> RestLoad:
    """Return the rest load to reckon with now; zero when no meter was ever read."""
    nodes = range(site.phases + 1)
    fitting = [sample for sample in load if len(sample.rest_w) == len(nodes)]
    recent = [sample.rest_w for sample in fitting if now_s - sample.heard_s <= hold_s]
    window = recent or [sample.rest_w for sample in fitting[-1:]] or [(0.0,) * len(nodes)]
    return RestLoad(
        high_w=tuple(max(rest[node] for rest in window) for node in nodes),
        low_w=tuple(min(rest[node] for rest in window) for node in nodes),
        latest_w=window[-1],
    )
