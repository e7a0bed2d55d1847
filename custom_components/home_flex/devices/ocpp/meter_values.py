"""What a charger's MeterValues say, with the oddities of real chargers (OCPP 1.6 sections 7.31 to 7.45)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from . import fields
from .session import Payload
from .settings import ChargerSettings

NOMINAL_VOLTAGE_V: Final = 230.0
_LARGEST_ENERGY_WH: Final = 1e9
_CURRENT_MARGIN: Final = 1.25

_POWER: Final = "Power.Active.Import"
_CURRENT: Final = "Current.Import"
_VOLTAGE: Final = "Voltage"
_ENERGY: Final = "Energy.Active.Import.Register"

# The unit a measurand has when none is told, and the factor of each unit to ours (lower case).
_DEFAULT_UNIT: Final = {_POWER: "w", _CURRENT: "a", _VOLTAGE: "v", _ENERGY: "wh"}
_UNITS: Final = {
    _POWER: {"w": 1.0, "kw": 1000.0},
    _CURRENT: {"a": 1.0},
    _VOLTAGE: {"v": 1.0},
    _ENERGY: {"wh": 1.0, "kwh": 1000.0},
}
_PHASES: Final = {None: 0, "L1": 1, "L2": 2, "L3": 3, "L1-N": 1, "L2-N": 2, "L3-N": 3}
"""0 is the total. Phase to phase values and those of the neutral say nothing we need."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterSample:
    """One sample of the connector's meter: W, A per phase, Wh; None or empty is what it did not tell.

    ``time`` is the charger's clock. ``ignored`` counts values that are no numbers, have an unknown unit, or
    cannot be true for this charger.
    """

    time: datetime | None
    power_w: float | None
    phase_current_a: tuple[float, ...]
    energy_wh: float | None
    ignored: int


def read_meter_values(meter_value: object, settings: ChargerSettings) -> list[MeterSample]:
    """Read the ``meterValue`` list of a message (``transactionData`` too); skip what is no sample."""
    if not isinstance(meter_value, list):
        return []
    return [_read_sample(entry, settings) for entry in meter_value if isinstance(entry, dict)]


def _read_sample(entry: Payload, settings: ChargerSettings) -> MeterSample:
    """Sort the sampled values by measurand and phase, then conclude.

    Power is the charger's total; without one the sum of its phases; without those currents times voltage.
    """
    values: dict[str, dict[int, float]] = {measurand: {} for measurand in _UNITS}
    ignored = 0
    for measurand, phase, value in _known_values(entry.get("sampledValue")):
        if value is None or not _is_plausible(measurand, value, settings):
            ignored += 1
        else:
            values[measurand][phase] = value
    currents = _phase_currents(values[_CURRENT], settings.phases)
    return MeterSample(
        time=fields.instant(entry.get("timestamp")),
        power_w=_power(values[_POWER], currents, values[_VOLTAGE], settings),
        phase_current_a=currents,
        energy_wh=_total(values[_ENERGY]),
        ignored=ignored,
    )


def _known_values(sampled: object) -> Iterator[tuple[str, int, float | None]]:
    """Yield measurand, phase and value in our unit (None: unreadable) of the values we know."""
    if not isinstance(sampled, list):
        return
    # At the outlet is what counts; a value measured elsewhere is used when there is none of the outlet.
    entries = [entry for entry in sampled if isinstance(entry, dict)]
    for entry in sorted(entries, key=lambda entry: fields.text(entry, "location") in {None, "Outlet"}):
        measurand = fields.text(entry, "measurand") or _ENERGY
        phase = fields.text(entry, "phase")
        if measurand not in _UNITS or phase not in _PHASES:
            continue
        unit = (fields.text(entry, "unit") or _DEFAULT_UNIT[measurand]).lower()
        factor = _UNITS[measurand].get(unit)
        value = fields.number(entry.get("value"))
        yield measurand, _PHASES[phase], None if value is None or factor is None else value * factor


def _is_plausible(measurand: str, value: float, settings: ChargerSettings) -> bool:
    """Whether the charger can have measured this."""
    match measurand:
        case "Power.Active.Import":
            return abs(value) <= settings.max_power_w
        case "Current.Import":
            return abs(value) <= settings.max_current_a * _CURRENT_MARGIN
        case "Voltage":
            return 0.0 <= value <= 300.0
    return 0.0 <= value <= _LARGEST_ENERGY_WH


def _total(values: dict[int, float]) -> float | None:
    """Return the total where the charger tells one, else the sum of its phases."""
    if not values:
        return None
    return values[0] if 0 in values else sum(values.values())


def _phase_currents(currents: dict[int, float], phases: int) -> tuple[float, ...]:
    """Return one current per phase; one without a phase is that of every phase."""
    told = {phase: current for phase, current in currents.items() if phase}
    if told:
        return tuple(told.get(phase, 0.0) for phase in range(1, max(*told, phases, 1) + 1))
    return (currents[0],) * phases if 0 in currents else ()


def _power(
    power: dict[int, float], currents: tuple[float, ...], voltage: dict[int, float], settings: ChargerSettings
) -> float | None:
    """Return the power in W; None when neither power nor current was told, or when they cannot be true."""
    told = _total(power)
    if told is None and currents:
        common = voltage.get(0, NOMINAL_VOLTAGE_V)
        told = sum(current * voltage.get(phase, common) for phase, current in enumerate(currents, start=1))
    return told if told is not None and abs(told) <= settings.max_power_w else None
