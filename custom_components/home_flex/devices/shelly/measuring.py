"""What all Shellys that only measure have in common: whom they ask, how often, and which way they count."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ...core.model import DeviceIdentity, Reading
from ..asking import ask_for_ever
from ..driver import DeviceError, Publish
from .api import ShellyApi
from .status import Measured, Status

EVERY_S = 1.0


class MeasuringShelly(ABC):
    """Reads one meter of a Shelly. Its sign is that of its clamps; ``identity`` is known after a reading."""

    def __init__(
        self,
        api: ShellyApi,
        *,
        clock: Callable[[], datetime],
        channel: int = 0,
        is_feed_in_positive: bool = False,
        every_s: float = EVERY_S,
    ) -> None:
        """Take whom to ask; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._api = api
        self._clock = clock
        self._channel = channel
        self._is_feed_in_positive = is_feed_in_positive
        self._every_s = every_s

    async def run(self, publish: Publish) -> None:
        """Ask until cancelled, as ``devices.driver.Driver`` says."""
        await ask_for_ever(self.read, publish, every_s=self._every_s, soon=asyncio.Event())

    @abstractmethod
    async def read(self) -> Reading:
        """Ask once. Raises DeviceError as ``_measured``."""

    async def _measured(self, find: Callable[[Status, int], Measured | None]) -> Measured:
        """Return what ``find`` finds in the status, positive = consumption.

        Raises DeviceError as ``ShellyHttp.ask``, ``not_a_meter``, ``missing_value``.
        """
        about = await self._api.about()
        found = find(await self._api.status(), self._channel)
        if found is None:
            raise DeviceError("not_a_meter", f"{about.model} tells no power of channel {self._channel}")
        serial = about.serial_number if found.clamp is None else f"{about.serial_number}-{found.clamp}"
        self.identity = replace(about, serial_number=serial)
        return found.turned() if self._is_feed_in_positive else found
