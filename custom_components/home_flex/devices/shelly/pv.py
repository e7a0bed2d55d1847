"""PV behind a Shelly that measures it: a clamp around an inverter's line, or the plug of a module."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from ...core.model import DeviceIdentity, PvReading
from ..asking import ask_for_ever
from ..driver import DeviceError, Publish
from .api import ShellyApi
from .status import passed

EVERY_S = 1.0
# What an inverter draws by night is little beside its rating; of a small one it is not.
_DRAWS_SHARE: Final = 0.05
_DRAWS_W: Final = 30.0


class ShellyPv:
    """Reads the sun through a meter; which way that counts is how it was built in. Nothing can be set."""

    def __init__(
        self,
        api: ShellyApi,
        *,
        clock: Callable[[], datetime],
        channel: int,
        is_feed_in_positive: bool,
        rated_power_w: float,
        every_s: float = EVERY_S,
    ) -> None:
        """Take whom to ask, and the rated power in W; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._api = api
        self._clock = clock
        self._channel = channel
        self._is_feed_in_positive = is_feed_in_positive
        self._rated_power_w = rated_power_w
        self._every_s = every_s

    async def run(self, publish: Publish) -> None:
        """Ask until cancelled, as ``devices.driver.Driver`` says."""
        await ask_for_ever(self.read, publish, every_s=self._every_s, soon=asyncio.Event())

    async def read(self) -> PvReading:
        """Ask once.

        Raises DeviceError as ``ShellyHttp.ask``, ``not_a_meter``, ``missing_value``, ``power_reversed`` (it
        draws more than an inverter without sun does).
        """
        about = await self._api.about()
        found = passed(await self._api.status(), self._channel)
        if found is None:
            raise DeviceError("not_a_meter", f"{about.model} tells no power of channel {self._channel}")
        serial = about.serial_number if found.clamp is None else f"{about.serial_number}-{found.clamp}"
        self.identity = replace(about, serial_number=serial)
        power_w = 0.0 + (-found.power_w if self._is_feed_in_positive else found.power_w)
        if power_w > max(_DRAWS_W, _DRAWS_SHARE * self._rated_power_w):
            raise DeviceError("power_reversed", f"the sun draws {power_w:.0f} W")
        return PvReading(
            time=self._clock(),
            power_w=power_w,
            rated_power_w=self._rated_power_w,
            energy_produced_wh=found.energy_wh if self._is_feed_in_positive else found.energy_returned_wh,
        )
