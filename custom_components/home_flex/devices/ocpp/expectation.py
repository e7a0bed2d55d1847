"""A charger that is being set up and has not come yet."""

import asyncio

from ...core.model import DeviceIdentity
from ..driver import DeviceError


class Expectation:
    """A charger that is being set up: waits until it says who it is."""

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._identity: asyncio.Future[DeviceIdentity | None] = asyncio.get_running_loop().create_future()
        self.came_without_password = False

    async def wait(self, timeout_s: float) -> DeviceIdentity:
        """Return what the charger's BootNotification says.

        Raises DeviceError: ``charger_wrong_password`` when it tried with another password or none,
        ``charger_timeout`` when it did not come within ``timeout_s``.
        """
        try:
            async with asyncio.timeout(timeout_s):
                identity = await asyncio.shield(self._identity)
        except TimeoutError:
            if self.came_without_password:
                raise DeviceError("charger_wrong_password", "the charger sends no password") from None
            raise DeviceError("charger_timeout", f"the charger did not come within {timeout_s:g} s") from None
        if identity is None:
            raise DeviceError("charger_wrong_password", "the charger sends another password")
        return identity

    def settle(self, identity: DeviceIdentity | None) -> None:
        """Note who came, or (None) that its password was wrong; the first outcome counts."""
        if not self._identity.done():
            self._identity.set_result(identity)
