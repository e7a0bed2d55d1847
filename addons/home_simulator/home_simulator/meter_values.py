"""Sampled values of the charge point: OCPP 1.6 section 7.43 (SampledValue)."""

from datetime import UTC, datetime
from typing import Any

from .car import Car
from .charging_profiles import NOMINAL_VOLTAGE_V


def now_text(time: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def meter_value(car: Car, time: datetime, context: str) -> dict[str, Any]:
    """Tell power, energy register, current and voltage per phase, offered current and the car's charge."""
    samples = [
        _sample("Power.Active.Import", f"{car.power_w:.0f}", "W", context),
        _sample("Energy.Active.Import.Register", f"{car.energy_wh:.0f}", "Wh", context),
        _sample("Current.Offered", f"{car.offered_current_a:.1f}", "A", context),
        _sample("SoC", f"{car.state_of_charge * 100:.1f}", "Percent", context) | {"location": "EV"},
    ]
    for phase, power in enumerate(car.phase_powers, 1):
        current = power / NOMINAL_VOLTAGE_V
        samples += [
            _sample("Current.Import", f"{current:.2f}", "A", context) | {"phase": f"L{phase}"},
            _sample("Voltage", f"{NOMINAL_VOLTAGE_V:.1f}", "V", context) | {"phase": f"L{phase}-N"},
        ]
    return {"timestamp": now_text(time), "sampledValue": samples}


def _sample(measurand: str, value: str, unit: str, context: str) -> dict[str, Any]:
    return {"measurand": measurand, "value": value, "unit": unit, "context": context}
