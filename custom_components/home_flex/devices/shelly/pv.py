"""PV behind a Shelly that measures it: a clamp around an inverter's line, or the plug of a module."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from ...core.model import PvReading
from ..driver import DeviceError
from .api import ShellyApi
from .measuring import MeasuringShelly
from .status import passed

# What an inverter draws by night is little beside its rating; of a small one it is not.
_DRAWS_SHARE: Final = 0.05
_DRAWS_W: Final = 30.0


class ShellyPv(MeasuringShelly):
    """Reads the sun through a meter; which way that counts is how it was built in. Nothing can be set."""

    def __init__(
        self, api: ShellyApi, *, clock: Callable[[], datetime], rated_power_w: float, **how: Any
    ) -> None:
        """Take whom to ask as ``MeasuringShelly``, and the rated power in W."""
        super().__init__(api, clock=clock, **how)
        self._rated_power_w = rated_power_w

    async def read(self) -> PvReading:
        """Ask once.

        Raises DeviceError as ``MeasuringShelly``, ``power_reversed`` (it draws more than an inverter without
        sun does).
        """
        found = await self._measured(passed)
        if found.power_w > max(_DRAWS_W, _DRAWS_SHARE * self._rated_power_w):
            raise DeviceError("power_reversed", f"the sun draws {found.power_w:.0f} W")
        return PvReading(
            time=self._clock(),
            power_w=found.power_w,
            rated_power_w=self._rated_power_w,
            energy_produced_wh=found.energy_returned_wh,
        )
