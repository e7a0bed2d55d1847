"""What the house draws apart from its flexible devices, at the meter and per phase."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..model import ChargerReading, MeterReading, Site
from .failsafe import FAILSAFE, Loss
from .state import DeviceMemory, DeviceState, LoadSample
from .tracking import fresh_reading, power_range_w

# Limits are kept for the worst of the last seconds: tightening is immediate, relaxing waits for lasting room.
WINDOW = timedelta(seconds=3)
_PLAUSIBLE_V = (180.0, 270.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class RestLoad:
    """The house's own load in W, at the meter (index 0) and per phase: largest, smallest, latest."""

    high_w: tuple[float, ...]
    low_w: tuple[float, ...]
    latest_w: tuple[float, ...]
    meter_lost: bool


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


def shares(site: Site, device: DeviceState, memory: DeviceMemory) -> tuple[float, ...]:
    """Return which part of a device's power flows through the meter (all of it) and through each phase."""
    wired = [phase for phase in device.wired_phases if 1 <= phase <= site.phases]
    wired = wired or list(range(1, site.phases + 1))
    if isinstance(device.reading, ChargerReading):
        wired = wired[: memory.active_phases or device.reading.phases]
    return (1.0, *(1.0 / len(wired) if phase in wired else 0.0 for phase in range(1, site.phases + 1)))


def remembered(
    site: Site,
    meter: MeterReading | None,
    devices: Mapping[str, tuple[DeviceState, DeviceMemory]],
    load: tuple[LoadSample, ...],
    voltage_v: float,
    now: datetime,
) -> tuple[LoadSample, ...]:
    """Return the last samples of the rest load with that of a new meter reading.

    The rest load lies between the meter minus the most and minus the least that the devices can have drawn;
    within that it is believed not to have changed.
    """
    kept = tuple(sample for sample in load if now - sample.time <= WINDOW) or load[-1:]
    if meter is None or (load and meter.time <= load[-1].time):
        return kept
    powers = meter_powers_w(site, meter)
    low, high = list(powers), list(powers)
    for device, memory in devices.values():
        if (reading := fresh_reading(device, now)) is None:
            continue
        least, most = power_range_w(device, reading, memory, voltage_v, meter.time)
        for node, share in enumerate(shares(site, device, memory)):
            low[node] -= share * most
            high[node] -= share * least
    before = load[-1].rest_w if load and len(load[-1].rest_w) == len(powers) else None
    rest = tuple(
        min(max(before[node], low[node]), high[node]) if before else (low[node] + high[node]) / 2
        for node in range(len(powers))
    )
    return (*kept, LoadSample(time=meter.time, rest_w=rest))


def rest_load(load: tuple[LoadSample, ...], site: Site, now: datetime) -> RestLoad:
    """Return the rest load to reckon with now; zero when no meter was ever read."""
    nodes = range(site.phases + 1)
    window = [s.rest_w for s in load if len(s.rest_w) == len(nodes)] or [(0.0,) * len(nodes)]
    return RestLoad(
        high_w=tuple(max(rest[node] for rest in window) for node in nodes),
        low_w=tuple(min(rest[node] for rest in window) for node in nodes),
        latest_w=window[-1],
        meter_lost=not load or now - load[-1].time > FAILSAFE[Loss.METER].after,
    )
