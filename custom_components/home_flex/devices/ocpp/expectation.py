"""A charger that is being set up and has not come yet."""

import asyncio

from ...core.model import DeviceIdentity
from ..driver import DeviceError
from .callers import Refusal


class Expectation:
    """A charger that is being set up: waits until it says who it is."""

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._identity: asyncio.Future[DeviceIdentity | None] = asyncio.get_running_loop().create_future()
        self._refused: Refusal | None = None

    async def wait(self, timeout_s: float) -> DeviceIdentity:
        """Return what the charger's BootNotification says.

        Raises DeviceError: ``charger_wrong_password`` when it tried with another password or none,
        ``charger_wrong_protocol`` when it speaks another version of OCPP, ``charger_timeout`` when it did not
        come within ``timeout_s``.
        """
        try:
            async with asyncio.timeout(timeout_s):
                identity = await asyncio.shield(self._identity)
        except TimeoutError:
            if self._refused is Refusal.NO_PASSWORD:
                raise DeviceError("charger_wrong_password", "the charger sends no password") from None
            if self._refused is Refusal.PROTOCOL:
                raise DeviceError("charger_wrong_protocol", "the charger does not speak OCPP 1.6J") from None
            raise DeviceError("charger_timeout", f"the charger did not come within {timeout_s:g} s") from None
        if identity is None:
            raise DeviceError("charger_wrong_password", "the charger sends another password")
        return identity

    def settle(self, identity: DeviceIdentity | None) -> None:
        """Note who came, or (None) that its password was wrong; the first outcome counts."""
        if not self._identity.done():
            self._identity.set_result(identity)

    def hint(self, reason: Refusal | None) -> None:
        """Note that it came and was refused: a wrong password is final, what else it tries may change."""
        if reason is Refusal.WRONG_PASSWORD:
            self.settle(None)
        else:
            self._refused = reason
