"""A Shelly energy meter at the grid connection, and one before a part of the home."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ...core.kinds.sub_meter import SubMeterReading
from ...core.model import MeterReading
from .api import ShellyApi
from .measuring import MeasuringShelly
from .netting import NettedCounters
from .status import measured, passed


class ShellyMeter(MeasuringShelly):
    """Reads three phases, or the one clamp that is at the grid."""

    def __init__(
        self,
        api: ShellyApi,
        *,
        clock: Callable[[], datetime],
        netting: NettedCounters | None = None,
        **how: Any,
    ) -> None:
        """Take whom to ask as ``MeasuringShelly``, and what nets the phases' counters, None to leave them."""
        super().__init__(api, clock=clock, **how)
        self._netting = netting

    async def read(self) -> MeterReading:
        """Ask once. Raises DeviceError as ``MeasuringShelly``."""
        found = await self._measured(measured)
        taken_wh, given_wh = found.energy_wh, found.energy_returned_wh
        is_one = found.clamp is not None
        if self._netting is not None and not is_one and taken_wh is not None and given_wh is not None:
            taken_wh, given_wh = await self._netting.netted(taken_wh, given_wh)
        return MeterReading(
            time=self._clock(),
            power_w=found.power_w,
            phase_power_w=found.phase_power_w,
            phase_voltage_v=found.phase_voltage_v,
            phase_current_a=found.phase_current_a,
            energy_import_wh=taken_wh,
            energy_export_wh=given_wh,
        )


class ShellySubMeter(MeasuringShelly):
    """Reads what flows through a meter of any sort: clamps, a meter in the line, or a plug's own."""

    async def read(self) -> SubMeterReading:
        """Ask once. Raises DeviceError as ``MeasuringShelly``."""
        found = await self._measured(passed)
        return SubMeterReading(
            time=self._clock(),
            power_w=found.power_w,
            phase_power_w=found.phase_power_w,
            phase_voltage_v=found.phase_voltage_v,
            phase_current_a=found.phase_current_a,
            energy_wh=found.energy_wh,
        )
