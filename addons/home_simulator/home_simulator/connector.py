"""The connector of the charge point: what it offers the car, its status and its transaction."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from .car import Car
from .charging_profiles import Limit, ProfileStore
from .faults import FaultSwitch

CONNECTOR_ID = 1


@dataclass(slots=True)
class Transaction:
    """A charging session; the central system gives ``transaction_id``."""

    started: datetime
    meter_start_wh: int
    id_tag: str
    transaction_id: int | None = None


class Connector:
    """Obeys profiles and availability.

    ``dialling``: there is a central system, and a car charges in a transaction only, which survives a lost
    link (``online`` False). Without one the charger gives current to whoever plugs in.
    """

    def __init__(self, car: Car, faults: FaultSwitch) -> None:
        """Start idle."""
        self.car = car
        self.profiles = ProfileStore()
        self.transaction: Transaction | None = None
        self.operative = True
        self.operative_wanted = True
        self.dialling = False
        self.online = False
        self._faults = faults

    def control(self, now: datetime) -> None:
        """Set what the car is offered at ``now`` (UTC).

        A change of availability waits for the end of the transaction.
        """
        if self.transaction is None:
            self.operative = self.operative_wanted
        limits = self.car.configuration
        limit = self.limit(now)
        self.car.offered_phases = min(limit.phases, limits.phases)
        self.car.offered_current_a = limit.current_a if self._may_charge() else 0.0

    def limit(self, now: datetime) -> Limit:
        """Return what the profiles and the cable allow at ``now``, whether or not a car charges."""
        limits = self.car.configuration
        started = self.transaction.started if self.transaction else None
        if (longest_s := self._faults.now.charger_forgets_after_s) > 0:
            self.profiles.forget(now - timedelta(seconds=longest_s))
        limit = self.profiles.limit_at(now, started)
        if limit is None or self._faults.now.charger_ignores_profiles:
            return Limit(limits.max_current_a, limits.phases)
        least_a = limits.min_current_a if self._faults.now.charger_never_pauses else 0.0
        current_a = max(least_a, min(limit.current_a, limits.max_current_a))
        return Limit(current_a, min(limit.phases, limits.phases))

    def changes(self, now: datetime, duration_s: int) -> list[int]:
        """Return the whole seconds after ``now``, within ``duration_s``, at which the limit may change."""
        started = self.transaction.started if self.transaction else None
        times = (time for profile in self.profiles.profiles for time in profile.change_times(now, started))
        seconds = {math.ceil((time - now).total_seconds()) for time in times}
        return sorted(second for second in seconds if 0 < second < duration_s)

    def _may_charge(self) -> bool:
        if not (self.car.plugged and self.operative):
            return False
        return self.transaction is not None or not self.dialling

    @property
    def status(self) -> str:
        """ChargePointStatus, OCPP 1.6 section 7.7."""
        if not self.car.plugged:
            return "Available" if self.operative else "Unavailable"
        if not self._may_charge():
            return "Preparing" if self.operative else "Unavailable"
        if self.car.offered_current_a < self.car.configuration.min_current_a:
            return "SuspendedEVSE"
        return "SuspendedEV" if self.car.full else "Charging"
