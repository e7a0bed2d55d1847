"""A PV inverter that speaks SunSpec."""

from collections.abc import Callable
from datetime import UTC, datetime

from modbus_connection import ModbusUnit

from ...core.model import DeviceIdentity, PvReading
from ..driver import DeviceError, Publish
from .controls import PRODUCTION_LIMITS
from .energy import EnergyCounter
from .measurement import consumption_w, counted_wh
from .models import ACTIVE_POWER, ENERGY_INJECTED, RATED_POWER
from .polling import SunSpecPoller, control_of
from .snapshot import Snapshot

_MODELS = frozenset({701, 702, 704, 101, 102, 103, 111, 112, 113, 120, 121, 123})


class SunSpecInverter:
    """Measures PV production and limits it; models 101 to 103, 111 to 113 or 701, 120 or 702, 123 or 704."""

    def __init__(
        self, unit: ModbusUnit, *, clock: Callable[[], datetime], poll_interval_s: float = 1.0
    ) -> None:
        """Remember the unit; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._clock = clock
        self._energy = EnergyCounter()
        self._poller = SunSpecPoller(
            unit, models=_MODELS, required=(ACTIVE_POWER, RATED_POWER), poll_interval_s=poll_interval_s
        )

    async def run(self, publish: Publish) -> None:
        """Poll until cancelled, as ``devices.driver.Driver`` says."""
        await self._poller.run(self._reading, publish)

    async def read(self) -> PvReading:
        """Read once. Raises DeviceError."""
        return self._reading(await self._poller.read())

    async def set_production_limit(self, limit_w: float | None, *, expires_in_s: float) -> None:
        """Produce at most ``limit_w`` (>= 0); None lifts the limit. Raises DeviceError."""
        if limit_w is not None and limit_w < 0:
            raise DeviceError("invalid_setpoint", f"a production limit is not negative: {limit_w:g} W")
        await self._poller.set(PRODUCTION_LIMITS, limit_w, expires_in_s)

    def _reading(self, snapshot: Snapshot) -> PvReading:
        if self.identity != snapshot.device.identity:
            self._energy = EnergyCounter()
        rated_power_w = snapshot.require_positive(RATED_POWER)
        limit = control_of(snapshot, PRODUCTION_LIMITS)
        reading = PvReading(
            time=self._clock(),
            power_w=consumption_w(snapshot, rated_power_w),
            rated_power_w=rated_power_w,
            production_limit_w=limit.value_w(snapshot) if limit else None,
            energy_produced_wh=counted_wh(snapshot, self._energy, ENERGY_INJECTED),
        )
        self.identity = snapshot.device.identity
        return reading


async def probe_inverter(unit: ModbusUnit) -> tuple[DeviceIdentity, PvReading]:
    """Return the identity and one reading of the inverter on a unit. Raises DeviceError."""
    inverter = SunSpecInverter(unit, clock=lambda: datetime.now(UTC))
    reading = await inverter.read()
    assert inverter.identity is not None  # noqa: S101 - set by every reading
    return inverter.identity, reading
