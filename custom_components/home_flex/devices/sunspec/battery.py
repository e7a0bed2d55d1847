"""A battery that speaks SunSpec."""

from collections.abc import Callable
from datetime import UTC, datetime

from modbus_connection import ModbusUnit

from ...core.model import BatteryReading, DeviceIdentity
from ..driver import DeviceError, Publish
from .controls import POWER_SETPOINTS
from .energy import EnergyCounter
from .measurement import consumption_w, counted_wh
from .models import (
    ACTIVE_POWER,
    CAPACITY,
    CHARGE_SETTING,
    DISCHARGE_SETTING,
    ENERGY_ABSORBED,
    ENERGY_INJECTED,
    RATED_CHARGE,
    RATED_DISCHARGE,
    STATE_OF_CHARGE,
    Role,
)
from .polling import SunSpecPoller, control_of
from .snapshot import Snapshot

_MODELS = frozenset({701, 702, 704, 713, 101, 102, 103, 111, 112, 113, 120, 124})
_FULL_PERCENT = 100.0
_SLACK_PERCENT = 1.0  # some gauges round a full battery up


class SunSpecBattery:
    """Measures a battery and sets its power; models 701 or 103 and kin, 713 or 124, 702 or 120, 704 or 124.

    Power is positive = charging; SunSpec's W and WSet are positive = discharging.
    """

    def __init__(
        self, unit: ModbusUnit, *, clock: Callable[[], datetime], poll_interval_s: float = 1.0
    ) -> None:
        """Remember the unit; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._clock = clock
        self._charged, self._discharged = EnergyCounter(), EnergyCounter()
        self._poller = SunSpecPoller(
            unit,
            models=_MODELS,
            required=(ACTIVE_POWER, STATE_OF_CHARGE, CAPACITY, RATED_CHARGE),
            poll_interval_s=poll_interval_s,
        )

    async def run(self, publish: Publish) -> None:
        """Poll until cancelled, as ``devices.driver.Driver`` says."""
        await self._poller.run(self._reading, publish)

    async def read(self) -> BatteryReading:
        """Read once. Raises DeviceError."""
        return self._reading(await self._poller.read())

    async def set_power(self, power_w: float | None, *, expires_in_s: float) -> None:
        """Charge (> 0) or discharge (< 0) at ``power_w``, W; None hands back. Raises DeviceError."""
        injected_w = None if power_w is None else 0.0 - power_w
        await self._poller.set(POWER_SETPOINTS, injected_w, expires_in_s)

    def _reading(self, snapshot: Snapshot) -> BatteryReading:
        if self.identity != snapshot.device.identity:
            self._charged, self._discharged = EnergyCounter(), EnergyCounter()
        max_charge_w = _largest_w(snapshot, RATED_CHARGE, CHARGE_SETTING)
        max_discharge_w = _largest_w(snapshot, RATED_DISCHARGE, DISCHARGE_SETTING)
        control = control_of(snapshot, POWER_SETPOINTS)
        injected_w = control.value_w(snapshot) if control else None
        reading = BatteryReading(
            time=self._clock(),
            power_w=consumption_w(snapshot, max(max_charge_w, max_discharge_w)),
            state_of_charge=_state_of_charge(snapshot),
            capacity_wh=snapshot.require_positive(CAPACITY),
            max_charge_w=max_charge_w,
            max_discharge_w=max_discharge_w,
            power_setpoint_w=None if injected_w is None else 0.0 - injected_w,
            energy_charged_wh=counted_wh(snapshot, self._charged, ENERGY_ABSORBED),
            energy_discharged_wh=counted_wh(snapshot, self._discharged, ENERGY_INJECTED),
        )
        self.identity = snapshot.device.identity
        return reading


async def probe_battery(unit: ModbusUnit) -> tuple[DeviceIdentity, BatteryReading]:
    """Return the identity and one reading of the battery on a unit. Raises DeviceError."""
    battery = SunSpecBattery(unit, clock=lambda: datetime.now(UTC))
    reading = await battery.read()
    assert battery.identity is not None  # noqa: S101 - set by every reading
    return battery.identity, reading


def _largest_w(snapshot: Snapshot, rating: Role, setting: Role) -> float:
    """Return the rating, or less where the installer has set less."""
    rated_w = snapshot.require_positive(rating)
    return min(rated_w, snapshot.positive(setting) or rated_w)


def _state_of_charge(snapshot: Snapshot) -> float:
    percent = snapshot.require(STATE_OF_CHARGE)
    if not 0.0 <= percent <= _FULL_PERCENT + _SLACK_PERCENT:
        raise DeviceError("implausible", f"a state of charge of {percent:g} %")
    return min(percent / _FULL_PERCENT, 1.0)
