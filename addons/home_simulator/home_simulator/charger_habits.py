"""What real chargers do beside the standard, as data: the habits that a fault switches on."""

from collections.abc import Callable, Mapping
from typing import Any

type Request = Mapping[str, Any]


def _schedule(request: Request) -> Mapping[str, Any]:
    schedule: Mapping[str, Any] = request["csChargingProfiles"]["chargingSchedule"]
    return schedule


# What a charger may take only, by the word in ``charger_takes_only``.
TAKES: Mapping[str, Callable[[Request], bool]] = {
    "watts": lambda request: _schedule(request)["chargingRateUnit"] == "W",
    "level_0": lambda request: request["csChargingProfiles"]["stackLevel"] == 0,
    "connector_1": lambda request: request["connectorId"] == 1,
    "no_phases": lambda request: "numberPhases" not in _schedule(request)["chargingSchedulePeriod"][0],
    "no_end": lambda request: "duration" not in _schedule(request),
    "relative": lambda request: request["csChargingProfiles"]["chargingProfileKind"] == "Relative",
    "tx_default": lambda request: (
        request["csChargingProfiles"]["chargingProfilePurpose"] == "TxDefaultProfile"
    ),
}
# A charger that samples slowly takes no shorter interval, and one measurand only.
SLOWEST_S = 10


def takes(request: Request, only: str) -> bool:
    """Whether a charger that takes only what ``only`` names, words with commas between, takes a profile."""
    return all(TAKES[word](request) for word in words(only))


def words(only: str) -> list[str]:
    """Return the words of a text with commas between them."""
    return [word.strip() for word in only.split(",") if word.strip()]


def refuses_setting(key: str, value: str) -> bool:
    """Whether a charger that samples slowly refuses a setting."""
    if key == "MeterValueSampleInterval":
        return value.isdigit() and 0 < int(value) < SLOWEST_S
    return key == "MeterValuesSampledData" and "," in value


def by_phase(sample: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a sample as one for each phase, without a total of the power."""
    told: list[Mapping[str, Any]] = []
    values = sample["sampledValue"]
    voltage = {
        value["phase"][:2]: float(value["value"]) for value in values if value["measurand"] == "Voltage"
    }
    for value in values:
        if value["measurand"] != "Current.Import":
            continue
        power = float(value["value"]) * voltage[value["phase"]]
        of_phase = {**value, "measurand": "Power.Active.Import", "value": f"{power:.0f}", "unit": "W"}
        told.append({**sample, "sampledValue": [value, of_phase]})
    return told


def with_begin(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a sample that also tells, last, what the transaction began with: nothing."""
    began = [
        {**value, "value": "0", "context": "Transaction.Begin"}
        for value in sample["sampledValue"]
        if value["measurand"] in {"Power.Active.Import", "Energy.Active.Import.Register"}
    ]
    return {**sample, "sampledValue": [*sample["sampledValue"], *began]}
