"""Which counters a device's reading tells, and what its power counts for where it tells none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..model import BatteryReading, DeviceKind, MeterReading, Reading

IMPORT, EXPORT = "import", "export"
PRODUCTION, CHARGE, DISCHARGE, CONSUMPTION = "production", "charge", "discharge", "consumption"
POWER, STATE_OF_CHARGE = "power", "state_of_charge"
# For how long it was not as the resident wishes, and what a car lacked when its hour had come.
UNMET, LACKED = "unmet", "lacked"
# For how long a car hung on a charger.
PLUGGED = "plugged"
OUTDOOR = "outdoor"
LOAD, BALANCED_IMPORT, DIRECT, EXPORTED_PRODUCTION, CHARGED_PRODUCTION = (
    "load",
    "balanced_import",
    "direct_consumption",
    "exported_production",
    "charged_production",
)
WH, W, LITRE, PER_MILLE, SECOND = "Wh", "W", "L", "per_mille", "s"
# A tenth of a degree Celsius.
TENTH_C = "tenth_c"


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """One counter of a device at one moment: its name, unit, value in that unit, and when it was read."""

    name: str
    unit: str
    value: float
    time: datetime


# What consumption (positive power) and production of a kind are called; "" is counted as nothing.
DIRECTIONS: Final[Mapping[DeviceKind, tuple[str, str]]] = {
    DeviceKind.GRID_METER: (IMPORT, EXPORT),
    DeviceKind.PV: ("", PRODUCTION),
    DeviceKind.BATTERY: (CHARGE, DISCHARGE),
}
_OTHERS: Final = (CONSUMPTION, "")


def directions(kind: DeviceKind) -> tuple[str, str]:
    """Return what a device's consumption and production are called."""
    return DIRECTIONS.get(kind, _OTHERS)


def tariff_of(name: str) -> str:
    """Return the register of the tariff that a series is of: "2" of "import.2", "all" of "import"."""
    return name.partition(".")[2] or "all"


def family_of(name: str) -> str:
    """Return what a series counts, whatever its tariff: "import" of "import.2" and of "import"."""
    return name.partition(".")[0]


def registers_of(reading: Reading) -> Iterator[Register]:
    """Yield the counters that a reading tells; of a meter those of its tariffs, or one for all.

    A meter's own clock stamps its registers, where it tells it; what hangs on it has times of its own.
    """
    time = reading.time
    if isinstance(reading, MeterReading):
        yield from _of_meter(reading, reading.registers.clock or time)
    elif isinstance(reading, BatteryReading):
        yield from _one(CHARGE, WH, reading.energy_charged_wh, time)
        yield from _one(DISCHARGE, WH, reading.energy_discharged_wh, time)
    else:
        yield from _one(PRODUCTION, WH, getattr(reading, "energy_produced_wh", None), time)
        yield from _one(CONSUMPTION, WH, getattr(reading, "energy_wh", None), time)


def _of_meter(reading: MeterReading, time: datetime) -> Iterator[Register]:
    registers = reading.registers
    yield from _by_tariff(IMPORT, registers.import_by_tariff_wh, reading.energy_import_wh, time)
    yield from _by_tariff(EXPORT, registers.export_by_tariff_wh, reading.energy_export_wh, time)
    yield from _litres("gas", registers.gas_m3, registers.gas_time)
    yield from _litres("water", registers.water_m3, registers.water_time)
    if registers.heat_time is not None:
        yield from _one("heat", WH, registers.heat_wh, registers.heat_time)


def _by_tariff(
    name: str, by_tariff: tuple[float, ...], total: float | None, time: datetime
) -> Iterator[Register]:
    if not by_tariff:
        yield from _one(name, WH, total, time)
    for tariff, value in enumerate(by_tariff, start=1):
        yield from _one(f"{name}.{tariff}", WH, value, time)


def _litres(name: str, volume_m3: float | None, time: datetime | None) -> Iterator[Register]:
    if volume_m3 is not None and time is not None:
        yield Register(name=name, unit=LITRE, value=1000 * volume_m3, time=time)


def _one(name: str, unit: str, value: float | None, time: datetime) -> Iterator[Register]:
    if value is not None:
        yield Register(name=name, unit=unit, value=value, time=time)
