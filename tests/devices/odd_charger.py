"""A charger that obeys profiles by its own clock and in its own way; it shares nothing with the driver.

What it cannot take it refuses, as data: a row for each oddity that was seen of real chargers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.devices.ocpp_clients import Clock, RawCharger, Reply

FULL_A = 16.0
VOLTAGE_V = 230.0

type Profile = dict[str, Any]


def period(profile: Profile) -> dict[str, Any]:
    first: dict[str, Any] = profile["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0]
    return first


def schedule(profile: Profile) -> dict[str, Any]:
    told: dict[str, Any] = profile["csChargingProfiles"]["chargingSchedule"]
    return told


# What a charger takes only: named after what it wants.
WANTS: dict[str, Callable[[Profile], bool]] = {
    "watts": lambda p: schedule(p)["chargingRateUnit"] == "W",
    "stack level 0": lambda p: p["csChargingProfiles"]["stackLevel"] == 0,
    "a level below the highest it tells": lambda p: p["csChargingProfiles"]["stackLevel"] < 8,
    "connector 1": lambda p: p["connectorId"] == 1,
    "no number of phases": lambda p: "numberPhases" not in period(p),
    "no end of validity": lambda p: "validTo" not in p["csChargingProfiles"],
    "a relative schedule": lambda p: p["csChargingProfiles"]["chargingProfileKind"] == "Relative",
    "a schedule without an end": lambda p: "duration" not in schedule(p),
    "profiles of a transaction": lambda p: p["csChargingProfiles"]["chargingProfilePurpose"] == "TxProfile",
    "defaults of transactions": lambda p: (
        p["csChargingProfiles"]["chargingProfilePurpose"] == "TxDefaultProfile"
    ),
    "profiles of the whole charger": lambda p: (
        p["csChargingProfiles"]["chargingProfilePurpose"] == "ChargePointMaxProfile"
    ),
}


@dataclass
class OddCharger:
    """Has a car of three phases that takes all it is given. Its clock is ``ahead_s`` ahead of ours."""

    clock: Clock
    wants: tuple[str, ...] = ()
    ahead_s: float = 0.0
    is_deaf: Callable[[Profile], bool] = lambda _: False
    profiles: list[Profile] = field(default_factory=list)

    @property
    def replies(self) -> dict[str, Reply]:
        keys = [{"key": "chargeProfileMaxStackLevel", "value": "8", "readonly": True}]
        return {
            "SetChargingProfile": self.install,
            "ClearChargingProfile": self.clear,
            "GetConfiguration": lambda _: {"configurationKey": keys},
        }

    def install(self, payload: Profile) -> dict[str, Any]:
        if not all(WANTS[want](payload) for want in self.wants):
            return {"status": "Rejected"}
        profile_id = payload["csChargingProfiles"]["chargingProfileId"]
        self.clear({"id": profile_id})
        self.profiles.append({**payload, "installed": self.now})
        return {"status": "Accepted"}

    def clear(self, payload: dict[str, Any]) -> dict[str, Any]:
        left = [
            each for each in self.profiles if each["csChargingProfiles"]["chargingProfileId"] != payload["id"]
        ]
        is_known = len(left) < len(self.profiles)
        self.profiles = left
        return {"status": "Accepted" if is_known else "Unknown"}

    @property
    def now(self) -> datetime:
        return self.clock() + timedelta(seconds=self.ahead_s)

    @property
    def current_a(self) -> float:
        """What its car draws on each phase now."""
        return min([FULL_A, *(self._limit_a(each) for each in self.profiles)])

    def _limit_a(self, profile: Profile) -> float:
        if self.is_deaf(profile):
            return FULL_A
        told = schedule(profile)
        is_relative = profile["csChargingProfiles"]["chargingProfileKind"] == "Relative"
        start = profile["installed"] if is_relative else datetime.fromisoformat(told["startSchedule"])
        elapsed_s = (self.now - start).total_seconds()
        if elapsed_s < 0 or elapsed_s >= told.get("duration", float("inf")):
            return FULL_A
        limit: float = period(profile)["limit"]
        return limit if told["chargingRateUnit"] == "A" else limit / VOLTAGE_V / 3

    async def measure(self, charger: RawCharger, seconds: float, *, each_s: float = 5.0) -> None:
        """Let so much time pass and tell the meter's values all along."""
        for _ in range(int(seconds / each_s)):
            self.clock.advance(each_s)
            values = [
                {"value": f"{self.current_a}", "measurand": "Current.Import", "unit": "A", "phase": f"L{n}"}
                for n in (1, 2, 3)
            ]
            await charger.meter(*values, time=self.now.strftime("%Y-%m-%dT%H:%M:%SZ"))
            await charger.call("Heartbeat", {})
