"""A Shelly energy meter at the grid connection."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ...core.model import DeviceIdentity, MeterReading
from ..asking import ask_for_ever
from ..driver import DeviceError, Publish
from .api import ShellyApi
from .status import measured

EVERY_S = 1.0


class ShellyMeter:
    """Reads three phases, or the one clamp that is at the grid. Its sign is that of the clamps."""

    def __init__(
        self,
        api: ShellyApi,
        *,
        clock: Callable[[], datetime],
        clamp: int = 0,
        is_feed_in_positive: bool = False,
        every_s: float = EVERY_S,
    ) -> None:
        """Take whom to ask; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._api = api
        self._clock = clock
        self._clamp = clamp
        self._sign = -1.0 if is_feed_in_positive else 1.0
        self._every_s = every_s

    async def run(self, publish: Publish) -> None:
        """Ask until cancelled, as ``devices.driver.Driver`` says."""
        await ask_for_ever(self.read, publish, every_s=self._every_s, soon=asyncio.Event())

    async def read(self) -> MeterReading:
        """Ask once. Raises DeviceError as ``ShellyHttp.ask``, ``not_a_meter``, ``missing_value``."""
        about = await self._api.about()
        found = measured(await self._api.status(), self._clamp)
        if found is None:
            raise DeviceError("not_a_meter", f"{about.model} tells no power of clamp {self._clamp}")
        serial = about.serial_number if found.clamp is None else f"{about.serial_number}-{found.clamp}"
        self.identity = replace(about, serial_number=serial)
        counters = (found.energy_wh, found.energy_returned_wh)
        import_wh, export_wh = counters if self._sign > 0 else counters[::-1]
        return MeterReading(
            time=self._clock(),
            power_w=0.0 + self._sign * found.power_w,
            phase_power_w=tuple(0.0 + self._sign * each for each in found.phase_power_w),
            phase_voltage_v=found.phase_voltage_v,
            phase_current_a=tuple(abs(each) for each in found.phase_current_a),
            energy_import_wh=import_wh,
            energy_export_wh=export_wh,
        )
