"""An appliance with a programme: started once within a window, never interrupted (S2: PPBC)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..control.actuation_policy import ActuationPolicy
from ..control.flexibility import Flexibility
from ..control.levels import Call, Level
from ..control.policy import StartWithin
from ..model import DeviceKind, Owner, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor
from .kind import KindSpec, Seen
from .load import ALONE, FREE, POWER, Called, Load, energy

# One that was told to start may take so long to say that it runs.
_STARTS_WITHIN_S = 300.0
# Of a programme that tells neither its length nor its energy: longer than most are.
_LONG_S = 3 * 3600.0
_DAY_S = 86_400.0
_EARLY = Called(call=Call.NEVER, owner=Owner.RESIDENT, reason="not_before")
_LATEST = Called(call=Call.MUST, owner=Owner.RESIDENT, reason="latest_start")


class ApplianceStatus(StrEnum):
    """Where an appliance is with its programme."""

    OFF = "off"
    READY = "ready"  # a programme is chosen, and may be started from outside
    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplianceReading:
    """An appliance at one moment; what it needs for the programme chosen, where it tells that.

    ``programme_power_w`` is its largest power, ``programme_energy_wh`` the whole of it.
    """

    time: datetime
    power_w: float
    status: ApplianceStatus
    programme_power_w: float
    programme_energy_wh: float | None = None
    programme_s: float | None = None
    energy_wh: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """A programme as it is reckoned with: its mean power for so long."""

    power_w: float
    length_s: float


def programme(reading: ApplianceReading) -> Programme:
    """Return the programme chosen; what of it is not told follows from its largest power, else is long."""
    most_w, energy_wh, length_s = reading.programme_power_w, reading.programme_energy_wh, reading.programme_s
    most_w = most_w if math.isfinite(most_w) and most_w > 0.0 else 0.0
    has_energy = energy_wh is not None and math.isfinite(energy_wh) and energy_wh > 0.0
    if length_s is None or not 0.0 < length_s < _DAY_S:
        knows = has_energy and most_w > 0.0
        length_s = min((energy_wh or 0.0) / most_w * 3600.0, _DAY_S) if knows else _LONG_S
    mean_w = (energy_wh or 0.0) / length_s * 3600.0
    return Programme(power_w=mean_w if has_energy else most_w, length_s=length_s)


class Appliance(Load[ApplianceReading]):
    """The kind of an appliance: 1 starts its programme; nothing stops it."""

    kind = DeviceKind.APPLIANCE
    quantity = Quantity.PROGRAMME_START
    actuation = ActuationPolicy(dead_band=0.5)

    def levels(self, seen: Seen[ApplianceReading]) -> tuple[Level, ...]:
        """Return waiting and running; one that runs has no choice."""
        reading = seen.reading
        most_w = max(0.0, reading.programme_power_w)
        match reading.status:
            case ApplianceStatus.READY:
                return Level(value=0.0, power_w=0.0), Level(value=1.0, power_w=most_w)
            case ApplianceStatus.RUNNING:
                return (Level(value=1.0, power_w=max(0.0, reading.power_w)),)
        return (Level(value=0.0, power_w=0.0),)

    def is_on(self, reading: ApplianceReading) -> bool:
        """Return whether the programme runs."""
        return reading.status is ApplianceStatus.RUNNING

    def is_set(self, reading: ApplianceReading) -> bool:  # noqa: ARG002 # the kinds' protocol
        """Return False: a start is nothing that could be taken back."""
        return False

    def called(self, seen: Seen[ApplianceReading]) -> Called:
        """Return whether it is to start: with the sun within its window, at its end in any case."""
        policy = seen.device.policy
        if seen.reading.status is not ApplianceStatus.READY or not isinstance(policy, StartWithin):
            return ALONE
        if _is_starting(seen):
            return Called(call=Call.MUST, owner=Owner.RESIDENT, reason="started")
        if seen.now_s >= policy.latest_s:
            return _LATEST
        return FREE if seen.now_s >= policy.earliest_s else _EARLY

    def most_w(self, seen: Seen[ApplianceReading], levels: Sequence[Level], called: Called) -> float:
        """Return nothing for one that nobody wants started, and the programme's power for a start."""
        return levels[0].power_w if called.call is Call.ALONE else super().most_w(seen, levels, called)

    def flexibility(self, seen: Seen[ApplianceReading], *, stuck: bool) -> Flexibility:
        """Return the choice of starting; one told to start is not called back, nor one that runs."""
        if not stuck and _is_starting(seen):
            return _fixed(super().flexibility(seen, stuck=False))
        return super().flexibility(seen, stuck=stuck)


def _is_starting(seen: Seen[ApplianceReading]) -> bool:
    written, changed_s = seen.device.written, seen.device.changed_s
    return (
        seen.reading.status is ApplianceStatus.READY
        and written is not None
        and written.value == 1.0
        and changed_s is not None
        and seen.now_s - changed_s < _STARTS_WITHIN_S
    )


def _fixed(device: Flexibility) -> Flexibility:
    most_w = device.load.most_w if device.load is not None else device.power_w
    return replace(device, low_w=most_w, high_w=most_w, wish_w=most_w)


def _measurements(reading: ApplianceReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {"consumed_wh": reading.energy_wh},
        "control": {"is_running": float(reading.status is ApplianceStatus.RUNNING)},
    }


def _abilities(reading: ApplianceReading, _site: Site) -> Abilities:
    return Abilities(consumption_w=reading.programme_power_w)


_REPORTING = Reporting(
    name="Appliance",
    sensors=(
        POWER,
        energy(lambda reading: reading.energy_wh),
        Sensor(
            key="programme_state",
            measure=Measure.STATE,
            value=lambda reading: reading.status.value,
            options=tuple(status.value for status in ApplianceStatus),
        ),
        Sensor(
            key="programme_energy",
            measure=Measure.CAPACITY_WH,
            value=lambda reading: reading.programme_energy_wh,
            optional=True,
            diagnostic=True,
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

APPLIANCE: Final = KindSpec(
    kind=DeviceKind.APPLIANCE, reading=ApplianceReading, reporting=_REPORTING, control=Appliance()
)
