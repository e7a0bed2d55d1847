"""A Shelly of either generation, as its devices use it."""

from typing import Any

from ...core.model import DeviceIdentity
from ..driver import DeviceError
from .http import ShellyHttp
from .status import Status

_MAKER = "Shelly"


class ShellyApi:
    """Tells the generation by the answer to ``/shelly``, which every Shelly gives without a password."""

    def __init__(self, http: ShellyHttp) -> None:
        """Know nothing of it yet."""
        self._http = http
        self._about: DeviceIdentity | None = None
        self._is_first = False

    async def about(self) -> DeviceIdentity:
        """Return what it is, known by its MAC address. Raises DeviceError as ``ShellyHttp.ask``."""
        if self._about is None:
            found = await self._http.ask("shelly")
            mac = str(found.get("mac", "")).strip()
            model = found.get("app") or found.get("model") or found.get("type")
            if not mac or not model:
                raise DeviceError("not_shelly", "it does not say which Shelly it is")
            self._is_first = "gen" not in found
            firmware = found.get("ver") or found.get("fw")
            self._about = DeviceIdentity(
                manufacturer=_MAKER,
                model=str(model),
                serial_number=mac,
                firmware=None if firmware is None else str(firmware),
            )
        return self._about

    async def status(self) -> Status:
        """Return all it says of itself. Raises DeviceError as ``ShellyHttp.ask``."""
        await self.about()
        path = "status" if self._is_first else "rpc/Shelly.GetStatus"
        return await self._http.ask(path, is_first_generation=self._is_first)

    async def switch(self, channel: int, *, is_on: bool, back_after_s: float | None) -> None:
        """Switch; it switches back by itself ``back_after_s`` seconds later, if not None. Raises DeviceError.

        ``toggle_after`` of Switch.Set, ``timer`` of /relay: each new order starts the timer anew.
        """
        await self.about()
        timer: dict[str, Any] = {}
        if self._is_first:
            if back_after_s is not None:
                timer = {"timer": str(round(back_after_s))}
            query = {"turn": "on" if is_on else "off", **timer}
            await self._http.ask(f"relay/{channel}", query, is_first_generation=True)
            return
        if back_after_s is not None:
            timer = {"toggle_after": f"{back_after_s:g}"}
        await self._http.ask("rpc/Switch.Set", {"id": str(channel), "on": str(is_on).lower(), **timer})
