"""A Shelly energy meter at the grid connection, and one before a part of the home."""

from ...core.kinds.sub_meter import SubMeterReading
from ...core.model import MeterReading
from .measuring import MeasuringShelly
from .status import measured, passed


class ShellyMeter(MeasuringShelly):
    """Reads three phases, or the one clamp that is at the grid."""

    async def read(self) -> MeterReading:
        """Ask once. Raises DeviceError as ``MeasuringShelly``."""
        found = await self._measured(measured)
        return MeterReading(
            time=self._clock(),
            power_w=found.power_w,
            phase_power_w=found.phase_power_w,
            phase_voltage_v=found.phase_voltage_v,
            phase_current_a=found.phase_current_a,
            energy_import_wh=found.energy_wh,
            energy_export_wh=found.energy_returned_wh,
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
